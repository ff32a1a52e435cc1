"""How reports stand to their due day: at the boundaries, and on the page."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from targets.models import (
    Membership,
    Organisation,
    OrganisationName,
    Report,
    ReportingCycle,
    SystemRole,
)
from targets.reporting.timeliness import Delivery, deliver, standing_of, tally
from tests.factory import make

DUE = dt.date(2026, 12, 14)
PAGE = "/bao-cao/dung-han/"


def day(left: int) -> dt.date:
    return DUE - dt.timedelta(days=left)


def at(left: int) -> dt.datetime:
    """Noon in Vietnam so many days before the due day."""
    return dt.datetime.combine(day(left), dt.time(5), dt.UTC)


@pytest.mark.parametrize(
    ("submitted", "today", "ended", "expected"),
    [
        (None, day(22), None, (Delivery.DUE, 22)),
        (None, DUE, None, (Delivery.DUE, 0)),
        (None, day(-1), None, (Delivery.MISSING, 1)),
        (day(8), day(0), None, (Delivery.EARLY, 8)),
        (day(7), day(0), None, (Delivery.ON_TIME, 7)),
        (DUE, day(-9), None, (Delivery.ON_TIME, 0)),
        (day(-1), day(-9), None, (Delivery.LATE, 1)),
        (None, day(-9), day(1), (Delivery.RELEASED, 0)),
        (None, day(5), day(6), (Delivery.RELEASED, 0)),
        # It will end, but has not yet; or ended on the due day: it still owed.
        (None, day(9), day(1), (Delivery.DUE, 9)),
        (None, day(-9), DUE, (Delivery.MISSING, 9)),
        (day(-2), day(-9), day(1), (Delivery.LATE, 2)),
    ],
)
def test_at_the_boundaries(
    submitted: dt.date | None,
    today: dt.date,
    ended: dt.date | None,
    expected: tuple[Delivery, int],
) -> None:
    assert deliver(due_on=DUE, submitted_on=submitted, today=today, ended_on=ended) == expected


@pytest.mark.django_db
def test_the_last_minute_counts_in_vietnam() -> None:
    report = make(Report, cycle=make(ReportingCycle))
    for moment, expected in (
        (dt.datetime(2026, 12, 14, 16, 59, 59, tzinfo=dt.UTC), Delivery.ON_TIME),
        (dt.datetime(2026, 12, 14, 17, 0, tzinfo=dt.UTC), Delivery.LATE),
    ):
        Report.objects.update(first_submitted_at=moment)
        (one,) = standing_of(report.organisation, day(-3))
        assert one.delivery == expected


@pytest.mark.django_db
def test_a_scorecard_has_the_past_year_and_what_is_still_missing(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    body = make(Organisation)
    cycles = [
        make(ReportingCycle, period=str(year), due_on=dt.date(year, 12, 14),
             opens_on=dt.date(year, 10, 15), data_from=dt.date(year - 1, 12, 15),
             data_to=dt.date(year, 12, 14))
        for year in (2023, 2024, 2025, 2026)
    ]  # fmt: skip
    for cycle in cycles:
        make(Report, cycle=cycle, organisation=body)
    make(Report, cycle=cycles[3], organisation=body, sample=True)
    make(Report, cycle=cycles[3])
    Report.objects.filter(cycle=cycles[0]).update(first_submitted_at=at(1200))
    with django_assert_num_queries(1):
        found = standing_of(body, day(22))
    assert [(one.report.cycle.period, one.delivery) for one in found] == [
        ("2026", "due"), ("2025", "missing"), ("2024", "missing"),
    ]  # fmt: skip
    assert tally(found)[Delivery.MISSING] == 2


@pytest.fixture
def coordinator(client: Client) -> Client:
    user = make(User)
    make(SystemRole, user=user, role="coordinator")
    client.force_login(user)
    return client


def bodies(cycle: ReportingCycle) -> dict[str, Organisation]:
    """Four bodies: one early, one late, one missing, one whose approver sits on it."""
    found = {}
    for name, submitted in {"Sớm": at(20), "Muộn": at(-2), "Thiếu": None, "Chờ": at(3)}.items():
        body = make(Organisation, kind="province" if name == "Muộn" else "ministry")
        make(OrganisationName, organisation=body, short_vi=f"Cơ quan {name}")
        report = make(Report, cycle=cycle, organisation=body, first_submitted_at=submitted)
        if submitted:
            Report.objects.filter(pk=report.pk).update(state="submitted")
        if name != "Chờ" and submitted:
            Report.objects.filter(pk=report.pk).update(state="approved")
        found[name] = body
    return found


@pytest.mark.django_db
@time_machine.travel(at(-5), tick=False)
def test_the_page_has_the_worst_first_and_whom_to_call(coordinator: Client) -> None:
    world = bodies(make(ReportingCycle))
    for name, role in (("Thiếu", "reporter"), ("Chờ", "approver"), ("Sớm", "approver")):
        person = make(User, last_name="Trần", first_name=name, email=f"{role}-{len(name)}@x.test")
        make(Membership, user=person, organisation=world[name], role=role)
    page = coordinator.get(PAGE).content.decode()
    assert "3 / 4 cơ quan đã gửi; 1 cơ quan quá hạn" in page
    order = [page.index(f"Cơ quan {name}") for name in ("Thiếu", "Muộn", "Chờ", "Sớm")]
    assert order == sorted(order)
    for said in ("Quá hạn 5 ngày, chưa gửi", "Gửi muộn 2 ngày", "Gửi sớm 20 ngày", "Trần Thiếu",
                 "Trần Chờ", "mailto:reporter-5@x.test"):  # fmt: skip
        assert said in page, said
    assert "Trần Sớm" not in page  # nobody has to call there


@pytest.mark.django_db
@time_machine.travel(at(-5), tick=False)
def test_counts_are_links_to_their_rows(coordinator: Client) -> None:
    bodies(make(ReportingCycle))
    for query, shown in (
        ("hen=late", {"Muộn"}),
        ("hen=early", {"Sớm"}),
        ("loai=province", {"Muộn"}),
        ("loai=ministry", {"Sớm", "Thiếu", "Chờ"}),
        ("hen=nonsense&loai=x&ky=abc", {"Sớm", "Muộn", "Thiếu", "Chờ"}),
        ("hen=released", set()),
    ):
        page = coordinator.get(f"{PAGE}?{query}").content.decode()
        found = {name for name in ("Sớm", "Muộn", "Thiếu", "Chờ") if f"Cơ quan {name}" in page}
        assert found == shown, query


@pytest.mark.django_db
@time_machine.travel(at(-5), tick=False)
def test_a_member_sees_the_own_organisation_only(client: Client) -> None:
    cycle = make(ReportingCycle)
    world = bodies(cycle)
    user = make(User)
    make(Membership, user=user, organisation=world["Muộn"], role="viewer")
    client.force_login(user)
    page = client.get(PAGE).content.decode()
    assert "Cơ quan Muộn" in page
    assert "Cơ quan Thiếu" not in page
    assert "Đóng kỳ" not in page
    assert client.post(f"{PAGE}{cycle.pk}/dong/").status_code == 403


@pytest.mark.django_db
def test_earlier_cycles_stand_beside(coordinator: Client) -> None:
    now = make(ReportingCycle)
    world = bodies(now)
    before = make(ReportingCycle, duty=now.duty, period="2025", opens_on=day(400), due_on=day(365))
    make(Report, cycle=before, organisation=world["Thiếu"], first_submitted_at=at(363))
    with time_machine.travel(at(22), tick=False):
        page = coordinator.get(PAGE).content.decode()
        assert "Gửi muộn 2 ngày" in page
        other = coordinator.get(f"{PAGE}?ky={before.pk}").content.decode()
    assert "1 / 1 cơ quan đã gửi" in other


@pytest.mark.django_db
def test_the_number_of_queries_does_not_grow_with_organisations(
    coordinator: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    cycle = make(ReportingCycle)
    for _number in range(3):
        bodies(cycle)
    with time_machine.travel(at(-5), tick=False), django_assert_max_num_queries(14):
        assert coordinator.get(PAGE).status_code == 200


@pytest.mark.django_db
def test_the_coordinator_closes_a_cycle_and_opens_it_again(coordinator: Client) -> None:
    cycle = make(ReportingCycle)
    make(Report, cycle=cycle)
    address = f"{PAGE}{cycle.pk}/dong/"
    with time_machine.travel(at(3), tick=False):
        assert "chưa hết hạn" in coordinator.post(address, follow=True).content.decode()
    with time_machine.travel(at(-5), tick=False):
        assert "Đóng kỳ này" in coordinator.get(PAGE).content.decode()
        coordinator.post(address)
        assert ReportingCycle.objects.filter(closed_on=day(-5)).exists()
        assert "Mở lại" in coordinator.get(PAGE).content.decode()
        coordinator.post(address, {"open": "1"})
        assert ReportingCycle.objects.filter(closed_on=None).exists()
        assert coordinator.post(f"{PAGE}987654321/dong/").status_code == 404


@pytest.mark.django_db
def test_without_a_cycle_the_page_says_so(coordinator: Client) -> None:
    assert "Chưa có kỳ báo cáo nào" in coordinator.get(PAGE).content.decode()
