"""Make the database equal to a catalogue folder, in one transaction."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Model, ProtectedError, QuerySet
from pydantic import BaseModel

from documents.models import LOCATOR_SEPARATOR, Document, Provision
from targets import queue
from targets.catalogue.catalogue import Catalogue, read_catalogue
from targets.catalogue.reading import Placed, Problems
from targets.catalogue.rules import check
from targets.catalogue.syncing import Change, Key, Synced, show, sync
from targets.models import (
    AssessmentMethod,
    Assignment,
    ContextLink,
    Indicator,
    MapTile,
    Organisation,
    OrganisationCode,
    OrganisationName,
    Pillar,
    Series,
    Succession,
    Target,
    Task,
    TaskRole,
    Unit,
)


class CatalogueError(Exception):
    """The files have mistakes; `problems` names every one, and nothing was applied."""

    def __init__(self, problems: Problems) -> None:
        super().__init__("\n".join(problems.lines()))
        self.problems = problems


def load_catalogue(folder: Path, *, today: dt.date, dry_run: bool = False) -> list[Change]:
    """Read, check and apply the catalogue in `folder`; returns what changed.

    `today` dates the retirement of targets that left the catalogue. A dry run applies everything
    and rolls it back, so what it reports is what an application would do.

    Raises CatalogueError, with every mistake, before anything is written.
    """
    problems = Problems()
    catalogue = read_catalogue(folder, problems)
    check(catalogue, problems)
    if problems:
        raise CatalogueError(problems)
    with transaction.atomic():
        changes = _Loader(catalogue, today).load()
        if dry_run:
            transaction.set_rollback(True)
    return changes


def _plain(row: BaseModel, *leave_out: str) -> dict[str, Any]:
    return row.model_dump(exclude=set(leave_out))


class _Loader:
    """One application of a catalogue: parents before children, removals after."""

    def __init__(self, catalogue: Catalogue, today: dt.date) -> None:
        self.catalogue = catalogue
        self.today = today
        self.changes: list[Change] = []
        self.unwanted: list[Mapping[Key, Model]] = []

    def load(self) -> list[Change]:
        self._vocabulary()
        self._organisations()
        self._documents()
        self._indicators()
        self._targets()
        self._tasks()
        self._remove_unwanted()
        if self.changes:
            # Documents and names have no trigger of their own: they belong to no single target.
            queue.enqueue_everything()
        return self.changes

    def _sync(
        self,
        existing: QuerySet[Any],
        key: tuple[str, ...],
        wanted: Mapping[Key, Mapping[str, Any]],
        *,
        exclusive: str = "",
        remove: bool = False,
    ) -> dict[Key, Any]:
        """Sync one table; with `remove` what is not wanted goes first, else at the very end."""
        if remove:
            gone = [o for o in existing if tuple(getattr(o, a) for a in key) not in wanted]
            existing.filter(pk__in=[o.pk for o in gone]).delete()
            self.changes += [
                Change(
                    "removed",
                    str(existing.model._meta.model_name),
                    show(tuple(getattr(o, a) for a in key)),
                )
                for o in gone
            ]
        result: Synced[Any] = sync(existing.all(), key, wanted, exclusive=exclusive)
        self.changes += result.changes
        self.unwanted.append(result.unwanted)
        return result.by_key

    def _by_code(
        self, model: type[Model], name: str, items: Iterable[Placed[Any]], **options: Any
    ) -> dict[str, Any]:
        wanted: dict[Key, dict[str, Any]] = {
            (getattr(i.row, name),): _plain(i.row, name) for i in items
        }
        rows = self._sync(model._default_manager.all(), (name,), wanted, **options)
        return {str(key[0]): instance for key, instance in rows.items()}

    def _vocabulary(self) -> None:
        c = self.catalogue
        self.pillars = self._by_code(Pillar, "code", c.pillars)
        self.units = self._by_code(Unit, "code", c.units)
        self._by_code(AssessmentMethod, "version", c.methods, exclusive="active")

    def _organisations(self) -> None:
        c = self.catalogue
        self.organisations = self._by_code(Organisation, "code", c.organisations)
        pk = {code: o.pk for code, o in self.organisations.items()}
        self._sync(
            OrganisationName.objects.all(),
            ("organisation_id", "valid_from"),
            {
                (pk[i.row.organisation], i.row.valid_from): _plain(
                    i.row, "organisation", "valid_from"
                )
                for i in c.organisation_names
            },
            remove=True,
        )
        self._sync(
            OrganisationCode.objects.all(),
            ("organisation_id", "scheme", "code", "valid_from"),
            {
                (pk[i.row.organisation], i.row.scheme, i.row.code, i.row.valid_from): {
                    "valid_to": i.row.valid_to
                }
                for i in c.organisation_codes
            },
            remove=True,
        )
        self._sync(
            Succession.objects.all(),
            ("predecessor_id", "successor_id", "function"),
            {
                (pk[i.row.predecessor], pk[i.row.successor], i.row.function): _plain(
                    i.row, "predecessor", "successor", "function"
                )
                for i in c.successions
            },
            remove=True,
        )
        self._sync(
            MapTile.objects.all(),
            ("row", "col"),
            {
                (i.row.row, i.row.col): {
                    "organisation_id": pk[i.row.organisation],
                    "abbr": i.row.abbr,
                    "kind": i.row.kind,
                }
                for i in c.tiles
            },
            remove=True,
        )

    def _documents(self) -> None:
        c = self.catalogue
        self.documents = self._by_code(Document, "slug", c.documents)
        by_depth: dict[int, dict[Key, dict[str, Any]]] = defaultdict(dict)
        position: dict[str, int] = defaultdict(int)
        for item in c.provisions:
            position[item.document] += 1
            depth = item.row.locator.count(LOCATOR_SEPARATOR) + 1
            by_depth[depth][self.documents[item.document].pk, item.row.locator] = {
                "depth": depth,
                "position": position[item.document],
                "heading_vi": item.row.heading_vi,
                "heading_en": item.row.heading_en,
            }
        self.provisions: dict[Key, Provision] = {}
        for depth in sorted(by_depth):
            for (document, locator), values in by_depth[depth].items():
                parent = str(locator).rpartition(LOCATOR_SEPARATOR)[0]
                values["parent_id"] = self.provisions[document, parent].pk if parent else None
            self.provisions |= self._sync(
                Provision.objects.filter(depth=depth), ("document_id", "locator"), by_depth[depth]
            )
        # Provisions deeper than any wanted one.
        beyond = Provision.objects.exclude(depth__in=by_depth)
        self.unwanted.append({(p.document_id, p.locator): p for p in beyond})

    def _provision(self, document: str, locator: str) -> int | None:
        return self.provisions[self.documents[document].pk, locator].pk if locator else None

    def _indicators(self) -> None:
        c = self.catalogue
        self.indicators = self._sync(
            Indicator.objects.all(),
            ("code",),
            {
                (i.row.code,): {
                    **_plain(i.row, "code", "pillar", "unit", "levels"),
                    "levels": list(i.row.levels),
                    "pillar_id": self.pillars[i.row.pillar].pk,
                    "unit_id": self.units[i.row.unit].pk,
                }
                for i in c.indicators
            },
        )
        self._sync(
            Series.objects.all(),
            ("indicator_id", "code"),
            {
                (self.indicators[i.row.indicator,].pk, i.row.code): _plain(
                    i.row, "indicator", "code"
                )
                for i in c.series
            },
            exclusive="official",
        )
        self._sync(
            ContextLink.objects.all(),
            ("indicator_id", "context_id"),
            {
                (self.indicators[i.row.indicator,].pk, self.indicators[i.row.context,].pk): {
                    "note_vi": i.row.note_vi,
                    "note_en": i.row.note_en,
                }
                for i in c.context
            },
            remove=True,
        )

    def _targets(self) -> None:
        c = self.catalogue
        wanted: dict[Key, dict[str, Any]] = {}
        for position, item in enumerate(c.targets):
            row = item.row
            wanted[row.key,] = {
                **_plain(row, "key", "provision", "indicator", "pillar", "unit", "restates"),
                "document_id": self.documents[item.document].pk,
                "provision_id": self._provision(item.document, row.provision),
                "indicator_id": self.indicators[row.indicator,].pk,
                "pillar_id": self.pillars[row.pillar].pk,
                "unit_id": self.units[row.unit].pk,
                "position": position,
                "retired_on": None,
            }
        result = sync(Target.objects.all(), ("key",), wanted)
        self.changes += result.changes
        self._retire(result.unwanted.values())
        targets: dict[Key, Target] = result.by_key
        restating = []
        for item in c.targets:
            target = targets[item.row.key,]
            restated = targets[item.row.restates,].pk if item.row.restates else None
            if target.restates_id != restated:
                target.restates_id = restated
                restating.append(target)
        Target.objects.bulk_update(restating, ["restates"])
        self._assignments(targets)

    def _retire(self, targets: Iterable[Target]) -> None:
        for target in targets:
            if target.retired_on is None:
                target.retired_on = self.today
                target.save(update_fields=["retired_on"])
                self.changes.append(Change("retired", "target", target.key))

    def _assignments(self, targets: Mapping[Key, Target]) -> None:
        wanted: dict[Key, dict[str, Any]] = {}
        for position, item in enumerate(self.catalogue.assignments):
            row = item.row
            key = (targets[row.target,].pk, self.organisations[row.organisation].pk, row.role)
            wanted[key] = {
                **_plain(row, "target", "organisation", "role", "provision"),
                "provision_id": self._provision(item.document, row.provision),
                "position": position,
            }
        live = Assignment.objects.filter(target__retired_on__isnull=True)
        self._sync(live, ("target_id", "organisation_id", "role"), wanted, remove=True)

    def _tasks(self) -> None:
        c = self.catalogue
        tasks = self._sync(
            Task.objects.all(),
            ("document_id", "number"),
            {
                (self.documents[i.row.document].pk, i.row.number): {
                    **_plain(i.row, "document", "number", "provision"),
                    "provision_id": self._provision(i.row.document, i.row.provision),
                }
                for i in c.tasks
            },
        )
        by_number = {task.number: task.pk for task in tasks.values()}
        self._sync(
            TaskRole.objects.all(),
            ("task_id", "organisation_id", "role"),
            {
                (by_number[i.row.task], self.organisations[i.row.organisation].pk, i.row.role): {
                    "as_written": i.row.as_written,
                    "function": i.row.function,
                    "position": position,
                }
                for position, i in enumerate(c.task_roles)
            },
            remove=True,
        )

    def _remove_unwanted(self) -> None:
        """Delete what left the catalogue, children first; what history still needs stays."""
        for rows in reversed(self.unwanted):
            for key, instance in reversed(list(rows.items())):
                try:
                    with transaction.atomic():
                        instance.delete()
                except ProtectedError:
                    continue
                table = str(instance._meta.model_name)
                self.changes.append(Change("removed", table, show(key)))
