"""`python -m tests.bench [NAME ...]`: every benchmark of this folder, or those named.

A benchmark is a module with `run() -> Iterable[Timing]`. Ends with 1 where a limit is passed.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pkgutil import iter_modules

from tests import bench


def main(names: list[str]) -> int:
    """Run and print; the exit code."""
    passed = True
    print(f"{'benchmark':<58} {'ours':>9} {'bare':>9} {'ratio':>7} {'limit':>7}")
    for name in names or sorted(module.name for module in iter_modules(bench.__path__)):
        module = import_module(f"tests.bench.{name}")
        for timing in module.run() if hasattr(module, "run") else ():
            print(
                f"{timing.name:<58} {timing.ours:>7.3f} s {timing.bare:>7.3f} s "
                f"{timing.ratio:>7.2f} {timing.limit:>7g} {'ok' if timing.ok else 'TOO SLOW'}",
                flush=True,
            )
            passed &= timing.ok
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
