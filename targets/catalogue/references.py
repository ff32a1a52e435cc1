"""Keys and references across the catalogue: what is there once, and what may be referred to."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from itertools import chain
from operator import attrgetter
from typing import Any

from django.utils.translation import gettext as _

from targets.catalogue.catalogue import Catalogue, OfDocument
from targets.catalogue.reading import Place, Placed, Problems


class Known:
    """What a row may refer to: what is there, and what may be in lines that could not be read."""

    def __init__(
        self, c: Catalogue, problems: Problems, name: str, values: Iterable[Hashable]
    ) -> None:
        self.everything = name in c.lost
        self.values = {*values, *problems.unread}

    def __contains__(self, value: object) -> bool:
        return self.everything or value in self.values


def _unique(
    items: Iterable[Placed[Any]], name: str, key: Callable[[Any], Hashable], problems: Problems
) -> None:
    seen: dict[Hashable, Place] = {}
    for item in items:
        value = key(item)
        if value in seen:
            shown = " / ".join(map(str, value)) if isinstance(value, tuple) else value
            problems.add(
                item.place,
                name,
                _("«%(key)s» đã có ở %(place)s") % {"key": shown, "place": seen[value]},
            )
        else:
            seen[value] = item.place


def check_keys(c: Catalogue, problems: Problems) -> None:
    """Name every row whose key another row has."""
    for items, name in (
        (c.pillars, "code"),
        (c.units, "code"),
        (c.methods, "version"),
        (c.documents, "slug"),
        (c.organisations, "code"),
        (c.indicators, "code"),
        (c.targets, "key"),
        (c.duties, "code"),
        (c.validation_rules, "code"),
        (c.data_sources, "slug"),
    ):
        _unique(items, name, attrgetter(f"row.{name}"), problems)
    _unique(c.pillars, "slug", lambda i: i.row.slug, problems)
    numbered = [i for i in c.documents if i.row.number]
    _unique(numbered, "number", lambda i: i.row.number, problems)
    _unique(c.series, "code", lambda i: (i.row.indicator, i.row.code), problems)
    _unique(c.context, "context", lambda i: (i.row.indicator, i.row.context), problems)
    _unique(c.tiles, "row", lambda i: (i.row.row, i.row.col), problems)
    _unique(c.provisions, "locator", lambda i: (i.document, i.row.locator), problems)
    _unique(
        c.successions,
        "function",
        lambda i: (i.row.predecessor, i.row.successor, i.row.function),
        problems,
    )
    _unique(
        c.assignments,
        "organisation",
        lambda i: (i.row.target, i.row.organisation, i.row.role),
        problems,
    )
    # The roles name a task by its number alone.
    _unique(c.tasks, "number", lambda i: i.row.number, problems)
    _unique(
        c.task_roles,
        "organisation",
        lambda i: (i.row.task, i.row.organisation, i.row.role),
        problems,
    )


def _refer(items: Iterable[Placed[Any]], name: str, known: Known, problems: Problems) -> None:
    for item in items:
        value = str(getattr(item.row, name))
        if value and value not in known:
            problems.add(item.place, name, _("không có «%s» trong danh mục") % value)


def check_references(c: Catalogue, problems: Problems) -> None:
    """Name every reference to what is not in the catalogue."""
    pillars = Known(c, problems, "pillars", (i.row.code for i in c.pillars))
    units = Known(c, problems, "units", (i.row.code for i in c.units))
    documents = Known(c, problems, "documents", (i.row.slug for i in c.documents))
    organisations = Known(c, problems, "organisations", (i.row.code for i in c.organisations))
    indicators = Known(c, problems, "indicators", (i.row.code for i in c.indicators))
    targets = Known(c, problems, "targets", (i.row.key for i in c.targets))
    tasks = Known(c, problems, "tasks", (str(i.row.number) for i in c.tasks))
    for items, name, known in (
        (c.indicators, "pillar", pillars),
        (c.indicators, "unit", units),
        (c.series, "indicator", indicators),
        (c.context, "indicator", indicators),
        (c.context, "context", indicators),
        (c.organisation_names, "organisation", organisations),
        (c.organisation_codes, "organisation", organisations),
        (c.successions, "predecessor", organisations),
        (c.successions, "successor", organisations),
        (c.tiles, "organisation", organisations),
        (c.provisions, "document", documents),
        (c.targets, "pillar", pillars),
        (c.targets, "indicator", indicators),
        (c.targets, "unit", units),
        (c.targets, "restates", targets),
        (c.assignments, "target", targets),
        (c.assignments, "organisation", organisations),
        (c.tasks, "document", documents),
        (c.task_roles, "organisation", organisations),
        (c.task_roles, "task", tasks),
        (c.duties, "document", documents),
        (c.duties, "collector", organisations),
        (c.validation_rules, "indicator", indicators),
        (c.validation_rules, "unit", units),
    ):
        _refer(items, name, known, problems)
    _functions(c, problems)
    known_clauses = clauses(c, problems)
    filed: list[OfDocument[Any]] = [*c.provisions, *c.targets, *c.assignments]
    for item in filed:
        if item.document not in documents:
            problems.add(
                item.place,
                "",
                _("tên tệp phải là mã một văn bản; không có «%s»") % item.document,
            )
    citing: list[OfDocument[Any]] = [*c.targets, *c.assignments]
    for cited in citing:
        _cite(cited, cited.document, known_clauses, problems)
    dated: list[Placed[Any]] = [*c.tasks, *c.duties]
    for cites in dated:
        _cite(cites, cites.row.document, known_clauses, problems)


def clauses(c: Catalogue, problems: Problems) -> Known:
    """Every (document, locator); of lines that could not be read, in whatever document."""
    unread = ((i.row.slug, cell) for i in c.documents for cell in problems.unread)
    read = ((i.document, i.row.locator) for i in c.provisions)
    return Known(c, problems, "provisions", chain(read, unread))


def _cite(item: Placed[Any], document: str, known: Known, problems: Problems) -> None:
    locator = item.row.provision
    if locator and (document, locator) not in known:
        problems.add(
            item.place,
            "provision",
            _("không có điều khoản «%(locator)s» trong provisions/%(document)s.csv")
            % {"locator": locator, "document": document},
        )


def _functions(c: Catalogue, problems: Problems) -> None:
    """A function that an ended organisation's duty went by is one of its successions."""
    passed = {(i.row.predecessor, i.row.function) for i in c.successions}
    unread = Known(c, problems, "successions", ())
    given: list[Placed[Any]] = [*c.assignments, *c.task_roles]
    collected: list[Placed[Any]] = [*c.duties]
    for part, who, what in (
        *((item, "organisation", "function") for item in given),
        *((item, "collector", "collector_function") for item in collected),
    ):
        organisation, function = getattr(part.row, who), getattr(part.row, what)
        if function and (organisation, function) not in passed and function not in unread:
            problems.add(
                part.place,
                what,
                _("«%(organisation)s» không chuyển chức năng «%(function)s» cho cơ quan nào")
                % {"organisation": organisation, "function": function},
            )
