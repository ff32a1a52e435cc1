"""Forms of a source and of its series: everything that would make a run fail is told here first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.forms.models import BaseInlineFormSet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import ValidationError as Wrong

from dashboard.administration.people import OrganisationChoice
from dashboard.administration.source_fields import DescriptionField, SeriesField, UnitField
from dashboard.administration.wrongs import sentences_of
from targets.models import DataSource, SeriesMapping
from targets.sources.adapters.registry import adapter_of
from targets.sources.contract import SourceError
from targets.sources.network import asking
from targets.sources.reading import units
from targets.sources.reading.areas import Areas, UnknownAreasError
from targets.sources.reading.describing import Mapping_, read_where
from targets.sources.runs import scheduling

if TYPE_CHECKING:
    _SourceForm = forms.ModelForm[DataSource]
    _MappingForm = forms.ModelForm[SeriesMapping]
    _MappingFormSet = BaseInlineFormSet[SeriesMapping, DataSource, _MappingForm]
else:  # Django's classes take no parameters when it runs
    _SourceForm, _MappingForm, _MappingFormSet = forms.ModelForm, forms.ModelForm, BaseInlineFormSet

# Addresses of the list of sources that are pages of their own.
_TAKEN: Final = ("luot", "cho-xem-xet")
_PUSHED: Final = "gui-"
# Names of parameters that hold one.
_SECRET: Final = re.compile(
    r"(api|access|subscription|app|client)?[-_.]?(key|token|secret|sig|signature)|pass(word|wd)?|pwd",
    re.IGNORECASE,
)
_PULLED: Final = [
    choice for choice in DataSource.Adapter.choices if choice[0] != DataSource.Adapter.PUSH
]


class SourceForm(_SourceForm):
    """A source that is pulled from."""

    adapter = forms.ChoiceField(choices=_PULLED, label=gettext_lazy("Cách đọc"))
    address = forms.CharField(
        label=gettext_lazy("Địa chỉ"),
        widget=forms.TextInput(attrs={"class": "vLargeTextField", "spellcheck": "false"}),
        help_text=gettext_lazy(
            "Bắt đầu bằng https:// (hoặc http://), viết được tiếng Việt có dấu. Không viết mật "
            "khẩu, mã hay khoá vào địa chỉ."
        ),
    )
    options = DescriptionField(
        label=gettext_lazy("Tuỳ chọn của cách đọc"),
        help_text=gettext_lazy("JSON; mỗi cách đọc có các mục riêng, xem ví dụ."),
    )
    mapping = DescriptionField(
        rows=8,
        label=gettext_lazy("Cách hiểu dữ liệu"),
        help_text=gettext_lazy(
            "JSON. “area”: dòng nói về đâu; “period”: kỳ ở cột nào; “decimal”: dấu thập phân; "
            "“missing”: chữ nào là không có số; “vintage”, “published_on”: lần công bố và ngày "
            "công bố; “expect”: điều phải có, nếu không thì lượt lấy thất bại."
        ),
    )
    owner = OrganisationChoice(required=False)
    credential = forms.ChoiceField(
        required=False,
        label=gettext_lazy("Cách xác thực"),
        choices=[("", gettext_lazy("không xác thực")), *DataSource.Credential.choices[1:]],
    )

    class Meta:
        model = DataSource
        fields = (
            "name_vi", "name_en", "slug", "owner", "licence", "adapter", "address", "options",
            "mapping", "schedule", "enabled", "trust", "credential", "credential_name",
            "most_bytes", "synthetic",
        )  # fmt: skip
        widgets = {
            name: forms.TextInput(attrs={"class": "vLargeTextField"})
            for name in ("name_vi", "name_en", "licence")
        } | {
            "schedule": forms.TextInput(attrs={"class": "vTextField", "spellcheck": "false"}),
            "most_bytes": forms.NumberInput(attrs={"class": "vTextField"}),
        }
        help_texts = {
            "slug": gettext_lazy("Trong địa chỉ trang, ví dụ: world-bank-wdi."),
            "licence": gettext_lazy("Ví dụ: CC BY 4.0."),
            "schedule": gettext_lazy(
                "Năm phần: phút, giờ, ngày, tháng, thứ (0 là Chủ nhật), giờ Việt Nam. Ví dụ: "
                "“30 6 * * *” là 6 giờ 30 mỗi ngày, “0 7 1 * *” là 7 giờ ngày 1 hằng tháng. Để "
                "trống: chỉ chạy tay."
            ),
            "enabled": gettext_lazy("Tắt: lịch dừng, số liệu đã có giữ nguyên, vẫn chạy thử được."),
            "trust": gettext_lazy(
                "“Tự công bố”: giá trị qua các bước kiểm tra được công bố ngay; giá trị bất thường "
                "hoặc khác giá trị đã xem xét vẫn phải chờ."
            ),
            "credential_name": gettext_lazy(
                "Chỉ là tên, ví dụ lgsp-bo-khcn; bí mật nằm trong biến môi trường "
                "SOURCE_SECRET_LGSP_BO_KHCN của máy chủ."
            ),
            "most_bytes": gettext_lazy("Lượt lấy dừng khi tải quá số byte này; 50000000 là 50 MB."),
            "synthetic": gettext_lazy("Nguồn mô phỏng: mọi giá trị được đánh dấu là số liệu mẫu."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "owner" in self.fields:
            self.fields["owner"].label = _("Cơ quan phụ trách")

    def clean_slug(self) -> str:
        """Not one that is another page's, or that values pushed by an organisation go under."""
        slug = str(self.cleaned_data["slug"])
        if slug in _TAKEN or slug.startswith(_PUSHED):
            raise ValidationError(_("Mã này hệ thống đã dùng vào việc khác. Hãy chọn mã khác."))
        return slug

    def clean_address(self) -> str:
        """Something that can be asked, with no secret in it."""
        address = str(self.cleaned_data["address"])
        try:
            parts, url = urlsplit(address), asking.parsed(address)
        except (ValueError, SourceError) as error:
            raise ValidationError(_("Không đọc được địa chỉ này.")) from error
        if not address.startswith(("http://", "https://")) or not url.host:
            raise ValidationError(_("Địa chỉ phải bắt đầu bằng https:// hoặc http://."))
        if url.userinfo:
            raise ValidationError(_("Bỏ tên và mật khẩu khỏi địa chỉ; dùng “Cách xác thực”."))
        given = dict(parse_qsl(parts.query))
        if secret := [name for name in given if _SECRET.fullmatch(name)]:
            raise ValidationError(
                _("“%(names)s” trong địa chỉ giống như một bí mật; dùng “Cách xác thực” thay vào.")
                % {"names": ", ".join(secret)}
            )
        return address

    def clean_schedule(self) -> str:
        """Five fields that mean some day."""
        schedule = " ".join(str(self.cleaned_data["schedule"]).split())
        if schedule:
            scheduling.read_schedule(schedule)
        return schedule

    def clean_most_bytes(self) -> int:
        """Within what the database allows."""
        most = int(self.cleaned_data["most_bytes"])
        if not 0 < most <= 1_000_000_000:
            raise ValidationError(_("Từ 1 đến 1000000000 byte."))
        return most

    def clean(self) -> dict[str, Any]:
        """The description as its reader will take it."""
        cleaned = super().clean() or self.cleaned_data
        adapter = cleaned.get("adapter")
        if adapter and "options" in cleaned:
            self._check("options", _wrong_options(adapter, cleaned["options"]))
        if "mapping" in cleaned:
            self._check("mapping", _wrong_mapping(cleaned["mapping"]))
        named, kind = cleaned.get("credential_name"), cleaned.get("credential")
        if kind and not named and "credential_name" in cleaned:
            self.add_error("credential_name", _("Viết tên của bí mật trong môi trường."))
        if named and not kind:
            self.add_error("credential", _("Chọn cách xác thực, hoặc xoá tên bí mật."))
        return cleaned

    def _check(self, field: str, sentences: Iterator[str]) -> None:
        for sentence in list(sentences):
            self.add_error(field, sentence)


