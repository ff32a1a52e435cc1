"""Fields of the forms of sources: a description written as JSON, a series, a unit."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard import formatting
from dashboard.administration.source_examples import written
from targets.models import Series
from targets.sources.reading import units

if TYPE_CHECKING:
    _SeriesField = forms.ModelChoiceField[Series]
else:  # Django's class takes no parameters when it runs
    _SeriesField = forms.ModelChoiceField

_MOST_LETTERS = 50_000
_MOST_LINES = 40


class DescriptionText(forms.Textarea):
    """As high as what is written in it, within reason."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Asked for each time that it is drawn."""
        context = super().get_context(name, value, attrs)
        lines = str(value or "").count("\n") + 2
        drawn = context["widget"]["attrs"]
        drawn["rows"] = max(int(drawn["rows"]), min(lines, _MOST_LINES))
        return context


class DescriptionField(forms.CharField):
    """A JSON object, empty for none; what is wrong with it is told with its line."""

    def __init__(self, *, rows: int = 5, **kwargs: Any) -> None:
        widget = DescriptionText(
            attrs={"rows": rows, "class": "td-description", "spellcheck": "false"}
        )
        super().__init__(required=False, max_length=_MOST_LETTERS, widget=widget, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Indented, its letters readable; what was written wrong as it was written."""
        if isinstance(value, dict):
            return written(value) if value else ""
        return value

    def clean(self, value: Any) -> dict[str, Any]:
        """The object. Raises ValidationError."""
        text = super().clean(value)
        if not text:
            return {}
        try:
            read = json.loads(
                text, object_pairs_hook=_without_repetition, parse_constant=_no_constant
            )
        except json.JSONDecodeError as error:
            raise ValidationError(
                _("Dòng %(line)s, cột %(column)s: chưa đúng cú pháp JSON. %(hint)s")
                % {"line": error.lineno, "column": error.colno, "hint": _hint(text, error.pos)}
            ) from error
        except (RecursionError, ValueError) as error:
            raise ValidationError(str(_("Quá nhiều lớp lồng nhau hoặc số quá dài."))) from error
        if not isinstance(read, dict):
            raise ValidationError(_("Phải là các cặp tên và giá trị trong dấu { }."))
        _check_letters(read)
        return read

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compared as objects: another indentation is no change."""
        try:
            return bool(self.clean(data) != (initial or {}))
        except ValidationError:
            return True


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) < len(pairs):
        names = [name for name, _value in pairs]
        twice = sorted({name for name in names if names.count(name) > 1})
        raise ValidationError(
            _("Mục “%(name)s” được viết hai lần trong cùng một cặp dấu { }.")
            % {"name": ", ".join(twice)}
        )
    return read


def _no_constant(name: str) -> Any:
    raise ValidationError(_("Không dùng được %(name)s.") % {"name": name})


def _hint(text: str, at: int) -> str:
    if text[at : at + 1] in ("“", "”", "'", "‘", "’"):
        return _('Dùng dấu ngoặc kép thẳng (").')
    before = text[:at].rstrip()
    if text[at : at + 1] in ("}", "]") and before.endswith(","):
        return _("Bỏ dấu phẩy trước dấu đóng ngoặc.")
    if text[at : at + 1] == '"' or before.endswith('"'):
        return _("Có thể thiếu một dấu phẩy hoặc dấu hai chấm.")
    return _("Xem ví dụ ở trên.")


def _check_letters(read: dict[str, Any]) -> None:
    """What the database keeps no text with."""
    text = json.dumps(read, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValidationError(_("Có ký tự không lưu được.")) from error
    if "\\u0000" in text:
        raise ValidationError(_("Có ký tự không lưu được."))


class SeriesField(_SeriesField):
    """Series by the names of their indicators and publishers."""

    def __init__(self, **kwargs: Any) -> None:
        everything = Series.objects.select_related("indicator__unit").order_by(
            "indicator__code", "-official", "code"
        )
        super().__init__(queryset=everything, label=gettext_lazy("Chuỗi số liệu"), **kwargs)

    def label_from_instance(self, obj: Series) -> str:
        """Code first, as lists of indicators are searched by it."""
        indicator = obj.indicator
        vi = formatting.vietnamese()
        name = indicator.name_vi if vi else indicator.name_en
        unit = indicator.unit.name_vi if vi else indicator.unit.name_en
        publisher = obj.publisher_vi if vi else obj.publisher_en
        return f"{obj} · {name} ({unit}) · {publisher}"


class UnitField(forms.TypedChoiceField):
    """The unit that a source publishes in; none is the indicator's own."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            choices=_units, required=False, label=gettext_lazy("Đơn vị công bố"), **kwargs
        )


def _units() -> list[tuple[str, Any]]:
    return [("", gettext_lazy("như đơn vị của chỉ tiêu")), *units.choices()]
