"""Before a view: signing in, not found, refused, and what scripts are told."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import reverse

from dashboard import access
from dashboard.access import Access, permitted, refusal, require
from targets.models import Report, Role
from targets.permissions import SEEN_WITH, allowed
from tests.accounts.conftest import Person
from tests.factory import make

SIGN_IN = "/tai-khoan/login/"


def get_report(pk: int) -> Report:
    return Report.objects.get(pk=pk)


@permitted("targets.enter_report", obj=get_report)
def enter(request: HttpRequest, report: Report, item: int) -> HttpResponse:
    return HttpResponse(f"{report.pk} {item}")


@permitted("targets.view_report", obj=get_report)
def view(request: HttpRequest, report: Report) -> HttpResponse:
    return HttpResponse("seen")


@permitted("targets.view_review_queue")
def queue(request: HttpRequest) -> HttpResponse:
    return HttpResponse("queue")


@permitted()
def own(request: HttpRequest) -> HttpResponse:
    return HttpResponse("own")


def asking(user: User | AnonymousUser, method: str = "get", **headers: str) -> HttpRequest:
    request: HttpRequest = getattr(RequestFactory(), method)("/bao-cao/7/?a=b", headers=headers)
    request.user = user
    return request


def test_nobody_is_sent_to_sign_in_and_back(db: None) -> None:
    answer = own(asking(AnonymousUser()))
    assert (answer.status_code, answer["Location"]) == (302, f"{SIGN_IN}?next=/bao-cao/7/%3Fa%3Db")


@pytest.mark.parametrize(
    ("came_from", "back"),
    [
        ("http://testserver/bao-cao/7/?o=3", "/bao-cao/7/%3Fo%3D3"),
        ("http://testserver/bao-cao/7/", "/bao-cao/7/"),
        ("https://evil.example/bao-cao/7/", "/"),
        ("", "/"),
    ],
)
def test_after_a_form_the_way_back_is_its_page(came_from: str, back: str) -> None:
    answer = own(asking(AnonymousUser(), "post", Referer=came_from))
    assert answer["Location"] == f"{SIGN_IN}?next={back}"


@pytest.mark.parametrize(
    "headers",
    [
        {"HX-Request": "true"},
        {"X-Requested-With": "XMLHttpRequest"},
        {"Accept": "application/json"},
    ],
)
def test_a_script_is_told_in_words_where_to_sign_in(headers: dict[str, str]) -> None:
    answer = own(asking(AnonymousUser(), **headers))
    assert answer.status_code == 401
    assert answer["X-Sign-In"].startswith(f"{SIGN_IN}?next=")
    assert isinstance(answer, HttpResponse)
    assert answer.content.decode().startswith("Phiên làm việc đã hết.")


def test_a_browser_that_takes_anything_is_no_script() -> None:
    assert own(asking(AnonymousUser(), Accept="text/html,*/*;q=0.8")).status_code == 302


def test_nobody_learns_which_reports_there_are(db: None) -> None:
    for pk in (make(Report).pk, 999_999):
        assert enter(asking(AnonymousUser()), pk=pk, item=1).status_code == 302


def test_a_stranger_is_told_that_there_is_nothing(person: Person) -> None:
    user, report = person(Role.REPORTER), make(Report)
    for pk in (report.pk, 999_999):
        for page, arguments in ((view, {}), (enter, {"item": 1})):
            with pytest.raises(Http404):
                page(asking(user), pk=pk, **arguments)


def test_who_sees_it_is_told_why_not(person: Person) -> None:
    user = person(Role.VIEWER)
    report = make(Report, organisation=user.memberships.get().organisation)
    assert view(asking(user), pk=report.pk).status_code == 200
    with pytest.raises(PermissionDenied, match="Chỉ người báo cáo"):
        enter(asking(user), pk=report.pk, item=1)


def test_the_view_is_given_what_was_found_and_the_rest_of_the_address(person: Person) -> None:
    user = person(Role.REPORTER)
    report = make(Report, organisation=user.memberships.get().organisation)
    answer = enter(asking(user), pk=report.pk, item=3)
    assert isinstance(answer, HttpResponse)
    assert answer.content.decode() == f"{report.pk} 3"


def test_a_page_for_a_role_is_no_secret(person: Person) -> None:
    with pytest.raises(PermissionDenied, match="dành cho điều phối"):
        queue(asking(person(Role.AUDITOR)))
    assert queue(asking(person(Role.COORDINATOR, username="dieu-phoi"))).status_code == 200
    assert own(asking(person(username="khong-vai-tro"))).status_code == 200


def test_inside_a_view(person: Person) -> None:
    request = asking(person(Role.AUDITOR))
    require(request, None)
    require(request, "targets.export_trail")
    with pytest.raises(PermissionDenied):
        require(request, "targets.edit_rules")


def test_a_guarded_view_says_what_it_demands() -> None:
    assert enter.access == Access("targets.enter_report", get_report)  # type: ignore[attr-defined]
    assert own.access == Access(None, None)  # type: ignore[attr-defined]


def test_every_step_of_a_report_has_its_refusal(person: Person) -> None:
    general = refusal("targets.take_part")
    assert "nhờ người quản trị" in general
    for permission in SEEN_WITH:
        assert refusal(permission) != general, permission
    for permission in access._REFUSALS:
        allowed(AnonymousUser(), permission)  # there is such a permission


def test_the_sign_in_page_is_where_it_says(db: None) -> None:
    assert reverse("account_login") == SIGN_IN
