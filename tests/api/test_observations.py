"""Values sent over the API: who may, what is refused where, and once for each key."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from dashboard.api import auth
from dashboard.api.urls import ROUTES
from targets.models import (
    DataSource,
    HeldValue,
    Indicator,
    Membership,
    Observation,
    Organisation,
    SourceRun,
    Unit,
    ValidationRule,
)
from targets.sources.network.bodies import unpack
from targets.tokens import make_token, revoke
from tests.api.conftest import Caller, token_of
from tests.factory import make

pytestmark = pytest.mark.django_db
Push = Callable[..., Any]


@pytest.fixture
def share(db: None) -> Indicator:
    """A ratio in per cent, for ministries."""
    unit = make(Unit, code="percent", ratio_scale=100)
    return make(Indicator, code="share", unit=unit, levels=["ministry"], aggregation="ratio")


@pytest.fixture
def datasets(db: None) -> Indicator:
    unit = make(Unit, code="count", kind="count", decimals=0, ratio_scale=1)
    return make(Indicator, code="datasets", unit=unit, levels=["ministry"])


@pytest.fixture
def sending(
    reporter: User, ministry: Organisation, share: Indicator, datasets: Indicator
) -> Caller:
    _token, text = make_token(
        by=reporter,
        name="LGSP",
        expires_on=timezone.localdate(),
        organisation=ministry,
        indicators=["share", "datasets"],
    )
    return Caller(text)


@pytest.fixture
def push(sending: Caller) -> Push:
    """Sends rows under a new key, or under the one given."""

    def post(*rows: Any, key: str = "", caller: Caller = sending) -> Any:
        headers = {"Idempotency-Key": key or str(uuid.uuid4())}
        return caller("POST", "/observations", list(rows), **headers)

    return post


def trust(ministry: Organisation, push: Push) -> DataSource:
    """The organisation's source, from which values are published at once."""
    push({"indicator": "datasets", "period": "1990", "value": 1})
    source = DataSource.objects.get(owner=ministry)
    source.trust = "automatic"
    source.save()
    return source


def pointers(response: Any) -> list[str]:
    assert response.status_code == 422, response.data
    assert response["Content-Type"].startswith("application/problem+json")
    return [one["pointer"] for one in response.data["errors"]]


class TestTaking:
    def test_values_wait_for_the_coordinator_at_first(
        self, push: Push, ministry: Organisation
    ) -> None:
        response = push({"indicator": "share", "period": "Quý III/2024", "value": "98,5"})
        assert response.status_code == 200
        data = response.data
        assert (data["held"], data["added"]) == (1, 0)
        assert data["rows"] == [
            {"indicator": "share", "period": "2024-Q3", "result": "held", "reasons": ["trust"]}
        ]
        held = HeldValue.objects.get()
        assert (held.value, held.organisation) == (Decimal("98.5"), ministry)
        assert held.series.code == "bao-cao"
        assert not Observation.objects.exists()

    def test_a_trusted_organisation_publishes(
        self, push: Push, ministry: Organisation, share: Indicator
    ) -> None:
        source = trust(ministry, push)
        first = push(
            {"indicator": "share", "period": "2024", "numerator": 1, "denominator": 3},
            {
                "indicator": "datasets",
                "period": "2024",
                "value": 1204,
                "organisation": ministry.code,
            },
        ).data
        assert [row["result"] for row in first["rows"]] == ["added", "added"]
        second = push(
            {"indicator": "share", "period": "2024", "numerator": 1, "denominator": 3},
            {"indicator": "datasets", "period": "2024", "value": 1300},
        ).data
        assert [row["result"] for row in second["rows"]] == ["unchanged", "revised"]
        values = Observation.objects.current().filter(state="published")
        assert set(values.values_list("value", flat=True)) == {Decimal("33.33333333"), 1300}
        assert values.get(series__indicator=share).run_id == first["run"]
        assert source.runs.count() == 3

    def test_the_run_keeps_what_was_sent(
        self, push: Push, ministry: Organisation, reporter: User, tmp_path: Any
    ) -> None:
        data = push({"indicator": "datasets", "period": "2024", "value": 5}, key="k").data
        run = SourceRun.objects.get(pk=data["run"])
        assert (run.kind, run.status, run.by) == ("push", "succeeded", reporter)
        assert (run.rows_read, run.held, run.idempotency_key) == (1, 1, "k")
        assert run.data_source.owner == ministry
        sent, answered = run.bodies.all()
        assert (sent.raw.sha256, sent.raw.size) == (run.checksum, run.bytes)
        unpack(sent.raw, tmp_path / "sent")
        assert b'"datasets"' in (tmp_path / "sent").read_bytes()
        assert answered.url == "/api/observations"

    def test_units_are_converted_exactly(self, push: Push, ministry: Organisation) -> None:
        push({"indicator": "datasets", "period": "2024", "value": "1,204", "unit": "thousand"})
        push({"indicator": "share", "period": "2024", "value": 0.985, "unit": "share"})
        values = dict(HeldValue.objects.values_list("indicator__code", "value"))
        assert values == {"datasets": Decimal(1204), "share": Decimal("98.5")}

    def test_what_a_rule_warns_of_waits_even_where_trusted(
        self, push: Push, ministry: Organisation
    ) -> None:
        trust(ministry, push)
        jump = make(ValidationRule, check_kind="jump", severity="warning", bound=10)
        push({"indicator": "datasets", "period": "2023", "value": 100})
        (row,) = push({"indicator": "datasets", "period": "2024", "value": 200}).data["rows"]
        assert (row["result"], row["reasons"]) == ("held", ["jump"])
        jump.delete()
        make(ValidationRule, check_kind="evidence", severity="warning")
        (row,) = push({"indicator": "datasets", "period": "2025", "value": 200}).data["rows"]
        assert (row["result"], row["reasons"]) == ("held", ["trust"])


