"""Every address of the site × every role × own, another's, a predecessor's and a missing row.

`routes.py` says what must come out. Whoever is not let in also changes nothing: PostgreSQL itself
counts the rows that the request wrote.
"""

from __future__ import annotations

import ast
import datetime as dt
import re
from collections.abc import Iterator
from http.cookies import Morsel
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import pytest
import time_machine
from allauth.account.internal.flows.reauthentication import reauthenticate_by_password
from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.permissions.routes import ROUTES, Route
from tests.permissions.rules import HIDDEN, IN, REFUSED, SIGN_IN
from tests.permissions.world import ACTORS, World

NO_METHOD: Final = "no method"
#: What signing in itself writes, and that a token was used.
_NOT_COUNTED: Final = (
    "django_session",
    "usersessions_usersession",
    "auth_user",
    "targets_apitoken",
)
_ARGUMENT: Final = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)\$?")


def addresses(
    resolver: URLResolver | None = None, prefix: str = "", space: str = ""
) -> Iterator[tuple[str, URLPattern]]:
    """Every address that the site knows: its name, or its pattern where it has none."""
    for entry in (resolver or get_resolver()).url_patterns:
        path = f"{prefix}{entry.pattern}"
        if isinstance(entry, URLResolver):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from addresses(entry, path, inner)
        else:
            yield (f"{space}{entry.name}" if entry.name else path), entry


def test_every_address_says_who_may() -> None:
    known = {name for name, _entry in addresses()}
    told = {route.name for route in ROUTES}
    assert known - told == set(), (
        "These addresses do not say who may: add a row to tests/permissions/routes.py for each."
    )
    assert told - known == set(), "These rows of tests/permissions/routes.py have no address."


def test_every_page_of_reporting_is_guarded_before_its_view() -> None:
    """A check inside a view may be forgotten; what stands before it, the matrix sees."""
    unguarded = [
        name
        for name, entry in addresses()
        if entry.callback.__module__.startswith(
            ("dashboard.views.reporting", "dashboard.views.directives", "dashboard.views.notices",
             "dashboard.views.trail", "dashboard.views.account")
        )
        and not hasattr(entry.callback, "access")
    ]  # fmt: skip
    assert unguarded == []


def test_nothing_asks_django_itself() -> None:
    """`user.has_perm` says yes to every superuser (see `targets.permissions`)."""
    asking = [
        f"{path.name}:{node.lineno}"
        for app in ("documents", "targets", "dashboard")
        for path in (Path(settings.BASE_DIR) / app).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in ("has_perm", "has_perms")
    ]
    assert asking == []


# Each walk may run in a process of its own.
@pytest.mark.django_db
@pytest.mark.parametrize(
    "actor", [pytest.param(actor, marks=pytest.mark.xdist_group(f"as {actor}")) for actor in ACTORS]
)
def test_matrix(actor: str) -> None:
    world = World(actor)
    # All rows first: pages keep what they read of the data as long as its version stays.
    visits = [
        (route, relation, _path(world, route, relation))
        for route in ROUTES
        for relation in route.relations
    ]
    session = _sign_in(world)
    wrong: list[str] = []
    for route, relation, path in visits:
        for changing in (False, True):
            got, written = _ask(world, route, path, session, changing=changing)
            accepted = _accepted(route, actor, relation, changing=changing)
            case = f"{route.method if changing else 'get'} {route.name} ({relation}) {path}"
            if got not in accepted:
                wrong.append(f"{case}: {got} instead of {' or '.join(accepted)}")
            declared = route.post if changing else route.get
            written = {table: n for table, n in written.items() if table not in route.notes}
            if written and (got != IN or declared is None):
                wrong.append(f"{case}: {got}, and yet rows were written in {written}")
    assert not wrong, f"as {actor}:\n" + "\n".join(wrong)


def _path(world: World, route: Route, relation: str) -> str:
    row = world.arguments(route.about, relation, route.state) if route.about else {}
    arguments: dict[str, Any] = {**row, **route.arguments}
    if "/" not in route.name:
        return reverse(route.name, kwargs=arguments)
    # An address without a name: its pattern, filled in.
    return "/" + _ARGUMENT.sub(
        lambda found: quote(str(arguments[found[1] or found[2]])), route.name
    )


def _sign_in(world: World) -> Morsel[str] | None:
    """The session of whoever walks; what a request does to it is taken back like all else."""
    user = world.user()
    if user is None:
        return None
    client = Client()
    client.force_login(user)
    request = HttpRequest()
    request.user, request.session = user, client.session
    # The password was just given again, as changes of the account demand; a walk takes a while.
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)):
        reauthenticate_by_password(request)
    request.session.save()
    return client.cookies[settings.SESSION_COOKIE_NAME]


def _accepted(route: Route, actor: str, relation: str, *, changing: bool) -> tuple[str, ...]:
    """What may come out; a method that a route does not declare is refused or reads as GET does."""
    rule = route.post if changing else route.get
    if rule is not None:
        return (rule.expected(actor, relation),)
    other = route.get if changing else route.post
    also = other.expected(actor, relation) if other else NO_METHOD
    return (NO_METHOD, also) if changing or also != IN else (NO_METHOD,)


def _ask(
    world: World, route: Route, path: str, session: Morsel[str] | None, *, changing: bool
) -> tuple[str, dict[str, int]]:
    """The outcome, and how many rows of which tables were written; all of it is taken back."""
    client = Client(raise_request_exception=False)
    headers: dict[str, str] = {}
    if route.api:
        token = world.sending_token() if route.sends else world.token()
        headers = {"Authorization": f"Bearer {token}"}
    elif session is not None:
        client.cookies[settings.SESSION_COOKIE_NAME] = session.value
    answer: Any
    with transaction.atomic():
        before = _written()
        if not changing:
            answer = client.get(path, headers=headers)
        elif route.json is not None:
            ask = getattr(client, route.method)
            answer = ask(path, route.json, "application/json", headers=headers)
        else:
            answer = client.post(path, dict(route.form), headers=headers)
        after = _written()
        transaction.set_rollback(True)
    return _outcome(answer), {
        table: count - before.get(table, 0)
        for table, count in after.items()
        if count != before.get(table, 0)
    }


def _outcome(answer: HttpResponseBase) -> str:
    if answer.status_code == 401:
        return SIGN_IN
    if answer.status_code in (301, 302) and answer["Location"].startswith(
        ("/tai-khoan/login/", "/quan-tri/login/")
    ):
        return SIGN_IN
    if answer.status_code >= 500:
        return f"error {answer.status_code}"
    return {403: REFUSED, 404: HIDDEN, 405: NO_METHOD}.get(answer.status_code, IN)


def _written() -> dict[str, int]:
    """Rows inserted, changed and deleted in this transaction so far, also those taken back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables"
            " WHERE n_tup_ins + n_tup_upd + n_tup_del > 0 AND relname <> ALL (%s)",
            [list(_NOT_COUNTED)],
        )
        return dict(cursor.fetchall())
