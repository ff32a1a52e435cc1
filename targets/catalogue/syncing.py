"""Make one table equal to the rows wanted, and say what changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)
Key = tuple[object, ...]


@dataclass(frozen=True)
class Change:
    """One row that was added, changed (field -> before, after), retired or removed."""

    action: str
    table: str
    key: str
    fields: dict[str, tuple[object, object]] = field(default_factory=dict)

    def __str__(self) -> str:
        text = f"{self.action:8} {self.table} {self.key}"
        for name, (before, after) in self.fields.items():
            text += f"\n           {name}: {before!s} → {after!s}"
        return text


@dataclass
class Synced(Generic[M]):
    """The table after syncing: instances by key, the rows nobody wanted, and the changes."""

    by_key: dict[Key, M]
    unwanted: dict[Key, M]
    changes: list[Change]


def show(key: Key) -> str:
    return " / ".join("…" if part is None else str(part) for part in key)


def sync(
    existing: QuerySet[M],
    key: tuple[str, ...],
    wanted: Mapping[Key, Mapping[str, Any]],
    *,
    exclusive: str = "",
) -> Synced[M]:
    """Insert what is missing and update what differs, in two statements.

    `key` names the attributes that identify a row; `wanted` maps each key to the other fields.
    `exclusive` names a boolean that only one row of a group may hold: it is released first.
    """
    model = existing.model
    table = str(model._meta.model_name)
    present: dict[Key, M] = {tuple(getattr(o, a) for a in key): o for o in existing}
    changes: list[Change] = []
    changed: list[M] = []
    touched: set[str] = set()
    for row_key, values in wanted.items():
        instance = present.get(row_key)
        if instance is None:
            continue
        differing = {
            name: (getattr(instance, name), value)
            for name, value in values.items()
            if getattr(instance, name) != value
        }
        if differing:
            for name, value in values.items():
                setattr(instance, name, value)
            changed.append(instance)
            touched |= differing.keys()
            changes.append(Change("changed", table, show(row_key), differing))
    if exclusive and exclusive in touched:
        released = [o.pk for o in changed if not getattr(o, exclusive)]
        existing.filter(pk__in=released).update(**{exclusive: False})
    if changed:
        existing.bulk_update(changed, sorted(touched))
    fresh = {
        row_key: model(**dict(zip(key, row_key, strict=True)), **values)
        for row_key, values in wanted.items()
        if row_key not in present
    }
    existing.bulk_create(fresh.values())
    changes += [Change("added", table, show(row_key)) for row_key in fresh]
    return Synced(
        by_key={**{k: o for k, o in present.items() if k in wanted}, **fresh},
        unwanted={k: o for k, o in present.items() if k not in wanted},
        changes=changes,
    )