class TestRefusing:
    def test_one_wrong_row_refuses_all_and_each_is_named(self, push: Push) -> None:
        make(Indicator, code="theirs", levels=["ministry"])
        good = {"indicator": "datasets", "period": "2024", "value": 1}
        response = push(
            good,
            {**good, "period": "thế kỷ 21"},
            {**good, "value": "nhiều"},
            {**good, "indicator": "theirs"},
            {**good, "indicator": "no-such"},
            {**good, "organisation": "VN"},
            {**good, "unit": "vnd"},
            {**good, "period": "2023", "value": None},
            {**good, "numerator": 1, "denominator": 2},
            {**good, "period": "2090"},
            good,
            {"indicator": "share", "period": "2024", "numerator": 1},
            {"indicator": "share", "period": "2024", "numerator": 1, "denominator": 0},
            {"indicator": "share", "period": "2024", "numerator": 1, "denominator": 2, "value": 7},
        )
        assert pointers(response) == [
            "#/1/period",
            "#/2/value",
            "#/3/indicator",
            "#/4/indicator",
            "#/5/organisation",
            "#/6/unit",
            "#/7/value",
            "#/8/value",
            "#/9/period",
            "#/10/period",
            "#/11/numerator",
            "#/12/denominator",
            "#/13/value",
        ]
        assert not SourceRun.objects.exists()
        assert not HeldValue.objects.exists()

    def test_an_error_of_the_forms_is_one_here(self, push: Push) -> None:
        make(
            ValidationRule, check_kind="range", minimum=0, maximum=100, sentence_vi="Quá {maximum}."
        )
        response = push({"indicator": "share", "period": "2024", "value": 101})
        assert pointers(response) == ["#/0/value"]
        assert response.data["errors"][0]["detail"] == "Quá 100."

    def test_an_organisation_that_did_not_exist_is_refused_by_the_intake(
        self, push: Push, ministry: Organisation
    ) -> None:
        ministry.valid_from = timezone.localdate().replace(month=1, day=1)
        ministry.save()
        assert pointers(push({"indicator": "datasets", "period": "2001", "value": 1})) == [
            "#/0/organisation"
        ]

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ([], "#"),
            ({}, "#"),
            ([{"indicator": "datasets", "value": 1}], "#/0/period"),
            ([{"indicator": "datasets", "period": "2024", "vaule": 1}], "#/0/vaule"),
            ([{"indicator": "datasets", "period": "2024", "value": True}], "#/0/value"),
            ([{"indicator": "datasets", "period": "2024"}] * 5001, "#"),
        ],
    )
    def test_what_does_not_fit_the_schema(self, sending: Caller, body: Any, pointer: str) -> None:
        response = sending("POST", "/observations", body, **{"Idempotency-Key": "k"})
        assert pointers(response)[0] == pointer

    def test_a_push_without_a_key(self, sending: Caller) -> None:
        response = sending("POST", "/observations", [{"indicator": "datasets", "period": "2024"}])
        assert pointers(response) == ["#/Idempotency-Key"]

    def test_a_body_that_is_too_large(self, push: Push) -> None:
        row = {"indicator": "datasets", "period": "2024", "value": 1, "note": "x" * 5000}
        assert push(*[row] * 250).status_code == 413


