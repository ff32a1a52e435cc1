"""What is noted of one XML part while it is looked through: no tree is built."""

from __future__ import annotations

import re
from typing import Any
from xml.parsers import expat

from targets.spreadsheets import limits
from targets.spreadsheets.model import RefusedError

_MAIN = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)
_TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"
_OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_QUOTED = re.compile(r'"[^"]*"|\\.')
_PERCENT_FORMATS = frozenset({"9", "10"})
_REFUSED_RELATIONS = {
    **dict.fromkeys(("vbaProject", "xlMacrosheet", "xlIntlMacrosheet"), "macros"),
    **dict.fromkeys(("oleObject", "package", "control"), "embedded"),
    **dict.fromkeys(("externalLink", "connections", "queryTable"), "links"),
}
# In OpenDocument the names of things that fetch from elsewhere.
_FETCHING = frozenset(
    f"{_TABLE} {name}" for name in ("table-source", "cell-range-source", "dde-link")
) | {f"{_OFFICE} dde-source"}


class Part:
    """One XML part: its root, its relations and, of a worksheet, how far its cells reach."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.root = ""
        self.relations: dict[str, str] = {}
        self.sheets: list[tuple[str, str]] = []
        self.percent_styles: frozenset[str] = frozenset()
        self.percent: dict[str, set[tuple[int, int]]] = {}
        self.errors: set[tuple[int, int]] = set()
        self.properties: dict[str, str] = {}
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartDoctypeDeclHandler = _refuse_doctype
        self.parser.EntityDeclHandler = _refuse_doctype
        self.parser.StartElementHandler = self._first
        self.parser.buffer_text = True

    def _first(self, name: str, attributes: dict[str, str]) -> None:
        self.root = name
        local = name.rpartition(" ")[2]
        reader = _READERS.get(local)
        self.parser.StartElementHandler = None
        if reader is not None:
            reader(self).begin(name, attributes)


class _Reader:
    """Takes over the parser of a part whose root it knows."""

    def __init__(self, part: Part) -> None:
        self.part = part
        part.parser.StartElementHandler = self.start

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        """See the root."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """See an element."""


class _Worksheet(_Reader):
    """Counts the rows that are there and bounds the cells that hold something."""

    def __init__(self, part: Part) -> None:
        super().__init__(part)
        self.rows = 0
        self.row = 0
        self.column = -1
        self.area = Area()
        self.style = ""
        self.reference = ""
        self.styled: dict[str, set[tuple[int, int]]] = {}
        part.percent = self.styled

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Rows, cells, and what makes a cell hold something."""
        local = name.rpartition(" ")[2]
        if local == "c":
            self.column += 1
            match = _REFERENCE.fullmatch(attributes.get("r", ""))
            if match:
                self.row = int(match[2])
                self.column = _column(match[1])
            self.style = attributes.get("s", "")
            if attributes.get("t") == "e":
                self.part.errors.add((self.row, self.column))
        elif local in {"v", "is"}:
            self.area.take(self.row, self.column)
            if self.style:
                self.styled.setdefault(self.style, set()).add((self.row, self.column))
        elif local == "row":
            self.rows += 1
            if self.rows > limits.MAX_ROWS:
                raise RefusedError("rows", count=limits.MAX_ROWS)
            number = attributes.get("r", "")
            self.row = int(number) if number.isdigit() and len(number) < 8 else self.row + 1
            self.column = -1


class Area:
    """The rectangle of all cells that hold something: a parser gives memory to all of it."""

    def __init__(self) -> None:
        self.top = self.left = self.bottom = self.right = -1

    def take(self, row: int, column: int, rows: int = 1, columns: int = 1) -> None:
        """Make room for some cells; RefusedError if it grows too large."""
        if self.top < 0:
            self.top, self.left = row, column
        self.top, self.left = min(self.top, row), min(self.left, column)
        self.bottom = max(self.bottom, row + rows - 1)
        self.right = max(self.right, column + columns - 1)
        height, width = self.bottom - self.top + 1, self.right - self.left + 1
        if height > limits.MAX_ROWS:
            raise RefusedError("rows", count=limits.MAX_ROWS)
        if width > limits.MAX_COLUMNS:
            raise RefusedError("columns", count=limits.MAX_COLUMNS)
        if height * width > limits.MAX_CELLS:
            raise RefusedError("cells", count=limits.MAX_CELLS)


class _Workbook(_Reader):
    def start(self, name: str, attributes: dict[str, str]) -> None:
        """The sheets and the ids of their parts."""
        if name.rpartition(" ")[2] == "sheet":
            relation = next((v for k, v in attributes.items() if k.endswith(" id")), "")
            self.part.sheets.append((attributes.get("name", ""), relation))
            if len(self.part.sheets) > limits.MAX_SHEETS:
                raise RefusedError("sheets", count=limits.MAX_SHEETS)


