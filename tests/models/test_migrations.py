"""The migrated database is the one that the models describe, its triggers included."""

from __future__ import annotations

import pgtrigger.registry
import pytest
from django.core.management import call_command
from django.db import connection

from targets.models import Indicator, Observation, Series
from tests.committed import second_connection
from tests.factory import make


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.django_db
def test_every_trigger_of_the_models_is_in_the_database_and_on() -> None:
    registered = pgtrigger.registry.registered()
    assert len(registered) > 40
    for model, trigger in registered:
        status = trigger.get_installation_status(model)
        assert status == ("INSTALLED", True), f"{model._meta.label}: {trigger.name}"


@pytest.mark.django_db
def test_the_references_of_values_have_no_other_guard_than_their_triggers() -> None:
    """What the benchmark of loading says of the table: should it change, so must the benchmark."""
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(
            cursor, Observation._meta.db_table
        ).values()
    assert not [found for found in constraints if found["foreign_key"]]


def test_a_reader_waits_for_no_load(transactional_db: None) -> None:
    series = make(Series, indicator=make(Indicator))
    make(Observation, series=series)
    with second_connection() as other:
        other.execute("LOCK TABLE targets_observation IN SHARE ROW EXCLUSIVE MODE")
        assert Observation.objects.filter(series=series).count() == 1
