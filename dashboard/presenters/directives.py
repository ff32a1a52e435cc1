"""Directives in lists, on their own page, and in the block that public pages show to some."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.db.models import Count, Prefetch, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from dashboard import foreign, formatting
from dashboard.components import Chip, ChipGroup, Crumb, Fact, Notice, Pages
from dashboard.naming import short_names
from dashboard.presenters.common import title_of
from dashboard.presenters.paging import pages_of
from targets import wording
from targets.models import Directive, DirectiveAnswer, DirectiveFile, Organisation, Report
from targets.models.directives import DirectiveQuerySet
from targets.people import full_name
from targets.permissions import allowed, predecessors_of, visible_directives

_ON_A_PAGE: Final = 30
_IN_A_BLOCK: Final = 5
_EXCERPT: Final = 180

#: Choices of `?state=`; the first is what one sees without asking.
FILTERS: Final = {
    "": _("Đang mở"),
    "open": _("Chờ trả lời"),
    "late": _("Quá hạn"),
    "answered": _("Đã trả lời"),
    "closed": _("Đã kết thúc"),
    "withdrawn": _("Đã rút"),
    "all": _("Tất cả"),
}


@dataclass(frozen=True, slots=True)
class DirectiveRow:
    """One directive in a list."""

    url: str
    subject: str
    detail: str
    excerpt: str
    addressee: str
    due: str
    state: str
    code: str
    late: bool
    countdown: str
    sample: bool


@dataclass(frozen=True, slots=True)
class DirectiveListPage:
    """`/chi-dao/`."""

    title: str
    sentence: str
    filters: Sequence[ChipGroup]
    rows: Sequence[DirectiveRow]
    pages: Pages | None
    empty: Notice
    new_url: str


@dataclass(frozen=True, slots=True)
class FileLink:
    """A file of an answer."""

    name: str
    url: str
    size: int


@dataclass(frozen=True, slots=True)
class Word:
    """One entry of the thread: the directive itself, an answer, a word of leadership."""

    kind: str
    code: str
    who: str
    when: dt.datetime
    text: str
    tongue: str
    late: bool = False
    due: str = ""
    files: Sequence[FileLink] = ()


@dataclass(frozen=True, slots=True)
class DirectivePage:
    """`/chi-dao/<pk>/`; `may` names the forms that the reader gets."""

    pk: int
    title: str
    crumbs: Sequence[Crumb]
    row: DirectiveRow
    facts: Sequence[Fact]
    words: Sequence[Word]
    last_word: int
    may: frozenset[str]
    waits_for: str


@dataclass(frozen=True, slots=True)
class Block:
    """What stands on a public page for a reader who may see directives."""

    title: str
    summary: str
    rows: Sequence[DirectiveRow]
    all_url: str
    all_text: str
    links: Sequence[tuple[str, str]]
    none: str


def row_of(directive: Directive, today: dt.date, names: Mapping[int, str]) -> DirectiveRow:
    """One directive in a list; its subject must be joined (`with_subject`)."""
    subject, detail = _subject(directive, names)
    late = directive.is_late(today)
    return DirectiveRow(
        url=directive.get_absolute_url(),
        subject=subject,
        detail=detail,
        excerpt=Truncator(" ".join(directive.text.split())).chars(_EXCERPT),
        addressee=names.get(directive.addressee_id, ""),
        due=formatting.day(directive.due_on),
        state=str(Directive.State(directive.state).label),
        code=directive.state,
        late=late,
        countdown=_countdown(directive, today),
        sample=directive.sample,
    )


def _subject(directive: Directive, names: Mapping[int, str]) -> tuple[str, str]:
    """What a directive is about, and what belongs to that: the demand, the reporting body."""
    if directive.target is not None:
        return title_of(directive.target), formatting.demand(directive.target)
    if directive.report is None:
        return "", ""
    cycle = directive.report.cycle
    words = {
        "duty": formatting.localised(cycle.duty, "name"),
        "period": wording.period(cycle.period),
    }
    return (
        gettext("Báo cáo %(duty)s, kỳ %(period)s") % words,
        names.get(directive.report.organisation_id, ""),
    )


def _countdown(directive: Directive, today: dt.date) -> str:
    """How long there is still, or since when it is late; "" where no answer is awaited."""
    if directive.state != Directive.State.OPEN:
        return ""
    days = (directive.due_on - today).days
    if days < 0:
        late = ngettext("quá hạn %(days)s ngày", "quá hạn %(days)s ngày", -days)
        return late % {"days": -days}
    if days == 0:
        return gettext("hạn hôm nay")
    return ngettext("còn %(days)s ngày", "còn %(days)s ngày", days) % {"days": days}


def _named(directives: Iterable[Directive]) -> dict[int, str]:
    """The short names that rows of these need."""
    wanted = set()
    for one in directives:
        wanted.add(one.addressee_id)
        if one.report is not None:
            wanted.add(one.report.organisation_id)
    return short_names(wanted)


def directive_list_page(reader: User, state: str, to: str, page: str) -> DirectiveListPage:
    """What the reader may see: what waits first, the most overdue at the top."""
    today = timezone.localdate()
    state = state if state in FILTERS else ""
    visible = Directive.objects.filter(visible_directives(reader))
    addressees = _addressees(visible)
    to = to if to in addressees else ""
    narrowed = visible.filter(addressee__code=to) if to else visible
    counts = narrowed.aggregate(
        **{code or "waiting": Count("pk", filter=_condition(code, today)) for code in FILTERS}
    )
    found = narrowed.filter(_condition(state, today)).with_subject().in_order()
    shown = Paginator(found, _ON_A_PAGE).get_page(page)
    members = list(shown)
    names = _named(members)
    path = reverse("directive-list")
    pairs = [(name, value) for name, value in (("state", state), ("to", to)) if value]
    may_issue = allowed(reader, "targets.create_directive")
    return DirectiveListPage(
        title=gettext("Ý kiến chỉ đạo"),
        sentence=_list_sentence(counts["open"], counts["late"]),
        filters=_filters(path, state, to, counts, addressees),
        rows=[row_of(one, today, names) for one in members],
        pages=pages_of(shown, path, *pairs),
        empty=_empty(state, to, path, may_issue=may_issue),
        new_url=reverse("directive-new") if may_issue else "",
    )


def _condition(state: str, today: dt.date) -> Q:
    if state == "all":
        return Q(pk__isnull=False)
    if state == "late":
        return Q(state=Directive.State.OPEN, due_on__lt=today)
    if state == "":
        return Q(state__in=(Directive.State.OPEN, Directive.State.ANSWERED))
    return Q(state=state)


def _addressees(visible: DirectiveQuerySet) -> dict[str, str]:
    """Names by code of the organisations to which the reader's directives went."""
    found = visible.order_by().values_list("addressee__code", "addressee_id").distinct()
    codes = dict(found)
    names = short_names(codes.values())
    return {code: names[codes[code]] for code in sorted(codes, key=lambda code: names[codes[code]])}


