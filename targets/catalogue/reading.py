"""Files into typed rows, every mistake with its file, line and field."""

from __future__ import annotations

import codecs
import csv
import io
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar, get_origin

import yaml
from django.utils.translation import gettext as _
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

R = TypeVar("R", bound=BaseModel)


@dataclass(frozen=True, order=True)
class Place:
    """Where something stands: a file (relative to the catalogue) and a line, from 1."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, order=True)
class Problem:
    """One mistake: where, in which field ("" for the whole line), and what was expected."""

    place: Place
    field: str
    message: str

    def __str__(self) -> str:
        where = f"{self.place}: {self.field}" if self.field else str(self.place)
        return f"{where}: {self.message}"


@dataclass(frozen=True)
class Placed(Generic[R]):
    """A typed row and where it was read."""

    row: R
    place: Place


@dataclass
class Problems:
    """All mistakes found so far; nothing is applied while there is one.

    `lost` are the files that could not be read as a whole, `unread` the cells of lines that
    could not be taken: what is missing because of them is not another mistake.
    """

    found: list[Problem] = field(default_factory=list)
    lost: set[str] = field(default_factory=set)
    unread: set[str] = field(default_factory=set)

    def add(self, place: Place, name: str, message: str) -> None:
        self.found.append(Problem(place, name, message))

    def lose(self, place: Place, message: str) -> None:
        """A mistake because of which its file is known in part only."""
        self.add(place, "", message)
        self.lost.add(place.file)

    def __bool__(self) -> bool:
        return bool(self.found)

    def lines(self) -> list[str]:
        return [str(problem) for problem in sorted(self.found)]


def decode(path: Path, name: str, problems: Problems) -> str | None:
    """The text of a UTF-8 file (with or without BOM), or None and a problem at its line."""
    return decode_bytes(path.read_bytes(), name, problems)


def decode_bytes(raw: bytes, name: str, problems: Problems) -> str | None:
    """The text of the bytes of a UTF-8 file, or None and a problem at its line."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        problems.lose(Place(name, 1), _("tệp ghi bằng UTF-16; hãy lưu lại dạng CSV UTF-8"))
        return None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # With a BOM the position counts from behind it; the line is the same.
        line = raw.removeprefix(codecs.BOM_UTF8).count(b"\n", 0, error.start) + 1
        problems.lose(
            Place(name, line),
            _("ký tự không đúng bảng mã UTF-8; hãy lưu lại tệp dạng CSV UTF-8"),
        )
        return None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        problems.lose(Place(name, line), _("có ký tự NUL; hãy lưu lại tệp dạng CSV UTF-8"))
        return None
    return text


def clean(cell: str) -> str:
    """A cell as it is kept: composed letters (NFC), no outer spaces."""
    return unicodedata.normalize("NFC", cell).strip()