class _Relations(_Reader):
    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Where the part points to; outside the file only links to click on."""
        if name.rpartition(" ")[2] != "Relationship":
            return
        kind = attributes.get("Type", "").rpartition("/")[2]
        if attributes.get("TargetMode", "").lower() == "external":
            if kind != "hyperlink":
                raise RefusedError("links")
            return
        if kind in _REFUSED_RELATIONS:
            raise RefusedError(_REFUSED_RELATIONS[kind])
        self.part.relations[attributes.get("Id", "")] = attributes.get("Target", "")


class _ContentTypes(_Reader):
    def start(self, name: str, attributes: dict[str, str]) -> None:
        """A workbook with macros says so, whatever its file is called."""
        kind = attributes.get("ContentType", "").lower()
        if "macroenabled" in kind or "vbaproject" in kind:
            raise RefusedError("macros")
        if "sheet.binary" in kind:
            raise RefusedError("binary")


class _Styles(_Reader):
    def __init__(self, part: Part) -> None:
        super().__init__(part)
        self.formats = set(_PERCENT_FORMATS)
        self.inside = False
        self.styles: list[str] = []
        part.parser.EndElementHandler = self.end

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Formats with a per cent sign, and the cell styles that use them."""
        local = name.rpartition(" ")[2]
        if local == "numFmt" and "%" in re.sub(
            r'"[^"]*"|\\.', "", attributes.get("formatCode", "")
        ):
            self.formats.add(attributes.get("numFmtId", ""))
        elif local == "cellXfs":
            self.inside = True
        elif local == "xf" and self.inside:
            self.styles.append(attributes.get("numFmtId", ""))

    def end(self, name: str) -> None:
        """The list of cell styles is over."""
        if name.rpartition(" ")[2] == "cellXfs":
            self.inside = False
            self.part.percent_styles = frozenset(
                str(place) for place, number in enumerate(self.styles) if number in self.formats
            )


class _Properties(_Reader):
    def __init__(self, part: Part) -> None:
        super().__init__(part)
        self.name = ""
        part.parser.CharacterDataHandler = self.text

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """A property that the document's maker named."""
        if name.rpartition(" ")[2] == "property":
            self.name = attributes.get("name", "")

    def text(self, data: str) -> None:
        """Its text, of any type."""
        if self.name and len(self.part.properties.get(self.name, "")) < limits.MAX_TEXT:
            self.part.properties[self.name] = self.part.properties.get(self.name, "") + data


class _OpenDocument(_Reader):
    """Content of an ods: repeated rows and cells count as often as they stand."""

    def __init__(self, part: Part) -> None:
        super().__init__(part)
        self.row = self.rows = 0
        self.column = 0
        self.sheet = ""
        self.area = Area()

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Tables, rows, cells; whatever fetches from elsewhere is refused."""
        if name in _FETCHING:
            raise RefusedError("links")
        if name == f"{_TABLE} table":
            self.sheet = attributes.get(f"{_TABLE} name", "")
            self.part.sheets.append((self.sheet, ""))
            if len(self.part.sheets) > limits.MAX_SHEETS:
                raise RefusedError("sheets", count=limits.MAX_SHEETS)
            self.row, self.rows, self.area = 0, 1, Area()
        elif name == f"{_TABLE} table-row":
            self.row += self.rows if self.row else 1
            self.rows = _repeated(attributes, "rows")
            self.column = 0
        elif name in {f"{_TABLE} table-cell", f"{_TABLE} covered-table-cell"}:
            columns = _repeated(attributes, "columns")
            kind = attributes.get(f"{_OFFICE} value-type", "")
            if kind:
                self.area.take(self.row, self.column, self.rows, columns)
            if kind == "percentage":
                marked = self.part.percent.setdefault(self.sheet, set())
                for row in range(self.row, self.row + self.rows):
                    marked.update((row, self.column + step) for step in range(columns))
            self.column += columns


class _Manifest(_Reader):
    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An encrypted part is named here."""
        if name.endswith(" encryption-data"):
            raise RefusedError("password")


_READERS: dict[str, Any] = {
    "worksheet": _Worksheet,
    "workbook": _Workbook,
    "Relationships": _Relations,
    "Types": _ContentTypes,
    "styleSheet": _Styles,
    "Properties": _Properties,
    "document-content": _OpenDocument,
    "manifest": _Manifest,
}


def part_of(name: str) -> Part:
    """A part to feed."""
    return Part(name)


def _refuse_doctype(*_details: object) -> None:
    raise RefusedError("doctype")


def _repeated(attributes: dict[str, str], what: str) -> int:
    text = attributes.get(f"{_TABLE} number-{what}-repeated", "1")
    return max(1, int(text)) if text.isdigit() and len(text) < 9 else 1


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