def _list_sentence(waiting: int, late: int) -> str:
    if not waiting:
        return gettext("Không có ý kiến nào đang chờ trả lời")
    words = ngettext(
        "%(count)s ý kiến đang chờ trả lời", "%(count)s ý kiến đang chờ trả lời", waiting
    ) % {"count": waiting}
    if not late:
        return words
    return gettext("%(waiting)s, %(late)s quá hạn") % {"waiting": words, "late": late}


def _filters(
    path: str, state: str, to: str, counts: Mapping[str, int], addressees: Mapping[str, str]
) -> list[ChipGroup]:
    def url(**asked: str) -> str:
        pairs = {name: value for name, value in asked.items() if value}
        return f"{path}?{urlencode(pairs)}" if pairs else path

    groups = [
        ChipGroup(
            gettext("Trạng thái"),
            [
                Chip(
                    str(text),
                    url(state=code, to=to),
                    current=code == state,
                    count=counts[code or "waiting"],
                )
                for code, text in FILTERS.items()
            ],
        )
    ]
    if len(addressees) > 1:
        everybody = Chip(gettext("tất cả"), url(state=state), current=not to)
        single = [
            Chip(name, url(state=state, to=code), current=code == to)
            for code, name in addressees.items()
        ]
        groups.append(ChipGroup(gettext("Gửi tới"), [everybody, *single], folded=True))
    return groups


