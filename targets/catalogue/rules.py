"""What must hold across the catalogue: keys, references, and the rules of the domain.

The database enforces the same rules; here each breach is named at its line, all in one go.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from documents.locators import LOCATOR_SEPARATOR
from targets.catalogue.catalogue import Catalogue, OfDocument
from targets.catalogue.data_sources import check_sources
from targets.catalogue.reading import Place, Placed, Problems
from targets.catalogue.references import Known, check_keys, check_references, clauses
from targets.catalogue.rows import AssignmentRow, TargetRow
from targets.catalogue.validation import check_rules
from targets.models import COUNTRY_CODE


def check(catalogue: Catalogue, problems: Problems) -> None:
    """Add every breach of a rule to `problems`."""
    for rule in (
        check_keys,
        check_references,
        _vocabulary,
        _organisations,
        _documents,
        _indicators,
        _targets,
        _tasks,
        _duties,
        _validation_rules,
        _data_sources,
    ):
        rule(catalogue, problems)


def _vocabulary(c: Catalogue, problems: Problems) -> None:
    for unit in c.units:
        if unit.row.ratio_scale <= 0:
            problems.add(unit.place, "ratio_scale", _("phải lớn hơn 0"))
    for method in c.methods:
        if not 0 < method.row.at_risk_from < method.row.on_track_from <= 1:
            problems.add(
                method.place, "at_risk_from", _("cần 0 < at_risk_from < on_track_from <= 1")
            )
    active = [i for i in c.methods if i.row.active]
    if c.methods and len(active) != 1:
        place = (active or c.methods)[-1].place
        problems.add(
            place, "active", _("có %d phương pháp đang dùng (yes), cần đúng 1") % len(active)
        )


def _organisations(c: Catalogue, problems: Problems) -> None:
    dated: list[Placed[Any]] = [
        *c.organisations,
        *c.organisation_names,
        *c.organisation_codes,
    ]
    for item in dated:
        row = item.row
        if row.valid_from and row.valid_to and row.valid_from > row.valid_to:
            problems.add(item.place, "valid_to", _("ngày kết thúc trước ngày bắt đầu"))
    named = Known(
        c, problems, "organisation_names", (i.row.organisation for i in c.organisation_names)
    )
    codes = Known(c, problems, "organisations", (i.row.code for i in c.organisations))
    if c.organisations and COUNTRY_CODE not in codes:
        problems.add(c.organisations[0].place, "code", _("thiếu «%s» (cả nước)") % COUNTRY_CODE)
    for organisation in c.organisations:
        if (organisation.row.kind == "country") != (organisation.row.code == COUNTRY_CODE):
            problems.add(
                organisation.place, "kind", _("country là loại của riêng «%s»") % COUNTRY_CODE
            )
        if organisation.row.code not in named:
            problems.add(organisation.place, "code", _("chưa có tên trong organisation_names.csv"))
    _no_overlap(c.organisation_names, lambda row: (row.organisation,), problems)
    _no_overlap(c.organisation_codes, lambda row: (row.scheme, row.code), problems)
    graph: dict[str, set[str]] = defaultdict(set)
    for item in c.successions:
        graph[item.row.successor].add(item.row.predecessor)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        ring = list(error.args[1])
        first = next(
            i for i in c.successions if i.row.predecessor in ring and i.row.successor in ring
        )
        problems.add(first.place, "successor", _("kế thừa thành vòng: %s") % " → ".join(ring))


def _no_overlap(
    items: Iterable[Placed[Any]], key: Callable[[Any], Hashable], problems: Problems
) -> None:
    """Dated rows of one key do not overlap: a code or a name means one thing at a time."""
    groups: dict[Hashable, list[Placed[Any]]] = defaultdict(list)
    for item in items:
        groups[key(item.row)].append(item)
    for group in groups.values():
        group.sort(key=lambda i: i.row.valid_from or dt.date.min)
        for before, after in pairwise(group):
            end = before.row.valid_to or dt.date.max
            if (after.row.valid_from or dt.date.min) <= end:
                problems.add(after.place, "valid_from", _("trùng thời gian với %s") % before.place)


def _documents(c: Catalogue, problems: Problems) -> None:
    for item in c.documents:
        if not item.row.number and item.row.legal_status != "draft":
            problems.add(item.place, "number", _("chỉ dự thảo mới được thiếu số hiệu"))
    known = clauses(c, problems)
    for provision in c.provisions:
        if provision.row.document != provision.document:
            problems.add(
                provision.place, "document", _("phải là «%s» như tên tệp") % provision.document
            )
        parent, separator, _last = provision.row.locator.rpartition(LOCATOR_SEPARATOR)
        if separator and (provision.document, parent) not in known:
            problems.add(provision.place, "locator", _("thiếu điều khoản cấp trên «%s»") % parent)


def _indicators(c: Catalogue, problems: Problems) -> None:
    official: dict[str, int] = defaultdict(int)
    first: dict[str, Place] = {}
    for item in c.series:
        official[item.row.indicator] += item.row.official
        first.setdefault(item.row.indicator, item.place)
    unread = Known(c, problems, "series", ())
    for indicator, count in official.items():
        if count > 1 or (count == 0 and indicator not in unread):
            problems.add(
                first[indicator],
                "official",
                _("chỉ tiêu «%(code)s» có %(count)d chuỗi chính thức, cần đúng 1")
                % {"code": indicator, "count": count},
            )
    for link in c.context:
        if link.row.context == link.row.indicator:
            problems.add(link.place, "context", _("không thể tham khảo chính mình"))
    for one in c.indicators:
        row = one.row
        if row.measurable_until and not (row.unmeasurable_vi and row.unmeasurable_en):
            problems.add(one.place, "unmeasurable_vi", _("nêu vì sao không còn đo được"))
        if row.interval_years < 1:
            problems.add(one.place, "interval_years", _("cần ít nhất 1"))


def _targets(c: Catalogue, problems: Problems) -> None:
    leading = (i.row.target for i in c.assignments if i.row.role == "lead")
    leads = Known(c, problems, "assignments", leading)
    context_only = {i.row.code for i in c.indicators if i.row.context_only}
    units = {i.row.code: i.row.unit for i in c.indicators}
    restating = {i.row.key for i in c.targets if i.row.restates}
    for item in c.targets:
        _number(item, problems)
        _year(item, problems)
        row, place = item.row, item.place
        if row.key not in leads:
            problems.add(place, "key", _("chưa có cơ quan chủ trì trong assignments/"))
        if row.indicator in context_only:
            problems.add(
                place, "indicator", _("«%s» chỉ để tham khảo, không đo mục tiêu") % row.indicator
            )
        unit = units.get(row.indicator, row.unit)
        if row.kind not in ("relative", "milestone") and row.unit != unit:
            problems.add(
                place,
                "unit",
                _("đơn vị «%(unit)s» khác đơn vị «%(want)s» của chỉ tiêu")
                % {"unit": row.unit, "want": unit},
            )
        if row.interpreted and not (row.interpretation_vi and row.interpretation_en):
            problems.add(place, "interpretation_vi", _("nêu phần nào là cách hiểu của ta"))
        if row.restates in restating:
            problems.add(
                place, "restates", _("«%s» cũng chỉ nhắc lại một mục tiêu khác") % row.restates
            )
    for assignment in c.assignments:
        _ground(assignment, problems)


def _number(item: OfDocument[TargetRow], problems: Problems) -> None:
    row, place = item.row, item.place
    if row.kind == "milestone":
        if row.operator or row.threshold is not None or row.threshold_max is not None:
            problems.add(
                place, "threshold", _("mốc hoàn thành không có phép so sánh và không có ngưỡng")
            )
        return
    if not row.operator:
        problems.add(place, "operator", _("cần một trong: >=, >, <=, <, range"))
    if row.threshold is None:
        problems.add(place, "threshold", _("cần một số"))
        return
    upper = row.threshold_max
    if row.operator == "range" and (upper is None or upper <= row.threshold):
        problems.add(place, "threshold_max", _("khoảng cần cận trên lớn hơn cận dưới"))
    if row.operator != "range" and upper is not None:
        problems.add(place, "threshold_max", _("chỉ khoảng (range) mới có cận trên"))
    if row.kind == "rank" and row.operator not in ("<=", "<"):
        problems.add(place, "operator", _("thứ hạng càng thấp càng tốt: cần <= hoặc <"))


def _year(item: OfDocument[TargetRow], problems: Problems) -> None:
    row, place = item.row, item.place
    if row.standing and (row.due_year is not None or row.horizon != "standing"):
        problems.add(
            place, "due_year", _("nhiệm vụ thường xuyên không có năm, horizon là standing")
        )
    if not row.standing and row.horizon == "standing":
        problems.add(place, "horizon", _("standing chỉ dùng khi cột standing là yes"))
    if row.due_year is not None and row.due_year < 2000:
        problems.add(place, "due_year", _("«%d»: cần một năm từ 2000 đến 2100") % row.due_year)
    if (row.due_year is None) != (row.year_basis == "none"):
        problems.add(
            place, "year_basis", _("cần stated hoặc inferred khi có năm, none khi không có năm")
        )
    if (row.baseline_year is None) != (row.baseline_value is None):
        problems.add(place, "baseline_value", _("gốc cần cả năm và giá trị"))


def _ground(item: OfDocument[AssignmentRow], problems: Problems) -> None:
    row = item.row
    if row.basis == "stated" and not row.provision:
        problems.add(item.place, "provision", _("nêu điều khoản giao việc"))
    if row.basis == "inferred" and not (row.reason_vi and row.reason_en):
        problems.add(item.place, "reason_vi", _("nêu lý do suy ra, bằng hai thứ tiếng"))


def _tasks(c: Catalogue, problems: Problems) -> None:
    leading = (str(i.row.task) for i in c.task_roles if i.row.role == "lead")
    leads = Known(c, problems, "task_roles", leading)
    for item in c.tasks:
        row = item.row
        if str(row.number) not in leads:
            problems.add(item.place, "number", _("chưa có cơ quan chủ trì trong task_roles.csv"))
        if row.start_year and row.end_year and row.start_year > row.end_year:
            problems.add(item.place, "end_year", _("năm kết thúc trước năm bắt đầu"))


def _duties(c: Catalogue, problems: Problems) -> None:
    binding = {i.row.slug: i.row.legal_status in ("in_force", "sent") for i in c.documents}
    for item in c.duties:
        row = item.row
        if row.active and not binding.get(row.document, True):
            problems.add(
                item.place,
                "active",
                _("«%s» là dự thảo hoặc đã bị thay thế, không buộc ai báo cáo: cần no")
                % row.document,
            )
        if row.due_basis == "inferred" and not (row.due_reason_vi and row.due_reason_en):
            problems.add(item.place, "due_reason_vi", _("nêu lý do suy ra, bằng hai thứ tiếng"))


def _validation_rules(c: Catalogue, problems: Problems) -> None:
    check_rules(c.validation_rules, problems)


def _data_sources(c: Catalogue, problems: Problems) -> None:
    read = (f"{item.row.indicator}/{item.row.code}" for item in c.series)
    check_sources(c.data_sources, Known(c, problems, "series", read), problems)
