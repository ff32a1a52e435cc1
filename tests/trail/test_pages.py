"""The trail as people read and take it."""

from __future__ import annotations

import csv
import io

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from dashboard.presenters.trail import TrailQuery
from dashboard.presenters.trail_names import KINDS, TABLES, column
from targets.models import (
    Membership,
    Report,
    ReportItem,
    SystemRole,
    Target,
    TrailEntry,
    ValidationRule,
)
from targets.trail import acting
from targets.trail.tables import TRAILED
from tests.factory import make
from tests.trail.test_entries import add_values

pytestmark = pytest.mark.django_db

MODELS: dict[str, type[models.Model]] = {
    model._meta.db_table: model for model in apps.get_models(include_auto_created=True)
}


@pytest.fixture
def auditor(client: Client) -> Client:
    """Somebody who reads everything and takes it along."""
    user = make(User)
    make(SystemRole, user=user, role="auditor")
    client.force_login(user)
    return client


@pytest.fixture
def item(person: User) -> ReportItem:
    """A cell that somebody filled, and changed for a reason."""
    item = make(ReportItem)
    for version, (value, why) in enumerate([("12.5", ""), ("13.20", "theo niên giám")], start=1):
        with acting(by=person, why=why, origin="web 10.0.0.7"):
            ReportItem.objects.filter(pk=item.pk).update(
                value=value, version=version, entered_by=person, entered_at=timezone.now()
            )
    return item


def text_of(client: Client, address: str, **query: str) -> str:
    """What a page says, white space made one."""
    answer = client.get(address, query)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_every_table_and_column_has_a_name_in_both_languages() -> None:
    assert TABLES.keys() == TRAILED.keys()
    assert sorted(table for _word, tables in KINDS.values() for table in tables) == sorted(TRAILED)
    for table, kept in TRAILED.items():
        for field in MODELS[table]._meta.concrete_fields:
            name = str(field.column)
            if name not in kept.ignored:
                assert column(name) not in {name, name.removesuffix("_id")}, f"{table}.{name}"


def test_a_change_is_a_sentence(auditor: Client, item: ReportItem) -> None:
    text = text_of(auditor, reverse("trail"))
    assert "<b>Nguyễn Văn A</b> đổi ô số liệu" in text
    assert "Giá trị</span> từ <del>12,5</del> thành <ins>13,2</ins>" in text
    assert "Lý do: theo niên giám" in text
    assert "từ 10.0.0.7" in text
    assert item.indicator.name_vi in text


def test_each_page_has_what_is_about_its_subject(auditor: Client, item: ReportItem) -> None:
    other = make(ReportItem)
    report = Report.objects.get(pk=item.report_id)
    target = make(Target, indicator=item.indicator)
    for address in (
        reverse("report-trail", args=[report.pk]),
        reverse("target-trail", args=[target.key]),
        reverse("organisation-trail", args=[report.organisation.code]),
    ):
        text = text_of(auditor, address)
        assert "từ <del>12,5</del> thành <ins>13,2</ins>" in text, address
        assert other.indicator.name_vi not in text, address


def test_a_load_stands_with_every_target_that_it_has_values_of(auditor: Client) -> None:
    value = add_values(600)
    target, other = make(Target, indicator=value.series.indicator), make(Target)
    assert "nạp 600 số liệu" in text_of(auditor, reverse("target-trail", args=[target.key]))
    assert "nạp 600" not in text_of(auditor, reverse("target-trail", args=[other.key]))


def test_filters_leave_what_they_say(auditor: Client, item: ReportItem) -> None:
    with acting(by=make(User, last_name="Trần", first_name="B")):
        make(ValidationRule, code="mot-quy-tac")
    address = reverse("trail")
    today = timezone.localdate().isoformat()
    assert "mot-quy-tac" not in text_of(auditor, address, person="nguyễn văn")
    assert "13,2" in text_of(auditor, address, person="nguyễn văn")
    assert "mot-quy-tac" in text_of(auditor, address, kind="quy-tac")
    assert "13,2" not in text_of(auditor, address, kind="quy-tac")
    assert "13,2" in text_of(auditor, address, since=today, until=today)
    assert "Không có thay đổi nào" in text_of(auditor, address, until="2020-01-01")
    assert item.pk