def split_csv(text: str, name: str, problems: Problems) -> Iterator[tuple[Place, list[str]]]:
    """Clean cells of each line, the header first, with the place where the line begins.

    Blank lines are passed over. A line that has not as many cells as the header is a problem; so
    is what is not CSV at all, which ends the reading.
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, skipinitialspace=True)
    width = 0
    start = 1
    try:
        for raw in reader:
            place = Place(name, start)
            start = reader.line_num + 1
            cells = [clean(cell) for cell in raw]
            if not any(cells):
                continue
            width = width or len(cells)
            if len(cells) == width:
                yield place, cells
            else:
                problems.unread.update(cells)
                problems.add(
                    place,
                    "",
                    _("có %(got)d ô, cần %(want)d (thiếu hoặc thừa dấu phẩy?)")
                    % {"got": len(cells), "want": width},
                )
    except csv.Error as error:
        problems.lose(Place(name, start), _("không đọc được CSV: %s") % error)


def read_csv(path: Path, name: str, model: type[R], problems: Problems) -> list[Placed[R]]:
    """Typed rows of a CSV file with a header; blank lines are passed over."""
    text = decode(path, name, problems)
    if text is None:
        return []
    lines = split_csv(text, name, problems)
    place, header = next(lines, (Place(name, 1), []))
    known = list(model.model_fields)
    required = [key for key, info in model.model_fields.items() if info.is_required()]
    if not header_fits(header, known, required, place, problems):
        problems.lost.add(name)
        return []
    return [
        typed
        for place, cells in lines
        if (typed := _typed(dict(zip(header, cells, strict=True)), model, place, {}, problems))
    ]


def header_fits(
    header: Sequence[str],
    known: Collection[str],
    required: Iterable[str],
    place: Place,
    problems: Problems,
) -> bool:
    """Whether the columns are known, given once, and complete; problems where they are not."""
    before = len(problems.found)
    if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
        problems.add(place, "", _("các cột phải cách nhau bằng dấu phẩy"))
        return False
    for column, count in Counter(header).items():
        if column not in known:
            problems.add(
                place,
                column or "?",
                _("cột không có trong mẫu; các cột là: %s") % ", ".join(known),
            )
        elif count > 1:
            problems.add(place, column, _("cột ghi hai lần"))
    for column in required:
        if column not in header:
            problems.add(place, column, _("thiếu cột này"))
    return len(problems.found) == before


def read_yaml(path: Path, name: str, model: type[R], problems: Problems) -> list[Placed[R]]:
    """Typed rows of a YAML file that is a list of mappings.

    Values are texts, as in a table, but for the fields of `model` that hold lists or mappings.
    """
    text = decode(path, name, problems)
    if text is None:
        return []
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        problems.lose(Place(name, line), _("không đọc được YAML: %s") % error.reason)
        return []
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problems.lose(Place(name, line), _("không đọc được YAML: %s") % error.problem)
        return []
    if node is None:
        return []
    if not isinstance(node, yaml.SequenceNode):
        problems.lose(Place(name, node.start_mark.line + 1), _("cần một danh sách (- ...)"))
        return []
    rows = []
    for item in node.value:
        place = Place(name, item.start_mark.line + 1)
        if not _has_form(item, model):
            problems.lose(place, _("cần các dòng «tên: giá trị»"))
            continue
        cells: dict[str, Any] = {}
        places: dict[str, Place] = {}
        for key, value in item.value:
            at = Place(name, key.start_mark.line + 1)
            if key.value in cells:
                problems.add(at, key.value, _("ghi hai lần"))
            cells[key.value], places[key.value] = _cell(value), at
        typed = _typed(cells, model, place, places, problems)
        if typed:
            rows.append(typed)
    return rows


def _has_form(node: yaml.Node, model: type[BaseModel]) -> bool:
    return isinstance(node, yaml.MappingNode) and all(
        isinstance(key, yaml.ScalarNode)
        and (isinstance(value, yaml.ScalarNode) or _holds_more(model, key.value))
        for key, value in node.value
    )


def _holds_more(model: type[BaseModel], name: str) -> bool:
    field = model.model_fields.get(name)
    return field is not None and get_origin(field.annotation) in (dict, list)


def _cell(node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return clean(node.value)
    return yaml.constructor.SafeConstructor().construct_object(node, deep=True)


def _typed(
    cells: dict[str, Any],
    model: type[R],
    place: Place,
    places: Mapping[str, Place],
    problems: Problems,
) -> Placed[R] | None:
    """The typed row; None and problems, each at the place of its cell, where it has mistakes."""
    try:
        return Placed(model.model_validate(cells), place)
    except ValidationError as error:
        problems.unread.update(cell for cell in cells.values() if isinstance(cell, str))
        for mistake in error.errors():
            name = str(mistake["loc"][0])
            where = ".".join(map(str, mistake["loc"]))
            problems.add(places.get(name, place), where, _explain(mistake))
        return None


def _explain(mistake: ErrorDetails) -> str:
    """Pydantic's finding in plain words."""
    context = mistake.get("ctx", {})
    match mistake["type"]:
        case "value_error":
            return str(context["error"])
        case "missing":
            return _("thiếu giá trị này")
        case "extra_forbidden":
            return _("tên không có trong mẫu")
        case "literal_error":
            expected = str(context["expected"]).replace("' or '", "', '")
            return _("cần một trong: %s") % expected
        case _other:
            return str(mistake["msg"])
