"""What public pages show besides: to whom, never kept for the next reader, at what cost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from targets.directives import close_directive, issue_directive
from targets.models import (
    Directive,
    Membership,
    Organisation,
    Report,
    ReportingCycle,
    ReportingDuty,
    SystemRole,
    Target,
)
from tests.factory import make

pytestmark = pytest.mark.usefixtures("catalogue_db")
SECRET = "Việc nội bộ giữa lãnh đạo và Bộ"
KEY = "qd749-2025-egdi"
PAGES = ["/", f"/muc-tieu/{KEY}/", "/co-quan/BKHCN/"]
TODAY = dt.date(2026, 11, 22)


@pytest.fixture
def leader() -> User:
    user = make(User, username="lanh-dao")
    make(SystemRole, user=user, role="leadership")
    return user


def member(code: str, role: str = "viewer") -> User:
    user = make(User)
    make(Membership, user=user, organisation=Organisation.objects.get(code=code), role=role)
    return user


def issue(leader: User, code: str = "BKHCN") -> Directive:
    return issue_directive(
        by=leader,
        addressee=Organisation.objects.get(code=code),
        text=SECRET,
        due_on=TODAY,
        target=Target.objects.get(key=KEY),
    )


def get(client: Client, path: str) -> str:
    return client.get(path).content.decode()


@pytest.mark.parametrize("path", PAGES)
def test_the_public_sees_no_trace_of_a_directive(client: Client, leader: User, path: str) -> None:
    before = get(client, path)
    issue(leader)
    client.force_login(leader)
    assert SECRET in get(client, path)
    client.force_login(make(User))
    assert SECRET not in get(client, path)
    client.logout()
    after = get(client, path)
    assert SECRET not in after
    assert "/chi-dao/" not in after
    assert len(after) == len(before)


@pytest.mark.parametrize("path", PAGES)
def test_who_sees_it_there(client: Client, leader: User, path: str) -> None:
    issue(leader)
    seen = {}
    for name, person in {
        "member": member("BKHCN"),
        "other": member("BTC"),
        "administrator": make(SystemRole, role="administrator").user,
        "coordinator": make(SystemRole, role="coordinator").user,
        "auditor": make(SystemRole, role="auditor").user,
    }.items():
        client.force_login(person)
        seen[name] = SECRET in get(client, path)
    assert seen == {
        "member": True, "other": False, "administrator": False, "coordinator": True,
        "auditor": True,
    }  # fmt: skip


def test_a_closed_one_stands_on_its_target_only(client: Client, leader: User) -> None:
    directive = issue(leader)
    close_directive(directive.pk, by=leader)
    client.force_login(leader)
    assert [SECRET in get(client, path) for path in PAGES] == [False, True, False]


def test_that_of_a_predecessor_stands_on_the_page_of_its_successor(
    client: Client, leader: User
) -> None:
    ended = Organisation.objects.get(code="BTTTT")
    make(Directive, addressee=ended, text=SECRET, target=Target.objects.get(key=KEY))
    client.force_login(member("BKHCN"))
    assert SECRET in get(client, "/co-quan/BKHCN/")
    client.force_login(leader)
    assert SECRET in get(client, "/co-quan/BTTTT/")


def test_a_province_has_its_own(client: Client, leader: User) -> None:
    issue(leader, "bac-ninh")
    client.force_login(member("bac-ninh"))
    assert SECRET in get(client, "/dia-phuong/bac-ninh/")


def test_the_past_shows_none(client: Client, leader: User) -> None:
    issue(leader)
    client.force_login(leader)
    assert SECRET not in get(client, "/?as_of=2026-06-30")


def test_leadership_asks_from_the_page_of_a_target(client: Client, leader: User) -> None:
    path = f"/muc-tieu/{KEY}/"
    link = f'href="/chi-dao/moi/?target={KEY}"'
    assert link not in get(client, path)
    client.force_login(leader)
    html = get(client, path)
    assert link in html
    assert f"{path}nhat-ky/" not in html


@pytest.mark.parametrize("role", ["auditor", "coordinator", "administrator"])
def test_those_who_read_the_trail_are_led_to_it(client: Client, role: str) -> None:
    client.force_login(make(SystemRole, role=role).user)
    for path in PAGES[1:]:
        assert f'href="{path}nhat-ky/"' in get(client, path)


def test_a_member_is_led_to_the_trail_of_their_own_organisation_only(client: Client) -> None:
    client.force_login(member("BKHCN"))
    assert 'href="/co-quan/BKHCN/nhat-ky/"' in get(client, "/co-quan/BKHCN/")
    assert "nhat-ky" not in get(client, "/co-quan/BTC/")


def test_the_first_are_shown_and_all_are_counted(client: Client, leader: User) -> None:
    asked = {
        "addressee": Organisation.objects.get(code="BKHCN"),
        "target": Target.objects.get(key=KEY),
    }
    for number in range(7):
        due_on = TODAY + dt.timedelta(days=number - 2)
        make(Directive, text=f"việc {number}", due_on=due_on, **asked)
    client.force_login(leader)
    html = get(client, "/")
    block = html[
        html.index("td-directive-block") : html.index(
            "</section>", html.index("td-directive-block")
        )
    ]
    assert block.count("<li>") == 5
    assert "2 quá hạn" in block
    assert "Xem cả 7 ý kiến" in block
    assert block.index("việc 0") < block.index("việc 4")


@pytest.mark.parametrize(
    ("who", "queries"),
    [
        (lambda: None, 1),  # the state of the data
        (lambda: make(User), 4),  # and the account, its roles, its notices
        (lambda: make(SystemRole, role="leadership").user, 5),  # and the directives
        (lambda: member("BKHCN"), 6),  # and whom the organisation succeeded
    ],
)
def test_what_the_warm_overview_costs(
    client: Client,
    leader: User,
    django_assert_num_queries: DjangoAssertNumQueries,
    who: Callable[[], User | None],
    queries: int,
) -> None:
    issue(leader)
    reader = who()
    if reader is not None:
        client.force_login(reader)
    get(client, "/")
    with django_assert_num_queries(queries):
        get(client, "/")


def test_a_compressed_page_is_whole_for_every_reader(client: Client, leader: User) -> None:
    import gzip

    issue(leader)
    for reader in (None, leader):
        if reader:
            client.force_login(reader)
        for _time in range(2):
            answer = client.get("/", headers={"accept-encoding": "gzip"})
            html = gzip.decompress(answer.content).decode()
            assert html.rstrip().endswith("</html>")
            assert (SECRET in html) is (reader is not None)


def cycle(**given: object) -> ReportingCycle:
    duty = make(ReportingDuty, name_vi="Báo cáo năm", name_en="Yearly report",
                collector=Organisation.objects.get(code="BKHCN"))  # fmt: skip
    return make(ReportingCycle, duty=duty, **given)


@pytest.mark.parametrize(
    ("path", "code"), [("/co-quan/BTC/", "BTC"), ("/dia-phuong/bac-ninh/", "bac-ninh")]
)
def test_reports_due_late_and_published_stand_on_the_scorecard(
    client: Client, path: str, code: str
) -> None:
    owing = Organisation.objects.get(code=code)
    assert "Báo cáo phải gửi" not in get(client, path)
    Report.objects.create(cycle=cycle(), organisation=owing)
    late = Report.objects.create(
        cycle=cycle(period="2025", data_from=dt.date(2024, 12, 15), data_to=dt.date(2025, 12, 14),
                    opens_on=dt.date(2025, 10, 15), due_on=dt.date(2025, 12, 14)),
        organisation=owing,
    )  # fmt: skip
    html = get(client, path)
    assert "1 quá hạn, 1 chưa đến hạn" in html
    assert "Còn 22 ngày" in html
    assert "Quá hạn 343 ngày, chưa gửi" in html
    # What happens to a report shows at once.
    submitted = dt.datetime(2025, 12, 10, tzinfo=dt.UTC)
    Report.objects.filter(pk=late.pk).update(first_submitted_at=submitted)
    assert "Quá hạn" not in get(client, path)
    for state in ("submitted", "approved", "published"):
        assert "gửi ngày 10/12/2025, chưa công bố" in get(client, path)
        Report.objects.filter(pk=late.pk).update(state=state)
    html = get(client, path)
    assert "gửi ngày 10/12/2025, đã công bố" in html
    assert f"/bao-cao/{late.pk}/" not in html


def test_samples_and_the_past_show_no_report(client: Client) -> None:
    owing = Organisation.objects.get(code="BTC")
    Report.objects.create(cycle=cycle(), organisation=owing, sample=True)
    assert "Báo cáo phải gửi" not in get(client, "/co-quan/BTC/")
    Report.objects.create(cycle=cycle(), organisation=owing)
    assert "Báo cáo phải gửi" in get(client, "/co-quan/BTC/")
    assert "Báo cáo phải gửi" not in get(client, "/co-quan/BTC/?as_of=2026-06-30")
