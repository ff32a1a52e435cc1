"""Every rule of the models holds in the database, for whoever writes past Python's validation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import pgtrigger
import psycopg
import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

from targets.models import (
    Assessment,
    Observation,
    TrailEntry,
    TrailLink,
)
from tests.factory import make
from tests.models.violations import UNIQUE_FIELDS, VIOLATIONS
from tests.models.violations.tools import Violation

pytestmark = pytest.mark.django_db


def tracked(model: type[models.Model]) -> bool:
    """A model of ours whose rows can be made; the trail's are written by triggers alone."""
    return model not in (TrailEntry, TrailLink)


MODELS = [
    model
    for app in ("documents", "targets")
    for model in apps.get_app_config(app).get_models()
    if tracked(model)
]


def broken_constraint(violate: Violation) -> str:
    """The name of the constraint that refuses; fails where none does."""
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        violate()
    diagnosis = refusal.value.__cause__.diag  # type: ignore[union-attr]
    return str(diagnosis.constraint_name)


def cases() -> Iterator[Any]:
    for name, given in VIOLATIONS.items():
        for number, violate in enumerate(given if isinstance(given, tuple) else (given,)):
            yield pytest.param(name, violate, id=f"{name}-{number}")


@pytest.mark.parametrize(("name", "violate"), list(cases()))
def test_the_database_refuses_what_breaks_a_constraint(name: str, violate: Violation) -> None:
    assert broken_constraint(violate) == name


@pytest.mark.parametrize("name", UNIQUE_FIELDS)
def test_the_database_refuses_a_second_of_what_is_unique(name: str) -> None:
    model, field = name.split(".")
    found = broken_constraint(UNIQUE_FIELDS[name])
    assert f"{model}_{field}_".replace("_id_", "_") in found.replace("_id_", "_")


def test_every_constraint_has_a_violation_here() -> None:
    names = {constraint.name for model in MODELS for constraint in model._meta.constraints}
    assert names == VIOLATIONS.keys()


def test_every_unique_field_has_a_violation_here() -> None:
    names = {
        f"{model._meta.model_name}.{field.name}"
        for model in MODELS
        for field in model._meta.local_concrete_fields
        if field.unique and not field.primary_key
    }
    assert names == UNIQUE_FIELDS.keys()


def test_every_choice_is_a_constraint() -> None:
    for model in MODELS:
        known = {constraint.name for constraint in model._meta.constraints}
        for field in model._meta.local_concrete_fields:
            if field.choices:
                assert f"{model._meta.model_name}_{field.name}_known" in known


REFERENCES = [
    pytest.param(model, field.attname, id=f"{model._meta.model_name}.{field.name}")
    for model in MODELS
    for field in model._meta.local_concrete_fields
    if isinstance(field, models.ForeignKey)
]


@pytest.mark.parametrize(("model", "column"), REFERENCES)
def test_nothing_refers_to_what_does_not_exist(model: type[models.Model], column: str) -> None:
    row = make(model)

    def refer() -> None:
        if model in (Observation, Assessment):  # whose rows are never changed, only added
            sql(f"UPDATE {model._meta.db_table} SET superseded_at = now() + interval '1 hour'")
            row.pk = None
            setattr(row, column, 987654321)
            row.save(force_insert=True)
        else:
            sql(f"UPDATE {model._meta.db_table} SET {column} = 987654321 WHERE id = {row.pk}")
        sql("SET CONSTRAINTS ALL IMMEDIATE")

    # Whatever else would refuse, the rule that history stays, would do so before the key does.
    with (
        without_no_rewrite(model),
        pytest.raises(IntegrityError) as refusal,
        transaction.atomic(),
    ):
        refer()
    # CheckViolation: no provision of this document, which comes before any foreign key.
    expected = (psycopg.errors.ForeignKeyViolation, psycopg.errors.CheckViolation)
    assert isinstance(refusal.value.__cause__, expected)


NEVER_NEGATIVE = [
    pytest.param(model, field.column, id=f"{model._meta.model_name}.{field.name}")
    for model in MODELS
    for field in model._meta.local_concrete_fields
    if isinstance(field, models.PositiveIntegerField | models.PositiveSmallIntegerField)
]


@pytest.mark.parametrize(("model", "column"), NEVER_NEGATIVE)
def test_positions_years_and_counts_are_never_negative(
    model: type[models.Model], column: str
) -> None:
    row = make(model)
    with pytest.raises(IntegrityError), transaction.atomic():
        sql(f"UPDATE {model._meta.db_table} SET {column} = -1 WHERE id = {row.pk}")


def without_no_rewrite(model: type[models.Model]) -> AbstractContextManager[None]:
    """Where the rows of an append-only model may be changed."""
    if any(trigger.name == "no_rewrite" for trigger in getattr(model._meta, "triggers", ())):
        return pgtrigger.ignore(f"{model._meta.label}:no_rewrite")
    return nullcontext()


def sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
