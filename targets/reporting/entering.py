"""Values into the cells of a report: whole, never over somebody else's without being told.

Every road in ends here: the grid, a pasted block, a spreadsheet, the API. Whoever writes names the
version they saw; a cell that has changed since is a `Conflict` that carries both values. A save
that is repeated because its answer was lost finds its own value there and writes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from targets.models import Indicator, Report, ReportItem, Unit
from targets.trail import acting

#: States of a report in which values may be entered.
OPEN_STATES = (Report.State.DRAFT, Report.State.RETURNED)

_EXACT = Context(prec=80, rounding=ROUND_HALF_UP)
_EIGHT = Decimal("0.00000001")
_FOUR = Decimal("0.0001")
_LIMITS = {"value": Decimal(10) ** 16, "numerator": Decimal(10) ** 20}
_LIMITS["denominator"] = _LIMITS["numerator"]

_REPORT = "SELECT id, state FROM targets_report WHERE id = %s FOR SHARE"
_REPORT_OF_ITEM = """
    SELECT id, state FROM targets_report
    WHERE id = (SELECT report_id FROM targets_reportitem WHERE id = %s) FOR SHARE
"""
# The whole of an ordinary save in one statement: the lock holds the report's state still.
_UPDATE_IF_SEEN = """
    WITH open AS MATERIALIZED (
        SELECT id FROM targets_report WHERE id = %s AND state = ANY(%s) FOR SHARE
    )
    UPDATE targets_reportitem i
    SET value = %s, numerator = %s, denominator = %s, unavailable = %s, note = %s,
        version = i.version + 1, entered_by_id = %s, entered_at = %s
    FROM open
    WHERE i.report_id = open.id AND i.id = %s AND i.version = %s
    RETURNING i.version
"""
_UPDATE = """
    UPDATE targets_reportitem i
    SET value = n.value, numerator = n.numerator, denominator = n.denominator,
        unavailable = n.unavailable, note = n.note, version = n.version,
        entered_by_id = n.entered_by_id, entered_at = n.entered_at
    FROM unnest(
        %s::bigint[], %s::numeric[], %s::numeric[], %s::numeric[], %s::boolean[], %s::text[],
        %s::integer[], %s::bigint[], %s::timestamptz[]
    ) AS n(id, value, numerator, denominator, unavailable, note, version, entered_by_id, entered_at)
    WHERE i.id = n.id
"""


class EntryRefusedError(Exception):
    """What was typed cannot be kept; a sentence for the person, and the cell it is about."""

    def __init__(self, sentence: str, item_id: int | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.item_id = item_id


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody wants a cell to hold. Of a milestone, `value` is the stage."""

    value: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    unavailable: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """What a cell holds, which version of it that is, and who entered it when (None: nobody)."""

    item_id: int
    typed: Typed
    version: int
    by: User | None
    at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Entered:
    """The cell holds what was typed; `changed` is False where it did so already."""

    held: Held
    changed: bool


@dataclass(frozen=True, slots=True)
class Conflict:
    """Somebody changed the cell since it was seen: nothing was written, both values are here."""

    mine: Typed
    theirs: Held


@dataclass(frozen=True, slots=True)
class Change:
    """One cell of many; without `seen_version` it replaces whatever is there."""

    item_id: int
    typed: Typed
    seen_version: int | None = None


class ConflictsError(Exception):
    """Of many cells these were changed by somebody else meanwhile; none was written."""

    def __init__(self, conflicts: Sequence[Conflict]) -> None:
        super().__init__(f"{len(conflicts)} conflicts")
        self.conflicts = tuple(conflicts)


def enter_item(
    item_id: int, *, by: User, seen_version: int, typed: Typed, item: ReportItem | None = None
) -> Entered | Conflict:
    """Put what was typed into one cell.

    `item`: the cell as just read, with indicator and unit, if the caller has it; what matters is
    looked at again when it is written. Raises EntryRefusedError where the report is not open for
    entry or the input makes no sense, ReportItem.DoesNotExist where there is no such cell.
    """
    if item is None:
        item = ReportItem.objects.select_related("indicator__unit", "entered_by").get(pk=item_id)
    with _about(item):
        wanted = settled(typed, item.indicator)
    if item.version == seen_version and held(item).typed != wanted:
        now = timezone.now()
        states = [str(state) for state in OPEN_STATES]
        row = [wanted.value, wanted.numerator, wanted.denominator, wanted.unavailable, wanted.note]
        with acting(by=by), connection.cursor() as cursor:
            cursor.execute(
                _UPDATE_IF_SEEN,
                [item.report_id, states, *row, by.pk, now, item.pk, seen_version],
            )
            if cursor.fetchone():
                return Entered(Held(item.pk, wanted, seen_version + 1, by, now), changed=True)
    with acting(by=by), transaction.atomic():
        report = _hold_report(_REPORT_OF_ITEM, item_id)
        if report is None:
            raise ReportItem.DoesNotExist
        return _enter(report, [Change(item_id, typed, seen_version)], by)[0]


def enter_many(
    report_id: int, *, by: User, changes: Iterable[Change], why: str = ""
) -> list[Entered]:
    """Put what was typed into many cells of one report, all or none; in the order given.

    `why` is for the trail: from which paste, file or program. Raises ConflictsError with every
    conflict, EntryRefusedError for the first input that cannot be kept, ReportItem.DoesNotExist
    where a cell is not of this report.
    """
    with acting(by=by, why=why), transaction.atomic():
        report = _hold_report(_REPORT, report_id)
        if report is None:
            raise Report.DoesNotExist
        outcomes = _enter(report, list(changes), by)
        conflicts = [one for one in outcomes if isinstance(one, Conflict)]
        if conflicts:
            raise ConflictsError(conflicts)
    return [one for one in outcomes if isinstance(one, Entered)]


