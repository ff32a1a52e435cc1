"""Rules of validation as rows: what makes one sound, and how an administrator's edit is kept."""

from __future__ import annotations

from decimal import Decimal

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from targets.models import ValidationRule
from targets.reporting.checks import BOUNDS, Rule, unknown_placeholders
from targets.trail import acting

Check = ValidationRule.Check

#: Checks that say nothing without their bound.
_NEED_BOUND = frozenset({Check.JUMP})
#: Checks of the form itself, the same for every indicator.
_GENERAL_ONLY = frozenset({Check.PERIOD})
#: Checks whose bound is a number of characters.
_COUNTED = frozenset({Check.DECIMALS, Check.NOTE})
_MOST_DECIMALS = 8


def rule_of(row: ValidationRule) -> Rule:
    """A rule as the checks take it."""
    return Rule(
        id=row.pk,
        code=row.code,
        check=row.check_kind,
        severity=row.severity,
        indicator_id=row.indicator_id,
        unit_id=row.unit_id,
        unit_kind=row.unit_kind,
        minimum=row.minimum,
        maximum=row.maximum,
        bound=row.bound,
        sentence_vi=row.sentence_vi,
        sentence_en=row.sentence_en,
    )


def mistakes(rule: Rule) -> list[tuple[str, str]]:
    """What is wrong with a rule: field and sentence; empty for a sound one."""
    found = []
    used = BOUNDS.get(rule.check, ())
    for name in ("minimum", "maximum", "bound"):
        if getattr(rule, name) is not None and name not in used:
            found.append((name, _("Phép kiểm tra này không dùng số này; để trống.")))
    if rule.minimum is not None and rule.maximum is not None and rule.minimum > rule.maximum:
        found.append(("maximum", _("Số lớn nhất phải từ số nhỏ nhất trở lên.")))
    if rule.check == Check.RANGE and rule.minimum is rule.maximum is rule.bound is None:
        found.append(("minimum", _("Cho ít nhất một trong: nhỏ nhất, lớn nhất, bước.")))
    found += _bound_mistakes(rule)
    given = [rule.indicator_id is not None, rule.unit_id is not None, bool(rule.unit_kind)]
    if sum(given) > 1:
        found.append(("unit_kind", _("Chọn nhiều nhất một: chỉ tiêu, đơn vị hoặc loại đơn vị.")))
    if any(given) and rule.check in _GENERAL_ONLY:
        found.append(("unit_kind", _("Phép kiểm tra này luôn áp dụng cho mọi chỉ tiêu.")))
    for name in ("sentence_vi", "sentence_en"):
        text = getattr(rule, name)
        unknown = unknown_placeholders(text, rule.check)
        if not text.strip():
            found.append((name, _("Viết câu mà người báo cáo sẽ đọc.")))
        elif unknown:
            found.append(
                (
                    name,
                    _("Phép kiểm tra này không có số tên là %s.") % ", ".join(unknown),
                )
            )
    return found


def _bound_mistakes(rule: Rule) -> list[tuple[str, str]]:
    bound = rule.bound
    if bound is None:
        return [("bound", _("Cho ngưỡng."))] if rule.check in _NEED_BOUND else []
    problem = ""
    if "bound" in BOUNDS.get(rule.check, ()):
        if bound < 0:
            problem = _("Ngưỡng không thể âm.")
        elif rule.check == Check.RANGE and bound == 0:
            problem = _("Bước phải lớn hơn 0.")
        elif rule.check in _COUNTED and bound != bound.to_integral_value():
            problem = _("Ngưỡng là một số nguyên.")
        elif rule.check == Check.DECIMALS and bound > _MOST_DECIMALS:
            problem = _("Hệ thống giữ nhiều nhất %d chữ số thập phân.") % _MOST_DECIMALS
    return [("bound", problem)] if problem else []


def save_rule(row: ValidationRule, *, by: User, why: str) -> ValidationRule:
    """Keep a rule as it now stands; the trail says who changed it, and why.

    Raises ValueError for a rule that is not sound: whoever calls has asked `mistakes` first.
    """
    with acting(by=by, why=why), transaction.atomic():
        wrong = mistakes(rule_of(row))
        if wrong:
            raise ValueError(wrong)
        row.save()
    return row


def example(rule: Rule) -> dict[str, Decimal | str]:
    """Numbers for a preview of a rule's sentence: its own, and made-up ones beside them."""
    hundred = Decimal(100)
    before = Decimal(50)
    beyond = rule.maximum if rule.maximum is not None else hundred
    if rule.check == Check.JUMP:
        beyond = before + (rule.bound or 0)
    made_up: dict[str, Decimal | str] = {
        "value": beyond if rule.check == Check.EVIDENCE else beyond + 1,
        "previous": before,
        "parts": Decimal(95),
        "numerator": Decimal(120),
        "denominator": hundred,
        "period": "2025",
        "problem": _("“mười hai phẩy” không phải là số."),
    }
    own = {name: getattr(rule, name) for name in ("minimum", "maximum", "bound")}
    return {**made_up, **{name: number for name, number in own.items() if number is not None}}
