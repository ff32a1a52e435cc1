"""Ways to break a rule of the models, past every validation of Python."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import models

from tests.factory import make

Violation = Callable[[], object]
Violations = dict[str, Violation | tuple[Violation, ...]]


def row(model: type[models.Model], **given: Any) -> Violation:
    """A row that breaks a rule by itself."""
    return lambda: make(model, **given)


def twice(model: type[models.Model], *same: str, **given: Any) -> Violation:
    """Two rows with the same values of the fields `same`."""

    def add() -> None:
        first = make(model, **given)
        make(model, **given, **{name: getattr(first, name) for name in same})

    return add


def to_itself(model: type[models.Model], *names: str) -> Violation:
    """A row that links one thing to itself."""

    def add() -> None:
        thing = make(model._meta.get_field(names[0]).related_model)  # type: ignore[arg-type]
        make(model, **dict.fromkeys(names, thing))

    return add
