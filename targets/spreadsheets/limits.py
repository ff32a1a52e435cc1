"""How much a spreadsheet may be, and how much its reading may cost."""

from __future__ import annotations

from typing import Final

MAX_BYTES: Final = 20 * 1024 * 1024
MAX_UNPACKED: Final = 100 * 1024 * 1024
MAX_MEMBERS: Final = 1000
# Worksheets shrink to a tenth or a twentieth; deflate can do a thousandth, and nothing honest does.
MAX_RATIO: Final = 150
RATIO_COUNTS_FROM: Final = 1024 * 1024  # bytes unpacked; small parts may be anything

MAX_SHEETS: Final = 50
MAX_ROWS: Final = 20_000
MAX_COLUMNS: Final = 256
MAX_CELLS: Final = 500_000
MAX_TEXT: Final = 32_767  # signs in a cell, as in Excel

MEMORY: Final = 512 * 1024 * 1024  # of the address space of the child
CPU_SECONDS: Final = 20
WALL_SECONDS: Final = 30
MAX_ANSWER: Final = 64 * 1024 * 1024
