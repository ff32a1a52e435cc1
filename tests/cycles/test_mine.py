"""What is due for me: by role, by state, in time; and what was before."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from dashboard.presenters.reporting.mine import MinePage, mine_page
from targets.models import (
    Indicator,
    Membership,
    Organisation,
    OrganisationName,
    Report,
    ReportAction,
    ReportingCycle,
    ReportItem,
    Role,
    Succession,
    SystemRole,
    ValidationRule,
)
from tests.factory import make

pytestmark = pytest.mark.django_db
VIETNAM = dt.timezone(dt.timedelta(hours=7))
NOW = dt.datetime(2026, 11, 22, 9, 0, tzinfo=VIETNAM)
LATE_EVENING = dt.datetime(2026, 12, 14, 22, 40, tzinfo=VIETNAM)


@dataclass
class World:
    ministry: Organisation
    report: Report
    people: dict[str, User]


@pytest.fixture
def world() -> World:
    ministry = make(Organisation)
    make(OrganisationName, organisation=ministry, short_vi="Bộ Một")
    people = {}
    for role in ("reporter", "approver", "viewer"):
        people[role] = make(User, last_name="Lê", first_name=role)
        make(Membership, user=people[role], organisation=ministry, role=role)
    report = make(Report, cycle=make(ReportingCycle), organisation=ministry)
    for _number in range(4):
        make(ReportItem, report=report)
    return World(ministry, report, people)


def of(person: User, now: dt.datetime = NOW) -> MinePage:
    return mine_page(User.objects.get(pk=person.pk), now)  # roles are kept on the object


def to(report: Report, *states: str) -> None:
    for state in states:
        changes = {"first_submitted_at": NOW} if state == "submitted" else {}
        Report.objects.filter(pk=report.pk).update(state=state, **changes)


@pytest.mark.parametrize(
    ("states", "doing"),
    [
        ((), {"reporter": "Nhập số liệu"}),
        (("submitted",), {"approver": "Xem và phê duyệt"}),
        (("submitted", "returned"), {"reporter": "Sửa và gửi lại"}),
        (("submitted", "approved"), {}),
    ],
)
def test_each_role_has_the_button_that_fits(
    world: World, states: tuple[str, ...], doing: dict[str, str]
) -> None:
    to(world.report, *states)
    for role, person in world.people.items():
        page = of(person)
        assert [card.action for card in page.mine] == [doing.get(role)] * (role in doing)
        assert [card.action for card in page.waiting] == ["Xem"] * (role not in doing)


def test_who_has_it_now_is_named(world: World) -> None:
    assert of(world.people["viewer"]).waiting[0].hand == "Người báo cáo: Lê reporter"
    to(world.report, "submitted")
    assert of(world.people["reporter"]).waiting[0].hand == "Người phê duyệt: Lê approver"
    to(world.report, "approved")
    (card,) = of(world.people["reporter"]).waiting
    assert (card.hand, card.state) == ("", "Chờ điều phối")


def test_whoever_entered_a_value_does_not_approve_it(world: World) -> None:
    approver = world.people["approver"]
    item = ReportItem.objects.filter(report=world.report)[0]
    ReportItem.objects.filter(pk=item.pk).update(
        value=1, version=1, entered_by=approver, entered_at=NOW
    )
    to(world.report, "submitted")
    assert of(approver).mine == []


def test_how_far_it_is_and_what_is_wrong(world: World) -> None:
    make(ValidationRule, code="most", check_kind="range", severity="error", maximum=100)
    make(ValidationRule, code="given", check_kind="required", severity="error")
    first, second, third, _fourth = ReportItem.objects.filter(report=world.report)
    entered = {"version": 1, "entered_by": world.people["reporter"], "entered_at": NOW}
    ReportItem.objects.filter(pk=first.pk).update(value=150, **entered)
    ReportItem.objects.filter(pk=second.pk).update(value=50, **entered)
    ReportItem.objects.filter(pk=third.pk).update(unavailable=True, note="x", **entered)
    (card,) = of(world.people["reporter"]).mine
    assert (card.progress.filled, card.progress.total, card.progress.errors) == (3, 4, 1)
    assert card.action == "Nhập tiếp"


@pytest.mark.parametrize(
    ("now", "left", "urgency"),
    [
        (NOW, "còn 22 ngày", ""),
        (dt.datetime(2026, 12, 7, 9, tzinfo=VIETNAM), "còn 7 ngày", "soon"),
        (dt.datetime(2026, 12, 13, 23, 59, tzinfo=VIETNAM), "còn 1 ngày, đến hết ngày mai", "soon"),
        (dt.datetime(2026, 12, 14, 9, tzinfo=VIETNAM), "hạn hết hôm nay, còn hơn 14 giờ", "soon"),
        (LATE_EVENING, "hạn hết hôm nay, còn hơn 1 giờ", "soon"),
        (dt.datetime(2026, 12, 14, 23, 40, tzinfo=VIETNAM), "hạn hết hôm nay, còn 20 phút", "soon"),
        (dt.datetime(2026, 12, 15, 0, 0, tzinfo=VIETNAM), "quá hạn 1 ngày", "late"),
    ],
)
def test_how_long_there_is(world: World, now: dt.datetime, left: str, urgency: str) -> None:
    page = of(world.people["reporter"], now)
    assert (page.mine[0].left, page.mine[0].urgency) == (left, urgency)
    assert page.title == f"1 báo cáo chờ bạn: hạn 14/12/2026, {left}"


def test_why_it_came_back_stands_there(world: World) -> None:
    make(ReportAction, report=world.report, kind="return", reason="Thiếu mẫu số")
    to(world.report, "submitted", "returned")
    (card,) = of(world.people["reporter"]).mine
    assert (card.note, card.left) == ("Thiếu mẫu số", "cần sửa và gửi lại")


def test_published_closed_and_released_reports_are_the_past(world: World) -> None:
    to(world.report, "submitted", "approved", "published")
    closed = make(ReportingCycle, duty=world.report.cycle.duty, period="2025",
                  opens_on=dt.date(2025, 10, 15), due_on=dt.date(2025, 12, 14),
                  closed_on=dt.date(2026, 2, 1))  # fmt: skip
    make(Report, cycle=closed, organisation=world.ministry)
    page = of(world.people["reporter"])
    assert (page.mine, page.waiting) == ([], [])
    assert [(card.due, card.left) for card in page.past] == [
        ("14/12/2026", "đã gửi 22/11/2026, đúng hạn"),
        ("14/12/2025", "quá hạn 343 ngày"),
    ]
    assert page.title == "Không có báo cáo nào đến hạn"


def test_reports_of_a_predecessor_stand_apart(world: World) -> None:
    old = make(Organisation, valid_to=dt.date(2025, 2, 28))
    make(OrganisationName, organisation=old, short_vi="Bộ Cũ")
    make(Succession, predecessor=old, successor=world.ministry)
    make(Report, cycle=world.report.cycle, organisation=old)
    page = of(world.people["reporter"])
    assert [card.organisation for card in page.inherited] == ["Bộ Cũ"]
    assert len(page.mine) == 1


def test_a_sample_is_marked(world: World) -> None:
    make(Report, cycle=world.report.cycle, organisation=world.ministry, sample=True)
    page = of(world.people["reporter"])
    assert [card.sample for card in page.mine] == [False, True]


def test_somebody_of_two_organisations_sees_whose_report_it_is(world: World) -> None:
    reporter = world.people["reporter"]
    other = make(Organisation)
    make(OrganisationName, organisation=other, short_vi="Bộ Hai")
    make(Membership, user=reporter, organisation=other, role="reporter")
    make(Report, cycle=world.report.cycle, organisation=other)
    assert [card.organisation for card in of(reporter).mine] == ["Bộ Một", "Bộ Hai"]


def test_those_who_act_for_the_whole_are_led_to_their_work(world: World) -> None:
    person = make(User)
    make(SystemRole, user=person, role=Role.COORDINATOR)
    to(world.report, "submitted", "approved")
    page = of(person)
    assert [(one.url, one.note) for one in page.work] == [
        ("/bao-cao/cho-duyet/", "1 báo cáo chờ kiểm tra và công bố"),
        ("/bao-cao/dung-han/", "0 báo cáo quá hạn"),
    ]
    assert page.title == "1 báo cáo chờ kiểm tra và công bố; 0 báo cáo quá hạn"
    assert page.coming == ()


def test_the_next_cycle_is_announced(world: World) -> None:
    duty = world.report.cycle.duty
    assert of(world.people["reporter"]).coming == [
        f"{duty.name_vi}, kỳ 2027: mở ngày 15/10/2027, hạn 14/12/2027"
    ]


def test_without_a_role_it_says_whom_to_ask() -> None:
    page = of(make(User))
    assert page.empty is not None
    assert "chưa có vai trò" in page.empty.title


@time_machine.travel(LATE_EVENING, tick=False)
def test_the_page_on_the_last_evening(world: World, client: Client) -> None:
    assert client.get("/bao-cao/").status_code == 302
    client.force_login(world.people["reporter"])
    page = client.get("/bao-cao/").content.decode()
    for said in ("còn hơn 1 giờ", "0 / 4 chỉ tiêu đã có số", "Nhập số liệu", "Bộ Một",
                 f"/bao-cao/{world.report.pk}/"):  # fmt: skip
        assert said in page, said


def test_the_number_of_queries_does_not_grow_with_reports(
    world: World, client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for year in range(2010, 2026):
        make(Report, organisation=world.ministry, cycle=make(
            ReportingCycle, duty=world.report.cycle.duty, period=str(year),
            opens_on=dt.date(year, 10, 15), due_on=dt.date(year, 12, 14)))  # fmt: skip
    with django_assert_max_num_queries(8):
        page = of(world.people["viewer"])
    assert len(page.waiting) == 17
    assert Indicator.objects.count() == 4
