"""Tokens: shown once, kept as a digest, of one person, until they end."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from dashboard.api import auth
from targets.models import (
    ApiToken,
    Indicator,
    Membership,
    Organisation,
    Report,
    RolePolicy,
    TrailEntry,
)
from targets.tokens import LONGEST, MOST_LIVE, TokenRefusedError, digest, find, make_token, revoke
from tests.api.conftest import Caller, token_of
from tests.factory import make

pytestmark = pytest.mark.django_db
PAGE = "/bao-cao/ma-truy-cap/"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_only_the_digest_is_kept(reporter: User) -> None:
    token, text = make_token(by=reporter, name=" Máy  chủ ", expires_on=timezone.localdate())
    assert (token.name, token.digest) == ("Máy chủ", digest(text))
    assert text not in str(ApiToken.objects.filter(pk=token.pk).values().get())
    trail = str(list(TrailEntry.objects.filter(table_name="targets_apitoken").values()))
    assert "Máy chủ" in trail
    assert text not in trail
    assert token.digest not in trail
    assert find(text) == token


@pytest.mark.parametrize(
    ("days", "good"), [(-1, False), (0, True), (LONGEST.days, True), (LONGEST.days + 1, False)]
)
def test_a_token_lives_a_year_at_most(reporter: User, days: int, good: bool) -> None:
    ends = timezone.localdate() + dt.timedelta(days=days)
    if good:
        make_token(by=reporter, name="a", expires_on=ends)
    else:
        with pytest.raises(TokenRefusedError):
            make_token(by=reporter, name="a", expires_on=ends)


def test_a_person_has_few_live_tokens(reporter: User) -> None:
    for _number in range(MOST_LIVE):
        token_of(reporter)
    with pytest.raises(TokenRefusedError):
        token_of(reporter)
    ended = ApiToken.objects.filter(user=reporter).latest("pk")
    revoke(ended.pk, by=reporter)
    revoke(ended.pk, by=reporter)
    token_of(reporter)


def test_the_page_shows_a_token_once(reporter: User) -> None:
    client = signed_in(reporter)
    ends = (timezone.localdate() + dt.timedelta(days=30)).isoformat()
    made = client.post(PAGE, {"name": "LGSP", "expires_on": ends})
    assert "no-store" in made["Cache-Control"]
    found = re.search(r">(thuocdo_[\w-]{43})<", made.content.decode())
    assert found
    assert find(found[1])
    again = client.get(PAGE).content.decode()
    assert "LGSP" in again
    assert found[1] not in again


@pytest.mark.parametrize(
    "given", [{"name": ""}, {"expires_on": ""}, {"expires_on": "2099-01-01"}, {"name": " "}]
)
def test_the_page_refuses_what_is_no_token(reporter: User, given: dict[str, str]) -> None:
    page = signed_in(reporter).post(
        PAGE, {"name": "LGSP", "expires_on": timezone.localdate().isoformat(), **given}
    )
    assert page.context["form"].errors
    assert not ApiToken.objects.exists()


def test_one_revokes_ones_own_and_nobody_elses(reporter: User) -> None:
    token, text = make_token(by=reporter, name="a", expires_on=timezone.localdate())
    stranger = make(User)
    make(Membership, user=stranger)
    url = f"{PAGE}{token.pk}/thu-hoi/"
    assert signed_in(stranger).post(url).status_code == 404
    assert f"{PAGE}{token.pk}" not in signed_in(stranger).get(PAGE).content.decode()
    assert signed_in(reporter).get(url).status_code == 405
    assert signed_in(reporter).post(url).status_code == 302
    assert find(text) is None
    assert "Đã thu hồi" in signed_in(reporter).get(PAGE).content.decode()


class TestCalling:
    def test_no_token_a_wrong_one_and_none_of_ours(self, report: Report) -> None:
        for token in ("", "thuocdo_wrong", "x" * 5000, "Việt"):
            response = Caller(token)("GET", "/reports")
            assert response.status_code == 401
            assert response["WWW-Authenticate"] == "Bearer"
            assert response["Content-Type"].startswith("application/problem+json")
            assert response.data["type"] == "/api/#token"

    def test_a_revoked_token_opens_nothing(self, call: Caller, reporter: User) -> None:
        assert call("GET", "/reports").status_code == 200
        revoke(ApiToken.objects.get().pk, by=reporter)
        assert call("GET", "/reports").status_code == 401

    def test_a_token_opens_until_the_end_of_its_day(self, call: Caller) -> None:
        ends = timezone.localdate()
        last = dt.datetime.combine(ends, dt.time(23, 59), timezone.get_current_timezone())
        with time_machine.travel(last, tick=False):
            assert call("GET", "/reports").status_code == 200
        with time_machine.travel(last + dt.timedelta(minutes=1), tick=False):
            assert call("GET", "/reports").status_code == 401

    def test_a_session_of_a_browser_opens_nothing(self, reporter: User) -> None:
        response = Caller(client=signed_in(reporter))("GET", "/reports")
        assert response.status_code == 401

    def test_who_was_shut_out_takes_no_part(self, call: Caller, reporter: User) -> None:
        reporter.is_active = False
        reporter.save()
        assert call("GET", "/reports").status_code == 401

    def test_who_lost_every_role_takes_no_part(self, call: Caller, reporter: User) -> None:
        Membership.objects.filter(user=reporter).delete()
        response = call("GET", "/reports")
        assert (response.status_code, response.data["type"]) == (403, "/api/#forbidden")

    def test_a_second_factor_that_a_role_demands_is_needed_here_too(self, call: Caller) -> None:
        make(RolePolicy, role="reporter", mfa_required=True)
        assert call("GET", "/reports").status_code == 403

    def test_its_use_is_noted_once_a_minute(self, call: Caller) -> None:
        start = timezone.now()

        def used_at() -> dt.datetime | None:
            return ApiToken.objects.get().used_at

        with time_machine.travel(start, tick=False):
            call("GET", "/reports")
            first = used_at()
        with time_machine.travel(start + dt.timedelta(seconds=59), tick=False):
            call("GET", "/reports")
            assert used_at() == first
        with time_machine.travel(start + dt.timedelta(seconds=60), tick=False):
            call("GET", "/reports")
            assert used_at() == start + dt.timedelta(seconds=60)

    def test_too_many_requests_wait(self, call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(auth, "MOST_REQUESTS", 2)
        noon = dt.datetime(2026, 11, 22, 5, 0, 20, tzinfo=dt.UTC)
        ApiToken.objects.update(expires_on="2026-11-30")
        with time_machine.travel(noon, tick=False):
            assert [call("GET", "/reports").status_code for _ in range(3)] == [200, 200, 429]
            response = call("GET", "/reports")
            assert (response["Retry-After"], response.data["type"]) == ("40", "/api/#too-many")
        with time_machine.travel(noon + dt.timedelta(seconds=40), tick=False):
            assert call("GET", "/reports").status_code == 200

    def test_guessing_is_stopped_by_address(
        self, call: Caller, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(auth, "MOST_WRONG", 2)
        with time_machine.travel(timezone.now().replace(second=1), tick=False):
            wrong = Caller("thuocdo_wrong")
            assert [wrong("GET", "/reports").status_code for _ in range(3)] == [401, 401, 429]
            assert call("GET", "/reports").status_code == 429


def test_what_a_token_may_is_what_its_owner_may(report: Report) -> None:
    other = make(User)
    make(Membership, user=other, organisation=make(Organisation), role="reporter")
    response = Caller(token_of(other))("GET", f"/reports/{report.pk}")
    assert response.status_code == 404


class TestSending:
    """Tokens with an organisation and indicators."""

    @pytest.fixture
    def own(self, ministry: Organisation) -> list[str]:
        """Codes of two indicators of ministries; there is one of provinces too."""
        make(Indicator, code="tinh", levels=["province"])
        for code in ("mot", "hai"):
            make(Indicator, code=code, name_vi=f"Chỉ tiêu {code}", levels=["ministry"])
        return ["hai", "mot"]

    def test_it_is_for_the_chosen_indicators(
        self, reporter: User, ministry: Organisation, own: list[str]
    ) -> None:
        token, text = make_token(
            by=reporter,
            name="a",
            expires_on=timezone.localdate(),
            organisation=ministry,
            indicators=["mot", "hai", "mot"],
        )
        assert (token.organisation, token.indicators) == (ministry, own)
        assert find(text) == token

    @pytest.mark.parametrize(
        ("indicators", "field"),
        [([], "indicators"), (["tinh"], "indicators"), (["khong-co", "mot"], "indicators")],
    )
    def test_a_scope_that_does_not_fit_is_refused(
        self,
        reporter: User,
        ministry: Organisation,
        own: list[str],
        indicators: list[str],
        field: str,
    ) -> None:
        with pytest.raises(TokenRefusedError) as refused:
            make_token(
                by=reporter,
                name="a",
                expires_on=timezone.localdate(),
                organisation=ministry,
                indicators=indicators,
            )
        assert refused.value.field == field

    @pytest.mark.parametrize("role", ["viewer", "elsewhere"])
    def test_only_who_answers_for_an_organisation_makes_one(
        self, ministry: Organisation, own: list[str], role: str
    ) -> None:
        user = make(User)
        where = {"organisation": ministry, "role": role} if role == "viewer" else {}
        make(Membership, user=user, **where)
        with pytest.raises(TokenRefusedError) as refused:
            make_token(
                by=user,
                name="a",
                expires_on=timezone.localdate(),
                organisation=ministry,
                indicators=own,
            )
        assert refused.value.field == "organisation"

    def test_indicators_without_an_organisation(self, reporter: User, own: list[str]) -> None:
        with pytest.raises(TokenRefusedError):
            make_token(by=reporter, name="a", expires_on=timezone.localdate(), indicators=own)

    def test_the_page_makes_one(
        self, reporter: User, ministry: Organisation, own: list[str]
    ) -> None:
        client = signed_in(reporter)
        page = client.get(PAGE).content.decode()
        assert "Chỉ tiêu mot" in page
        assert 'value="tinh"' not in page
        given = {"name": "LGSP", "expires_on": timezone.localdate().isoformat()}
        client.post(PAGE, {**given, "organisation": str(ministry.pk), "indicators": own})
        token = ApiToken.objects.get()
        assert (token.organisation, token.indicators) == (ministry, own)
        assert "2 chỉ tiêu" in client.get(PAGE).content.decode()

    def test_the_page_says_what_is_missing(
        self, reporter: User, ministry: Organisation, own: list[str]
    ) -> None:
        given = {"name": "LGSP", "expires_on": timezone.localdate().isoformat()}
        client = signed_in(reporter)
        page = client.post(PAGE, {**given, "organisation": str(ministry.pk)})
        assert "indicators" in page.context["form"].errors
        page = client.post(PAGE, {**given, "organisation": str(make(Organisation).pk)})
        assert "organisation" in page.context["form"].errors
        assert not ApiToken.objects.exists()

    def test_boxes_ticked_before_another_way_was_chosen_do_not_count(
        self, reporter: User, own: list[str]
    ) -> None:
        given = {"name": "LGSP", "expires_on": timezone.localdate().isoformat()}
        signed_in(reporter).post(PAGE, {**given, "organisation": "", "indicators": own})
        assert ApiToken.objects.get().organisation is None

    def test_a_viewer_is_not_asked(self, ministry: Organisation, own: list[str]) -> None:
        user = make(User)
        make(Membership, user=user, organisation=ministry, role="viewer")
        assert "Chỉ tiêu được gửi" not in signed_in(user).get(PAGE).content.decode()
