"""Who is reminded when; one digest a person a day; nothing twice, nothing on a holiday."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass

import pytest
import time_machine
from django.contrib.auth.models import User
from hypothesis import given
from hypothesis import strategies as st

from targets.models import (
    Mail,
    Membership,
    Notice,
    Organisation,
    Report,
    ReportingCycle,
    SystemRole,
)
from targets.reporting.cycles import close_cycle
from targets.reporting.notices import path, sentence
from targets.reporting.reminders import OCCASIONS, Reminded, occasion, remind
from targets.reporting.workdays import is_holiday, send_day
from targets.tasks import remind as task
from tests.factory import make

DUE = dt.date(2026, 12, 14)
NOON = dt.datetime(2026, 11, 1, 5, tzinfo=dt.UTC)
LONGEST_PAUSE = dt.timedelta(days=16)


def before(days: int) -> dt.date:
    return DUE - dt.timedelta(days=days)


def test_an_ordinary_day_is_the_day() -> None:
    assert [send_day(DUE, ahead) for ahead in OCCASIONS] == [before(ahead) for ahead in OCCASIONS]


@pytest.mark.parametrize(
    ("due", "ahead", "sent"),
    [
        # 30 days before is 2 September: the next working day.
        (dt.date(2026, 10, 2), 30, dt.date(2026, 9, 3)),
        # A week before is the first day of Tết 2027; two days are left after it: so before it.
        (dt.date(2027, 2, 12), 7, dt.date(2027, 2, 3)),
        (dt.date(2027, 2, 12), 3, dt.date(2027, 2, 3)),
        # The due day itself is a holiday: told while there is somebody at work.
        (dt.date(2027, 1, 1), 0, dt.date(2026, 12, 31)),
        (dt.date(2027, 1, 2), 1, dt.date(2026, 12, 31)),
        # A weekend is no reason to wait.
        (dt.date(2026, 12, 13), 1, dt.date(2026, 12, 12)),
        # Escalation has time.
        (dt.date(2026, 12, 31), -1, dt.date(2027, 1, 4)),
    ],
)
def test_what_falls_on_a_holiday_is_moved(due: dt.date, ahead: int, sent: dt.date) -> None:
    assert send_day(due, ahead) == sent


@given(st.dates(dt.date(2024, 1, 1), dt.date(2035, 12, 31)), st.sampled_from(OCCASIONS))
def test_nobody_is_written_to_on_a_holiday(due: dt.date, ahead: int) -> None:
    sent = send_day(due, ahead)
    meant = due - dt.timedelta(days=ahead)
    assert not is_holiday(sent)
    assert abs(sent - meant) <= LONGEST_PAUSE
    assert sent <= due or ahead < 0
    assert sent == meant or is_holiday(meant)


@given(st.dates(dt.date(2025, 6, 1), dt.date(2027, 12, 31)), st.integers(-60, 60))
def test_the_last_occasion_that_has_come(due: dt.date, left: int) -> None:
    today = due - dt.timedelta(days=left)
    found = occasion(due, today)
    come = [ahead for ahead in OCCASIONS if send_day(due, ahead) <= today]
    assert found == (min(come) if come else None)


@dataclass
class World:
    cycle: ReportingCycle
    report: Report
    reporter: User
    approver: User
    coordinator: User


@pytest.fixture
def world(db: None) -> World:
    """One ministry's report for the yearly cycle of 2026, with everybody who has to do with it."""
    return a_world()


def a_world() -> World:
    cycle = make(ReportingCycle)
    ministry = make(Organisation)
    reporter, approver, coordinator = make(User), make(User), make(User)
    make(Membership, user=reporter, organisation=ministry, role="reporter")
    make(Membership, user=approver, organisation=ministry, role="approver")
    make(SystemRole, user=coordinator, role="coordinator")
    report = make(Report, cycle=cycle, organisation=ministry)
    return World(cycle, report, reporter, approver, coordinator)


def told(person: User) -> list[str]:
    return list(Notice.objects.filter(user=person).order_by("pk").values_list("kind", flat=True))


def test_who_is_told_when(world: World) -> None:
    written: dict[str, list[int]] = {"reporter": [], "approver": [], "coordinator": []}
    day = before(40)
    while day <= before(-50):
        already = set(Mail.objects.values_list("pk", flat=True))
        remind(day)
        for letter in Mail.objects.exclude(pk__in=already).select_related("user"):
            name = next(n for n in written if getattr(world, n) == letter.user)
            written[name].append((DUE - day).days)
        day += dt.timedelta(days=1)
    late = [-1, -3, -7, -14, -30]
    assert written == {
        "reporter": [30, 14, 7, 3, 1, 0, *late],
        "approver": late,
        "coordinator": late,
    }
    assert Counter(told(world.reporter)) == {"report-due": 6, "report-overdue": 5}
    assert set(told(world.coordinator)) == {"cycle-overdue"}


def test_a_run_that_is_repeated_tells_nobody_again(world: World) -> None:
    assert remind(before(30)) == Reminded(reports=1, digests=1)
    assert remind(before(30)) == Reminded(reports=1, digests=0)
    assert remind(before(29)) == Reminded(reports=1, digests=0)
    assert (Notice.objects.count(), Mail.objects.count()) == (1, 1)


