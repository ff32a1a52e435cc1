"""The rules of validation in plain words: a list to search, and one rule to read or edit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard.components import Chip, ChipGroup, Crumb, Fact, Notice
from dashboard.formatting import localised
from targets.models import ValidationRule
from targets.reporting.checking import hits, told
from targets.reporting.checks import COUNTED_IN_POINTS, ORDER, PLACEHOLDERS, Rule
from targets.reporting.numbers import write_number
from targets.reporting.ruling import example, rule_of

Check = ValidationRule.Check
#: Choices of the list: parameter and what it keeps.
SHOWN: Final = ("", "error", "warning", "off")
MOST_WORDS: Final = 200


@dataclass(frozen=True, slots=True)
class RuleQuery:
    """What the list is asked for."""

    q: str = ""
    shown: str = ""

    @classmethod
    def parse(cls, request: HttpRequest) -> RuleQuery:
        """Unknown choices are none."""
        shown = request.GET.get("muc", "")
        words = " ".join(request.GET.get("q", "").replace("\0", " ").split())
        return cls(q=words[:MOST_WORDS], shown=shown if shown in SHOWN else "")

    def url(self, **changed: str) -> str:
        """The list with some of the choices changed."""
        asked = {"q": self.q, "muc": self.shown, **changed}
        kept = urlencode({name: value for name, value in asked.items() if value})
        return reverse("rule-list") + (f"?{kept}" if kept else "")


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule in the list."""

    url: str
    sentence: str
    where: str
    bounds: str
    severity: str
    severity_text: str
    active: bool


@dataclass(frozen=True, slots=True)
class RuleGroup:
    """The rules of one check."""

    name: str
    rows: Sequence[RuleRow]


@dataclass(frozen=True, slots=True)
class RuleListPage:
    """Context of the list."""

    crumbs: Sequence[Crumb]
    sentence: str
    basis: str
    query: RuleQuery
    filters: Sequence[ChipGroup]
    groups: Sequence[RuleGroup]
    found: str
    may_edit: bool
    notice: Notice | None


@dataclass(frozen=True, slots=True)
class Preview:
    """What people would read, in both languages, and how many open cells would be hit."""

    sentence_vi: str
    sentence_en: str
    hits: str


@dataclass(frozen=True, slots=True)
class RulePage:
    """Context of one rule, to read; the form comes beside it for those who may edit."""

    crumbs: Sequence[Crumb]
    title: str
    basis: str
    facts: Sequence[Fact]
    help: Sequence[tuple[str, str]]


def list_page(query: RuleQuery, *, may_edit: bool) -> RuleListPage:
    """The rules that match, grouped by check in the order in which they are told."""
    everything = ValidationRule.objects.select_related("indicator__unit", "unit")
    matching = _matching(everything, query.q)
    shown = list(_only(matching, query.shown).order_by(_in_order(), "code"))
    active = sum(rule.active for rule in everything)
    return RuleListPage(
        crumbs=_crumbs(),
        sentence=ngettext(
            "%(count)d quy tắc đang kiểm tra số liệu báo cáo",
            "%(count)d quy tắc đang kiểm tra số liệu báo cáo",
            active,
        )
        % {"count": active},
        basis=_(
            "Cùng một bộ quy tắc cho biểu mẫu, tệp Excel và API. Lỗi phải sửa mới gửi được; cảnh "
            "báo cần lý do. Quy tắc của chỉ tiêu thay cho quy tắc của đơn vị, rồi của loại đơn vị, "
            "rồi quy tắc chung."
        ),
        query=query,
        filters=[_filter(matching, query)],
        groups=_groups(shown),
        found=ngettext("%(count)d quy tắc", "%(count)d quy tắc", len(shown))
        % {"count": len(shown)},
        may_edit=may_edit,
        notice=None
        if shown
        else Notice(_("Không có quy tắc nào khớp"), _("Thử từ khác hoặc bỏ bớt điều kiện.")),
    )


def rule_page(row: ValidationRule | None) -> RulePage:
    """One rule, or (None) a new one."""
    if row is None:
        title, basis, facts = _("Thêm quy tắc"), _("Áp dụng ngay khi lưu."), []
    else:
        title, basis, facts = (
            _example_sentence(row),
            _("Câu này hiện ở ô, với số của ô."),
            _facts(row),
        )
    return RulePage(
        crumbs=_crumbs(title if row is None else row.code),
        title=title,
        basis=basis,
        facts=facts,
        help=[
            (str(Check(check).label), ", ".join(f"{{{name}}}" for name in PLACEHOLDERS[check]))
            for check in ORDER
            if check in PLACEHOLDERS
        ],
    )


def preview(rule: Rule) -> Preview:
    """What the rule would say with made-up numbers, and how many open cells it would hit."""
    sentences = {}
    for language in ("vi", "en"):
        with translation.override(language):
            sentences[language] = told(rule, example(rule))
    count = hits(rule)
    text = ngettext(
        "Hôm nay quy tắc này chạm %(count)d ô của các báo cáo đang nhập.",
        "Hôm nay quy tắc này chạm %(count)d ô của các báo cáo đang nhập.",
        count,
    ) % {"count": count}
    return Preview(
        sentences["vi"],
        sentences["en"],
        text if count else _("Hôm nay không ô nào của các báo cáo đang nhập bị chạm."),
    )


