"""A child whose parser goes wrong: takes all the memory there is, or never comes back."""

from __future__ import annotations

import sys

from targets.spreadsheets import child


def _greedy(content: bytes, extension: str) -> dict[str, object]:
    hoard = []
    while True:
        if content == b"memory":
            hoard.append(bytearray(16 * 1024 * 1024))


if __name__ == "__main__":
    child.read = _greedy
    child.main(sys.argv[1])
