"""What a step demands, and what it leaves behind."""

from __future__ import annotations

import pytest
import time_machine
from django.contrib.auth.models import User

from targets.models import (
    ItemRemark,
    Mail,
    Membership,
    Notice,
    Report,
    ReportAction,
    ReportItem,
    ValidationRule,
    WarningReason,
)
from targets.reporting import steps
from targets.reporting.steps import (
    AlreadyTakenError,
    StepForbiddenError,
    StepRefusedError,
)
from tests.factory import make
from tests.steps.world import World, cell, refused, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> World:
    return world()


def told(kind: str) -> set[str]:
    """Who got a notice of this kind, and a letter with it."""
    notices = Notice.objects.filter(kind=kind)
    names = set(notices.values_list("user__username", flat=True))
    keys = {f"{notice.key}:{notice.user_id}" for notice in notices}
    assert set(Mail.objects.filter(key__in=keys).values_list("key", flat=True)) == keys
    return names


def test_an_error_or_a_warning_without_a_reason_stops_the_submission(here: World) -> None:
    make(ValidationRule, code="required", check_kind="required", severity="error")
    rule = make(ValidationRule, code="range", check_kind="range", severity="warning", maximum="10")
    empty = cell(here.report)
    with pytest.raises(StepRefusedError) as caught:
        here.take("submit", here.reporter)
    assert {finding.item_id for finding in caught.value.findings} == {empty.pk, here.item.pk}
    assert "còn 2 lỗi" in caught.value.sentence
    ReportItem.objects.filter(pk=empty.pk).delete()
    with pytest.raises(StepRefusedError):
        here.take("submit", here.reporter)
    make(WarningReason, item=here.item, rule=rule, item_version=1, by=here.reporter)
    here.take("submit", here.reporter)
    assert here.state() == "submitted"


def test_a_step_taken_twice_is_one_action_and_a_sentence(here: World) -> None:
    road = [("submit", here.reporter), ("withdraw", here.reporter), ("submit", here.reporter),
            ("return", here.approver), ("submit", here.reporter), ("approve", here.approver),
            ("publish", here.coordinator), ("reopen", here.coordinator)]  # fmt: skip
    for kind, person in road:
        here.take(kind, person)
        count = ReportAction.objects.count(), Notice.objects.count()
        with pytest.raises(AlreadyTakenError) as caught:
            here.take(kind, person)
        assert "không cần làm lại" in caught.value.sentence
        assert (ReportAction.objects.count(), Notice.objects.count()) == count


def test_a_step_on_what_somebody_else_saw_is_refused(here: World) -> None:
    seen = here.take("submit", here.reporter).pk
    here.take("withdraw", here.reporter)
    ReportItem.objects.filter(pk=here.item.pk).update(value=99)
    here.take("submit", here.reporter)
    with refused() as sentences:
        here.take("approve", here.approver, seen=seen)
    assert "đã thay đổi" in sentences[0]
    here.take("approve", here.approver, seen=ReportAction.objects.latest("pk").pk)
    assert here.state() == "approved"


def test_the_first_step_is_seen_as_zero(here: World) -> None:
    here.take("submit", here.reporter, seen=0)
    assert here.state() == "submitted"


def test_a_return_needs_a_reason_for_the_whole_or_for_a_cell(here: World) -> None:
    here.go_to("submitted")
    with refused() as sentences:
        steps.return_report(here.report.pk, by=here.approver, reason="  ", remarks={1: " "})
    assert "lý do" in sentences[0]
    assert here.state() == "submitted"
    action = steps.return_report(
        here.report.pk, by=here.approver, remarks={here.item.pk: " số cũ ", 0: ""}
    )
    assert action.reason == "Xem lý do ở 1 chỉ tiêu."
    remark = ItemRemark.objects.get()
    assert (remark.item, remark.text, remark.action) == (here.item, "số cũ", action)
    assert f"• {here.item.indicator.name_vi}: số cũ" in Mail.objects.latest("pk").body


def test_a_remark_on_a_cell_of_another_report_is_refused(here: World) -> None:
    here.go_to("submitted")
    stranger = make(ReportItem)
    with refused():
        here.take("return", here.approver, remarks={stranger.pk: "x"})
    assert here.state() == "submitted"
    assert not ItemRemark.objects.exists()


def test_a_reopening_needs_a_reason(here: World) -> None:
    here.go_to("published")
    with refused():
        here.take("reopen", here.coordinator, reason=" ")
    here.take("reopen", here.coordinator, reason="số mới của thống kê")
    report = Report.objects.get(pk=here.report.pk)
    assert (report.state, report.edition) == ("draft", 2)
    assert list(ReportAction.objects.values_list("kind", "edition")) == [
        ("submit", 1), ("approve", 1), ("publish", 1), ("reopen", 1),
    ]  # fmt: skip
    here.take("submit", here.reporter)
    assert ReportAction.objects.latest("pk").edition == 2


def test_the_first_submission_keeps_its_time(here: World) -> None:
    with time_machine.travel("2026-12-10T02:00:00Z", tick=False):
        here.go_to("returned")
    with time_machine.travel("2026-12-20T02:00:00Z", tick=False):
        here.take("submit", here.reporter)
    report = Report.objects.get(pk=here.report.pk)
    assert report.first_submitted_at is not None
    assert report.first_submitted_at.date().isoformat() == "2026-12-10"
    assert report.state_since.date().isoformat() == "2026-12-20"


def test_each_step_tells_those_who_have_to_act_or_to_know(here: World) -> None:
    approvers = {"approver", "second_approver", "both"}
    here.take("submit", here.reporter)
    assert told("report-submitted") == approvers
    here.take("withdraw", here.both)
    assert told("report-withdrawn") == approvers - {"both"}
    here.take("submit", here.reporter)
    here.take("return", here.approver)
    assert told("report-returned") == {"reporter", "both"}
    here.take("submit", here.reporter)
    here.take("approve", here.approver)
    assert told("report-to-review") == {"coordinator"}
    assert told("report-approved") == {"reporter", "both"}
    Notice.objects.all().delete()
    here.take("return", here.coordinator)
    assert told("report-returned") == {"reporter"} | approvers
    here.take("submit", here.reporter)
    here.take("approve", here.second_approver)
    here.take("publish", here.coordinator)
    assert told("report-published") == {"reporter"} | approvers
    here.take("reopen", here.coordinator)
    assert told("report-reopened") == {"reporter"} | approvers


def test_a_second_submission_tells_again(here: World) -> None:
    here.go_to("returned")
    here.take("submit", here.reporter)
    assert Notice.objects.filter(kind="report-submitted", user=here.approver).count() == 2


def test_a_coordinator_who_also_reports_is_not_told_of_their_own_step(here: World) -> None:
    make(Membership, user=here.coordinator, organisation=here.report.organisation, role="reporter")
    here.go_to("published")
    assert "coordinator" not in told("report-published")


def test_a_report_that_does_not_exist_is_named_so(here: World) -> None:
    with pytest.raises(Report.DoesNotExist):
        steps.submit(0, by=here.reporter)


def test_the_state_is_not_set_by_hand(here: World) -> None:
    with pytest.raises(AttributeError):
        here.report.state = "published"
    here.go_to("submitted")
    here.report.refresh_from_db()
    assert here.report.state == "submitted"


def test_who_is_no_longer_active_may_nothing(here: World) -> None:
    here.go_to("submitted")
    User.objects.filter(username="approver").update(is_active=False)
    with pytest.raises(StepForbiddenError):
        here.take("approve", User.objects.get(username="approver"))