def where(row: ValidationRule) -> str:
    """Where a rule applies."""
    if row.indicator is not None:
        return localised(row.indicator, "name")
    if row.unit is not None:
        return _("Đơn vị: %s") % localised(row.unit, "name")
    if row.unit_kind:
        return _("Loại đơn vị: %s") % row.get_unit_kind_display()
    return _("Mọi chỉ tiêu")


def bounds(row: ValidationRule) -> str:
    """The numbers of a rule in words, "" for one without."""
    parts = []
    least, most, bound = row.minimum, row.maximum, row.bound
    if row.check_kind in {Check.RANGE, Check.EVIDENCE}:
        if least is not None:
            parts.append(_("từ %s") % write_number(least))
        if most is not None:
            parts.append(_("đến %s") % write_number(most))
        if bound is not None:
            parts.append(_("bước %s") % write_number(bound))
    elif bound is not None:
        parts.append(_most(row) % write_number(bound))
        if least is not None:
            parts.append(_("bỏ qua thay đổi dưới %s") % write_number(least))
    elif row.check_kind == Check.DECIMALS:
        parts.append(_("như đơn vị hiển thị"))
    return " ".join(parts)


def _most(row: ValidationRule) -> str:
    """How the bound of a check is said, with a place for the number."""
    if row.check_kind == Check.JUMP:
        return _jump(row)
    words: dict[str, str] = {
        Check.DECIMALS: _("nhiều nhất %s chữ số"),
        Check.PARTS: _("lệch nhiều nhất %s %%"),
        Check.NOTE: _("ít nhất %s ký tự"),
    }
    return words.get(row.check_kind, "%s")


def _jump(row: ValidationRule) -> str:
    kind = row.unit_kind or (row.unit.kind if row.unit else "")
    if row.indicator is not None:
        kind = row.indicator.unit.kind
    if not kind:
        return _("nhiều nhất %s (điểm, bậc hoặc phần trăm tùy đơn vị)")
    return (
        _("nhiều nhất %s điểm hoặc bậc")
        if kind in COUNTED_IN_POINTS
        else _("nhiều nhất %s %% của kỳ trước")
    )


def _crumbs(last: str = "") -> list[Crumb]:
    crumbs = [
        Crumb(_("Báo cáo"), reverse("report-list")),
        Crumb(_("Quy tắc kiểm tra"), reverse("rule-list") if last else ""),
    ]
    return [*crumbs, Crumb(last)] if last else crumbs


def _matching(rules: QuerySet[ValidationRule], words: str) -> QuerySet[ValidationRule]:
    for word in words.split():
        rules = rules.filter(
            Q(sentence_vi__unaccent__icontains=word)
            | Q(sentence_en__icontains=word)
            | Q(code__icontains=word)
            | Q(indicator__name_vi__unaccent__icontains=word)
            | Q(indicator__name_en__icontains=word)
            | Q(unit__name_vi__unaccent__icontains=word)
            | Q(unit__name_en__icontains=word)
        )
    return rules


def _only(rules: QuerySet[ValidationRule], shown: str) -> QuerySet[ValidationRule]:
    if shown == "off":
        return rules.filter(active=False)
    return rules.filter(active=True, severity=shown) if shown else rules


def _in_order() -> Case:
    whens = [When(check_kind=check, then=Value(place)) for place, check in enumerate(ORDER)]
    return Case(*whens, output_field=IntegerField())


def _filter(rules: QuerySet[ValidationRule], query: RuleQuery) -> ChipGroup:
    words = {"": _("Tất cả"), "error": _("Lỗi"), "warning": _("Cảnh báo"), "off": _("Đã tắt")}
    return ChipGroup(
        _("Mức"),
        [
            Chip(
                words[shown],
                query.url(muc=shown),
                current=query.shown == shown,
                count=_only(rules, shown).count(),
            )
            for shown in SHOWN
        ],
    )


def _groups(rules: Iterable[ValidationRule]) -> list[RuleGroup]:
    groups: dict[str, list[RuleRow]] = {}
    for rule in rules:
        name = str(rule.get_check_kind_display())
        groups.setdefault(name, []).append(_row(rule))
    return [RuleGroup(name[:1].upper() + name[1:], rows) for name, rows in groups.items()]


def _row(row: ValidationRule) -> RuleRow:
    return RuleRow(
        url=reverse("rule", args=[row.code]),
        sentence=_example_sentence(row),
        where=where(row),
        bounds=bounds(row),
        severity=row.severity,
        severity_text=str(row.get_severity_display()),
        active=row.active,
    )


def _example_sentence(row: ValidationRule) -> str:
    rule = rule_of(row)
    return told(rule, example(rule))


def _facts(row: ValidationRule) -> list[Fact]:
    facts = [
        Fact(_("Phép kiểm tra"), str(row.get_check_kind_display())),
        Fact(_("Mức"), str(row.get_severity_display())),
        Fact(_("Áp dụng cho"), where(row)),
        Fact(_("Ngưỡng"), bounds(row)),
        Fact(_("Trạng thái"), _("đang dùng") if row.active else _("đã tắt")),
    ]
    return [fact for fact in facts if fact.text]
