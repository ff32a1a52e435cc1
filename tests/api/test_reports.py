"""Reports over the API: what the pages allow, check and keep, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from dashboard.api import auth
from dashboard.api.numbers import number_out
from dashboard.api.schemas import MOST_ITEMS
from dashboard.api.urls import ROUTES
from targets.models import (
    Membership,
    Observation,
    Organisation,
    Report,
    ReportItem,
    SystemRole,
    TrailEntry,
    ValidationRule,
)
from tests.api.conftest import Caller, token_of
from tests.factory import make

pytestmark = pytest.mark.django_db
Person = Callable[..., Caller]


def sent(item: ReportItem, **given: Any) -> dict[str, Any]:
    return {"id": item.pk, "seen_version": item.version, **given}


def patch(call: Caller, report: Report, *items: dict[str, Any], **more: Any) -> Any:
    return call("PATCH", f"/reports/{report.pk}/items", {"items": list(items), **more})


class TestReading:
    def test_the_list_has_what_the_owner_may_see(self, call: Caller, report: Report) -> None:
        make(Report)
        response = call("GET", "/reports")
        assert response.status_code == 200
        assert response.data["count"] == 1
        (one,) = response.data["reports"]
        assert (one["id"], one["items"], one["state"]) == (report.pk, 3, "draft")
        assert one["due_on"] == "2026-12-14"
        assert response["Cache-Control"] == "no-store"
        assert {"Authorization", "Accept-Language"} <= set(response["Vary"].split(", "))

    def test_the_coordinator_sees_all(self, report: Report) -> None:
        make(Report)
        user = make(User)
        make(SystemRole, user=user, role="coordinator")
        assert Caller(token_of(user))("GET", "/reports").data["count"] == 2

    def test_the_list_is_filtered_and_cut(self, call: Caller, report: Report) -> None:
        make(Report, organisation=report.organisation, state="published")
        assert call("GET", "/reports?state=published").data["count"] == 1
        assert call("GET", "/reports?period=1999").data["count"] == 0
        page = call("GET", "/reports?limit=1&offset=1").data
        assert (page["count"], len(page["reports"])) == (2, 1)
        for query in ("state=x", "limit=0", "limit=501", "offset=-1", "limit=a"):
            assert call("GET", f"/reports?{query}").status_code == 422

    def test_a_report_has_its_values_what_was_before_and_what_is_wrong(
        self, call: Caller, report: Report, items: list[ReportItem]
    ) -> None:
        make(ValidationRule, check_kind="required", sentence_vi="Thiếu.", sentence_en="Missing.")
        make(
            Observation, series=items[0].series, organisation=items[0].subject, value="33.33333333"
        )
        data = call("GET", f"/reports/{report.pk}").data
        first = data["values"][0]
        assert (first["name"], first["ratio"], first["version"]) == ("Tỷ lệ", True, 0)
        assert first["last"] == [
            {"period": "2024", "value": Decimal("33.33333333"), "computed": False}
        ]
        assert [one["sentence"] for one in first["findings"]] == ["Thiếu."]
        call.language = "en-GB,en;q=0.9"
        english = call("GET", f"/reports/{report.pk}")
        assert english["Content-Language"] == "en"
        assert english.data["values"][0]["name"] == "Share"
        assert english.data["values"][0]["findings"][0]["sentence"] == "Missing."

    def test_another_organisations_report_is_not_there(self, call: Caller) -> None:
        response = call("GET", f"/reports/{make(Report).pk}")
        assert (response.status_code, response.data["type"]) == (404, "/api/#not-found")
        assert patch(call, make(Report), {"id": 1, "seen_version": 0}).status_code == 404
        assert call("POST", f"/reports/{make(Report).pk}/submit").status_code == 404
        assert call("GET", "/reports/999999999999").status_code == 404

    def test_a_report_costs_the_same_however_many_values(
        self, call: Caller, report: Report, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        with django_assert_max_num_queries(14):
            call("GET", f"/reports/{report.pk}")
        for _number in range(20):
            make(ReportItem, report=report)
        with django_assert_max_num_queries(13):
            call("GET", f"/reports/{report.pk}")
        with django_assert_max_num_queries(5):
            call("GET", "/reports")


class TestWriting:
    def test_numbers_and_texts_are_read_alike(
        self, call: Caller, report: Report, items: list[ReportItem]
    ) -> None:
        response = patch(
            call,
            report,
            sent(items[0], numerator=1, denominator="3"),
            sent(items[1], value="1.234"),
            sent(items[2], value="98,5 %", note=" Từ hệ thống "),
            why="Đêm 12 tháng 12",
        )
        assert response.status_code == 200, response.content
        assert [one["value"] for one in response.data["items"]] == [
            Decimal("33.33333333"),
            1234,
            Decimal("98.5"),
        ]
        assert [one["version"] for one in response.data["items"]] == [1, 1, 1]
        items[2].refresh_from_db()
        assert (items[2].value, items[2].note) == (Decimal("98.5"), "Từ hệ thống")
        entries = TrailEntry.objects.filter(table_name="targets_reportitem", action="update")
        assert set(entries.values_list("actor", "origin", "why")) == {
            (items[2].entered_by_id, "api 127.0.0.1", "Đêm 12 tháng 12")
        }

    @pytest.mark.parametrize(
        "number", ["0.1", "1234567890123456.12345678", "0.00000001", "100", "-5", "12345678.9"]
    )
    def test_what_comes_out_goes_in_again_as_it_was(
        self, call: Caller, report: Report, items: list[ReportItem], number: str
    ) -> None:
        raw = f'{{"items": [{{"id": {items[2].pk}, "seen_version": 0, "value": {number}}}]}}'
        first = call("PATCH", f"/reports/{report.pk}/items", raw)
        assert first.status_code == 200
        items[2].refresh_from_db()
        assert items[2].value == Decimal(number)
        out = json.loads(first.content)["items"][0]["value"]
        again = patch(call, report, sent(items[2], value=out))
        assert again.data["items"][0]["changed"] is False

    def test_the_same_sent_twice_is_written_once(
        self, call: Caller, report: Report, items: list[ReportItem]
    ) -> None:
        for changed in (True, False):
            response = patch(call, report, sent(items[1], value=5))
            assert response.data["items"][0]["changed"] is changed
            assert response.data["items"][0]["version"] == 1

    def test_a_cell_is_replaced_as_a_whole(
        self, call: Caller, report: Report, items: list[ReportItem]
    ) -> None:
        patch(call, report, sent(items[1], value=5, note="a"))
        items[1].refresh_from_db()
        response = patch(call, report, sent(items[1], unavailable=True, note="Chưa thống kê"))
        (one,) = response.data["items"]
        assert (one["value"], one["unavailable"], one["note"]) == (None, True, "Chưa thống kê")

    def test_the_rules_of_the_pages_answer_at_once(
        self, call: Caller, report: Report, items: list[ReportItem]
    ) -> None:
        make(ValidationRule, check_kind="range", maximum=100, sentence_vi="Quá {maximum}.")
        data = patch(call, report, sent(items[2], value=101)).data
        (finding,) = data["items"][0]["findings"]
        assert (finding["sentence"], finding["blocks"]) == ("Quá 100.", True)
        assert data["blocking"] == 1

    def test_who_was_overtaken_is_told_both_values_and_nothing_is_written(
        self, call: Caller, report: Report, items: list[ReportItem]
    ) -> None:
        patch(call, report, sent(items[1], value=5))
        response = patch(call, report, sent(items[1], value=6), sent(items[2], value=7))
        assert (response.status_code, response.data["type"]) == (409, "/api/#conflict")
        (conflict,) = response.data["conflicts"]
        assert conflict["item"] == items[1].pk
        assert conflict["yours"]["value"] == 6
        assert (conflict["theirs"]["value"], conflict["theirs"]["version"]) == (5, 1)
        items[2].refresh_from_db()
        assert (items[2].value, items[2].version) == (None, 0)

    @pytest.mark.parametrize(
        ("bad", "pointer"),
        [
            ({"value": "mười"}, "#/items/1/value"),
            ({"value": "12 tháng"}, "#/items/1/value"),
            ({"value": 1e30}, "#/items/1"),
            ({"numerator": 1, "denominator": 2}, "#/items/1"),
            ({"unavailable": True}, "#/items/1"),
            ({"value": True}, "#/items/1/value"),
            ({"value": [1]}, "#/items/1/value"),
            ({"valeu": 1}, "#/items/1/valeu"),
            ({"seen_version": None}, "#/items/1/seen_version"),
            ({"seen_version": -1}, "#/items/1/seen_version"),
            ({"id": 0}, "#/items/1/id"),
            ({"note": "a" * 5001}, "#/items/1/note"),
        ],
        ids=str,
    )
    def test_one_bad_cell_keeps_all_from_being_written(
        self,
        call: Caller,
        report: Report,
        items: list[ReportItem],
        bad: dict[str, Any],
        pointer: str,
    ) -> None:
        response = patch(call, report, sent(items[2], value=1), {**sent(items[1]), **bad})
        assert (response.status_code, response.data["type"]) == (422, "/api/#invalid")
        assert [error["pointer"] for error in response.data["errors"]] == [pointer]
        assert not ReportItem.objects.filter(report=report, version__gt=0).exists()

    def test_nothing_sent_is_nothing_written(self, call: Caller, report: Report) -> None:
        response = patch(call, report)
        assert (response.status_code, response.data) == (200, {"items": [], "blocking": 0})

    def test_a_cell_of_another_report_or_sent_twice_is_refused(
        self, call: Caller, report: Report, items: list[ReportItem]
    ) -> None:
        foreign = make(ReportItem)
        response = patch(call, report, sent(foreign, value=1))
        assert response.data["errors"][0]["pointer"] == "#/items/0/id"
        response = patch(call, report, sent(items[1], value=1), sent(items[1], value=2))
        assert response.data["errors"][0]["pointer"] == "#/items/1/id"

    @pytest.mark.parametrize("body", ["", "{", "[]", "{}", '{"items": NaN}', b"\xff"])
    def test_what_is_no_request_is_a_problem(
        self, call: Caller, report: Report, body: str | bytes
    ) -> None:
        response = call("PATCH", f"/reports/{report.pk}/items", body)
        assert response.status_code in {400, 422}
        assert response["Content-Type"].startswith("application/problem+json")

    def test_a_request_is_of_bounded_size(
        self, call: Caller, report: Report, items: list[ReportItem]
    ) -> None:
        many = [{"id": number, "seen_version": 0} for number in range(MOST_ITEMS + 1)]
        assert patch(call, report, *many).status_code == 422
        large = " " * auth.LARGEST_BODY + "{}"
        response = call("PATCH", f"/reports/{report.pk}/items", large)
        assert (response.status_code, response.data["type"]) == (413, "/api/#too-large")

    @pytest.mark.parametrize("role", ["approver", "viewer"])
    def test_only_reporters_enter_and_hand_in(
        self, as_role: Person, report: Report, items: list[ReportItem], role: str
    ) -> None:
        caller = as_role(role)
        assert caller("GET", f"/reports/{report.pk}").status_code == 200
        assert patch(caller, report, sent(items[1], value=1)).status_code == 403
        assert caller("POST", f"/reports/{report.pk}/submit").status_code == 403

    @pytest.mark.parametrize("state", ["submitted", "approved", "published"])
    def test_nothing_is_entered_after_it_was_handed_in(
        self, call: Caller, ministry: Organisation, state: str
    ) -> None:
        item = make(ReportItem, report=make(Report, organisation=ministry, state=state))
        assert patch(call, item.report, sent(item, value=1)).status_code == 403

    def test_a_cookie_and_no_token_changes_nothing(
        self, reporter: User, report: Report, items: list[ReportItem]
    ) -> None:
        client = Client()
        client.force_login(reporter)
        response = patch(Caller(client=client), report, sent(items[1], value=1))
        assert response.status_code == 401

    def test_many_cells_cost_no_more_than_one(
        self, call: Caller, report: Report, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        more = [make(ReportItem, report=report) for _number in range(30)]
        with django_assert_max_num_queries(14):
            response = patch(call, report, *(sent(item, value=1) for item in more))
        assert response.status_code == 200


class TestHandingIn:
    def test_a_report_in_order_is_handed_in(
        self, call: Caller, report: Report, items: list[ReportItem]
    ) -> None:
        make(Membership, organisation=report.organisation, role="approver")
        patch(call, report, *(sent(item, value=1) for item in items))
        response = call("POST", f"/reports/{report.pk}/submit")
        assert (response.status_code, response.data["state"]) == (200, "submitted")
        assert call("POST", f"/reports/{report.pk}/submit").status_code in {403, 409}

    def test_what_stops_the_page_stops_the_program(self, call: Caller, report: Report) -> None:
        make(Membership, organisation=report.organisation, role="approver")
        make(ValidationRule, check_kind="required", sentence_vi="Thiếu.")
        response = call("POST", f"/reports/{report.pk}/submit")
        assert (response.status_code, response.data["type"]) == (422, "/api/#findings")
        assert [one["sentence"] for one in response.data["findings"]] == ["Thiếu."] * 3
        report.refresh_from_db()
        assert report.state == "draft"


class TestDescription:
    def test_the_schema_is_served_and_no_page_from_elsewhere(self) -> None:
        schema = json.loads(Client().get("/api/openapi.json").content)
        assert set(schema["paths"]) == {
            "/api/reports",
            "/api/reports/{report_id}",
            "/api/reports/{report_id}/items",
            "/api/reports/{report_id}/submit",
            "/api/observations",
        }
        gone = Caller(language="en")("POST", "/docs")
        assert (gone.status_code, gone.data["type"]) == (404, "/api/#not-found")

    def test_a_page_for_people_names_every_route_and_problem(self) -> None:
        page = Client().get("/api/").content.decode()
        for text in ('id="conflict"', "/bao-cao/ma-truy-cap/"):
            assert text in page
        schema = json.loads(Client().get("/api/openapi.json").content)
        operations = {
            f"{method.upper()} {address}"
            for address, methods in schema["paths"].items()
            for method in methods
        }
        assert operations == {route for route, _words in ROUTES}
        for operation in operations:
            assert operation in page


def test_a_number_goes_out_as_a_number_only_where_it_stays_the_same() -> None:
    assert number_out(None) is None
    assert number_out(Decimal("98.50000000")) == 98.5
    assert number_out(Decimal("100.00000000")) == 100
    assert number_out(Decimal("1234567890123456.12345678")) == "1234567890123456.12345678"
    assert number_out(Decimal(2**53) + 1) == str(2**53 + 1)
