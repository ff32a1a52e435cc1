"""What pydantic finds wrong in a description of a source, as sentences for who wrote it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import ValidationError
from pydantic_core import ErrorDetails

# Parts of a place that name no key: what pydantic tried of a union.
_TRIED: Final = re.compile(r"[\[(]|^(str|int|float|bool|literal|Name)$")

#: Kind of error -> sentence with the names of its context.
_SENTENCES: Final[dict[str, Promise]] = {
    "missing": gettext_lazy("thiếu mục này."),
    "extra_forbidden": gettext_lazy("không có mục nào tên như vậy."),
    "literal_error": gettext_lazy("chỉ nhận một trong: %(expected)s."),
    "enum": gettext_lazy("chỉ nhận một trong: %(expected)s."),
    "string_type": gettext_lazy("phải là chữ, trong dấu ngoặc kép."),
    "string_too_short": gettext_lazy("không được để trống."),
    "string_too_long": gettext_lazy("dài quá %(max_length)s ký tự."),
    "string_pattern_mismatch": gettext_lazy("không đúng dạng %(pattern)s."),
    "int_type": gettext_lazy("phải là số nguyên."),
    "int_parsing": gettext_lazy("phải là số nguyên."),
    "int_from_float": gettext_lazy("phải là số nguyên."),
    "bool_type": gettext_lazy("chỉ nhận true hoặc false."),
    "bool_parsing": gettext_lazy("chỉ nhận true hoặc false."),
    "list_type": gettext_lazy("phải là danh sách trong dấu [ ]."),
    "tuple_type": gettext_lazy("phải là danh sách trong dấu [ ]."),
    "dict_type": gettext_lazy("phải là các cặp tên và giá trị trong dấu { }."),
    "model_type": gettext_lazy("phải là các cặp tên và giá trị trong dấu { }."),
    "model_attributes_type": gettext_lazy("phải là các cặp tên và giá trị trong dấu { }."),
    "greater_than_equal": gettext_lazy("phải từ %(ge)s trở lên."),
    "greater_than": gettext_lazy("phải lớn hơn %(gt)s."),
    "less_than_equal": gettext_lazy("không được quá %(le)s."),
    "less_than": gettext_lazy("phải nhỏ hơn %(lt)s."),
    "too_short": gettext_lazy("cần ít nhất %(min_length)s mục."),
    "too_long": gettext_lazy("không được quá %(max_length)s mục."),
    "jmespath": gettext_lazy("biểu thức JMESPath chưa đúng: %(reason)s."),
    "without_indicators": gettext_lazy(
        "%(names)s chỉ dùng cùng “indicators”; nếu không, hãy viết ngay trong địa chỉ."
    ),
    "without_dataflow": gettext_lazy("“key” và “structure” chỉ dùng cùng “dataflow”."),
    "structure_of_json": gettext_lazy("“structure” chỉ dùng với “format”: “xml”."),
    "size_half": gettext_lazy("“size” và “size_parameter” đi cùng nhau."),
    "two_ways": gettext_lazy("chỉ dùng một trong hai mục “next” và “page”."),
    "body_of_get": gettext_lazy("“body” chỉ dùng với “method”: “POST”."),
    "page_in_body": gettext_lazy("với POST, “page” cần “body” là các cặp trong dấu { }."),
}
#: What a validator of ours says (ValueError) -> sentence.
_OWN: Final[dict[str, Promise]] = {
    "field, fields or constant, one of them": gettext_lazy(
        "cần đúng một trong ba mục “field”, “fields”, “constant”."
    ),
    "fields need a year": gettext_lazy("“fields” phải có “year”."),
    "constant is not a period": gettext_lazy(
        "“constant” phải là một kỳ, ví dụ “2024”, “2024-Q3” hoặc “2024-07”."
    ),
    "field or constant, one of them": gettext_lazy(
        "cần đúng một trong hai mục “field” và “constant”."
    ),
    "constant or field, one of them": gettext_lazy(
        "cần đúng một trong hai mục “constant” và “field”."
    ),
    "a field goes with codes, scheme or names; a constant with none": gettext_lazy(
        "“field” đi cùng đúng một trong ba mục “codes”, “scheme”, “names”; “constant” đứng riêng."
    ),
    "decimal and thousands are the same mark": gettext_lazy(
        "“decimal” và “thousands” không được là cùng một dấu."
    ),
    "(?P<period>…), (?P<measure>…)": gettext_lazy(
        "biểu thức phải có nhóm (?P<period>…), có thể thêm (?P<measure>…), không có nhóm tên khác."
    ),
}


def sentences_of(error: ValidationError) -> list[str]:
    """One sentence for each place that is wrong, which it names as it is written: “page.size”."""
    wrong: dict[str, list[str]] = {}
    for one in error.errors(include_url=False):
        said = wrong.setdefault(".".join(_places(one["loc"])), [])
        sentence = _sentence(one)
        if sentence not in said:
            said.append(sentence)
    return [
        _("“%(place)s”: %(sentence)s") % {"place": place, "sentence": sentence}
        if place
        else sentence[:1].upper() + sentence[1:]
        for place, said in wrong.items()
        # Of a union each way says why it was not taken.
        for sentence in [said[0] if len(said) == 1 else _("hoặc ").join(_ended(said))]
    ]


def _places(loc: tuple[int | str, ...]) -> Iterator[str]:
    for part in loc:
        if isinstance(part, int):
            yield str(part + 1)
        elif not _TRIED.search(part):
            yield part


def _ended(sentences: list[str]) -> list[str]:
    return [f"{sentence.removesuffix('.')} " for sentence in sentences[:-1]] + sentences[-1:]


def _sentence(one: ErrorDetails) -> str:
    context: dict[str, Any] = dict(one.get("ctx", {}))
    if one["type"] == "value_error":
        said = str(context.get("error", one["msg"]))
        own = _OWN.get(said)
        return str(own) if own else _("chưa đúng (%(reason)s).") % {"reason": said}
    sentence = _SENTENCES.get(one["type"])
    if sentence is None:
        return _("chưa đúng (%(reason)s).") % {"reason": one["msg"]}
    return str(sentence) % context
