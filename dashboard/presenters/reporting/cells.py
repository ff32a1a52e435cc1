"""One cell of a report as the page shows it, and as a script gets it after a save."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from dashboard import formatting
from targets.models import Indicator, ReportItem, Unit
from targets.people import full_name
from targets.reporting.checking import Finding
from targets.reporting.entering import Conflict, Entered, Held, Typed
from targets.reporting.numbers import write_number
from targets.reporting.texts import Read, Texts, fields_of, texts_of


@dataclass(frozen=True, slots=True)
class Field:
    """One input: `kind` is number, stage or note; `long` names it without its column."""

    name: str
    kind: str
    label: str
    text: str
    derived: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """One stage of a milestone."""

    value: str
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a script is told of a save.

    outcome: saved, unchanged, refused, conflict or other_user. `texts` are the fields as stored,
    `problems` and `understood` go by field. `theirs` are the fields of the other person.
    """

    item: int
    outcome: str
    sentence: str
    version: int | None = None
    texts: Mapping[str, str | bool] | None = None
    problems: Mapping[str, str] | None = None
    understood: Mapping[str, str] | None = None
    ambiguous: Sequence[str] = ()
    theirs: Mapping[str, str | bool] | None = None
    findings: str = ""
    errors: int = 0
    warnings: int = 0
    filled: bool = False


def person(user: User | None) -> str:
    """A person by name; "" for nobody."""
    return "" if user is None else full_name(user)


def stages() -> tuple[Choice, ...]:
    """The stages that a milestone may have reached, in words."""
    return (
        Choice("", _("chọn mức")),
        Choice("0", _("0/100: chưa bắt đầu")),
        Choice("25", _("25/100: đã bắt đầu")),
        Choice("50", _("50/100: được một nửa")),
        Choice("75", _("75/100: gần xong")),
        Choice("100", _("100/100: hoàn thành")),
    )


def fields(texts: Texts, indicator: Indicator, value: Decimal | None) -> tuple[Field, ...]:
    """The inputs for numbers of a cell, in the order of the columns; `value`: as stored."""
    symbol = formatting.symbol(indicator.unit)
    labels = {
        "numerator": _("Tử số"),
        "denominator": _("Mẫu số"),
        # A long unit stands under the name alone.
        "value": f"{_('Giá trị')} ({symbol})" if 0 < len(symbol) <= 4 else _("Giá trị"),
    }
    stage = indicator.unit.kind == Unit.Kind.STAGE
    names = fields_of(indicator)
    if texts.numerator and texts.denominator:
        texts = replace(texts, value=derived_text(value, indicator))
    return tuple(
        Field(
            name=name,
            kind="stage" if stage else "number",
            label=_("Mức hoàn thành") if stage else labels[name],
            text=getattr(texts, name),
            derived=name == "value" and len(names) > 1,
        )
        for name in names
    )


def described(typed: Typed, unit: Unit) -> str:
    """What a cell holds, in words: `98,5 %`, `1.200 / 2.400 = 50 %`, `chưa có số liệu`."""
    if typed.unavailable:
        return _("chưa có số liệu")
    value = "" if typed.value is None else formatting.quantity(typed.value, unit, trim=True)
    halves = [
        formatting.DASH if half is None else write_number(half)
        for half in (typed.numerator, typed.denominator)
    ]
    if typed.numerator is None and typed.denominator is None:
        return value or _("để trống")
    return f"{' / '.join(halves)} = {value or formatting.DASH}"


def saved_line(held: Held) -> str:
    """Who entered what the cell holds, and when; "" where nobody did."""
    if held.by is None:
        return ""
    words = {"who": person(held.by), "when": formatting.moment(held.at)}
    return _("%(who)s lưu lúc %(when)s") % words


def as_fields(texts: Texts) -> dict[str, str | bool]:
    """The fields by name."""
    return {
        "value": texts.value,
        "numerator": texts.numerator,
        "denominator": texts.denominator,
        "unavailable": texts.unavailable,
        "note": texts.note,
    }