def held(item: ReportItem) -> Held:
    """What a cell holds; costs a query unless `entered_by` is joined."""
    typed = Typed(item.value, item.numerator, item.denominator, item.unavailable, item.note)
    return Held(item.pk, typed, item.version, item.entered_by, item.entered_at)


def derived(numerator: Decimal, denominator: Decimal, unit: Unit) -> Decimal | None:
    """The value of a ratio in its unit as `triggers.ratio` has it; None unless 0 < denominator."""
    if denominator <= 0:
        return None
    product = _EXACT.quantize(_EXACT.multiply(numerator, unit.ratio_scale), _EIGHT)
    return _EXACT.quantize(_EXACT.divide(product, denominator), _EIGHT)


def settled(typed: Typed, indicator: Indicator) -> Typed:
    """What the cell will hold of what was typed: rounded as stored, a ratio's value derived.

    Raises EntryRefusedError (without a cell) for input that cannot be kept. A ratio of which only
    one half is known keeps what is typed, so that nothing is lost between the two cells.
    """
    note = typed.note.strip()
    if typed.unavailable:
        if not note:
            raise EntryRefusedError(
                _("Ghi chú vì sao chưa có số liệu, rồi mới đánh dấu “chưa có số liệu” được.")
            )
        return Typed(unavailable=True, note=note)
    numerator, denominator = (
        _fit("numerator", typed.numerator),
        _fit("denominator", typed.denominator),
    )
    value = _fit("value", typed.value)
    if indicator.aggregation != Indicator.Aggregation.RATIO:
        if numerator is not None or denominator is not None:
            raise EntryRefusedError(_("Chỉ tiêu này không có tử số và mẫu số; nhập thẳng giá trị."))
    elif numerator is not None and denominator is not None:
        value = _fit("value", derived(numerator, denominator, indicator.unit))
    return Typed(value, numerator, denominator, note=note)


@contextmanager
def _about(item: ReportItem) -> Iterator[None]:
    """A refusal inside is about this cell."""
    try:
        yield
    except EntryRefusedError as refusal:
        refusal.item_id = item.pk
        raise


def _fit(name: str, number: Decimal | None) -> Decimal | None:
    """Rounded to the decimals of its column; too large or not a number is refused."""
    if number is None:
        return None
    if not number.is_finite() or abs(number) >= _LIMITS[name]:
        raise EntryRefusedError(_("Số này quá lớn để lưu; kiểm tra lại số và đơn vị."))
    rounded = _EXACT.quantize(number, _EIGHT if name == "value" else _FOUR)
    return abs(rounded) if rounded == 0 else rounded


def _hold_report(query: str, key: int) -> tuple[int, str] | None:
    """Id and state of the report, which no step can change before this transaction ends.

    A shared lock: those who enter values at the same time do not wait for one another.
    """
    with connection.cursor() as cursor:
        cursor.execute(query, [key])
        found: tuple[int, str] | None = cursor.fetchone()
    return found


def _enter(
    report: tuple[int, str], changes: Sequence[Change], by: User
) -> list[Entered | Conflict]:
    report_id, state = report
    if state not in OPEN_STATES:
        raise EntryRefusedError(
            _("Báo cáo đang ở bước “%(state)s” nên không nhập được; cần được trả lại hoặc rút lại.")
            % {"state": Report.State(state).label}
        )
    items = _hold_items(report_id, {change.item_id for change in changes})
    now = timezone.now()
    outcomes: list[Entered | Conflict] = []
    changed = []
    for change in changes:
        item = items[change.item_id]
        with _about(item):
            typed = settled(change.typed, item.indicator)
        before = held(item)
        if before.typed == typed:
            outcomes.append(Entered(before, changed=False))
        elif change.seen_version not in {None, before.version}:
            outcomes.append(Conflict(typed, before))
        else:
            _put(item, typed, by, now)
            changed.append(item)
            outcomes.append(Entered(held(item), changed=True))
    if changed:
        _store(changed)
    return outcomes


def _hold_items(report_id: int, pks: set[int]) -> dict[int, ReportItem]:
    """The cells, locked in one order so that two writers never wait for each other."""
    rows = (
        ReportItem.objects.select_for_update(of=("self",), no_key=True)
        .select_related("indicator__unit", "entered_by")
        .filter(report_id=report_id, pk__in=pks)
        .order_by("pk")
    )
    items = {item.pk: item for item in rows}
    if pks - items.keys():
        raise ReportItem.DoesNotExist
    return items


def _put(item: ReportItem, typed: Typed, by: User, now: dt.datetime) -> None:
    item.value, item.numerator, item.denominator = typed.value, typed.numerator, typed.denominator
    item.unavailable, item.note = typed.unavailable, typed.note
    item.version += 1
    item.entered_by, item.entered_at = by, now


def _store(items: Sequence[ReportItem]) -> None:
    """One statement for any number of cells."""
    rows = {item.pk: item for item in items}.values()
    with connection.cursor() as cursor:
        cursor.execute(
            _UPDATE,
            [
                [item.pk for item in rows],
                [item.value for item in rows],
                [item.numerator for item in rows],
                [item.denominator for item in rows],
                [item.unavailable for item in rows],
                [item.note for item in rows],
                [item.version for item in rows],
                [item.entered_by_id for item in rows],
                [item.entered_at for item in rows],
            ],
        )
