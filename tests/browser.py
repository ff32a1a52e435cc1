"""Finding the browser that the tests drive: ``python -m tests.browser`` prints its path."""

from __future__ import annotations

import os
import shutil
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


if __name__ == "__main__":
    try:
        print(find_browser())
    except BrowserMissingError as error:
        sys.exit(str(error))
