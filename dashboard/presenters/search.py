"""Search: indicators with their marks, organisations, documents with provisions, tasks."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import Model
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from dashboard import formatting
from dashboard.components import Mark, Notice
from dashboard.formatting import localised
from dashboard.presenters.common import Links, links_as_of, mark
from dashboard.presenters.documents import register_of
from dashboard.queries import Query
from documents.search import search_documents, search_provisions
from targets.lineage import Lineage
from targets.models import Indicator, OrganisationName
from targets.register import Register, Row
from targets.search import (
    search_indicators,
    search_organisations,
    search_targets,
    search_tasks,
)

#: Results shown of one sort; who wants more adds a word.
SHOWN: Final = 20
#: How far a look-alike may lie behind the best one and still be worth showing.
NEAR: Final = 0.1


@dataclass(frozen=True, slots=True)
class Hit:
    """One result: `marks` are the targets of an indicator; `likeness` is 0 to 1."""

    likeness: float
    title: str
    url: str
    note: str = ""
    badges: Sequence[str] = ()
    marks: Sequence[Mark] = ()


@dataclass(frozen=True, slots=True)
class Hits:
    """The results of one sort; `more` says how many are not shown."""

    slug: str
    title: str
    count: int
    hits: Sequence[Hit]
    more: str


@dataclass(frozen=True, slots=True)
class SearchPage:
    """`/tim/`."""

    title: str
    description: str
    sentence: str
    text: str
    similar: bool
    groups: Sequence[Hits]
    examples: Sequence[tuple[str, str]]
    notice: Notice | None


def search_page(query: Query, text: str) -> SearchPage:
    """What is found for `text`; look-alikes only where the words themselves are found nowhere."""
    to = links_as_of(query.as_of)
    groups: list[Hits] = []
    similar = False
    if text:
        register = register_of(query)
        groups = _groups(text, query.day, register, to, forgiving=False)
        if not groups:
            groups = _nearest(_groups(text, query.day, register, to, forgiving=True))
            similar = bool(groups)
    return SearchPage(
        title=gettext("Tìm: %(text)s") % {"text": text} if text else gettext("Tìm"),
        description=gettext("Tìm chỉ tiêu, cơ quan, văn bản, điều khoản và nhiệm vụ."),
        sentence=_sentence(text, sum(group.count for group in groups)),
        text=text,
        similar=similar,
        groups=groups,
        examples=_examples(query) if not groups else (),
        notice=_nothing(text) if text and not groups else None,
    )


def _groups(
    text: str, day: dt.date, register: Register | None, to: Links, *, forgiving: bool
) -> list[Hits]:
    lineage = register.lineage if register else Lineage()
    groups = [
        _hits("chi-tieu", gettext("Chỉ tiêu"), _indicators(text, register, to, forgiving)),
        _hits("co-quan", gettext("Cơ quan"), _organisations(text, lineage, day, to, forgiving)),
        _hits("van-ban", gettext("Văn bản"), _documents(text, day, to, forgiving)),
        _hits("dieu-khoan", gettext("Điều khoản"), _provisions(text, day, to, forgiving)),
        _hits("nhiem-vu", gettext("Nhiệm vụ"), _tasks(text, day, to, forgiving)),
    ]
    return [group for group in groups if group.hits]


def _nearest(groups: Iterable[Hits]) -> list[Hits]:
    """Of look-alikes those about as near as the nearest, and its group first."""
    best = max((hit.likeness for group in groups for hit in group.hits), default=0)
    near = []
    for group in groups:
        hits = [hit for hit in group.hits if hit.likeness >= best - NEAR]
        if hits:
            near.append(_hits(group.slug, group.title, hits))
    return sorted(near, key=lambda group: -max(hit.likeness for hit in group.hits))


def _hits(slug: str, title: str, found: Sequence[Hit]) -> Hits:
    left = len(found) - SHOWN
    more = ""
    if left > 0:
        words = ngettext("và %(count)s kết quả khác", "và %(count)s kết quả khác", left)
        more = gettext("%(more)s; thêm từ để thu hẹp.") % {"more": words % {"count": left}}
    return Hits(slug, title, len(found), found[:SHOWN], more)


def _likeness(row: Model) -> float:
    """How like the query a found row is: `documents.search.matching` says it of each."""
    return float(getattr(row, "likeness"))  # noqa: B009 - an annotation, unknown to the model


def _indicators(text: str, register: Register | None, to: Links, forgiving: bool) -> list[Hit]:
    """Indicators by their own name, then those of which a target is worded so."""
    found: dict[int, tuple[Indicator, float]] = {
        indicator.pk: (indicator, _likeness(indicator))
        for indicator in search_indicators(text, forgiving=forgiving)
    }
    for target in search_targets(text, forgiving=forgiving):
        found.setdefault(target.indicator_id, (target.indicator, _likeness(target)))
    rows: dict[int, list[Row]] = defaultdict(list)
    for row in register or ():
        rows[row.target.indicator_id].append(row)
    hits = [
        Hit(
            likeness=likeness,
            title=localised(indicator, "name"),
            url=to.indicator(indicator),
            note=localised(indicator.pillar, "short"),
            marks=[mark(row, to) for row in rows[indicator.pk]],
        )
        for indicator, likeness in found.values()
    ]
    # What is demanded goes before what is only shown beside it.
    return sorted(hits, key=lambda hit: not hit.marks)


def _organisations(
    text: str, lineage: Lineage, day: dt.date, to: Links, forgiving: bool
) -> list[Hit]:
    """Each organisation once, by its name of the day; a former name that was found is told."""
    named: dict[int, list[OrganisationName]] = defaultdict(list)
    for name in search_organisations(text, forgiving=forgiving):
        named[name.organisation_id].append(name)
    hits = []
    for pk, names in named.items():
        present = lineage.name_on(pk, day)
        hits.append(
            Hit(
                likeness=max(map(_likeness, names)),
                title=localised(present, "name"),
                url=to.organisation(names[0].organisation),
                note=_organisation_note(pk, names, lineage, day),
            )
        )
    return hits


def _organisation_note(
    pk: int, names: Iterable[OrganisationName], lineage: Lineage, day: dt.date
) -> str:
    organisation, present = lineage.organisations[pk], lineage.name_on(pk, day)
    notes = []
    if organisation.valid_to is not None and organisation.valid_to < day:
        ended = gettext("đến %(day)s") % {"day": formatting.day(organisation.valid_to)}
        heirs = [
            localised(lineage.name_on(step.successor_id, day), "short")
            for step in lineage.passed_on[pk]
            if step.effective_on <= day
        ]
        heirs = list(dict.fromkeys(heirs))
        notes.append(ended)
        if heirs:
            notes.append(gettext("kế thừa: %(names)s") % {"names": ", ".join(heirs)})
    former = [localised(name, "name") for name in names if name.pk != present.pk]
    if former:
        notes.append(gettext("tên khác: %(names)s") % {"names": ", ".join(former)})
    return "; ".join(notes)


def _documents(text: str, day: dt.date, to: Links, forgiving: bool) -> list[Hit]:
    return [
        Hit(
            likeness=_likeness(document),
            title=localised(document, "short"),
            url=to.document(document),
            note=localised(document, "title"),
            badges=("draft",) if document.is_draft else (),
        )
        for document in search_documents(text, forgiving=forgiving).filter(issued_on__lte=day)
    ]


def _provisions(text: str, day: dt.date, to: Links, forgiving: bool) -> list[Hit]:
    found = search_provisions(text, forgiving=forgiving).filter(
        document__issued_on__lte=day, tasks__isnull=True
    )
    return [
        Hit(
            likeness=_likeness(provision),
            title=localised(provision, "heading") or provision.short_locator,
            url=to.provision(provision.document, provision),
            note=f"{localised(provision.document, 'short')}, {provision.short_locator}",
            badges=("draft",) if provision.document.is_draft else (),
        )
        for provision in found
    ]


def _tasks(text: str, day: dt.date, to: Links, forgiving: bool) -> list[Hit]:
    url = f"{reverse('task-list')}{to.as_of_query}"
    return [
        Hit(
            likeness=_likeness(task),
            title=f"{task.number}. {localised(task, 'title')}",
            url=f"{url}#nhiem-vu-{task.number}",
            note=localised(task, "group"),
        )
        for task in search_tasks(text, forgiving=forgiving).filter(document__issued_on__lte=day)
    ]


def _sentence(text: str, count: int) -> str:
    if not text:
        return gettext("Tìm chỉ tiêu, cơ quan, văn bản, nhiệm vụ")
    if not count:
        return gettext("Không tìm thấy “%(text)s”") % {"text": text}
    words = ngettext("%(count)s kết quả cho “%(text)s”", "%(count)s kết quả cho “%(text)s”", count)
    return words % {"count": count, "text": text}


def _examples(query: Query) -> list[tuple[str, str]]:
    """Words that find something of each sort, as links."""
    words = (
        gettext("kinh tế số"),
        gettext("dịch vụ công"),
        gettext("Bộ Công an"),
        "749",
        gettext("cơ sở dữ liệu"),
    )
    tail = f"&as_of={query.as_of.isoformat()}" if query.as_of else ""
    return [(word, f"{reverse('search')}?q={word.replace(' ', '+')}{tail}") for word in words]


def _nothing(text: str) -> Notice:
    return Notice(
        gettext("Không có gì khớp."),
        gettext(
            "Hãy thử ít từ hơn, hoặc tên chỉ tiêu, tên cơ quan, số hiệu văn bản. "
            "Không cần gõ dấu; tên cũ của cơ quan cũng tìm được."
        ),
    )
