"""Files into typed rows, every mistake with its file, line and field."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

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
    """All mistakes found so far; nothing is applied while there is one."""

    found: list[Problem] = field(default_factory=list)

    def add(self, place: Place, name: str, message: str) -> None:
        self.found.append(Problem(place, name, message))

    def __bool__(self) -> bool:
        return bool(self.found)

    def lines(self) -> list[str]:
        return [str(problem) for problem in sorted(self.found)]


def decode(path: Path, name: str, problems: Problems) -> str | None:
    """The text of a UTF-8 file (with or without BOM), or None and a problem at its line."""
    raw = path.read_bytes()
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        problems.add(Place(name, 1), "", _("tệp ghi bằng UTF-16; hãy lưu lại dạng CSV UTF-8"))
        return None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        problems.add(
            Place(name, line),
            "",
            _("ký tự không đúng bảng mã UTF-8; hãy lưu lại tệp dạng CSV UTF-8"),
        )
        return None


def read_csv(path: Path, name: str, model: type[R], problems: Problems) -> list[Placed[R]]:
    """Typed rows of a CSV file with a header; blank lines are passed over."""
    text = decode(path, name, problems)
    if text is None:
        return []
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    try:
        header = [cell.strip() for cell in next(reader, [])]
        if not _header_fits(header, name, model, problems):
            return []
        rows = []
        start = reader.line_num + 1
        for cells in reader:
            place = Place(name, start)
            start = reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                problems.add(
                    place,
                    "",
                    _("có %(got)d ô, cần %(want)d (thiếu hoặc thừa dấu phẩy?)")
                    % {"got": len(cells), "want": len(header)},
                )
                continue
            rows.append((place, dict(zip(header, cells, strict=True))))
    except csv.Error as error:
        problems.add(Place(name, reader.line_num), "", _("không đọc được CSV: %s") % error)
        return []
    return list(_typed(rows, model, problems))


def read_yaml(path: Path, name: str, model: type[R], problems: Problems) -> list[Placed[R]]:
    """Typed rows of a YAML file that is a list of flat mappings."""
    text = decode(path, name, problems)
    if text is None:
        return []
    try:
        node = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problems.add(Place(name, line), "", _("không đọc được YAML: %s") % error.problem)
        return []
    if node is None:
        return []
    if not isinstance(node, yaml.SequenceNode):
        problems.add(Place(name, node.start_mark.line + 1), "", _("cần một danh sách (- ...)"))
        return []
    rows = []
    for item in node.value:
        place = Place(name, item.start_mark.line + 1)
        flat = isinstance(item, yaml.MappingNode) and all(
            isinstance(value, yaml.ScalarNode) for _key, value in item.value
        )
        if not flat:
            problems.add(place, "", _("cần các dòng «tên: giá trị»"))
            continue
        cells: dict[str, str] = {}
        for key, value in item.value:
            if key.value in cells:
                problems.add(Place(name, key.start_mark.line + 1), key.value, _("ghi hai lần"))
            cells[key.value] = value.value
        rows.append((place, cells))
    return list(_typed(rows, model, problems))


def _header_fits(header: list[str], name: str, model: type[R], problems: Problems) -> bool:
    known = set(model.model_fields)
    required = {key for key, info in model.model_fields.items() if info.is_required()}
    first = Place(name, 1)
    before = len(problems.found)
    for column in header:
        if column not in known:
            problems.add(
                first,
                column or "?",
                _("cột không có trong mẫu; các cột là: %s") % ", ".join(model.model_fields),
            )
        elif header.count(column) > 1:
            problems.add(first, column, _("cột ghi hai lần"))
    for column in sorted(required - set(header)):
        problems.add(first, column, _("thiếu cột này"))
    return len(problems.found) == before


def _typed(
    rows: list[tuple[Place, dict[str, str]]], model: type[R], problems: Problems
) -> Iterator[Placed[R]]:
    for place, cells in rows:
        clean = {key: unicodedata.normalize("NFC", value).strip() for key, value in cells.items()}
        try:
            yield Placed(model.model_validate(clean), place)
        except ValidationError as error:
            for mistake in error.errors():
                name = str(mistake["loc"][0]) if mistake["loc"] else ""
                problems.add(place, name, _explain(mistake))


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
            return _("cần một trong: {expected}").format(expected=context["expected"])
        case _other:
            return str(mistake["msg"])
