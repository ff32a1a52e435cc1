"""The pages of sign-off and review: what they show, what they offer, what a click brings about."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from targets.models import (
    COUNTRY_CODE,
    AssessmentMethod,
    ItemRemark,
    Membership,
    Observation,
    Organisation,
    OrganisationName,
    Report,
    ReportAction,
    ReportingCycle,
    ReportItem,
    ValidationRule,
    WarningReason,
)
from tests.celery.world import demand
from tests.factory import make
from tests.steps.world import World, cell, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> World:
    make(AssessmentMethod, active=True)
    make(Organisation, code=COUNTRY_CODE, kind="country")
    return world()


def client_of(here: World, name: str) -> Client:
    client = Client()
    client.force_login(here.people[name])
    return client


def text(here: World, name: str) -> str:
    response = client_of(here, name).get(reverse("report-review", args=[here.report.pk]))
    assert response.status_code == 200
    return response.content.decode()


def post(here: World, name: str, kind: str, **form: Any) -> Any:
    address = reverse("report-step", args=[here.report.pk, kind])
    return client_of(here, name).post(address, form, follow=True)


def seen(here: World) -> int:
    last = here.report.actions.last()
    return last.pk if last else 0


def test_the_review_shows_the_value_beside_the_year_before_with_note_and_reason(
    here: World,
) -> None:
    indicator = here.item.indicator
    make(
        Observation, series=here.item.series, organisation=here.item.subject, period="2025",
        value=10, known_on=dt.date(2026, 1, 6),
    )  # fmt: skip
    rule = make(
        ValidationRule, code="range", check_kind="range", severity="warning", maximum="10",
        sentence_vi="Số này lớn bất thường.",
    )  # fmt: skip
    make(WarningReason, item=here.item, rule=rule, item_version=1, by=here.reporter,
         reason="đã kiểm tra")  # fmt: skip
    demand(indicator, threshold=12, due_year=2030, horizon="2030")
    here.go_to("submitted")
    page = text(here, "approver")
    assert "12,5" in page
    assert "+2,5" in page
    assert "Số này lớn bất thường." in page
    assert "đã kiểm tra" in page
    assert "Phê duyệt" in page
    assert f'name="seen" value="{seen(here)}"' in page


@pytest.mark.parametrize(
    ("state", "offers"),
    [
        ("submitted", {"approver": {"approve", "return"}, "reporter": {"withdraw"}}),
        ("approved", {"coordinator": {"publish", "return"}, "approver": set()}),
        ("published", {"coordinator": {"reopen"}, "auditor": set()}),
    ],
)
def test_each_reader_is_offered_their_own_steps(
    here: World, state: str, offers: dict[str, set[str]]
) -> None:
    here.go_to(state)
    for name, kinds in offers.items():
        page = text(here, name)
        for kind in ReportAction.Kind:
            address = reverse("report-step", args=[here.report.pk, kind])
            assert (f'formaction="{address}"' in page) is (kind in kinds), (name, kind)


def test_a_step_over_the_page_tells_what_was_done(here: World) -> None:
    response = post(here, "reporter", "submit")
    assert response.redirect_chain == [(here.report.get_absolute_url(), 302)]
    response = post(here, "approver", "approve", seen=seen(here))
    assert "Đã phê duyệt" in response.content.decode()
    response = post(here, "coordinator", "publish", seen=seen(here))
    assert "Đã công bố" in response.content.decode()
    assert here.state() == "published"


def test_a_report_that_nobody_may_approve_is_pointed_out(here: World) -> None:
    hint = "Cơ quan chưa có người phê duyệt"
    assert hint not in post(here, "reporter", "submit").content.decode()
    here.take("withdraw", here.reporter)
    Membership.objects.filter(role="approver").exclude(user=here.both).delete()
    ReportItem.objects.filter(pk=here.item.pk).update(entered_by=here.both)
    assert hint in post(here, "reporter", "submit").content.decode()


def test_a_double_click_is_told_and_does_nothing_twice(here: World) -> None:
    here.go_to("submitted")
    for _ in range(2):
        response = post(here, "approver", "approve")
    assert "không cần làm lại" in response.content.decode()
    assert here.report.actions.filter(kind="approve").count() == 1


def test_a_return_keeps_its_remarks_at_the_cells(here: World) -> None:
    here.go_to("submitted")
    post(here, "approver", "return", **{f"remark-{here.item.pk}": "xem lại mẫu số"})
    assert ItemRemark.objects.get().text == "xem lại mẫu số"
    assert "xem lại mẫu số" in text(here, "approver")


def test_what_was_typed_stays_where_the_step_is_refused(here: World) -> None:
    here.go_to("submitted")
    response = post(
        here, "approver", "approve", reason="thiếu số", **{f"remark-{here.item.pk}": "số cũ"}
    )
    assert response.status_code == 409
    page = response.content.decode()
    assert "Bạn đã viết lý do trả lại" in page
    assert "thiếu số</textarea>" in page
    assert "số cũ</textarea>" in page
    assert here.state() == "submitted"


def test_a_report_that_changed_since_the_page_was_opened_is_shown_anew(here: World) -> None:
    here.go_to("submitted")
    old = seen(here)
    here.take("withdraw", here.reporter)
    here.take("submit", here.reporter)
    response = post(here, "approver", "approve", seen=old)
    assert response.status_code == 409
    assert "đã thay đổi" in response.content.decode()
    assert f'name="seen" value="{seen(here)}"' in response.content.decode()


def test_who_may_not_gets_a_sentence_and_who_may_not_know_gets_nothing(here: World) -> None:
    here.go_to("submitted")
    response = post(here, "viewer", "approve")
    assert response.status_code == 403
    assert "người phê duyệt" in response.content.decode()
    assert post(here, "other_approver", "approve").status_code == 404
    assert post(here, "approver", "invented").status_code == 404
    assert here.state() == "submitted"


def test_a_sample_says_so_and_publishes_nothing() -> None:
    make(AssessmentMethod, active=True)
    here = world(sample=True)
    here.go_to("approved")
    assert "td-badge sample" in text(here, "coordinator")
    response = post(here, "coordinator", "publish")
    assert "không có số liệu nào được ghi nhận" in response.content.decode()
    assert not Observation.objects.exists()


def test_values_from_elsewhere_are_named_and_replaced_by_who_saw_them(here: World) -> None:
    here.go_to("approved")
    standing = make(
        Observation, series=here.item.series, organisation=here.item.subject, period="2026",
        value=9, known_on=dt.date(2026, 11, 1),
    )  # fmt: skip
    page = text(here, "coordinator")
    assert f'name="shown" value="{standing.pk}"' in page
    assert standing.source.title in page
    assert post(here, "coordinator", "publish").status_code == 409
    post(here, "coordinator", "publish", shown=[standing.pk])
    assert here.state() == "published"


def queue(here: World, query: str = "") -> str:
    response = client_of(here, "coordinator").get(reverse("review-queue") + query)
    assert response.status_code == 200
    return response.content.decode()


def approved(here: World, **given: Any) -> Report:
    """Another report of this organisation that waits for the coordinator, with one value."""
    cycle = given.pop("cycle", None) or make(ReportingCycle)
    first = given.pop("first_submitted_at", timezone.now())
    value = given.pop("value", Decimal(5))
    item = given.pop("item", here.item)
    organisation = make(Organisation, kind=given.pop("kind", "ministry"))
    make(OrganisationName, organisation=organisation)
    report = make(
        Report, state="approved", cycle=cycle, organisation=organisation, first_submitted_at=first,
        **given,
    )  # fmt: skip
    cell(report, here.reporter, series=item.series, value=value, subject=item.subject)
    return report


def order(page: str, *reports: Report) -> list[int]:
    """The positions at which the reports stand, by the order given."""
    places = [page.index(f'id="r-{report.pk}"') for report in reports]
    return sorted(range(len(reports)), key=lambda place: places[place])


def test_the_queue_puts_late_reports_first_then_jumps_then_effects(here: World) -> None:
    make(
        Observation, series=here.item.series, organisation=here.item.subject, period="2025",
        value=10, known_on=dt.date(2026, 1, 6),
    )  # fmt: skip
    demand(here.item.indicator, threshold=30, due_year=2030, horizon="2030")
    past = make(
        ReportingCycle, period="2026-H1", data_from=dt.date(2026, 1, 1),
        data_to=dt.date(2026, 6, 30), opens_on=dt.date(2026, 6, 1), due_on=dt.date(2026, 7, 15),
    )  # fmt: skip
    late = approved(here, cycle=past, value=Decimal("10.1"))
    jumping = approved(here, value=Decimal(19))
    calm = approved(here, value=Decimal(11))
    page = queue(here)
    assert order(page, late, jumping, calm) == [0, 1, 2]
    assert "Quá hạn" in page
    assert "+9" in page
    assert order(queue(here, "?sort=jump"), jumping, calm, late) == [0, 1, 2]
    assert "Đổi trạng thái" in queue(here, "?sort=effect")


def test_the_queue_is_narrowed_by_duty_period_and_kind(here: World) -> None:
    one = approved(here, kind="province")
    other = approved(here, cycle=make(ReportingCycle, period="2025"))
    assert f'id="r-{one.pk}"' in queue(here)
    narrowed = queue(here, "?kind=province")
    assert f'id="r-{one.pk}"' in narrowed
    assert f'id="r-{other.pk}"' not in narrowed
    assert f'id="r-{other.pk}"' in queue(here, "?period=2025")
    assert f'id="r-{one.pk}"' not in queue(here, f"?duty={other.cycle.duty.code}")
    assert "Bỏ bộ lọc" in queue(here, "?period=1999")


def publish_ticked(here: World, *tokens: str, name: str = "coordinator") -> Any:
    return client_of(here, name).post(reverse("review-publish"), {"report": tokens}, follow=True)


def test_ticked_reports_are_published_each_by_itself_and_told_of(here: World) -> None:
    good = [approved(here), approved(here, cycle=make(ReportingCycle, period="2025"))]
    returned = approved(here, cycle=make(ReportingCycle, period="2024"))
    Report.objects.filter(pk=returned.pk).update(state="returned")
    response = publish_ticked(here, *[f"{report.pk}:0" for report in (*good, returned)], "0:0", "x")
    page = response.content.decode()
    assert "Đã công bố 2 báo cáo." in page
    assert "đang ở bước" in page
    assert "Không còn báo cáo này" in page
    states = Report.objects.filter(pk__in=[*(one.pk for one in good), returned.pk])
    assert sorted(states.values_list("state", flat=True)) == ["published", "published", "returned"]


def test_publishing_ticked_reports_again_changes_nothing(here: World) -> None:
    report = approved(here)
    for _ in range(2):
        page = publish_ticked(here, f"{report.pk}:0").content.decode()
    assert "1 báo cáo đã được công bố trước đó." in page
    assert ReportAction.objects.filter(report=report).count() == 1
    assert Observation.objects.count() == 1


def test_a_report_that_would_replace_other_values_is_not_published_unseen(here: World) -> None:
    report = approved(here)
    make(
        Observation, series=here.item.series, organisation=here.item.subject, period="2026",
        value=9, known_on=dt.date(2026, 11, 1),
    )  # fmt: skip
    page = publish_ticked(here, f"{report.pk}:0").content.decode()
    assert "nguồn khác" in page
    assert Report.objects.get(pk=report.pk).state == "approved"


def test_nothing_ticked_is_said_so_and_others_have_no_queue(here: World) -> None:
    assert "Chưa chọn báo cáo nào" in publish_ticked(here).content.decode()
    report = approved(here)
    for name in ("approver", "leadership", "administrator", "nobody"):
        assert publish_ticked(here, f"{report.pk}:0", name=name).status_code == 403, name
    assert Report.objects.get(pk=report.pk).state == "approved"
