"""The form of a validation rule, in an administrator's words."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.formatting import localised
from targets.models import Indicator, Unit, ValidationRule
from targets.reporting.checks import Rule
from targets.reporting.numbers import read_number, write_number
from targets.reporting.ruling import mistakes, rule_of

_LIMIT = Decimal(10) ** 16
_ANY: Final = gettext_lazy("bất kỳ")


class TypedNumberField(forms.Field):
    """A number as people type it: 0,3 and 0.3 alike."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def to_python(self, value: Any) -> Decimal | None:
        """The number, None for an empty field."""
        reading = read_number(str(value or ""))
        if reading.problem:
            raise ValidationError(reading.problem)
        if reading.value is not None and abs(reading.value) >= _LIMIT:
            raise ValidationError(_("Số này quá lớn."))
        return reading.value

    def prepare_value(self, value: Any) -> Any:
        """As it can be typed again."""
        return write_number(value) if isinstance(value, Decimal) else value


class _ByName(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Rows told by their name in the language of the page."""

    def label_from_instance(self, obj: Any) -> str:
        return localised(obj, "name")


class RuleForm(forms.ModelForm):  # type: ignore[type-arg]
    """Everything of a rule but its code, and why it is changed."""

    indicator = _ByName(
        Indicator.objects.order_by("name_vi"),
        required=False,
        empty_label=_ANY,
        label=gettext_lazy("Chỉ tiêu"),
    )
    unit = _ByName(
        Unit.objects.order_by("name_vi"),
        required=False,
        empty_label=_ANY,
        label=gettext_lazy("Đơn vị"),
    )
    unit_kind = forms.ChoiceField(
        choices=[("", _ANY), *Unit.Kind.choices],
        required=False,
        label=gettext_lazy("Loại đơn vị"),
    )
    minimum = TypedNumberField(required=False, label=gettext_lazy("Nhỏ nhất"))
    maximum = TypedNumberField(required=False, label=gettext_lazy("Lớn nhất"))
    bound = TypedNumberField(required=False, label=gettext_lazy("Ngưỡng"))
    why = forms.CharField(
        max_length=2000,
        label=gettext_lazy("Vì sao thêm hoặc đổi"),
        help_text=gettext_lazy("Ghi vào nhật ký cùng thay đổi."),
        error_messages={"required": gettext_lazy("Ghi vì sao, rồi lưu.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    class Meta:
        model = ValidationRule
        fields = (
            "check_kind",
            "severity",
            "indicator",
            "unit",
            "unit_kind",
            "minimum",
            "maximum",
            "bound",
            "sentence_vi",
            "sentence_en",
            "active",
        )
        labels: ClassVar = {
            "check_kind": gettext_lazy("Phép kiểm tra"),
            "severity": gettext_lazy("Mức"),
            "sentence_vi": gettext_lazy("Câu tiếng Việt"),
            "sentence_en": gettext_lazy("Câu tiếng Anh"),
            "active": gettext_lazy("Đang dùng"),
        }
        widgets: ClassVar = {
            "sentence_vi": forms.Textarea(attrs={"rows": 3, "lang": "vi"}),
            "sentence_en": forms.Textarea(attrs={"rows": 3, "lang": "en"}),
        }

    complete = False

    def drafted(self) -> Rule | None:
        """The rule as the form has it, None while a field holds no number or no choice."""
        self.is_valid()
        return rule_of(self.instance) if self.complete else None

    def validate_constraints(self) -> None:
        """Nothing: `mistakes` says the same in the words of the form."""

    def _post_clean(self) -> None:
        """Put the fields on the row, then ask what makes a rule unsound."""
        self.complete = not self.errors.keys() - {"why"}
        super()._post_clean()  # type: ignore[misc]
        if self.complete:
            for name, problem in mistakes(rule_of(self.instance)):
                self.add_error(name, problem)