class PushedForm(_SourceForm):
    """What can be said of a source that an organisation sends to by itself."""

    class Meta:
        model = DataSource
        fields = ("name_vi", "name_en", "licence", "trust", "enabled")
        widgets = SourceForm.Meta.widgets


def _wrong_options(adapter: str, options: dict[str, Any]) -> Iterator[str]:
    try:
        adapter_of(adapter).options.model_validate(options)
    except Wrong as error:
        yield from sentences_of(error)


def _wrong_mapping(mapping: dict[str, Any]) -> Iterator[str]:
    try:
        Areas(Mapping_.model_validate(mapping).area)
    except Wrong as error:
        yield from sentences_of(error)
    except UnknownAreasError as error:
        yield _("Không có cơ quan, địa phương nào mang mã %(codes)s.") % {
            "codes": ", ".join(error.codes)
        }


class MappingForm(_MappingForm):
    """One series of a source."""

    series = SeriesField()
    where = DescriptionField(
        rows=2,
        label=gettext_lazy("Điều kiện"),
        help_text=gettext_lazy(
            "JSON: tên trường và chữ phải có, hoặc danh sách các chữ được nhận. Ví dụ: "
            '{"indicator.id": "IT.NET.USER.ZS"}. Để trống: mọi dòng.'
        ),
    )
    unit = UnitField(
        help_text=gettext_lazy("Số được đổi sang đơn vị của chỉ tiêu, ví dụ tỷ đồng sang triệu.")
    )

    class Meta:
        model = SeriesMapping
        fields = ("series", "where", "value_field", "unit", "numerator_field", "denominator_field")
        widgets = {
            name: forms.TextInput(attrs={"class": "vTextField", "spellcheck": "false"})
            for name in ("value_field", "numerator_field", "denominator_field")
        }
        help_texts = {
            "value_field": gettext_lazy("Tên cột hoặc trường có giá trị."),
            "numerator_field": gettext_lazy(
                "Khi nguồn cho tử số và mẫu số; giá trị được tính từ hai số đó."
            ),
        }

    def clean_where(self) -> dict[str, Any]:
        """Texts, or lists of them, by fields."""
        where: dict[str, Any] = self.cleaned_data["where"]
        try:
            read_where(where)
        except SourceError as error:
            raise ValidationError(
                _("Mỗi trường đi với một chữ, một số hoặc một danh sách: %(example)s.")
                % {"example": '{"ma": ["A", "B"]}'}
            ) from error
        return where

    def clean(self) -> dict[str, Any]:
        """The unit leads to the indicator's; a ratio is whole and in the indicator's own."""
        cleaned = super().clean() or self.cleaned_data
        numerator, denominator = cleaned.get("numerator_field"), cleaned.get("denominator_field")
        if bool(numerator) != bool(denominator):
            lacking = "denominator_field" if numerator else "numerator_field"
            self.add_error(lacking, _("Tử số và mẫu số đi cùng nhau."))
        series, unit = cleaned.get("series"), cleaned.get("unit", "")
        if series is not None and unit:
            try:
                factor = units.factor(unit, series.indicator.unit.code)
            except units.UnitsDifferError as error:
                self.add_error("unit", error.sentence)
            else:
                if numerator and factor != 1:
                    self.add_error("unit", _("Có tử số và mẫu số thì không đổi đơn vị."))
        return cleaned


class MappingFormSet(_MappingFormSet):
    """The series of a source; one that is switched on has some."""

    def clean(self) -> None:
        """Counted without those that are taken away."""
        super().clean()
        said = [getattr(form, "cleaned_data", {}) for form in self.forms]
        kept = [one for one in said if one.get("series") and not one.get("DELETE")]
        if self.instance.enabled and not kept and not any(self.errors):
            raise ValidationError(_("Nguồn đang bật cần ít nhất một chuỗi số liệu."))
