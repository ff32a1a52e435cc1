"""Where values are pulled from or pushed by, and which series each brings."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from documents.constraints import enforce_choices, not_blank
from targets.models.indicators import Series
from targets.models.observations import Source
from targets.models.organisations import Organisation


@enforce_choices
class DataSource(models.Model):
    """A place where values are published, how to read it, and how far it is trusted.

    `options` is what its adapter needs (`targets.sources.adapters`), `mapping` how its rows are
    read whatever the adapter (`targets.sources.reading.describing`). A secret is never here, only
    the name under which the environment has it.
    """

    class Adapter(models.TextChoices):
        WORLD_BANK = "world-bank", _("Ngân hàng Thế giới (API v2)")
        SDMX = "sdmx", _("SDMX 2.1 hoặc 3.0")
        PX_WEB = "px-web", _("PX-Web của cơ quan thống kê")
        TABLE = "table", _("Tệp CSV hoặc Excel")
        JSON = "json", _("JSON (dịch vụ LGSP của bộ, tỉnh)")
        PUSH = "push", _("Cơ quan gửi đến qua API")

    class Trust(models.TextChoices):
        AUTOMATIC = "automatic", _("tự công bố")
        REVIEW = "review", _("chờ điều phối xem xét")

    class Credential(models.TextChoices):
        NONE = "", _("không cần")
        BEARER = "bearer", _("mã Bearer")
        API_KEY = "api-key", _("khoá API")
        CERTIFICATE = "certificate", _("chứng thư máy khách")

    slug = models.SlugField(_("mã"), max_length=80, unique=True)
    name_vi = models.TextField(_("tên"))
    name_en = models.TextField(_("tên tiếng Anh"))
    adapter = models.TextField(_("cách đọc"), choices=Adapter.choices)
    address = models.TextField(_("địa chỉ"), blank=True)
    options = models.JSONField(_("tuỳ chọn của cách đọc"), default=dict, blank=True)
    mapping = models.JSONField(_("cách hiểu dữ liệu"), default=dict, blank=True)
    schedule = models.TextField(
        _("lịch"),
        blank=True,
        help_text="minute hour day-of-month month day-of-week, Vietnam's time; empty: by hand only",
    )
    periodic_task = models.OneToOneField(
        "django_celery_beat.PeriodicTask",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="data_source",
    )
    trust = models.TextField(_("mức tin cậy"), choices=Trust.choices, default=Trust.REVIEW)
    owner = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="data_sources",
        verbose_name=_("cơ quan phụ trách"),
    )
    licence = models.TextField(_("giấy phép sử dụng"), blank=True)
    credential = models.TextField(
        _("cách xác thực"), choices=Credential.choices, default=Credential.NONE, blank=True
    )
    credential_name = models.SlugField(
        _("tên bí mật trong môi trường"), max_length=60, blank=True, help_text="Never the secret"
    )
    most_bytes = models.PositiveIntegerField(_("kích thước tối đa (byte)"), default=50_000_000)
    enabled = models.BooleanField(_("đang bật"), default=False)
    synthetic = models.BooleanField(
        _("số liệu mẫu"), default=False, help_text="A stand-in: whatever it brings is marked"
    )
    source = models.ForeignKey(
        Source,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="data_sources",
        help_text="How its observations name it",
    )
    # The circuit: after so many failures in a row it is left alone until a time.
    failures = models.PositiveSmallIntegerField(default=0, editable=False)
    paused_until = models.DateTimeField(null=True, blank=True, editable=False)
    silence_told_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(db_default=models.functions.Now(), editable=False)

    class Meta:
        ordering = ("slug",)
        verbose_name = _("nguồn số liệu")
        verbose_name_plural = _("nguồn số liệu")
        constraints = (
            not_blank("name_vi", "data_source_name_given"),
            models.CheckConstraint(
                condition=Q(adapter="push", address="", schedule="")
                | (~Q(adapter="push") & Q(address__regex=r"^https?://")),
                name="data_source_address_where_pulled",
            ),
            models.CheckConstraint(
                condition=Q(credential="", credential_name="")
                | (~Q(credential="") & ~Q(credential_name="")),
                name="data_source_credential_named",
            ),
            models.CheckConstraint(
                condition=Q(most_bytes__gt=0) & Q(most_bytes__lte=1_000_000_000),
                name="data_source_size_bounded",
            ),
        )

    def __str__(self) -> str:
        return self.slug

    def get_absolute_url(self) -> str:
        return reverse("data-source", args=[self.slug])


class SeriesMapping(models.Model):
    """Which rows of a source are which series: `where` names fields and the values they must have.

    `unit` is the unit in which the source publishes, a name of
    `targets.sources.reading.units`; empty: the indicator's own.
    """

    data_source = models.ForeignKey(DataSource, on_delete=models.CASCADE, related_name="mappings")
    series = models.ForeignKey(
        Series, on_delete=models.PROTECT, related_name="mappings", verbose_name=_("chuỗi số liệu")
    )
    where = models.JSONField(_("điều kiện"), default=dict, blank=True)
    value_field = models.TextField(_("trường giá trị"), default="value")
    numerator_field = models.TextField(_("trường tử số"), blank=True)
    denominator_field = models.TextField(_("trường mẫu số"), blank=True)
    unit = models.TextField(_("đơn vị công bố"), blank=True)

    class Meta:
        ordering = ("data_source", "id")
        verbose_name = _("chuỗi của nguồn")
        verbose_name_plural = _("chuỗi của nguồn")
        constraints = (
            models.UniqueConstraint(fields=("data_source", "series"), name="series_mapping_unique"),
            models.CheckConstraint(
                condition=Q(numerator_field="", denominator_field="")
                | (~Q(numerator_field="") & ~Q(denominator_field="")),
                name="series_mapping_ratio_whole",
            ),
        )

    def __str__(self) -> str:
        return f"{self.data_source} -> {self.series}"
