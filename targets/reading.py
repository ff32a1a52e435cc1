"""Reading many rows at once as plain model instances, for pages that show all of them."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, QuerySet
from django.db.models.base import ModelState

_M = TypeVar("_M", bound=Model)


def instances(queryset: QuerySet[_M]) -> list[_M]:
    """The rows of a queryset as instances, made in a third of the usual time.

    Model.__init__ sorts out keyword arguments, defaults and signals for every row; rows that are
    read whole from the database need none of it. No select_related, no annotations; for reading
    only.
    """
    model = queryset.model
    names = [field.attname for field in model._meta.concrete_fields]
    made = []
    for values in queryset.values_list(*names):
        instance = model.__new__(model)
        state = ModelState()
        state.adding = False
        state.db = queryset.db
        state.fields_cache = {}
        instance.__dict__.update(zip(names, values, strict=True), _state=state)
        made.append(instance)
    return made


def by_pk(queryset: QuerySet[_M]) -> dict[int, _M]:
    """The same, by primary key."""
    return {instance.pk: instance for instance in instances(queryset)}


def attach(instance: Model, **related: Model) -> None:
    """Give an instance the objects its foreign keys name, without the checks of an assignment."""
    instance._state.fields_cache.update(related)
