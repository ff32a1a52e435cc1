"""The demonstration's reports: work for every role, marked as samples, counted nowhere."""

from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.auth.models import User

from dashboard.demo.accounts import create_accounts
from dashboard.demo.samples import make_samples
from targets.models import (
    Directive,
    Observation,
    PendingAssessment,
    Publication,
    Report,
    ReportItem,
)
from targets.permissions import allowed
from targets.reporting import steps
from targets.reporting.checking import blocking, findings

TODAY = dt.date(2026, 11, 22)


@pytest.fixture
def samples(catalogue_db: None) -> dict[str, Report]:
    """The samples by state."""
    create_accounts(password="a-long-password-for-tests")
    make_samples(TODAY)
    return {str(one.state): one for one in Report.objects.filter(sample=True)}


@pytest.mark.usefixtures("samples")
def test_a_report_is_due_on_14_december_for_the_ministry_and_the_province() -> None:
    for name in ("reporter", "reporter-ha-noi"):
        user = User.objects.get(username=name)
        membership = user.memberships.get()
        report = Report.objects.get(organisation=membership.organisation, sample=False)
        assert report.cycle.due_on == dt.date(2026, 12, 14)
        assert report.items.count() > 10
        assert allowed(user, "targets.enter_report", report)
        assert not report.items.filter(version__gt=0).exists()


def test_every_role_finds_work(samples: dict[str, Report]) -> None:
    assert samples.keys() == {"submitted", "returned", "approved"}
    can = {
        ("approver", "targets.approve_report", "submitted"),
        ("reporter-ha-noi", "targets.enter_report", "returned"),
        ("coordinator", "targets.publish_report", "approved"),
    }
    for name, permission, state in can:
        assert allowed(User.objects.get(username=name), permission, samples[state])
    assert samples["returned"].actions.get(kind="return").remarks.count() == 2
    assert Directive.objects.get().sample


def test_a_sample_is_filled_whole_and_says_that_it_is_one(samples: dict[str, Report]) -> None:
    for report in samples.values():
        items = ReportItem.objects.filter(report=report)
        assert items.count() > 10
        assert not items.filter(value=None).exists()
        assert set(items.values_list("note", flat=True)) == {"Số liệu mẫu, không phải số thật"}
        assert blocking(findings(report, today=TODAY)) == []


def test_a_published_sample_leaves_no_value_and_no_verdict_to_judge(
    samples: dict[str, Report],
) -> None:
    before = Observation.objects.count()
    PendingAssessment.objects.all().delete()
    steps.publish(samples["approved"].pk, by=User.objects.get(username="coordinator"))
    assert Observation.objects.count() == before
    assert not Publication.objects.exists()
    assert not PendingAssessment.objects.exists()


@pytest.mark.usefixtures("samples")
def test_making_the_samples_again_changes_nothing() -> None:
    before = list(Report.objects.order_by("pk").values())
    words = list(Directive.objects.values())
    make_samples(TODAY)
    assert list(Report.objects.order_by("pk").values()) == before
    assert list(Directive.objects.values()) == words
