"""Two workers at the same moment: a cycle is opened once, everybody is told once."""

from __future__ import annotations

import datetime as dt
from functools import partial

import pytest
from django.contrib.auth.models import User

from targets.models import (
    Mail,
    Membership,
    Notice,
    Report,
    ReportingCycle,
    ReportItem,
)
from targets.reporting.cycles import open_due_cycles
from targets.reporting.reminders import remind
from tests.committed import transactional_db
from tests.cycles.test_cycles import TODAY, a_ministry, demand, the_duty
from tests.cycles.test_reminders import a_world, before
from tests.factory import make
from tests.steps.test_races import at_once

__all__ = ["transactional_db"]


@pytest.mark.usefixtures("transactional_db")
def test_two_workers_tell_everybody_once() -> None:
    world = a_world()
    for _number in range(8):
        report = make(Report, cycle=world.cycle)
        make(Membership, user=make(User), organisation=report.organisation, role="reporter")
        make(Membership, user=world.reporter, organisation=report.organisation, role="reporter")
    for days in (30, 14, 7, -1):
        day: dt.date = before(days)
        results = at_once(*[partial(remind, day)] * 3)
        assert not [one for one in results if isinstance(one, Exception)]
        people = Notice.objects.values_list("user", flat=True).distinct()
        today = Mail.objects.filter(key__startswith=f"digest:{day.isoformat()}:")
        assert today.count() == people.count()
    assert not Notice.objects.filter(digested=False).exists()


@pytest.mark.usefixtures("transactional_db")
def test_two_workers_open_a_cycle_once() -> None:
    ministry = a_ministry()
    for count in (2, 4):
        results = at_once(*[partial(open_due_cycles, TODAY)] * 3)
        assert not [one for one in results if isinstance(one, Exception)]
        assert sum(bool(one) for one in results) == 1  # the others found it done
        assert ReportingCycle.objects.count() == Report.objects.count() == 1
        assert ReportItem.objects.count() == count
        demand(the_duty(), ministry)
