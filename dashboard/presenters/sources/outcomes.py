"""What came of a run in a sentence; of one that failed also what to do."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard import formatting
from dashboard.presenters.sources.failures import outcome_sentence
from targets.models import SourceRun

Outcome = SourceRun.Outcome
Status = SourceRun.Status


def result_sentence(run: SourceRun) -> str:
    """One sentence for a run in any state; of a failure with what to do about it."""
    if run.status == Status.WAITING:
        return _("Đang chờ một tiến trình rảnh; lượt này sẽ tự bắt đầu.")
    if run.status == Status.RUNNING:
        return _("Đang lấy và đọc số liệu.")
    if run.status == Status.FAILED:
        return outcome_sentence(run.outcome, run.detail)
    if run.kind == SourceRun.Kind.TRIAL:
        return _("Chạy thử xong: đọc được, không ghi gì vào hệ thống.")
    return _success(run)


def _success(run: SourceRun) -> str:
    if run.status == Status.UNCHANGED and not run.rows_read:
        return _("Nguồn không có gì mới từ lần kiểm tra trước.")
    said = counts(run)
    if not said:
        return _("Đã đọc hết; không có số nào khác với số đã biết.")
    return _("Đã lấy xong: %(numbers)s.") % {"numbers": ", ".join(said)}


def counts(run: SourceRun) -> list[str]:
    """What a run brought about, each number with its word; what is zero is left out."""
    return [
        text % {"count": formatting.number(count, 0)}
        for count, text in (
            (run.added, ngettext("%(count)s số mới", "%(count)s số mới", run.added)),
            (run.revised, ngettext("%(count)s số được sửa", "%(count)s số được sửa", run.revised)),
            (run.held, ngettext("%(count)s số chờ xem xét", "%(count)s số chờ xem xét", run.held)),
            (
                run.rejected,
                ngettext("%(count)s dòng bị loại", "%(count)s dòng bị loại", run.rejected),
            ),
        )
        if count
    ]


def short_outcome(outcome: str) -> str:
    """The outcome in a few words, for lists; "" for none."""
    return str(Outcome(outcome).label) if outcome else ""
