"""The pages of the rules: read by those who take part, edited by administrators, with a reason."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from targets.models import (
    Indicator,
    Membership,
    ReportItem,
    SystemRole,
    TrailEntry,
    Unit,
    ValidationRule,
)
from targets.models.accounts import SYSTEM_ROLES
from tests.factory import make

pytestmark = pytest.mark.django_db
LIST = "/bao-cao/quy-tac/"
NEW = "/bao-cao/quy-tac/moi/"


def signed_in(role: str) -> Client:
    user = make(User)
    if role in SYSTEM_ROLES:
        make(SystemRole, user=user, role=role)
    elif role:
        make(Membership, user=user, role=role)
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def admin() -> Client:
    return signed_in("administrator")


@pytest.fixture
def share() -> ValidationRule:
    return make(
        ValidationRule,
        code="share-range",
        unit=make(Unit, name_vi="phần trăm"),
        minimum=0,
        maximum=100,
        sentence_vi="Tỷ lệ từ {minimum} đến {maximum}, không phải {value}.",
        sentence_en="From {minimum} to {maximum}, not {value}.",
    )


def fields(rule: ValidationRule, **changed: Any) -> dict[str, Any]:
    """The form as the page shows it, with some fields changed."""
    return {
        "check_kind": rule.check_kind,
        "severity": rule.severity,
        "indicator": rule.indicator_id or "",
        "unit": rule.unit_id or "",
        "unit_kind": rule.unit_kind,
        "minimum": "" if rule.minimum is None else rule.minimum,
        "maximum": "" if rule.maximum is None else rule.maximum,
        "bound": "" if rule.bound is None else rule.bound,
        "sentence_vi": rule.sentence_vi,
        "sentence_en": rule.sentence_en,
        "active": "on" if rule.active else "",
        "why": "Theo biên bản họp",
        **changed,
    }


@pytest.mark.parametrize("role", ["coordinator", "auditor", "leadership", "reporter", "viewer"])
def test_who_takes_part_reads_the_rules_and_changes_none(role: str, share: ValidationRule) -> None:
    client = signed_in(role)
    page = client.get(LIST)
    assert "Tỷ lệ từ 0 đến 100, không phải 101." in page.content.decode()
    assert NEW not in page.content.decode()
    one = client.get(reverse("rule", args=[share.code])).content.decode()
    assert '<form class="td-rule"' not in one
    assert "phần trăm" in one
    assert client.post(reverse("rule", args=[share.code]), fields(share)).status_code == 403
    assert client.get(NEW).status_code == 403
    assert client.post(NEW, fields(share)).status_code == 403


def test_others_see_nothing(share: ValidationRule) -> None:
    assert Client().get(LIST).status_code == 302
    assert signed_in("").get(LIST).status_code == 403


def test_an_edit_is_kept_and_says_why(admin: Client, share: ValidationRule) -> None:
    url = reverse("rule", args=[share.code])
    assert admin.post(url, fields(share, maximum="99,5", severity="warning")).status_code == 302
    share.refresh_from_db()
    assert (share.maximum, share.severity) == (Decimal("99.5"), "warning")
    assert admin.post(url, fields(share, why="")).status_code == 200
    entry = TrailEntry.objects.filter(table_name="targets_validationrule").latest("id")
    assert (entry.action, entry.why) == ("update", "Theo biên bản họp")
    assert entry.actor == SystemRole.objects.get(role="administrator").user
    assert (entry.after or {})["severity"] == "warning"


def test_a_rule_is_switched_off(admin: Client, share: ValidationRule) -> None:
    admin.post(reverse("rule", args=[share.code]), fields(share, active=""))
    share.refresh_from_db()
    assert not share.active
    assert "đã tắt" in admin.get(LIST).content.decode()


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"minimum": "12a"}, "minimum"),
        ({"minimum": "200"}, "maximum"),
        ({"minimum": "", "maximum": ""}, "minimum"),
        ({"bound": "0"}, "bound"),
        ({"bound": "-1"}, "bound"),
        ({"unit_kind": "percent"}, "unit_kind"),
        ({"check_kind": "jump", "minimum": "", "maximum": ""}, "bound"),
        ({"check_kind": "whole"}, "minimum"),
        ({"check_kind": "period", "minimum": "", "maximum": ""}, "unit_kind"),
        ({"check_kind": "decimals", "minimum": "", "maximum": "", "bound": "1,5"}, "bound"),
        ({"check_kind": "decimals", "minimum": "", "maximum": "", "bound": "9"}, "bound"),
        ({"sentence_vi": "{previous}"}, "sentence_vi"),
        ({"sentence_en": "{value"}, "sentence_en"),
        ({"sentence_vi": " "}, "sentence_vi"),
        ({"minimum": "1" + "0" * 30}, "minimum"),
    ],
    ids=str,
)
def test_an_unsound_rule_is_refused_at_its_field(
    admin: Client, share: ValidationRule, changed: dict[str, str], named: str
) -> None:
    page = admin.post(reverse("rule", args=[share.code]), fields(share, **changed))
    assert page.status_code == 200
    assert named in page.context["form"].errors
    before = ValidationRule.objects.get(pk=share.pk)
    assert (before.maximum, before.check_kind) == (Decimal(100), "range")


def test_a_new_rule_gets_a_code_that_says_what_it_is_about(
    admin: Client, share: ValidationRule
) -> None:
    indicator = make(Indicator, code="rd-gdp")
    wanted = fields(share, unit="", indicator=indicator.pk)
    for code in ("range-rd-gdp", "range-rd-gdp-2"):
        assert admin.post(NEW, wanted)["Location"] == reverse("rule", args=[code])
    assert ValidationRule.objects.get(code="range-rd-gdp").indicator == indicator


def test_a_preview_says_the_sentence_and_counts_and_keeps_nothing(
    admin: Client, share: ValidationRule
) -> None:
    item = make(ReportItem, value=60, version=1, entered_by=make(User), entered_at=timezone.now())
    asked = fields(share, unit=item.indicator.unit_id, maximum="50", why="", preview="1")
    page = admin.post(reverse("rule", args=[share.code]), asked, headers={"HX-Request": "true"})
    text = page.content.decode()
    assert "<html" not in text
    assert "Tỷ lệ từ 0 đến 50, không phải 51." in text
    assert "From 0 to 50, not 51." in text
    assert "chạm 1 ô" in text
    share.refresh_from_db()
    assert share.maximum == 100
    whole = admin.post(NEW, asked)
    assert "chạm 2 ô" not in whole.content.decode()
    assert "<html" in whole.content.decode()


def test_a_preview_of_an_unsound_rule_says_what_is_wrong(
    admin: Client, share: ValidationRule
) -> None:
    for changed in ({"minimum": "abc"}, {"minimum": "200"}):
        asked = fields(share, preview="1", **changed)
        page = admin.post(reverse("rule", args=[share.code]), asked)
        assert page.context["preview"] is None
        assert "Chưa xem thử được" in page.content.decode()


def test_rules_are_found_without_accents_and_by_severity(
    admin: Client, share: ValidationRule
) -> None:
    make(ValidationRule, sentence_vi="Khác hẳn", severity="warning")

    def shown(**query: str) -> list[str]:
        page = admin.get(LIST, query).context["page"]
        return [row.url for group in page.groups for row in group.rows]

    assert len(shown()) == 2
    assert shown(q="ty le") == [reverse("rule", args=["share-range"])]
    assert shown(q="phan tram") == [reverse("rule", args=["share-range"])]
    assert len(shown(muc="warning")) == 1
    assert shown(muc="off") == []
    assert len(shown(muc="nonsense")) == 2
    assert "Không có quy tắc nào khớp" in admin.get(LIST, {"q": "zzz"}).content.decode()


def test_every_kind_of_rule_can_be_read(admin: Client) -> None:
    for check in ValidationRule.Check.values:
        bound = {"bound": 3} if check in {"jump", "decimals", "note", "parts"} else {}
        made = make(ValidationRule, check_kind=check, **bound)
        assert admin.get(reverse("rule", args=[made.code])).status_code == 200
    assert admin.get(LIST).status_code == 200
