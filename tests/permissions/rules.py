"""What each kind of address answers to whom: written down here, not taken from the predicates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from targets.models import Role
from tests.permissions.world import (
    ACTORS,
    ANONYMOUS,
    MISSING,
    NONE,
    NOTHING,
    OTHER,
    OWN,
    PREDECESSOR,
    SIGNED_IN,
    SUPERUSER,
)

IN, SIGN_IN, REFUSED, HIDDEN = "in", "sign in", "refused", "hidden"

REPORTER, APPROVER, VIEWER = (str(role) for role in (Role.REPORTER, Role.APPROVER, Role.VIEWER))
COORDINATOR, LEADERSHIP = str(Role.COORDINATOR), str(Role.LEADERSHIP)
ADMINISTRATOR, AUDITOR = str(Role.ADMINISTRATOR), str(Role.AUDITOR)

MEMBERS: Final = {REPORTER, APPROVER, VIEWER}
READERS: Final = {COORDINATOR, LEADERSHIP, AUDITOR}
CHECKERS: Final = {COORDINATOR, ADMINISTRATOR, AUDITOR}
ROLES: Final = MEMBERS | READERS | {ADMINISTRATOR}
NOBODY: Final[set[str]] = set()


@dataclass(frozen=True)
class Rule:
    """Who is let in, and who of the others is told why not (403) instead of nothing (404)."""

    may: Mapping[str, Iterable[str]]
    see: Mapping[str, Iterable[str]] = field(default_factory=dict)
    always: str = ""  # what all others get alike, signed in or not

    def expected(self, actor: str, relation: str) -> str:
        """What the actor gets for a row with this relation to them."""
        if actor in self.may.get(relation, ()):
            return IN
        if self.always:
            return self.always
        if actor == ANONYMOUS:
            return SIGN_IN
        return REFUSED if actor in self.see.get(relation, ()) else HIDDEN


#: Everybody, signed in or not; a row that is missing is missing for all.
PUBLIC: Final = Rule(dict.fromkeys((NONE, OWN, OTHER, PREDECESSOR), ACTORS), always=HIDDEN)
#: An address that leads nowhere now.
NOWHERE: Final = Rule({}, always=HIDDEN)
TO_SIGN_IN: Final = Rule({}, always=SIGN_IN)


def page(*actors: str) -> Rule:
    """A page about no row: that it exists is no secret."""
    return Rule({NONE: actors}, {NONE: SIGNED_IN})


_ALL: Final = (OWN, OTHER, PREDECESSOR, MISSING)

ANYBODY: Final = page(*SIGNED_IN)
ANY_ROLE: Final = page(*ROLES)
COORDINATES: Final = page(COORDINATOR)
CHECK: Final = page(*CHECKERS)
ADMINISTERS: Final = page(ADMINISTRATOR, SUPERUSER)

_SEEN: Final = {OWN: MEMBERS | READERS, OTHER: READERS, PREDECESSOR: MEMBERS | READERS}

#: A report, or what belongs to one; a directive.
READ: Final = Rule(_SEEN, _SEEN)


def step(*, own: Iterable[str] = (), whole: Iterable[str] = ()) -> Rule:
    """What some do with a report that more can see: members only with their own."""
    whole = set(whole)
    return Rule({OWN: {*own, *whole}, OTHER: whole, PREDECESSOR: whole}, _SEEN)


ENTER: Final = step(own={REPORTER})
TRAIL_OF: Final = Rule({OWN: MEMBERS | CHECKERS, OTHER: CHECKERS, PREDECESSOR: MEMBERS | CHECKERS})
#: The successor answers in place of an organisation that has ended.
ANSWER: Final = Rule({OWN: {REPORTER, APPROVER}, PREDECESSOR: {REPORTER, APPROVER}}, _SEEN)
DIRECT: Final = step(whole={LEADERSHIP})

#: A row of the reader's own; others' are not there.
MINE: Final = Rule({OWN: SIGNED_IN})


def with_role(rule: Rule) -> Rule:
    """The same behind a permission: who has no role is told so before any row is looked for."""
    return Rule(rule.may, {each: {*rule.see.get(each, ()), NOTHING, SUPERUSER} for each in _ALL})


def row(*actors: str) -> Rule:
    """A row of the whole, behind a page's permission: who lacks it is told so in any case."""
    others = set(SIGNED_IN) - set(actors)
    return Rule({OWN: actors}, {OWN: others, MISSING: others})
