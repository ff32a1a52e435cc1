"""Make one table equal to the rows wanted, and say what changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)
Key = tuple[object, ...]
# What to call a row that another one refers to: attribute of the reference -> its id -> its name.
Labels = Mapping[str, Mapping[object, str]]


@dataclass(frozen=True)
class Change:
    """One row that was added, changed (field -> before, after), moved, retired or removed."""

    action: str
    table: str
    key: str
    fields: dict[str, tuple[str, str]] = field(default_factory=dict)

    def __str__(self) -> str:
        text = f"{self.action:8} {self.table} {self.key}"
        for name, (before, after) in self.fields.items():
            text += f"\n           {name}: {before} → {after}"
        return text


@dataclass
class Synced(Generic[M]):
    """The table after syncing: instances by key, the rows nobody wanted, and the changes."""

    by_key: dict[Key, M]
    unwanted: dict[Key, M]
    changes: list[Change]


def show(names: Sequence[str], key: Key, labels: Labels) -> str:
    """A key in words; ids that `labels` does not know stay as they are."""
    return " / ".join(_word(name, part, labels) for name, part in zip(names, key, strict=True))


def _word(name: str, value: object, labels: Labels) -> str:
    if value is None or value == "":
        return "…"
    known = labels.get(name, {})
    return known.get(value, str(value)) if known else str(value)


def key_of(instance: Model, names: Sequence[str]) -> Key:
    """The attributes that identify a row of the catalogue."""
    return tuple(getattr(instance, name) for name in names)


def sync(
    existing: QuerySet[M],
    key: tuple[str, ...],
    wanted: Mapping[Key, Mapping[str, Any]],
    *,
    labels: Labels,
    exclusive: str = "",
) -> Synced[M]:
    """Insert what is missing and update what differs, in two statements.

    `key` names the attributes that identify a row; `wanted` maps each key to the other fields.
    `exclusive` names a boolean that only one row of a group may hold: whoever loses it, and a row
    that nobody wants, gives it up first.
    """
    model = existing.model
    table = str(model._meta.model_name)
    present: dict[Key, M] = {key_of(o, key): o for o in existing}
    unwanted = {k: o for k, o in present.items() if k not in wanted}
    changes: list[Change] = []
    changed: list[M] = []
    touched: set[str] = set()
    released: list[M] = []

    def update(row_key: Key, instance: M, values: Mapping[str, Any]) -> bool:
        before = {name: getattr(instance, name) for name in values}
        differing = {
            name.removesuffix("_id"): (_word(name, before[name], labels), _word(name, new, labels))
            for name, new in values.items()
            if before[name] != new
        }
        if not differing:
            return False
        if before.get(exclusive) and not values[exclusive]:
            released.append(instance)
        for name, new in values.items():
            if before[name] != new:
                setattr(instance, name, new)
                touched.add(name)
        # A row above it was added or removed; nothing that it says is different.
        action = "moved" if differing.keys() == {"position"} else "changed"
        changes.append(Change(action, table, show(key, row_key, labels), differing))
        return True

    for row_key, values in wanted.items():
        if row_key in present and update(row_key, present[row_key], values):
            changed.append(present[row_key])
    if exclusive:
        for row_key, instance in unwanted.items():
            update(row_key, instance, {exclusive: False})
        existing.filter(pk__in=[o.pk for o in released]).update(**{exclusive: False})
    if changed:
        existing.bulk_update(changed, sorted(touched))
    fresh = {
        row_key: model(**dict(zip(key, row_key, strict=True)), **values)
        for row_key, values in wanted.items()
        if row_key not in present
    }
    existing.bulk_create(fresh.values())
    changes += [Change("added", table, show(key, row_key, labels)) for row_key in fresh]
    return Synced(
        by_key={**{k: o for k, o in present.items() if k in wanted}, **fresh},
        unwanted=unwanted,
        changes=changes,
    )
