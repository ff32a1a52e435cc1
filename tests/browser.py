"""The browser that the tests drive: ``python -m tests.browser [--install]`` prints its path."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_MAC = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


class BrowserMissingError(RuntimeError):
    """There is no Chromium or Chrome on this machine."""


def find_browser() -> str:
    """The path of Chromium or Chrome: BROWSER_PATH, else on the search path, else on a Mac."""
    given = os.environ.get("BROWSER_PATH")
    if given:
        if not os.access(given, os.X_OK):
            raise BrowserMissingError(f"BROWSER_PATH names no program: {given}")
        return given
    for name in _NAMES:
        found = shutil.which(name)
        if found:
            return found
    for path in _MAC:
        if Path(path).exists():
            return path
    raise BrowserMissingError(
        "the tests of the pages need Chromium or Chrome: install one (on Debian and Ubuntu: "
        "apt-get install chromium) or set BROWSER_PATH to its program"
    )


def install_browser() -> None:
    """Debian's Chromium, where this is root on a machine with apt-get; else nothing."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    print("Chromium: installing Debian's package", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"],
    ):
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
        if done.returncode:
            sys.exit(f"{' '.join(command)} failed:\n{done.stderr.decode(errors='replace')}")


def main() -> None:
    """Print the browser's path, after installing it where it is missing and may be."""
    try:
        find_browser()
    except BrowserMissingError:
        if "--install" in sys.argv[1:]:
            install_browser()
    try:
        print(f"Browser of the tests: {find_browser()}")
    except BrowserMissingError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
