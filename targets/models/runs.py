"""Runs of sources: what came, what was kept of it, and what waits for a coordinator."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from documents.constraints import enforce_choices
from targets import triggers
from targets.models.indicators import Indicator, Series
from targets.models.observations import Observation
from targets.models.organisations import Organisation
from targets.models.sources import DataSource


@enforce_choices
class SourceRun(models.Model):
    """One time that a source was read or pushed to: what came, what became of it.

    A run that is `running` while nobody holds its source's lock was killed; whoever takes the lock
    next says so in it. All that a run brings about is written in one transaction with its end.
    """

    class Kind(models.TextChoices):
        SCHEDULED = "scheduled", _("theo lịch")
        MANUAL = "manual", _("chạy tay")
        TRIAL = "trial", _("chạy thử")
        PUSH = "push", _("gửi đến")

    class Status(models.TextChoices):
        WAITING = "waiting", _("đang chờ")
        RUNNING = "running", _("đang chạy")
        SUCCEEDED = "succeeded", _("thành công")
        UNCHANGED = "unchanged", _("không có gì mới")
        FAILED = "failed", _("thất bại")

    class Outcome(models.TextChoices):
        """Why a run failed, by name; `detail` has the numbers."""

        NONE = "", ""
        REFUSED_ADDRESS = "refused-address", _("địa chỉ không được phép")
        NO_ANSWER = "no-answer", _("không kết nối được")
        TIMEOUT = "timeout", _("quá thời gian chờ")
        CUT = "cut", _("kết nối đứt giữa chừng")
        BAD_STATUS = "bad-status", _("máy chủ nguồn báo lỗi")
        RATE_LIMITED = "rate-limited", _("nguồn yêu cầu chờ")
        CREDENTIAL = "credential", _("bí mật thiếu hoặc bị từ chối")
        TOO_LARGE = "too-large", _("quá lớn")
        BAD_TYPE = "bad-type", _("sai loại nội dung")
        UNREADABLE = "unreadable", _("không đọc được nội dung")
        SOURCE_ERROR = "source-error", _("nguồn trả lời bằng một thông báo lỗi")
        CHANGED_UNDER_WAY = "changed-under-way", _("nguồn thay đổi khi đang đọc")
        COLUMNS_CHANGED = "columns-changed", _("thiếu cột hoặc cột đổi tên")
        PERIOD_MISSING = "period-missing", _("thiếu kỳ phải có")
        MISCONFIGURED = "misconfigured", _("khai báo nguồn chưa đúng")
        KILLED = "killed", _("tiến trình bị ngắt")
        INTERNAL = "internal", _("lỗi của hệ thống")

    data_source = models.ForeignKey(DataSource, on_delete=models.PROTECT, related_name="runs")
    kind = models.TextField(choices=Kind.choices)
    status = models.TextField(choices=Status.choices, default=Status.RUNNING)
    outcome = models.TextField(choices=Outcome.choices, default=Outcome.NONE, blank=True)
    detail = models.JSONField(default=dict, blank=True, help_text="What the sentence names")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    # Of the message that asked for it (many have none): delivered twice, it runs once.
    task_id = models.TextField(null=True, unique=True)  # noqa: DJ001
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    requests = models.PositiveIntegerField(default=0)
    retries = models.PositiveIntegerField(default=0)
    bytes = models.PositiveBigIntegerField(default=0)
    checksum = models.TextField(blank=True, help_text="SHA-256 over the bodies, in their order")
    fingerprint = models.TextField(blank=True, help_text="SHA-256 of how the source was described")
    rows_read = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    revised = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    rejections = models.JSONField(default=dict, blank=True, help_text="Reason -> how many")
    preview = models.JSONField(default=list, blank=True, help_text="Of a trial: its first rows")
    idempotency_key = models.TextField(null=True)  # noqa: DJ001
    request_digest = models.TextField(blank=True)

    class Meta:
        ordering = ("-id",)
        verbose_name = _("lượt lấy số liệu")
        verbose_name_plural = _("lượt lấy số liệu")
        constraints = (
            models.CheckConstraint(
                condition=(Q(status__in=["waiting", "running"]) & Q(finished_at=None))
                | (~Q(status__in=["waiting", "running"]) & Q(finished_at__isnull=False)),
                name="source_run_ended_when_over",
            ),
            models.CheckConstraint(
                condition=(Q(status="failed") & ~Q(outcome=""))
                | (~Q(status="failed") & Q(outcome="")),
                name="source_run_failure_named",
            ),
            models.UniqueConstraint(
                fields=("data_source", "idempotency_key"),
                condition=Q(idempotency_key__isnull=False),
                name="source_run_once_per_key",
            ),
        )
        indexes = (
            models.Index(fields=("data_source", "-started_at"), name="source_run_latest"),
            models.Index(
                fields=("status",),
                condition=Q(status__in=["waiting", "running"]),
                name="source_run_open",
            ),
        )
        triggers = triggers.kept_by_observations("run_id")

    def __str__(self) -> str:
        return f"{self.data_source} {self.started_at:%Y-%m-%d %H:%M}: {self.status}"

    def get_absolute_url(self) -> str:
        return reverse("source-run", args=[self.pk])


class RawBody(models.Model):
    """The bytes that a source answered with, compressed; the same bytes are kept once."""

    sha256 = models.TextField(unique=True, help_text="Of the bytes as received, decoded")
    size = models.PositiveBigIntegerField()
    compressed = models.BinaryField(help_text="zlib")

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="raw_body_digest_form"
            ),
        )
        triggers = triggers.append_only("rawbody", mutable=())

    def __str__(self) -> str:
        return self.sha256


class RunBody(models.Model):
    """One answer that a run received, with what lets the next run ask for changes only."""

    run = models.ForeignKey(SourceRun, on_delete=models.CASCADE, related_name="bodies")
    position = models.PositiveIntegerField()
    request = models.TextField(help_text="SHA-256 of method, address, headers and sent body")
    url = models.TextField(help_text="Without what may be secret in it")
    raw = models.ForeignKey(RawBody, on_delete=models.PROTECT, related_name="+")
    status_code = models.PositiveSmallIntegerField()
    content_type = models.TextField(blank=True)
    etag = models.TextField(blank=True)
    last_modified = models.TextField(blank=True)

    class Meta:
        ordering = ("run", "position")
        constraints = (
            models.UniqueConstraint(fields=("run", "position"), name="run_body_position_unique"),
        )
        indexes = (
            # What the last run was answered, before each request.
            models.Index(fields=("request", "-run"), name="run_body_last_answer"),
        )

    def __str__(self) -> str:
        return f"{self.run_id}/{self.position}"


class RunRejection(models.Model):
    """A row that a run left out, and why; the first of each reason, all are counted in the run."""

    run = models.ForeignKey(SourceRun, on_delete=models.CASCADE, related_name="rejected_rows")
    place = models.PositiveBigIntegerField(help_text="The row's number in what was read, from 1")
    field = models.TextField(blank=True)
    reason = models.TextField(help_text="A code of targets.sources.taking.rejecting")
    shown = models.TextField(blank=True, help_text="What stood there")

    class Meta:
        ordering = ("run", "place", "id")

    def __str__(self) -> str:
        return f"{self.run_id}: {self.place} {self.reason}"


@enforce_choices
class HeldValue(models.Model):
    """A value that a source brought and that waits for a coordinator, with why it waits.

    `standing` is the observation in force when it was held, which it would replace.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("chờ xem xét")
        ACCEPTED = "accepted", _("đã chấp nhận")
        REFUSED = "refused", _("đã từ chối")
        OVERTAKEN = "overtaken", _("nguồn đã đổi số khác")

    class Reason(models.TextChoices):
        TRUST = "trust", _("nguồn cần xem xét trước khi công bố")
        RANGE = "range", _("ngoài khoảng hợp lý")
        JUMP = "jump", _("thay đổi đột ngột")
        REPLACES = "replaces", _("khác giá trị đã công bố")

    run = models.ForeignKey(SourceRun, on_delete=models.PROTECT, related_name="held_values")
    data_source = models.ForeignKey(
        DataSource, on_delete=models.PROTECT, related_name="held_values"
    )
    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="held_values")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="held_values"
    )
    period = models.TextField()
    value = models.DecimalField(max_digits=24, decimal_places=8)
    numerator = models.DecimalField(max_digits=24, decimal_places=4, null=True)
    denominator = models.DecimalField(max_digits=24, decimal_places=4, null=True)
    vintage = models.TextField(blank=True)
    published_on = models.DateField(null=True)
    reasons = models.JSONField(help_text="Codes of Reason")
    standing = models.ForeignKey(Observation, on_delete=models.PROTECT, null=True, related_name="+")
    previous = models.DecimalField(
        max_digits=24, decimal_places=8, null=True, help_text="What a jump is counted from"
    )
    state = models.TextField(choices=State.choices, default=State.WAITING)
    held_at = models.DateTimeField(db_default=models.functions.Now())
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    decision_note = models.TextField(blank=True)
    observation = models.ForeignKey(
        Observation, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ("indicator", "organisation", "period", "id")
        verbose_name = _("giá trị chờ xem xét")
        verbose_name_plural = _("giá trị chờ xem xét")
        constraints = (
            models.UniqueConstraint(
                fields=("data_source", "series", "organisation", "period"),
                condition=Q(state="waiting"),
                name="held_value_waits_once",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", decided_at=None)
                | (~Q(state="waiting") & Q(decided_at__isnull=False)),
                name="held_value_decided_when_not_waiting",
            ),
            models.CheckConstraint(
                condition=Q(state="accepted", observation__isnull=False)
                | (~Q(state="accepted") & Q(observation=None)),
                name="held_value_accepted_made",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["accepted", "refused"], decided_by__isnull=False)
                | (~Q(state__in=["accepted", "refused"]) & Q(decided_by=None)),
                name="held_value_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | Q(decision_note__regex=r"\S"),
                name="held_value_refused_with_reason",
            ),
        )
        indexes = (
            models.Index(
                fields=("data_source",), condition=Q(state="waiting"), name="held_value_waiting"
            ),
        )
        triggers = (
            *triggers.append_only(
                "heldvalue",
                mutable=("state", "decided_by", "decided_at", "decision_note", "observation"),
            ),
            triggers.decided_once("heldvalue"),
        )

    def __str__(self) -> str:
        return f"{self.series} {self.organisation} {self.period} = {self.value}"
