"""Every change of a trailed table leaves an entry, whoever made it and however."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp
from django.apps import apps
from django.contrib.auth.models import Group, Permission, User
from django.db import DatabaseError, connection, models, transaction

from targets.models import (
    AssessmentMethod,
    ContextLink,
    Indicator,
    Observation,
    Organisation,
    Publication,
    Report,
    ReportItem,
    Series,
    StoredFile,
    Target,
    TrailEntry,
    TrailLink,
)
from targets.trail import acting
from targets.trail.tables import TRAILED
from tests.factory import make

pytestmark = pytest.mark.django_db

MODELS: dict[str, type[models.Model]] = {
    model._meta.db_table: model for model in apps.get_models(include_auto_created=True)
}
# Tables of ours that say nothing anybody answers for: computed, queued, sent, or being read.
LEFT_ALONE = {
    "targets_assessment",
    "targets_pendingassessment",
    "targets_dataversion",
    "targets_notice",
    "targets_mail",
    "targets_uploadchange",
    # What the machine did, written once; a decision on a held value names its author in the row.
    "targets_sourcerun",
    "targets_rawbody",
    "targets_runbody",
    "targets_runrejection",
    "targets_heldvalue",
    "targets_trailentry",
    "targets_traillink",
}


def made(table: str) -> models.Model:
    """A row of a trailed table."""

    def user() -> User:
        return make(User)

    foreign: dict[str, Any] = {
        "auth_group": lambda: Group.objects.create(name=f"g{Group.objects.count()}"),
        "auth_user_groups": lambda: User.groups.through.objects.create(
            user=user(), group=Group.objects.create(name=f"g{Group.objects.count()}")
        ),
        "auth_user_user_permissions": lambda: User.user_permissions.through.objects.create(
            user=user(), permission=Permission.objects.all()[0]
        ),
        "auth_group_permissions": lambda: Group.permissions.through.objects.create(
            group=Group.objects.create(name=f"g{Group.objects.count()}"),
            permission=Permission.objects.all()[0],
        ),
        "account_emailaddress": lambda: EmailAddress.objects.create(user=user(), email="a@b.test"),
        "mfa_authenticator": lambda: Authenticator.objects.create(
            user=user(), type="totp", data={"secret": "never-written-down"}
        ),
        "socialaccount_socialaccount": lambda: SocialAccount.objects.create(
            user=user(), provider="oidc", uid="1", extra_data={"secret": "never-written-down"}
        ),
        "socialaccount_socialapp": lambda: SocialApp.objects.create(
            provider="oidc", name="n", client_id="c", secret="never-written-down"
        ),
    }
    return foreign[table]() if table in foreign else make(MODELS[table])


def of(row: models.Model, action: str) -> list[TrailEntry]:
    """The entries about one row, oldest first."""
    return list(
        TrailEntry.objects.filter(
            table_name=row._meta.db_table, row_id=str(row.pk), action=action
        ).order_by("id")
    )


def given(document: Any) -> dict[str, Any]:
    """What an entry holds, where it holds something."""
    assert isinstance(document, dict)
    return document


def sql(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_every_table_of_ours_is_trailed_or_left_alone_on_purpose() -> None:
    ours = {
        model._meta.db_table
        for app in ("documents", "targets")
        for model in apps.get_app_config(app).get_models()
    }
    assert (
        ours
        == {table for table in TRAILED if table.partition("_")[0] in {"documents", "targets"}}
        | LEFT_ALONE
    )


def test_the_triggers_in_the_database_are_those_of_the_list() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, t.tgargs, t.tgenabled FROM pg_trigger t"
            " JOIN pg_class c ON c.oid = t.tgrelid WHERE t.tgname = 'trail_row'"
        )
        found = {
            name: (bytes(arguments).decode(), enabled)
            for name, arguments, enabled in cursor.fetchall()
        }
    said = {
        table: "".join(
            f"{{{','.join(names)}}}\0" for names in (kept.secret, kept.ignored, kept.named)
        )
        for table, kept in TRAILED.items()
    }
    assert found == {table: (arguments, "O") for table, arguments in said.items()}


def test_every_column_of_the_list_exists() -> None:
    for table, kept in TRAILED.items():
        columns = {field.column for field in MODELS[table]._meta.concrete_fields}
        assert {*kept.named, *kept.secret, *kept.ignored} <= columns, table


@pytest.mark.parametrize("table", TRAILED)
def test_a_row_added_changed_and_deleted_in_sql_leaves_three_entries(table: str) -> None:
    row = made(table)
    (added,) = of(row, "insert")
    assert added.before is None
    assert given(added.after)["id"] == row.pk
    column, other = something_else(row)
    with anything_goes(table):
        sql(f'UPDATE {table} SET "{column}" = {other} WHERE id = %s', row.pk)
        changed = of(row, "update")[-1]
        assert given(changed.after)[column] != given(changed.before)[column]
        assert set(given(changed.after)) == {column, *TRAILED[table].named}
        sql(f"DELETE FROM {table} WHERE id = %s", row.pk)
        (deleted,) = of(row, "delete")
        assert given(deleted.before)["id"] == row.pk
        assert deleted.after is None


def something_else(row: models.Model) -> tuple[str, str]:
    """A column of a row, and an SQL expression for another value of it that no check minds."""
    kept = TRAILED[row._meta.db_table]
    plain: list[tuple[str, str]] = []
    for field in row._meta.concrete_fields:
        if field.primary_key or field.choices or field.column in {*kept.secret, *kept.ignored}:
            continue
        if isinstance(field, models.ForeignKey) and getattr(row, field.attname):
            return field.column, f'"{field.column}" + 1000000'
        if isinstance(field, models.CharField | models.TextField):
            plain.append((str(field.column), f"\"{field.column}\" || 'x'"))
        elif isinstance(field, models.BooleanField):
            plain.append((str(field.column), f'NOT "{field.column}"'))
    return plain[0]


@contextmanager
def anything_goes(table: str) -> Iterator[None]:
    """Only the triggers of the trail are at work; the test ends with it, and is rolled back."""
    sql("SET CONSTRAINTS ALL IMMEDIATE")  # a table with work left is not altered
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass"
            " AND NOT tgisinternal AND tgname NOT LIKE 'trail%%'",
            [table],
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f'ALTER TABLE {table} DISABLE TRIGGER "{name}"')
    sql("SET CONSTRAINTS ALL DEFERRED")
    try:
        yield
    finally:
        transaction.set_rollback(True)


def test_secrets_are_never_written_down() -> None:
    user = make(User)
    user.set_password("never-written-down")
    user.save()
    (changed,) = of(user, "update")
    assert changed.before == {"username": user.username}
    assert changed.after == {"username": user.username, "password": "changed"}
    for table in TRAILED:
        made(table)
    text = json.dumps(list(TrailEntry.objects.values_list("before", "after")))
    assert "never-written-down" not in text
    assert "pbkdf2" not in text
    assert "md5$" not in text
    assert '"digest"' not in text


def test_the_bytes_of_a_file_are_not_copied() -> None:
    row = make(StoredFile, content=b"x" * 1_000_000, size=1_000_000)
    (added,) = of(row, "insert")
    assert "content" not in given(added.after)
    assert given(added.after)["sha256"] == row.sha256


def test_what_nobody_answers_for_leaves_no_entry() -> None:
    user = make(User)
    User.objects.filter(pk=user.pk).update(last_login=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    User.objects.filter(pk=user.pk).update(first_name=user.first_name)
    assert of(user, "update") == []


def test_an_entry_knows_what_it_is_about() -> None:
    item = make(ReportItem)
    report = Report.objects.get(pk=item.report_id)
    (entry,) = of(item, "insert")
    assert entry.report_id == report.pk
    assert entry.organisation_id == report.organisation_id
    assert entry.indicator_id == item.indicator_id
    publication = make(Publication, item=item)
    (entry,) = of(publication, "insert")
    assert (entry.report_id, entry.organisation_id) == (report.pk, report.organisation_id)
    target = make(Target)
    (entry,) = of(target, "insert")
    assert (entry.target_id, entry.indicator_id) == (target.pk, target.indicator_id)
    value = make(Observation)
    (entry,) = of(value, "insert")
    assert entry.organisation_id == value.organisation_id
    assert entry.indicator_id == value.series.indicator_id
    organisation = make(Organisation)
    assert of(organisation, "insert")[0].organisation_id == organisation.pk


def test_numbers_keep_their_decimals_and_moments_are_in_one_time_zone(person: User) -> None:
    sql("SET LOCAL timezone = 'Asia/Ho_Chi_Minh'")
    item = make(ReportItem)
    at = dt.datetime(2026, 11, 22, 1, 2, 3, tzinfo=dt.UTC)
    sql(
        "UPDATE targets_reportitem SET value = 12.5, version = 1, entered_by_id = %s,"
        " entered_at = %s WHERE id = %s",
        person.pk, at, item.pk,
    )  # fmt: skip
    (entry,) = of(item, "update")
    assert given(entry.after)["entered_at"] == "2026-11-22T01:02:03+00:00"
    with connection.cursor() as cursor:
        cursor.execute("SELECT after->>'value' FROM targets_trailentry WHERE id = %s", [entry.pk])
        assert cursor.fetchone() == ("12.50000000",)


@pytest.mark.parametrize("model", [TrailEntry, TrailLink])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {} SET {} = {}",
        "DELETE FROM {}",
        "TRUNCATE {} CASCADE",
        "INSERT INTO {} SELECT * FROM {} LIMIT 1",
    ],
)
def test_nobody_changes_the_trail(model: type[models.Model], statement: str) -> None:
    make(Indicator)
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    table, column = model._meta.db_table, str(model._meta.pk.column)
    words = (table, column, column) if "UPDATE" in statement else (table, table)
    before = list(model._default_manager.values())
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        sql(statement.format(*words))
    assert list(model._default_manager.values()) == before


def test_a_trailed_table_is_not_emptied_at_once() -> None:
    make(AssessmentMethod)
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(DatabaseError), transaction.atomic():
        sql("TRUNCATE targets_contextlink")
    make(ContextLink)


def test_many_values_added_by_one_statement_have_one_entry(person: User) -> None:
    with acting(by=person, why="nhap.csv"):
        model = add_values(501)
    load = TrailEntry.objects.get(table_name="targets_observation", row_id="")
    assert (load.action, load.why, load.actor_id) == ("load", "nhap.csv", person.pk)
    ids = sorted(Observation.objects.exclude(pk=model.pk).values_list("pk", flat=True))
    assert given(load.after)["count"] == 501
    assert given(load.after)["ids"] == [[ids[0], ids[-1]]]
    with acting(by=person):
        Observation.objects.filter(pk__in=ids).update(
            superseded_at=dt.datetime(2030, 1, 1, tzinfo=dt.UTC)
        )
    changed = TrailEntry.objects.get(table_name="targets_observation", action="update")
    assert changed.before == {"state": "published", "superseded_at": None}
    assert changed.after == {
        "state": "published",
        "superseded_at": "2030-01-01T00:00:00+00:00",
        "ids": ids,
    }


def test_few_values_have_an_entry_each() -> None:
    add_values(500)
    found = TrailEntry.objects.filter(table_name="targets_observation")
    assert set(found.values_list("action", flat=True)) == {"insert"}
    assert found.count() == 501


def add_values(count: int, series: Series | None = None) -> Observation:
    """One made, and by one statement so many like it of other organisations."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO targets_organisation"
            " (code, kind, position, note_vi, note_en, unverified)"
            " SELECT 'many-' || n, 'province', n, '', '', false FROM generate_series(1, %s) n"
            " ON CONFLICT DO NOTHING",
            [count],
        )
    model = make(Observation, **({"series": series} if series else {}))
    columns = [
        str(field.column)
        for field in Observation._meta.concrete_fields
        if field.column not in {"id", "organisation_id"}
    ]
    names = ", ".join(columns)
    sql(
        f"INSERT INTO targets_observation ({names}, organisation_id)"
        f" SELECT {', '.join(f'x.{name}' for name in columns)}, o.id"
        " FROM targets_observation x, targets_organisation o"
        " WHERE x.id = %s AND o.code LIKE 'many-%%' ORDER BY o.id LIMIT %s",
        model.pk, count,
    )  # fmt: skip
    return model