def _empty(state: str, to: str, path: str, *, may_issue: bool) -> Notice:
    if state or to:
        return Notice(
            gettext("Không có ý kiến nào khớp bộ lọc"),
            action=gettext("Bỏ bộ lọc"),
            action_url=path,
        )
    if may_issue:
        return Notice(
            gettext("Không có ý kiến nào đang mở"),
            gettext("Ra ý kiến từ trang của một mục tiêu, hoặc chọn mục tiêu ở đây."),
            action=gettext("Ra ý kiến chỉ đạo"),
            action_url=reverse("directive-new"),
        )
    return Notice(
        gettext("Không có ý kiến nào đang mở"),
        gettext("Ý kiến chỉ đạo gửi tới cơ quan của bạn sẽ nằm ở đây."),
    )


def directive_page(directive: Directive, reader: User) -> DirectivePage:
    """The directive, its thread and what the reader may do."""
    today = timezone.localdate()
    # The bytes of the files stay where they are.
    files = DirectiveFile.objects.select_related("file").defer("file__content")
    words = list(directive.answers.select_related("by").prefetch_related(Prefetch("files", files)))
    names = _named([directive])
    may = {
        form
        for form, permission in (
            ("answer", "targets.answer_directive"),
            ("close", "targets.close_directive"),
            ("reopen", "targets.reopen_directive"),
        )
        if allowed(reader, permission, directive)
    }
    number = gettext("Ý kiến chỉ đạo số %(number)s") % {"number": directive.pk}
    return DirectivePage(
        pk=directive.pk,
        title=number,
        crumbs=(
            Crumb(gettext("Ý kiến chỉ đạo"), reverse("directive-list")),
            Crumb(gettext("Số %(number)s") % {"number": directive.pk}),
        ),
        row=row_of(directive, today, names),
        facts=_facts(directive, names, today),
        words=[_first(directive), *(_word(one, directive) for one in words)],
        last_word=words[-1].pk if words else 0,
        may=frozenset(may),
        waits_for=_waits_for(directive),
    )


def _facts(directive: Directive, names: Mapping[int, str], today: dt.date) -> list[Fact]:
    subject, detail = _subject(directive, names)
    about = directive.target or directive.report
    addressee = directive.addressee
    ended = addressee.valid_to is not None and addressee.valid_to < today
    return [
        Fact(
            gettext("Về mục tiêu") if directive.target else gettext("Về báo cáo"),
            subject,
            url=about.get_absolute_url() if about else "",
            note=detail,
        ),
        Fact(
            gettext("Gửi tới"),
            names[addressee.pk],
            url=addressee.get_absolute_url(),
            note=gettext("đã kết thúc ngày %(day)s; cơ quan kế thừa trả lời")
            % {"day": formatting.day(addressee.valid_to)}
            if ended
            else "",
        ),
        Fact(
            gettext("Hạn trả lời"),
            formatting.day(directive.due_on),
            note=_countdown(directive, today),
        ),
        Fact(
            gettext("Người ra ý kiến"),
            full_name(directive.created_by),
            note=formatting.day(directive.created_at),
        ),
    ]


def _waits_for(directive: Directive) -> str:
    """Whose turn it is, in a sentence."""
    return {
        Directive.State.OPEN: gettext("Chờ cơ quan nhận ý kiến trả lời."),
        Directive.State.ANSWERED: gettext(
            "Chờ lãnh đạo xem câu trả lời: kết thúc, hoặc yêu cầu trả lời thêm."
        ),
        Directive.State.CLOSED: gettext("Lãnh đạo đã kết thúc ý kiến này."),
        Directive.State.WITHDRAWN: gettext("Lãnh đạo đã rút ý kiến này."),
    }[Directive.State(directive.state)]


def _first(directive: Directive) -> Word:
    return Word(
        kind=gettext("Ý kiến"),
        code="issue",
        who=full_name(directive.created_by),
        when=directive.created_at,
        text=directive.text,
        tongue=foreign.tongue(directive.text),
    )


