"""Short names for the database constraints that every model repeats."""

from typing import TypeVar

from django.db.models import CheckConstraint, F, Model, Q

M = TypeVar("M", bound=Model)


def enforce_choices(model: type[M]) -> type[M]:
    """Class decorator: every field with choices holds one of them, by a database constraint.

    A nested `Meta` cannot see the model's own choices, and a rule that each model must repeat is
    one that the next model forgets.
    """
    for field in model._meta.local_concrete_fields:
        if field.choices:
            values = [value for value, _label in field.flatchoices]
            known = CheckConstraint(
                condition=Q(**{f"{field.name}__in": ["", *values] if field.blank else values}),
                name=f"{model._meta.model_name}_{field.name}_known",
            )
            model._meta.constraints = [*model._meta.constraints, known]
            # Migrations look at constraints only where `Meta` seems to have named some.
            model._meta.original_attrs.setdefault("constraints", ())
    return model


def not_blank(field: str, name: str) -> CheckConstraint:
    """`field` holds some text."""
    return CheckConstraint(condition=~Q(**{field: ""}), name=name)


def in_order(earlier: str, later: str, name: str) -> CheckConstraint:
    """`earlier` <= `later` where both are known (an open end is NULL)."""
    return CheckConstraint(
        condition=Q(**{f"{earlier}__isnull": True})
        | Q(**{f"{later}__isnull": True})
        | Q(**{f"{earlier}__lte": F(later)}),
        name=name,
    )