def test_a_run_that_was_missed_is_made_good_once(world: World) -> None:
    """The worker was off from before the 30th to the 11th day: the 14th is told, not both."""
    assert remind(before(11)).digests == 1
    letter = Mail.objects.get()
    assert "Còn 11 ngày." in letter.body
    assert Notice.objects.get().key.endswith(":14")


def test_a_new_reporter_learns_what_is_due(world: World) -> None:
    remind(before(30))
    colleague = make(User)
    make(Membership, user=colleague, organisation=world.report.organisation, role="reporter")
    remind(before(25))
    assert told(colleague) == ["report-due"]
    assert Mail.objects.filter(user=world.reporter).count() == 1


def test_nothing_on_a_public_holiday_and_all_of_it_afterwards(world: World) -> None:
    ReportingCycle.objects.update(due_on=dt.date(2027, 1, 15))  # 14 days before is New Year
    remind(dt.date(2026, 12, 31))
    assert remind(dt.date(2027, 1, 1)) == Reminded()
    assert remind(dt.date(2027, 1, 2)) == Reminded(reports=1, digests=0)  # a Saturday
    assert remind(dt.date(2027, 1, 4)).digests == 1
    assert [key.rpartition(":")[2] for key in Notice.objects.values_list("key", flat=True)] == [
        "14", "30",
    ]  # fmt: skip


def test_one_letter_tells_everything(world: World) -> None:
    other = make(ReportingCycle, period="2025", due_on=before(5), duty=world.cycle.duty)
    make(Report, cycle=other, organisation=world.report.organisation)
    remind(before(2))
    letter = Mail.objects.get(user=world.reporter)
    assert letter.subject == "[Thước Đo] 2 việc về báo cáo cần bạn xem; hạn 09/12/2026"
    lines = [line for line in letter.body.splitlines() if line.startswith("•")]
    assert len(lines) == 2
    assert "quá hạn 09/12/2026 mà chưa gửi. Đã quá 3 ngày." in lines[0]
    assert "chưa gửi, hạn 14/12/2026. Còn 2 ngày." in lines[1]
    assert f"/bao-cao/{world.report.pk}/" in letter.body
    assert Mail.objects.filter(user=world.coordinator).count() == 1


def test_what_comes_up_after_the_letter_of_the_day_waits_for_the_next(world: World) -> None:
    remind(before(3))
    other = make(ReportingCycle, period="2025", due_on=before(2), duty=world.cycle.duty)
    make(Report, cycle=other, organisation=world.report.organisation)
    assert remind(before(3)).digests == 0
    assert remind(before(2)).digests == 1
    assert Mail.objects.filter(user=world.reporter).count() == 2


def test_what_was_read_meanwhile_needs_no_letter(world: World) -> None:
    make(Notice, user=world.reporter, kind="report-due", read_at=NOON)
    assert remind(before(40)).digests == 0
    assert Notice.objects.get().digested


def test_a_report_that_waits_for_its_approver_is_the_approvers(world: World) -> None:
    Report.objects.filter(pk=world.report.pk).update(state="submitted", first_submitted_at=NOON)
    remind(before(3))
    assert (told(world.reporter), told(world.approver)) == ([], ["report-approval"])
    remind(before(-1))
    assert told(world.coordinator) == []  # it was handed in


def test_a_returned_report_is_to_be_handed_in_again(world: World) -> None:
    Report.objects.filter(pk=world.report.pk).update(state="submitted", first_submitted_at=NOON)
    Report.objects.filter(pk=world.report.pk).update(state="returned")
    remind(before(3))
    (notice,) = Notice.objects.all()
    assert "cần sửa và gửi lại, hạn 14/12/2026" in sentence(notice)


def test_without_a_reporter_the_approver_is_reminded(world: World) -> None:
    Membership.objects.filter(role="reporter").delete()
    remind(before(14))
    assert told(world.approver) == ["report-due"]


@pytest.mark.parametrize("change", ["approved", "sample", "ended", "closed", "reopened", "bygone"])
def test_who_has_nothing_to_do_is_left_alone(world: World, change: str) -> None:
    reports = Report.objects.filter(pk=world.report.pk)
    today = before(-1)
    if change == "approved":
        reports.update(state="submitted", first_submitted_at=NOON)
        reports.update(state="approved")
    elif change == "sample":
        reports.update(sample=True)
    elif change == "ended":
        Organisation.objects.filter(reports=world.report).update(valid_to=before(20))
    elif change == "closed":
        close_cycle(world.cycle.pk, by=world.coordinator, today=today)
    elif change == "reopened":
        reports.update(edition=2)
    else:
        today = before(-46)
    assert remind(today).digests == 0
    assert not Notice.objects.exists()


def test_the_coordinator_is_told_once_for_all_and_led_to_the_list(world: World) -> None:
    make(Report, cycle=world.cycle)
    remind(before(-1))
    notice = Notice.objects.get(user=world.coordinator)
    assert sentence(notice).startswith("2 cơ quan chưa gửi báo cáo")
    assert path(notice) == f"/bao-cao/dung-han/?ky={world.cycle.pk}&hen=missing"


def test_the_task_takes_the_day_in_vietnam(world: World) -> None:
    with time_machine.travel("2026-11-13T18:00:00Z", tick=False):  # the 14th in Hà Nội
        task()
    assert told(world.reporter) == ["report-due"]