def _word(word: DirectiveAnswer, directive: Directive) -> Word:
    kind = DirectiveAnswer.Kind(word.kind)
    answer = kind == DirectiveAnswer.Kind.ANSWER
    return Word(
        kind=str(kind.label),
        code=kind.value,
        who=full_name(word.by),
        when=word.at,
        text=word.text,
        tongue=foreign.tongue(word.text),
        late=answer and timezone.localtime(word.at).date() > word.due_on,
        due=formatting.day(word.due_on) if kind == DirectiveAnswer.Kind.REOPEN else "",
        files=[
            FileLink(
                name=one.file.name,
                url=reverse("directive-file", args=[directive.pk, one.pk]),
                size=one.file.size,
            )
            for one in word.files.all()
        ],
    )


def overview_block(reader: User) -> Block | None:
    """All open directives that the reader may see; None where there are none (one query)."""
    return _block(
        Directive.objects.filter(visible_directives(reader)).waiting(),
        gettext("Ý kiến chỉ đạo đang mở"),
        reverse("directive-list"),
        (),
        empty=False,
    )


def target_block(reader: User, key: str) -> Block | None:
    """What was asked about one target, open or not, and what the reader may do about it."""
    links = []
    if allowed(reader, "targets.create_directive"):
        links.append((f"{reverse('directive-new')}?target={key}", gettext("Ra ý kiến chỉ đạo")))
    if allowed(reader, "targets.view_trail"):
        links.append((f"{reverse('target', args=[key])}nhat-ky/", gettext("Nhật ký của mục tiêu")))
    block = _block(
        Directive.objects.filter(visible_directives(reader), target__key=key),
        gettext("Ý kiến chỉ đạo về mục tiêu này"),
        f"{reverse('directive-list')}?state=all",
        links,
        empty=bool(links),
    )
    return block and _untitled(block)


def report_block(reader: User, report: Report) -> Block | None:
    """What was asked about one report, open or not."""
    links = []
    if allowed(reader, "targets.create_directive"):
        address = f"{reverse('directive-new')}?report={report.pk}"
        links.append((address, gettext("Ra ý kiến chỉ đạo")))
    block = _block(
        Directive.objects.filter(visible_directives(reader), report=report),
        gettext("Ý kiến chỉ đạo về báo cáo này"),
        f"{reverse('directive-list')}?state=all",
        links,
        empty=bool(links),
    )
    return block and _untitled(block)


def organisation_block(reader: User, code: str) -> Block | None:
    """The open directives that an organisation has to answer, its predecessors' among them."""
    organisation = Organisation.objects.filter(code=code).first()
    if organisation is None:
        return None
    links = []
    if allowed(reader, "targets.view_trail", organisation):
        trail = f"{organisation.get_absolute_url()}nhat-ky/"
        links.append((trail, gettext("Nhật ký của cơ quan")))
    own = {organisation.pk, *predecessors_of([organisation.pk])}
    return _block(
        Directive.objects.filter(visible_directives(reader), addressee__in=own).waiting(),
        gettext("Ý kiến chỉ đạo gửi cơ quan này"),
        f"{reverse('directive-list')}?{urlencode({'to': code})}",
        links,
        empty=bool(links),
        none=gettext("Không có ý kiến nào đang mở"),
    )


def _block(
    found: DirectiveQuerySet,
    title: str,
    all_url: str,
    links: Sequence[tuple[str, str]],
    *,
    empty: bool,
    none: str = "",
) -> Block | None:
    """The first few, with counts of all of them from the same query."""
    today = timezone.localdate()
    shown = list(found.with_subject().in_order().with_totals(today)[:_IN_A_BLOCK])
    if not shown and not empty:
        return None
    names = _named(shown)
    total, late = shown[0].totals if shown else (0, 0)
    return Block(
        title=title,
        summary=_late_words(late),
        rows=[row_of(one, today, names) for one in shown],
        all_url=all_url if total > len(shown) else "",
        all_text=ngettext("Xem cả %(count)s ý kiến", "Xem cả %(count)s ý kiến", total)
        % {"count": total},
        links=links,
        none=none or gettext("Chưa có ý kiến nào."),
    )


def _untitled(block: Block) -> Block:
    """The block on the page of the one thing that all of it is about, which has that as title."""
    rows = [replace(row, subject=row.excerpt, detail="", excerpt="") for row in block.rows]
    return replace(block, rows=rows)


def _late_words(late: int) -> str:
    if not late:
        return ""
    return ngettext("%(count)s quá hạn", "%(count)s quá hạn", late) % {"count": late}
