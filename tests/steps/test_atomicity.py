"""A fault anywhere in a step leaves nothing of it behind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, transaction

from targets.models import (
    ItemRemark,
    Mail,
    Notice,
    Observation,
    PendingAssessment,
    Publication,
    Report,
    ReportAction,
    Source,
)
from tests.committed import transactional_db
from tests.steps.test_matrix import traces
from tests.steps.world import World, world

__all__ = ["transactional_db"]

pytestmark = pytest.mark.usefixtures("transactional_db")

#: Tables that a step writes, by the step; a trigger refuses the write in each of them in turn.
WRITES = {
    ("draft", "submit"): ("reportaction", "report", "notice", "mail"),
    ("submitted", "approve"): ("reportaction", "report", "notice", "mail"),
    ("submitted", "return"): ("reportaction", "report", "itemremark", "notice", "mail"),
    ("approved", "publish"): (
        "reportaction", "report", "source", "observation", "publication", "notice", "mail",
    ),
    ("published", "reopen"): ("reportaction", "report", "notice", "mail"),
}  # fmt: skip
DOERS = {"submit": "reporter", "publish": "coordinator", "reopen": "coordinator"}


@contextmanager
def refusing(table: str) -> Iterator[None]:
    """After each statement that writes to the table, the database raises: the write was made."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            CREATE FUNCTION fault_of_test() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                RAISE EXCEPTION 'fault of the test';
            END $$;
            CREATE TRIGGER zz_fault_of_test AFTER INSERT OR UPDATE ON targets_{table}
            FOR EACH STATEMENT EXECUTE FUNCTION fault_of_test();
            """
        )
        try:
            yield
        finally:
            cursor.execute("DROP FUNCTION fault_of_test CASCADE")


def everything() -> tuple[Any, ...]:
    """All that steps write."""
    models = (Report, ReportAction, ItemRemark, Notice, Mail, Observation, Publication, Source)
    return (traces(), *(list(model.objects.order_by("pk").values()) for model in models))


def given(here: World, kind: str) -> dict[str, Any]:
    return {"remarks": {here.item.pk: "xem lại"}} if kind == "return" else {}


@pytest.mark.parametrize(("state", "kind"), WRITES)
def test_a_fault_while_writing_any_table_undoes_the_step(state: str, kind: str) -> None:
    here = world()
    here.go_to(state)
    PendingAssessment.objects.all().delete()
    before = everything()
    doer = here.people[DOERS.get(kind, "approver")]
    for table in WRITES[state, kind]:
        with refusing(table), pytest.raises(Exception, match="fault of the test"):
            here.take(kind, doer, **given(here, kind))
        assert everything() == before, table
        assert not PendingAssessment.objects.exists()
    here.take(kind, doer, **given(here, kind))
    assert here.state() != state


def test_a_step_in_a_transaction_that_is_rolled_back_tells_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    monkeypatch.setattr("targets.tasks.send_mails.delay", lambda: asked.append("mails"))
    monkeypatch.setattr("targets.tasks.assess_pending.delay", lambda: asked.append("verdicts"))
    here = world()
    here.go_to("approved")
    asked.clear()
    before = everything()
    with transaction.atomic():
        here.take("publish", here.coordinator)
        transaction.set_rollback(True)
    assert (asked, everything()) == ([], before)
    here.take("publish", here.coordinator)
    assert sorted(asked) == ["mails", "verdicts"]
