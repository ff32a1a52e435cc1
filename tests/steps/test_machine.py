"""Random walks of many people over one report, beside a machine written in the plainest way."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from targets.models import Notice, Observation, Publication, Report, ReportAction, ReportItem
from targets.reporting.steps import StepRefusedError
from tests.steps.world import KINDS, World, world

PEOPLE = ("reporter", "approver", "second_approver", "both", "coordinator", "viewer", "nobody",
          "other_approver")  # fmt: skip


class Walk(RuleBasedStateMachine):
    """The model: a state, an edition, who entered the value, what is published, in plain words."""

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.here: World = world()
        self.state = "draft"
        self.edition = 1
        self.author = "reporter"
        self.value = Decimal("12.5")
        self.published: list[Decimal] = []
        self.steps = 0

    def teardown(self) -> None:
        """Nothing of a walk stays."""
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    @rule(
        value=st.integers(1, 3).map(Decimal),
        who=st.sampled_from(["reporter", "both"]),
    )
    def enter(self, value: Decimal, who: str) -> None:
        """Somebody types a value, where the grid lets them."""
        if self.state not in {"draft", "returned"}:
            return
        ReportItem.objects.filter(pk=self.here.item.pk).update(
            value=value, entered_by=self.here.people[who], entered_at=timezone.now()
        )
        self.value, self.author = value, who

    @rule(kind=st.sampled_from(KINDS), who=st.sampled_from(PEOPLE))
    def take(self, kind: str, who: str) -> None:
        """Somebody tries a step; the model knows what must come of it."""
        after = self.expected(kind, who)
        if after is None:
            with pytest.raises(StepRefusedError):
                self.here.take(kind, self.here.people[who])
            return
        self.here.take(kind, self.here.people[who])
        self.state = after
        self.steps += 1
        if kind == "reopen":
            self.edition += 1
        if kind == "publish" and (not self.published or self.published[-1] != self.value):
            self.published.append(self.value)

    def expected(self, kind: str, who: str) -> str | None:
        """The state after the step, None where it must be refused."""
        reports = who in {"reporter", "both"}
        approves = who in {"approver", "second_approver", "both"}
        if kind == "submit" and reports and self.state in {"draft", "returned"}:
            return "submitted"
        if kind == "withdraw" and reports and self.state == "submitted":
            return "draft"
        if kind == "approve" and approves and self.state == "submitted" and who != self.author:
            return "approved"
        if kind == "return" and approves and self.state == "submitted":
            return "returned"
        if who != "coordinator":
            return None
        coordinates = {
            ("return", "approved"): "returned",
            ("publish", "approved"): "published",
            ("reopen", "published"): "draft",
        }
        return coordinates.get((kind, self.state))

    @invariant()
    def agrees(self) -> None:
        """State, edition, trail of actions and values are those of the model."""
        report = Report.objects.get(pk=self.here.report.pk)
        assert (report.state, report.edition) == (self.state, self.edition)
        actions = list(ReportAction.objects.filter(report=report).order_by("pk"))
        assert len(actions) == self.steps
        chain = ["draft", *(action.to_state for action in actions)]
        assert [action.from_state for action in actions] == chain[:-1]
        versions = Observation.objects.filter(series=self.here.item.series).order_by("pk")
        assert [one.value for one in versions] == self.published
        assert sum(one.superseded_at is None for one in versions) == bool(self.published)
        assert Publication.objects.count() == len(self.published)
        assert Notice.objects.filter(user=self.here.nobody).count() == 0


@pytest.mark.django_db
def test_random_walks_agree_with_the_model() -> None:
    run_state_machine_as_test(
        Walk,
        settings=settings(
            max_examples=15,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
