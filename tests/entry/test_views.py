"""The routes of the entry grid, without a browser."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from targets.models import (
    AssessmentMethod,
    Indicator,
    Organisation,
    OrganisationName,
    Report,
    ReportItem,
    Series,
    Target,
    Unit,
    ValidationRule,
)
from targets.reporting.entering import Typed, enter_item
from tests.factory import make

pytestmark = pytest.mark.django_db

SCRIPT = {"X-Requested-With": "XMLHttpRequest"}


@pytest.fixture
def reporter() -> User:
    organisation = make(Organisation, kind="province")
    make(OrganisationName, organisation=organisation, short_vi="Phú Thọ")
    user: User = make(User, last_name="Nguyễn Thị", first_name="An")
    user.memberships.create(organisation=organisation, role="reporter")
    make(AssessmentMethod, active=True)
    return user


@pytest.fixture
def report(reporter: User) -> Report:
    return make(Report, organisation=reporter.memberships.get().organisation)


@pytest.fixture
def client(reporter: User) -> Client:
    made = Client(headers=SCRIPT)
    made.force_login(reporter)
    return made


def cell(report: Report, aggregation: str = "none", **unit: Any) -> ReportItem:
    indicator = make(Indicator, unit=make(Unit, **unit), aggregation=aggregation)
    make(Target, indicator=indicator, due_year=2030, threshold=80)
    return make(ReportItem, report=report, series=make(Series, indicator=indicator))


def save(client: Client, item: ReportItem, **fields: Any) -> Any:
    address = reverse("report-item", args=[item.report_id, item.pk])
    return client.post(address, {"version": item.version, **fields}).json()


def test_a_save_says_what_was_kept(client: Client, report: Report, reporter: User) -> None:
    item = cell(report, symbol_vi="%")
    answer = save(client, item, value="61,5", note="ước", user=reporter.pk)
    assert (answer["outcome"], answer["version"], answer["filled"]) == ("saved", 1, True)
    assert "61,5" in answer["sentence"]
    item.refresh_from_db()
    assert (item.value, item.note, item.entered_by) == (Decimal("61.5"), "ước", reporter)
    again = save(client, item, value="61,5", note="ước")
    assert (again["outcome"], again["version"]) == ("unchanged", 1)


def test_a_save_needs_at_most_ten_queries(client: Client, report: Report) -> None:
    items = [cell(report, "ratio") for _ in range(3)]
    for check in ("whole", "range", "jump", "required", "parts"):
        make(ValidationRule, check_kind=check, minimum=0, maximum=100, bound=10)
    for number, item in enumerate(items):
        with CaptureQueriesContext(connection) as captured:
            answer = save(client, item, numerator=str(number + 1), denominator="4")
        assert answer["outcome"] == "saved"
        assert len(captured) <= 10, [query["sql"] for query in captured.captured_queries]


def test_a_conflict_carries_both_values(client: Client, report: Report) -> None:
    item = cell(report)
    other = make(User, last_name="Trần Văn", first_name="Bình")
    enter_item(item.pk, by=other, seen_version=0, typed=Typed(Decimal(40)))
    answer = save(client, item, value="61,5")
    assert answer["outcome"] == "conflict"
    assert (answer["theirs"]["value"], answer["texts"]["value"]) == ("40", "61,5")
    assert "Trần Văn Bình" in answer["sentence"]
    assert answer["version"] == 1


@pytest.mark.parametrize("version", ["", "abc", None])
def test_without_a_version_nothing_is_written(
    client: Client, report: Report, version: str | None
) -> None:
    item = cell(report)
    address = reverse("report-item", args=[report.pk, item.pk])
    fields = {"value": "1"} | ({} if version is None else {"version": version})
    assert client.post(address, fields).json()["outcome"] == "refused"
    item.refresh_from_db()
    assert item.version == 0


def test_another_person_in_the_same_browser(client: Client, report: Report) -> None:
    item = cell(report)
    assert save(client, item, value="1", user=0)["outcome"] == "other_user"
    item.refresh_from_db()
    assert item.version == 0


def test_without_a_session_a_script_is_told_where_to_sign_in(report: Report) -> None:
    item = cell(report)
    address = reverse("report-item", args=[report.pk, item.pk])
    answer = Client(headers=SCRIPT).post(address, {"version": 0, "value": "1"})
    assert answer.status_code == 401
    assert "login" in answer["X-Sign-In"]


def test_a_cell_of_another_report_is_not_found(client: Client, report: Report) -> None:
    stranger = make(ReportItem)
    address = reverse("report-item", args=[report.pk, stranger.pk])
    assert client.post(address, {"version": 0, "value": "1"}).status_code == 404


def test_a_paste_keeps_what_can_be_kept(client: Client, report: Report, reporter: User) -> None:
    good, bad, taken = cell(report), cell(report), cell(report)
    strange, closed = make(ReportItem), cell(report)
    enter_item(taken.pk, by=make(User), seen_version=0, typed=Typed(Decimal(7)))
    cells = [
        {"item": good.pk, "version": 0, "value": "1.234,5", "unavailable": False},
        {"item": bad.pk, "version": 0, "value": "abc"},
        {"item": taken.pk, "version": 0, "value": "8"},
        {"item": strange.pk, "version": 0, "value": "8"},
        {"item": closed.pk, "version": 0, "unavailable": True},
    ]
    answer = client.post(
        reverse("report-paste", args=[report.pk]),
        json.dumps({"user": str(reporter.pk), "cells": cells}),
        content_type="application/json",
    ).json()
    outcomes = {one["item"]: one["outcome"] for one in answer["cells"]}
    assert outcomes == {
        good.pk: "saved",
        bad.pk: "refused",
        taken.pk: "conflict",
        closed.pk: "refused",
    }
    assert list(report.items.order_by("pk").values_list("value", flat=True)) == [
        Decimal("1234.5"),
        None,
        7,
        None,
    ]


@pytest.mark.parametrize("body", ["", "[]", '{"cells": 3}', '{"user": "1", "cells": [{}]}'])
def test_a_paste_that_is_none(client: Client, report: Report, body: str) -> None:
    address = reverse("report-paste", args=[report.pk])
    assert client.post(address, body, content_type="application/json").status_code == 400


def test_the_preview_understands_and_judges_and_writes_nothing(
    client: Client, report: Report
) -> None:
    item = cell(report, "ratio")
    address = reverse("report-preview", args=[report.pk, item.pk])
    answer = client.get(address, {"numerator": "9", "denominator": "10"}).json()
    assert answer["value"] == "90"
    assert "Đạt" in answer["means"]
    assert set(answer["understood"]) == {"numerator", "denominator"}
    half = client.get(address, {"numerator": "9", "unavailable": "on"}).json()
    assert half["problems"] == {}
    assert "Chưa có số liệu" in half["means"]
    assert set(client.get(address, {"numerator": "x"}).json()["problems"]) == {"numerator"}
    item.refresh_from_db()
    assert item.version == 0


def test_a_reason_for_a_warning_with_and_without_script(
    client: Client, report: Report, reporter: User
) -> None:
    item = cell(report)
    rule = make(ValidationRule, severity="warning", maximum=50)
    save(client, item, value="60")
    address = reverse("report-reason", args=[report.pk, item.pk])
    answer = client.post(address, {"rule": rule.pk, "version": 1, "reason": "đo lại"}).json()
    assert (answer["sentence"], answer["warnings"]) == ("", 0)
    assert "đo lại" in answer["findings"]
    late = client.post(address, {"rule": rule.pk, "version": 0, "reason": "x"}).json()
    assert late["sentence"]
    plain = Client()
    plain.force_login(reporter)
    back = plain.post(address, {"rule": rule.pk, "version": 1, "reason": ""})
    assert back.url.endswith(f"#o-{item.pk}")  # type: ignore[attr-defined]
    assert client.post(address, {"rule": "?"}).status_code == 404


def test_the_page_in_a_fixed_number_of_queries(client: Client, report: Report) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(report.get_absolute_url()).status_code == 200
        return len(captured)

    for _ in range(2):
        cell(report)
    queries()  # names are kept in the cache
    few = queries()
    for _ in range(8):
        cell(report, "ratio")
    assert queries() == few
    assert few <= 30


def test_a_sample_says_so(client: Client, report: Report) -> None:
    cell(report)
    Report.objects.filter(pk=report.pk).update(sample=True)
    page = client.get(report.get_absolute_url()).content.decode()
    assert "td-badge sample" in page
    assert "không được công bố" in page


def test_whose_value_it_is_and_from_whom_it_was_inherited(client: Client, report: Report) -> None:
    country = make(Organisation, kind="country")
    before = make(Organisation)
    for organisation in (country, before):
        make(OrganisationName, organisation=organisation, short_vi=f"X{organisation.pk}")
    series = make(Series)
    make(ReportItem, report=report, series=series, subject=country, inherited_from=before)
    page = client.get(report.get_absolute_url()).content.decode()
    assert "Số của cả nước" in page
    assert f"Kế thừa của X{before.pk}" in page


def test_who_may_not_enter_gets_no_form_and_no_save(report: Report) -> None:
    item = cell(report)
    viewer = make(User)
    viewer.memberships.create(organisation=report.organisation, role="viewer")
    client = Client()
    client.force_login(viewer)
    page = client.get(report.get_absolute_url()).content.decode()
    assert "Chỉ xem" in page
    assert "data-field" not in page
    assert client.post(report.get_absolute_url(), {}).status_code == 403
    address = reverse("report-item", args=[report.pk, item.pk])
    assert client.post(address, {"version": 0, "value": "1"}).status_code == 403
    item.refresh_from_db()
    assert item.version == 0