class TestOnce:
    def test_the_same_again_gets_the_same_answer(self, push: Push) -> None:
        row = {"indicator": "datasets", "period": "2024", "value": 1}
        first = push(row, key="a")
        assert push(row, key="a").data == first.data
        assert SourceRun.objects.count() == 1
        assert push(row, key="b").data["rows"][0]["result"] == "unchanged"

    def test_another_body_under_the_same_key_is_refused(self, push: Push) -> None:
        push({"indicator": "datasets", "period": "2024", "value": 1}, key="a")
        response = push({"indicator": "datasets", "period": "2024", "value": 2}, key="a")
        assert (response.status_code, response.data["type"]) == (422, "/api/#key-reused")
        assert HeldValue.objects.get().value == 1

    def test_a_refused_request_leaves_its_key_free(self, push: Push) -> None:
        pointers(push({"indicator": "datasets", "period": "2024", "value": "?"}, key="a"))
        assert push({"indicator": "datasets", "period": "2024", "value": 2}, key="a").data["held"]

    def test_keys_of_two_organisations_are_their_own(self, push: Push) -> None:
        row = {"indicator": "datasets", "period": "2024", "value": 1}
        other, user = make(Organisation), make(User)
        make(Membership, user=user, organisation=other, role="approver")
        text = make_token(
            by=user, name="x", expires_on=timezone.localdate(), organisation=other,
            indicators=["datasets"],
        )[1]  # fmt: skip
        first = push(row, key="a").data
        assert push(row, key="a", caller=Caller(text)).data["run"] != first["run"]


class TestTokens:
    def test_a_sending_token_opens_nothing_else(self, sending: Caller, report: Any) -> None:
        for method, path in (
            ("GET", "/reports"),
            ("GET", f"/reports/{report.pk}"),
            ("PATCH", f"/reports/{report.pk}/items"),
            ("POST", f"/reports/{report.pk}/submit"),
        ):
            response = sending(method, path, {"items": []} if method == "PATCH" else None)
            assert (response.status_code, response.data["type"]) == (403, "/api/#forbidden"), path

    def test_a_token_of_a_person_sends_nothing(self, push: Push, call: Caller) -> None:
        response = push({"indicator": "datasets", "period": "2024", "value": 1}, caller=call)
        assert (response.status_code, response.data["type"]) == (403, "/api/#forbidden")

    def test_no_token_and_one_that_ended(self, push: Push, reporter: User) -> None:
        row = {"indicator": "datasets", "period": "2024", "value": 1}
        assert push(row, caller=Caller()).status_code == 401
        revoke(reporter.api_tokens.get().pk, by=reporter)
        assert push(row).status_code == 401

    @pytest.mark.parametrize("role", ["", "viewer"])
    def test_who_lost_the_role_sends_no_more(self, push: Push, reporter: User, role: str) -> None:
        own = Membership.objects.get(user=reporter)
        elsewhere = make(Organisation)
        make(Membership, user=reporter, organisation=elsewhere, role="reporter")
        if role:
            own.role = role
            own.save()
        else:
            own.delete()
        response = push({"indicator": "datasets", "period": "2024", "value": 1})
        assert response.status_code == 403
        assert not SourceRun.objects.exists()

    def test_a_source_that_was_switched_off_takes_nothing(
        self, push: Push, ministry: Organisation
    ) -> None:
        source = trust(ministry, push)
        source.enabled = False
        source.save()
        assert push({"indicator": "datasets", "period": "2024", "value": 1}).status_code == 403

    def test_pushes_count_among_the_requests_of_a_minute(
        self, push: Push, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(auth, "MOST_REQUESTS", 1)
        row = {"indicator": "datasets", "period": "2024", "value": 1}
        assert [push(row).status_code for _ in range(2)] == [200, 429]

    def test_a_person_with_a_token_of_their_own_reads_reports_as_before(
        self, reporter: User, report: Any
    ) -> None:
        assert Caller(token_of(reporter))("GET", "/reports").data["count"] == 1


def test_it_is_documented_for_people_and_programs() -> None:
    assert "POST /api/observations" in dict(ROUTES)
    schema = Caller()("GET", "/openapi.json").data
    operation = schema["paths"]["/api/observations"]["post"]
    (key,) = operation["parameters"]
    assert (key["name"], key["required"], key["in"]) == ("Idempotency-Key", True, "header")
    body = operation["requestBody"]["content"]["application/json"]["schema"]
    assert body["maxItems"] == 5000
    assert body["examples"][0][0]["indicator"] == "online-services-full-process"
    assert {"200", "422"} <= operation["responses"].keys()
    assert schema["components"]["schemas"]["PushedOut"]["examples"]
