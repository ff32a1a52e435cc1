"""Pushes: one for each key, also at the same time, and none that is half written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.db import connection

from targets.models import (
    ApiToken,
    DataSource,
    HeldValue,
    Indicator,
    Membership,
    Observation,
    Organisation,
    OrganisationName,
    RunBody,
    SourceRun,
    Unit,
)
from targets.sources.sending.pushing import (
    KeyReusedError,
    NotGoodError,
    Pushed,
    Sent,
    SourceOffError,
    push,
    slug_of,
)
from tests.committed import transactional_db as _transactional_db
from tests.factory import make

transactional_db = _transactional_db
NOW = dt.datetime(2026, 11, 22, 3, tzinfo=dt.UTC)
ROW = Sent(indicator="datasets", period="2024", value=Decimal(5))


def scoped(*indicators: str, code: str = "BKHCN") -> ApiToken:
    """A token of a ministry for these indicators (of a count)."""
    unit = Unit.objects.filter(code="count").first() or make(
        Unit, code="count", kind="count", decimals=0, ratio_scale=1
    )
    for name in indicators:
        make(Indicator, code=name, unit=unit, levels=["ministry"])
    ministry = make(Organisation, code=code, kind="ministry")
    make(OrganisationName, organisation=ministry, name_vi="Bộ A", name_en="Ministry A")
    user = make(User)
    make(Membership, user=user, organisation=ministry, role="reporter")
    return make(ApiToken, user=user, organisation=ministry, indicators=list(indicators))


@pytest.fixture
def token(db: None) -> ApiToken:
    return scoped("datasets")


def test_the_first_push_makes_the_source(token: ApiToken) -> None:
    push([ROW], token=token, key="a", body=b"1", now=NOW)
    source = DataSource.objects.get()
    assert (source.slug, source.adapter, source.trust) == ("gui-bkhcn", "push", "review")
    assert source.name_vi == "Bộ A gửi qua API"
    assert (source.owner, source.address, source.enabled) == (token.organisation, "", True)
    assert token.organisation
    assert slug_of(token.organisation) == source.slug
    push([ROW], token=token, key="b", body=b"2", now=NOW)
    assert SourceRun.objects.filter(data_source=source).count() == 2


def test_the_answer_of_a_key_stays_as_it_was(token: ApiToken) -> None:
    first = push([ROW], token=token, key="a", body=b"1", now=NOW)
    DataSource.objects.update(trust="automatic", enabled=False)
    again = push([ROW], token=token, key="a", body=b"1", now=NOW + dt.timedelta(days=9))
    assert again == Pushed(first.answer, repeated=True)
    with pytest.raises(KeyReusedError):
        push([ROW], token=token, key="a", body=b"2", now=NOW)
    with pytest.raises(SourceOffError):
        push([ROW], token=token, key="b", body=b"2", now=NOW)


def test_what_is_refused_leaves_nothing_behind(token: ApiToken) -> None:
    late = Sent(indicator="datasets", period="2099", value=Decimal(1))
    with pytest.raises(NotGoodError) as refused:
        push([ROW, late], token=token, key="a", body=b"1", now=NOW)
    assert [(one.place, one.field) for one in refused.value.wrong] == [(1, "period")]
    for model in (DataSource, SourceRun, RunBody, HeldValue, Observation):
        assert not model._default_manager.exists(), model


def test_a_value_that_was_reviewed_is_never_replaced_by_itself(token: ApiToken) -> None:
    push([ROW], token=token, key="a", body=b"1", now=NOW)
    DataSource.objects.update(trust="automatic")
    series = HeldValue.objects.get().series
    reviewed = make(
        Observation, series=series, organisation=token.organisation, period="2024", value=7
    )
    other = Sent(indicator="datasets", period="2024", value=Decimal(6))
    pushed = push([other], token=token, key="b", body=b"2", now=NOW)
    assert pushed.answer["rows"][0]["reasons"] == ["replaces"]
    reviewed.refresh_from_db()
    assert reviewed.superseded_at is None


def test_the_vintage_of_a_period_is_kept(token: ApiToken) -> None:
    preliminary = Sent(indicator="datasets", period="Sơ bộ 2025", value=Decimal(6))
    push([preliminary], token=token, key="a", body=b"1", now=NOW)
    held = HeldValue.objects.get()
    assert (held.period, held.vintage) == ("2025", "sơ bộ")


def test_five_thousand_rows_in_one_push(db: None) -> None:
    token = scoped(*(f"i{number}" for number in range(100)))
    rows = [
        Sent(indicator=f"i{number % 100}", period=f"{1970 + number // 100}", value=Decimal(number))
        for number in range(5_000)
    ]
    answer = push(rows, token=token, key="a", body=b"1", now=NOW).answer
    assert (answer["held"], len(answer["rows"])) == (5_000, 5_000)
    assert [row["indicator"] for row in answer["rows"]] == [row.indicator for row in rows]


def _together(*actions: Callable[[], Pushed]) -> list[Pushed | Exception]:
    def run(action: Callable[[], Pushed]) -> Pushed | Exception:
        try:
            return action()
        except KeyReusedError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(run, actions))


def test_one_key_at_the_same_time_writes_once(transactional_db: None) -> None:
    token = scoped("datasets")

    def send() -> Pushed:
        return push([ROW], token=token, key="a", body=b"1", now=NOW)

    outcomes = _together(*[send] * 6)
    assert SourceRun.objects.count() == 1
    assert HeldValue.objects.count() == 1
    answers = [one.answer for one in outcomes if isinstance(one, Pushed)]
    assert len(answers) == 6
    assert all(answer == answers[0] for answer in answers)
    assert sum(isinstance(one, Pushed) and not one.repeated for one in outcomes) == 1


def test_two_bodies_under_one_key_at_the_same_time(transactional_db: None) -> None:
    token = scoped("datasets")

    def send(number: int) -> Callable[[], Pushed]:
        row = Sent(indicator="datasets", period="2024", value=Decimal(number))
        return lambda: push([row], token=token, key="a", body=b"%d" % number, now=NOW)

    outcomes = _together(send(1), send(2), send(3))
    assert sum(isinstance(one, KeyReusedError) for one in outcomes) == 2
    assert SourceRun.objects.count() == HeldValue.objects.count() == 1
