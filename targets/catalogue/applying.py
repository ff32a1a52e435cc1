"""Make the database equal to a catalogue as read and checked: the order of the tables."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Model, ProtectedError, QuerySet
from pydantic import BaseModel

from documents.locators import LOCATOR_SEPARATOR
from documents.models import Document, Provision
from targets import queue
from targets.catalogue.catalogue import Catalogue
from targets.catalogue.data_sources import add_missing_sources
from targets.catalogue.reading import Placed
from targets.catalogue.syncing import Change, Key, Synced, key_of, show, sync
from targets.catalogue.validation import add_missing_rules
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
    ReportingDuty,
    Series,
    Succession,
    Target,
    Task,
    TaskRole,
    Unit,
)
from targets.reporting.series import REPORTED, reported_fields, takes_reports


def apply(catalogue: Catalogue, today: dt.date) -> list[Change]:
    """Write the catalogue, which has no problems; returns what changed. Call in a transaction.

    `today` dates the retirement of targets that left the catalogue.
    """
    return _Loader(catalogue, today).load()


def _plain(row: BaseModel, *leave_out: str) -> dict[str, Any]:
    return row.model_dump(exclude=set(leave_out))


class _Loader:
    """One application of a catalogue: parents before children, removals after."""

    def __init__(self, catalogue: Catalogue, today: dt.date) -> None:
        self.catalogue = catalogue
        self.today = today
        self.changes: list[Change] = []
        self.unwanted: list[tuple[tuple[str, ...], Iterable[Model]]] = []
        # Names of the rows that others refer to, for what the reader is told.
        self.labels: dict[str, dict[object, str]] = {}

    def load(self) -> list[Change]:
        self._vocabulary()
        self._organisations()
        self._documents()
        self._indicators()
        self._targets()
        self._tasks()
        self._duties()
        self._validation_rules()
        self.changes += add_missing_sources(self.catalogue.data_sources)
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
            gone = [o for o in existing if key_of(o, key) not in wanted]
            existing.filter(pk__in=[o.pk for o in gone]).delete()
            for instance in gone:
                self._report("removed", instance, key)
        result: Synced[Any] = sync(
            existing.all(), key, wanted, labels=self.labels, exclusive=exclusive
        )
        self.changes += result.changes
        self.unwanted.append((key, result.unwanted.values()))
        return result.by_key

    def _report(self, action: str, instance: Model, key: tuple[str, ...]) -> None:
        table = str(instance._meta.model_name)
        self.changes.append(Change(action, table, show(key, key_of(instance, key), self.labels)))

    def _by_code(
        self, model: type[Model], name: str, items: Iterable[Placed[Any]], **options: Any
    ) -> dict[str, Any]:
        wanted: dict[Key, dict[str, Any]] = {
            (getattr(i.row, name),): _plain(i.row, name) for i in items
        }
        rows = self._sync(model._default_manager.all(), (name,), wanted, **options)
        return {str(key[0]): instance for key, instance in rows.items()}

    def _label(self, model: type[Model], name: str, *references: str) -> None:
        """Call the rows of `model` by their field `name` where `references` mean them."""
        names = {pk: str(text) for pk, text in model._default_manager.values_list("pk", name)}
        self.labels |= dict.fromkeys(references, names)

    def _vocabulary(self) -> None:
        c = self.catalogue
        self.pillars = self._by_code(Pillar, "code", c.pillars)
        self.units = self._by_code(Unit, "code", c.units)
        self._by_code(AssessmentMethod, "version", c.methods, exclusive="active")
        self._label(Pillar, "code", "pillar_id")
        self._label(Unit, "code", "unit_id")

    def _organisations(self) -> None:
        c = self.catalogue
        self.organisations = self._by_code(Organisation, "code", c.organisations)
        self._label(
            Organisation,
            "code",
            "organisation_id",
            "predecessor_id",
            "successor_id",
            "collector_id",
        )
        pk = {code: o.pk for code, o in self.organisations.items()}
        # An organisation that left the catalogue but has a history keeps its names with it.
        self._sync(
            OrganisationName.objects.filter(organisation__in=pk.values()),
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
        self._label(Document, "slug", "document_id")
        by_depth: dict[int, dict[Key, dict[str, Any]]] = defaultdict(dict)
        position: Counter[str] = Counter()
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
            self._label(Provision, "locator", "provision_id", "parent_id")
        # Provisions deeper than any wanted one, the deepest last.
        beyond = Provision.objects.exclude(depth__in=by_depth).order_by("depth")
        self.unwanted.append((("document_id", "locator"), beyond))

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
        self._label(Indicator, "code", "indicator_id", "context_id")
        self._sync(
            Series.objects.all(),
            ("indicator_id", "code"),
            {
                (self.indicators[indicator,].pk, code): fields
                for (indicator, code), fields in self._series().items()
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

    def _series(self) -> dict[tuple[str, str], dict[str, Any]]:
        """The series of the files, and one of reported values wherever something is reported."""
        c = self.catalogue
        wanted = {
            (i.row.indicator, i.row.code): _plain(i.row, "indicator", "code") for i in c.series
        }
        published = {i.row.indicator for i in c.series if i.row.official}
        for item in c.indicators:
            row, elsewhere = item.row, item.row.code in published
            if takes_reports(
                row.levels, context_only=row.context_only, published_elsewhere=elsewhere
            ):
                wanted.setdefault((row.code, REPORTED), reported_fields(official=not elsewhere))
        return wanted

    def _targets(self) -> None:
        c = self.catalogue
        wanted: dict[Key, dict[str, Any]] = {}
        position: Counter[str] = Counter()
        for item in c.targets:
            row = item.row
            position[item.document] += 1
            wanted[row.key,] = {
                **_plain(row, "key", "provision", "indicator", "pillar", "unit", "restates"),
                "document_id": self.documents[item.document].pk,
                "provision_id": self._provision(item.document, row.provision),
                "indicator_id": self.indicators[row.indicator,].pk,
                "pillar_id": self.pillars[row.pillar].pk,
                "unit_id": self.units[row.unit].pk,
                "position": position[item.document],
                "retired_on": None,
            }
        result = sync(Target.objects.all(), ("key",), wanted, labels=self.labels)
        self.changes += result.changes
        self._label(Target, "key", "target_id", "restates_id")
        self._retire(result.unwanted.values())
        targets: dict[Key, Target] = result.by_key
        restated: dict[Key, dict[str, Any]] = {
            (i.row.key,): {"restates_id": targets[i.row.restates,].pk if i.row.restates else None}
            for i in c.targets
        }
        added = {change.key for change in result.changes if change.action == "added"}
        again = sync(
            Target.objects.filter(pk__in=[t.pk for t in targets.values()]),
            ("key",),
            restated,
            labels=self.labels,
        )
        self.changes += [change for change in again.changes if change.key not in added]
        self._assignments(targets)

    def _retire(self, targets: Iterable[Target]) -> None:
        for target in targets:
            if target.retired_on is None:
                target.retired_on = self.today
                target.save(update_fields=["retired_on"])
                self._report("retired", target, ("key",))

    def _assignments(self, targets: Mapping[Key, Target]) -> None:
        wanted: dict[Key, dict[str, Any]] = {}
        position: Counter[str] = Counter()
        for item in self.catalogue.assignments:
            row = item.row
            position[row.target] += 1
            key = (targets[row.target,].pk, self.organisations[row.organisation].pk, row.role)
            wanted[key] = {
                **_plain(row, "target", "organisation", "role", "provision"),
                "provision_id": self._provision(item.document, row.provision),
                "position": position[row.target],
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
        self._label(Task, "number", "task_id")
        by_number = {task.number: task.pk for task in tasks.values()}
        wanted: dict[Key, dict[str, Any]] = {}
        position: Counter[int] = Counter()
        for item in c.task_roles:
            row = item.row
            position[row.task] += 1
            wanted[by_number[row.task], self.organisations[row.organisation].pk, row.role] = {
                "as_written": row.as_written,
                "function": row.function,
                "position": position[row.task],
            }
        key = ("task_id", "organisation_id", "role")
        self._sync(TaskRole.objects.all(), key, wanted, remove=True)

    def _duties(self) -> None:
        result = sync(
            ReportingDuty.objects.all(),
            ("code",),
            {
                (i.row.code,): {
                    **_plain(i.row, "code", "document", "provision", "collector", "reporters"),
                    "reporters": list(i.row.reporters),
                    "document_id": self.documents[i.row.document].pk,
                    "provision_id": self._provision(i.row.document, i.row.provision),
                    "collector_id": self.organisations[i.row.collector].pk,
                }
                for i in self.catalogue.duties
            },
            labels=self.labels,
        )
        self.changes += result.changes
        self.unwanted.append((("code",), result.unwanted.values()))
        for duty in result.unwanted.values():
            if duty.active:  # it stays with its cycles, but opens no more
                duty.active = False
                duty.save(update_fields=["active"])
                self._report("retired", duty, ("code",))

    def _validation_rules(self) -> None:
        indicators = {str(key[0]): row for key, row in self.indicators.items()}
        self.changes += add_missing_rules(self.catalogue.validation_rules, indicators, self.units)

    def _remove_unwanted(self) -> None:
        """Delete what left the catalogue, children first; what history still needs stays."""
        for key, instances in reversed(self.unwanted):
            for instance in reversed(list(instances)):
                try:
                    with transaction.atomic():
                        instance.delete()
                except ProtectedError:
                    continue
                self._report("removed", instance, key)