def shown_fields(typed: Typed, indicator: Indicator) -> dict[str, str | bool]:
    """The fields of what a cell holds, a derived value shortened."""
    fields = as_fields(texts_of(typed))
    if typed.numerator is not None and typed.denominator is not None:
        fields["value"] = derived_text(typed.value, indicator)
    return fields


def from_fields(fields: Mapping[str, str | bool]) -> Texts:
    """The other way round."""
    return Texts(
        value=str(fields["value"]),
        numerator=str(fields["numerator"]),
        denominator=str(fields["denominator"]),
        unavailable=bool(fields["unavailable"]),
        note=str(fields["note"]),
    )


def entered_answer(
    item: ReportItem, read: Read, entered: Entered, findings: Sequence[Finding], html: str
) -> Answer:
    """The answer to a save that was kept, or found to be there already."""
    held, counts = entered.held, counted(findings)
    return Answer(
        item=item.pk,
        outcome="saved" if entered.changed else "unchanged",
        sentence=_("Đã lưu: %(what)s") % {"what": described(held.typed, item.indicator.unit)},
        version=held.version,
        texts=shown_fields(held.typed, item.indicator),
        understood=read.understood,
        ambiguous=sorted(read.ambiguous),
        findings=html,
        errors=counts["errors"],
        warnings=counts["warnings"],
        filled=held.typed.unavailable or held.typed.value is not None,
    )


def counted(findings: Sequence[Finding]) -> dict[str, int]:
    """How many errors there are, and warnings that wait for a reason."""
    return {
        "errors": sum(one.severity == "error" for one in findings),
        "warnings": sum(one.needs_reason for one in findings),
    }


def keeping(answer: Answer, fields: Mapping[str, object]) -> Answer:
    """The answer with what was typed, for the form that is shown again."""
    names = ("value", "numerator", "denominator", "note")
    texts: dict[str, str | bool] = {name: str(fields.get(name) or "") for name in names}
    return replace(answer, texts={**texts, "unavailable": bool(fields.get("unavailable"))})


def refused_answer(item_id: int, sentence: str, read: Read | None = None) -> Answer:
    """The answer to a save that was not kept; what was typed stays in the fields."""
    return Answer(
        item=item_id,
        outcome="refused",
        sentence=_("Chưa lưu. %(why)s") % {"why": sentence},
        problems=read.problems if read else {},
        understood=read.understood if read else {},
        ambiguous=sorted(read.ambiguous) if read else (),
    )


def conflict_answer(item: ReportItem, conflict: Conflict) -> Answer:
    """The answer to a save of a cell that somebody else changed: both values, who and when."""
    theirs = conflict.theirs
    unit = item.indicator.unit
    return Answer(
        item=item.pk,
        outcome="conflict",
        sentence=_(
            "%(who)s đã sửa ô này lúc %(when)s thành: %(theirs)s. Bạn nhập: %(mine)s. Chọn một."
        )
        % {
            "who": person(theirs.by),
            "when": formatting.moment(theirs.at),
            "theirs": with_note(theirs.typed, unit),
            "mine": with_note(conflict.mine, unit),
        },
        version=theirs.version,
        theirs=as_fields(texts_of(theirs.typed)),
        texts=as_fields(texts_of(conflict.mine)),
    )


def with_note(typed: Typed, unit: Unit) -> str:
    """What a cell holds, with its note where it has one."""
    words = described(typed, unit)
    return f"{words} ({typed.note})" if typed.note else words


def derived_text(value: Decimal | None, indicator: Indicator) -> str:
    """The value of a ratio as its field shows it beside its halves, shortened; else ""."""
    if value is None or indicator.aggregation != Indicator.Aggregation.RATIO:
        return ""
    return formatting.number(value, max(indicator.unit.decimals, 2), trim=True)
