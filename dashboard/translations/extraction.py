"""Finding the texts to translate in the Python code and the templates of the project."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation.template import templatize

# Which arguments of a gettext call are what: the position of context, text and plural.
_FORMS: dict[str, tuple[int | None, int, int | None]] = {
    "gettext": (None, 0, None),
    "ngettext": (None, 0, 1),
    "pgettext": (0, 1, None),
    "npgettext": (0, 1, 2),
}
_FUNCTIONS = (
    {"_": _FORMS["gettext"], "gettext_noop": _FORMS["gettext"]}
    | _FORMS
    | {f"{name}_lazy": form for name, form in _FORMS.items()}
)
_CALL = re.compile(r"(?<![\w.])(?:n?p?gettext|_)\(")


@dataclass(frozen=True, order=True)
class Text:
    """A text as gettext knows it; ``plural`` is empty for a text without one."""

    msgid: str
    context: str = ""
    plural: str = ""


class ExtractionError(ValueError):
    """A gettext call whose text is not written out, so that no translation can be found."""


def extract(paths: Iterable[Path]) -> dict[Text, list[Path]]:
    """All texts in these files (``.py``, else a template), with the files each is in."""
    found: dict[Text, list[Path]] = {}
    for path in paths:
        source = path.read_text(encoding="utf-8")
        texts = _in_python(source, path) if path.suffix == ".py" else _in_template(source, path)
        for text in texts:
            places = found.setdefault(text, [])
            if path not in places:
                places.append(path)
    return found


def _in_python(source: str, path: Path) -> Iterator[Text]:
    for node in ast.walk(ast.parse(source, filename=str(path))):
        if isinstance(node, ast.Call):
            function = node.func
            name = function.attr if isinstance(function, ast.Attribute) else None
            name = function.id if isinstance(function, ast.Name) else name
            if name in _FUNCTIONS:
                yield _text_of(node, _FUNCTIONS[name], f"{path}:{node.lineno}")


def _in_template(source: str, path: Path) -> Iterator[Text]:
    """Texts of a template: Django rewrites its tags as gettext calls, among other characters."""
    rewritten = templatize(source, origin=str(path))
    for match in _CALL.finditer(rewritten):
        call = _first_call(rewritten[match.start() :])
        name = match.group().removesuffix("(")
        line = rewritten.count("\n", 0, match.start()) + 1
        yield _text_of(call, _FUNCTIONS[name], f"{path}:{line}")


def _first_call(text: str) -> ast.Call:
    """The call that the text begins with: up to the first bracket that makes it complete."""
    end = text.find(")")
    while end >= 0:
        try:
            node = ast.parse(text[: end + 1], mode="eval").body
        except SyntaxError:
            end = text.find(")", end + 1)
            continue
        if isinstance(node, ast.Call):
            return node
        break
    raise ExtractionError(f"cannot read the translation in {text[:60]!r}")


def _text_of(call: ast.Call, form: tuple[int | None, int, int | None], place: str) -> Text:
    def argument(position: int | None) -> str:
        if position is None:
            return ""
        given = call.args[position] if position < len(call.args) else None
        if isinstance(given, ast.Constant) and isinstance(given.value, str):
            return given.value
        raise ExtractionError(f"{place}: the text to translate must be written out in the call")

    context, text, plural = form
    return Text(argument(text), argument(context), argument(plural))
