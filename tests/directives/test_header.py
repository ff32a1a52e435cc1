"""The frame of the pages for those who take part in reporting."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from targets.models import Membership, Notice, Organisation, OrganisationName, SystemRole
from tests.factory import make

pytestmark = pytest.mark.django_db
PAGE = "/tim/"


def reader(*roles: str, organisation: Organisation | None = None) -> User:
    user = make(User, first_name="Lan", last_name="Đỗ Thị")
    for role in roles:
        if organisation is None:
            make(SystemRole, user=user, role=role)
        else:
            make(Membership, user=user, role=role, organisation=organisation)
    return user


def header_of(client: Client, path: str = PAGE) -> str:
    html = client.get(path).content.decode()
    return html[html.index("<header") : html.index("</header>")]


def workplaces(header: str) -> set[str]:
    """The entries of the second bar."""
    bar = re.search(r'<nav class="td-work.*?</nav>', header, re.DOTALL)
    return set(re.findall(r'href="([^"]+)"', bar[0])) if bar else set()


def test_a_stranger_sees_neither_bell_nor_workplaces(client: Client) -> None:
    header = header_of(client)
    assert "/thong-bao/" not in header
    assert "/bao-cao/" not in header
    assert "td-work" not in header


EVERYBODY = {"/bao-cao/", "/bao-cao/dung-han/"}
SOURCES = {"/nguon-so-lieu/", "/nguon-so-lieu/cho-xem-xet/"}


@pytest.mark.parametrize(
    ("role", "more"),
    [
        ("coordinator", {"/chi-dao/", "/bao-cao/cho-duyet/", "/nhat-ky/", *SOURCES}),
        ("leadership", {"/chi-dao/"}),
        ("auditor", {"/chi-dao/", "/nhat-ky/"}),
        ("administrator", {"/nhat-ky/", "/bao-cao/quy-tac/", "/nguon-so-lieu/", "/quan-tri/"}),
    ],
)
def test_everybody_sees_the_places_where_they_work(
    client: Client, role: str, more: set[str]
) -> None:
    client.force_login(reader(role))
    assert workplaces(header_of(client)) == EVERYBODY | more


@pytest.mark.parametrize("role", ["reporter", "approver", "viewer"])
def test_a_member_sees_reports_and_directives(client: Client, role: str) -> None:
    client.force_login(reader(role, organisation=make(Organisation)))
    assert workplaces(header_of(client)) == EVERYBODY | {"/chi-dao/"}


def test_an_account_without_a_role_is_told_so_and_has_no_workplace(client: Client) -> None:
    client.force_login(reader())
    header = header_of(client)
    assert "chưa được giao vai trò" in header
    assert workplaces(header) == set()
    assert "/thong-bao/" in header


def test_the_menu_names_the_person_family_name_first_with_role_and_organisation(
    client: Client,
) -> None:
    organisation = make(Organisation)
    make(OrganisationName, organisation=organisation, short_vi="Bộ <Cũ>", short_en="Old",
         valid_to="2024-12-31")  # fmt: skip
    make(OrganisationName, organisation=organisation, short_vi="Bộ <Mới>", short_en="New",
         valid_from="2025-01-01")  # fmt: skip
    user = reader("reporter", "approver", organisation=organisation)
    make(SystemRole, user=user, role="leadership")
    client.force_login(user)
    header = header_of(client)
    assert "<b>Đỗ Thị Lan</b>" in header
    assert "<li>Lãnh đạo</li>" in header
    assert "<li>Người báo cáo, Người phê duyệt · Bộ &lt;Mới&gt;</li>" in header
    client.cookies["django_language"] = "en"
    assert "· New</li>" in header_of(client)


def test_the_bell_counts_what_the_reader_has_not_opened(client: Client) -> None:
    user = reader("leadership")
    client.force_login(user)
    assert 'class="n"' not in header_of(client)
    make(Notice)
    make(Notice, user=user, read_at=timezone.now())
    for _time in range(3):
        make(Notice, user=user)
    header = header_of(client)
    assert '<span class="n" aria-hidden="true">3</span>' in header
    assert "3 chưa đọc" in header


def test_the_bell_stops_counting_aloud_at_a_hundred(client: Client) -> None:
    user = reader("leadership")
    client.force_login(user)
    for _time in range(100):
        make(Notice, user=user)
    assert ">99+</span>" in header_of(client)


def test_account_roles_and_bell_cost_three_queries(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    organisation = make(Organisation)
    make(OrganisationName, organisation=organisation)
    client.force_login(reader("reporter", organisation=organisation))
    client.get("/chi-dao-khong-co/")  # the session and the names of organisations are cached now
    with django_assert_num_queries(3):
        client.get("/chi-dao-khong-co/")


def test_the_place_at_work_is_marked_and_not_the_wider_one(client: Client) -> None:
    client.force_login(reader("coordinator"))
    header = header_of(client, "/thong-bao/")
    assert "aria-current" not in header
