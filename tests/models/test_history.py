"""Every change of what people answer for is kept, in tables that only grow."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction

from targets.models import Assignment, Indicator, Observation, Target, Task
from tests.factory import make

pytestmark = pytest.mark.django_db

CHANGES: dict[type[models.Model], dict[str, object]] = {
    Target: {"threshold": 21},
    Indicator: {"direction": "down"},
    Assignment: {"reason_vi": "khác"},
    Task: {"end_year": 2026},
    Observation: {"state": "approved"},
}


def events(model: type[models.Model]) -> type[models.Model]:
    return apps.get_model("targets", f"{model._meta.model_name}event")


def labels(model: type[models.Model]) -> list[str]:
    return list(
        events(model)._default_manager.order_by("pgh_id").values_list("pgh_label", flat=True)
    )


def test_every_table_of_events_is_tested_here() -> None:
    found = {
        model.pgh_tracked_model
        for app in ("documents", "targets")
        for model in apps.get_app_config(app).get_models()
        if hasattr(model, "pgh_tracked_model")
    }
    assert found == CHANGES.keys()


@pytest.mark.parametrize("model", CHANGES)
def test_an_update_leaves_a_row_with_the_new_values(model: type[models.Model]) -> None:
    row = make(model)
    ((name, value),) = CHANGES[model].items()
    model._default_manager.filter(pk=row.pk).update(**{name: value})
    event = events(model)._default_manager.get(pgh_label="update")
    assert getattr(event, name) == value
    assert event.pgh_obj_id == row.pk  # type: ignore[attr-defined]


@pytest.mark.parametrize("model", [Target, Indicator, Assignment, Task])
def test_a_row_added_and_deleted_in_sql_leaves_both(model: type[models.Model]) -> None:
    row = make(model)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM targets_pendingassessment")
        cursor.execute(f"DELETE FROM {model._meta.db_table} WHERE id = %s", [row.pk])
    assert labels(model) == ["insert", "delete"]


def test_a_load_of_values_writes_no_second_copy_of_them() -> None:
    make(Observation)
    assert labels(Observation) == []


@pytest.mark.parametrize("model", CHANGES)
@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET pgh_label = 'x'", "DELETE FROM {}", "TRUNCATE {}"]
)
def test_nobody_edits_the_history(model: type[models.Model], statement: str) -> None:
    row = make(model)
    model._default_manager.filter(pk=row.pk).update(**CHANGES[model])
    before: list[Any] = list(events(model)._default_manager.values())
    with (
        pytest.raises(DatabaseError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(events(model)._meta.db_table))
    assert list(events(model)._default_manager.values()) == before