@pytest.mark.parametrize(
    "asked",
    [
        {"before": "x"},
        {"before": "9" * 30},
        {"since": "2026-02-31"},
        {"kind": "x"},
        {"person": "a\0b"},
        {"person": "%_'\""},
    ],
)
def test_what_makes_no_sense_is_not_asked(auditor: Client, asked: dict[str, str]) -> None:
    assert auditor.get(reverse("trail"), asked).status_code == 200


def test_pages_follow_each_other_without_gap_or_repetition(auditor: Client) -> None:
    for _number in range(60):
        make(SystemRole)
    seen: list[int] = []
    address = reverse("trail")
    while address:
        page = auditor.get(address).context["page"]
        seen += [row.number for row in page.rows]
        address = page.older
    assert seen == list(TrailEntry.objects.order_by("-id").values_list("pk", flat=True))


def test_the_number_of_queries_does_not_grow(auditor: Client) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            auditor.get(reverse("trail"), {"kind": "so-lieu"})
        return len(captured)

    make(ReportItem)
    few = count()
    for _number in range(10):
        make(ReportItem)
    assert count() <= few
    assert few <= 20


def test_a_name_is_text_wherever_it_stands(auditor: Client) -> None:
    with acting(by=make(User, last_name="<script>", first_name=""), why="<img src=x>"):
        make(ValidationRule)
    text = text_of(auditor, reverse("trail"))
    assert "<script>alert" not in text
    assert "&lt;img src=x&gt;" in text


def test_the_file_has_every_entry_with_its_hash_and_computes_nothing(
    auditor: Client, item: ReportItem
) -> None:
    with acting(by=make(User, last_name="=HYPERLINK(1)", first_name=""), why="@SUM(1)"):
        make(ValidationRule)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    answer = auditor.get(reverse("trail-export"))
    assert answer.headers["Content-Disposition"].startswith("attachment")
    text = answer.getvalue().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == TrailEntry.objects.count()
    assert {len(row["hash"]) for row in rows} == {64}
    assert rows[-1]["why"] == "'@SUM(1)"
    assert rows[-1]["actor"].startswith("'=HYPERLINK")
    assert any('"value": 13.20000000' in row["after"] for row in rows)
    assert item.pk


@pytest.mark.parametrize("role", ["coordinator", "administrator", "leadership"])
def test_only_an_auditor_takes_it_along(client: Client, role: str) -> None:
    user = make(User)
    make(SystemRole, user=user, role=role)
    client.force_login(user)
    assert client.get(reverse("trail-export")).status_code in {403, 404}
    assert (client.get(reverse("trail")).status_code == 200) == (role != "leadership")


def test_members_read_what_is_their_own(client: Client, item: ReportItem) -> None:
    user, report = make(User), Report.objects.get(pk=item.report_id)
    make(Membership, user=user, organisation=report.organisation, role="viewer")
    client.force_login(user)
    assert client.get(reverse("report-trail", args=[report.pk])).status_code == 200
    assert client.get(reverse("trail")).status_code in {403, 404}
    other = make(Report)
    assert client.get(reverse("report-trail", args=[other.pk])).status_code == 404


def test_the_query_is_kept_in_links() -> None:
    query = TrailQuery.of({"person": "A & B", "kind": "quyen", "since": "2026-01-02"})
    assert query.text(7) == "?person=A+%26+B&kind=quyen&since=2026-01-02&before=7"
    assert TrailQuery.of({}).text() == ""


def test_english(auditor: Client, item: ReportItem) -> None:
    with translation.override("en"):
        auditor.cookies["django_language"] = "en"
        assert "13.2" in text_of(auditor, reverse("trail"))
    assert item.pk
