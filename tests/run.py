"""The whole test run: ``python -m tests.run``; also says what a green run must not hide.

pytest over all tests in several processes, then the branch coverage of the two packages of the
domain. A skipped test fails the run: what is not tested here is not known to work.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

PROJECT = Path(__file__).resolve().parent.parent
_COVERED = ("documents", "targets")


def main() -> int:
    """Exit code 0 when all passed, none was skipped and the coverage is reached."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=2, help="processes of pytest; 0 for one")
    parser.add_argument("--coverage", type=float, default=95, help="percent; 0 measures nothing")
    given, rest = parser.parse_known_args()

    results = PROJECT / "var" / "test" / "results.xml"
    results.parent.mkdir(parents=True, exist_ok=True)
    results.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", f"--junit-xml={results}", "--durations=15"]
    if given.jobs:
        command += ["--numprocesses", str(given.jobs), "--dist", "loadgroup"]
    if given.coverage:
        command += [f"--cov={package}" for package in _COVERED]
        command += ["--cov-branch", "--cov-report=term-missing:skip-covered"]
        command += [f"--cov-fail-under={given.coverage:g}"]
    done = subprocess.run([*command, *rest], cwd=PROJECT, check=False, env=_environment())
    skipped = _skipped(results)
    for name in skipped:
        print(f"skipped: {name}", file=sys.stderr)
    if done.returncode == 0 and skipped:
        print(f"{len(skipped)} tests were skipped: a green run has none", file=sys.stderr)
        return 1
    return done.returncode


def _environment() -> dict[str, str]:
    """The present one; each process of pytest computes alone, so its libraries use one thread."""
    return {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", **os.environ}


def _skipped(results: Path) -> list[str]:
    if not results.exists():
        return []
    cases = ElementTree.parse(results).iter("testcase")  # noqa: S314 our own file
    return [
        f"{case.get('classname')}::{case.get('name')}"
        for case in cases
        if case.find("skipped") is not None
    ]


if __name__ == "__main__":
    sys.exit(main())
