"""One small world for the permission matrix: people of every role, and a row of everything.

A row belongs to the organisation of the members (`own`), to another, to a predecessor that it
succeeded, or it is `missing`. What is somebody's own (tokens, notices, sessions) is `own` when it
is the reader's and `other` when it is another person's.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.utils import encrypt
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import User
from django.utils import timezone

from documents.models import Document
from targets.models import (
    ApiToken,
    DataSource,
    Directive,
    DirectiveAnswer,
    DirectiveFile,
    Evidence,
    Indicator,
    Membership,
    Notice,
    Organisation,
    OrganisationName,
    Pillar,
    Report,
    ReportingCycle,
    ReportItem,
    Role,
    RolePolicy,
    SourceRun,
    Succession,
    SystemRole,
    Target,
    Upload,
    ValidationRule,
)
from targets.models.accounts import ORGANISATION_ROLES, SYSTEM_ROLES
from targets.tokens import PREFIX, digest, make_token
from tests.factory import make

ANONYMOUS: Final = "anonymous"
NOTHING: Final = "nothing"  # signed in, without any role
SUPERUSER: Final = "superuser"
SIGNED_IN: Final = (*(str(role) for role in Role), NOTHING, SUPERUSER)
ACTORS: Final = (ANONYMOUS, *SIGNED_IN)

OWN, OTHER, PREDECESSOR, MISSING, NONE = "own", "other", "predecessor", "missing", "none"
_NO_SUCH: Final = 999_999_999
RULE: Final = 1_000_000  # the number of a rule that forms name
#: As a browser registered it; its private half is lost.
_PASSKEY: Final = json.loads(Path(__file__).with_name("passkey.json").read_text(encoding="utf-8"))


@dataclass
class World:
    """Made once for a walk; a row is made when an address first needs it."""

    actor: str
    people: dict[str, User] = field(default_factory=dict)
    organisations: dict[str, Organisation] = field(default_factory=dict)
    _rows: dict[tuple[str, ...], dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in (OWN, OTHER, PREDECESSOR):
            ended = dt.date(2025, 2, 28) if name == PREDECESSOR else None
            self.organisations[name] = make(Organisation, valid_to=ended)
        make(
            Succession,
            predecessor=self.organisations[PREDECESSOR],
            successor=self.organisations[OWN],
        )
        for actor in SIGNED_IN:
            self.people[actor] = make(User, username=actor, is_superuser=actor == SUPERUSER)
        for role in ORGANISATION_ROLES:
            own = self.organisations[OWN]
            make(Membership, user=self.people[role], organisation=own, role=role)
        for role in SYSTEM_ROLES:
            make(SystemRole, user=self.people[role], role=role)
        self.stranger = make(User, username="stranger")
        self.cycle = make(ReportingCycle)
        make(Organisation, code="VN", kind="country")
        make(ValidationRule, pk=RULE)
        for person in self.people.values():  # with a second factor of each kind
            Authenticator.objects.create(user=person, type="totp", data={"secret": encrypt("x")})
            RecoveryCodes.activate(person)
        _name_all()

    def user(self) -> User | None:
        """Who walks; nobody for the anonymous reader."""
        return self.people.get(self.actor)

    def token(self) -> str:
        """A token for the API, of whoever walks; "" for the anonymous reader."""
        user = self.user()
        if user is None:
            return ""
        made = self._rows.get(("token",))
        if made is None:
            expires = timezone.localdate() + dt.timedelta(days=1)
            made = {"text": make_token(by=user, name="x", expires_on=expires)[1]}
            self._rows[("token",)] = made
        return str(made["text"])

    def sending_token(self) -> str:
        """One that sends observations for the own organisation, held by whoever walks."""
        user = self.user()
        if user is None:
            return ""
        if ("sending",) not in self._rows:
            text = f"{PREFIX}{self.actor}"
            make(
                ApiToken,
                user=user,
                digest=digest(text),
                organisation=self.organisations[OWN],
                indicators=["x"],
            )
            self._rows[("sending",)] = {"text": text}
        return str(self._rows[("sending",)]["text"])

    def arguments(self, about: str, relation: str, state: str) -> dict[str, Any]:
        """The arguments of an address about one row; each is made once."""
        key = (about, relation, state)
        if key not in self._rows:
            if relation == MISSING:
                self._rows[key] = _missing(self.arguments(about, OWN, state))
            else:
                self._rows[key] = getattr(self, f"_{about}")(relation, state)
                _name_all()
        return self._rows[key]

    def _report(self, relation: str, state: str) -> dict[str, Any]:
        key = ("row of report", relation, state)
        if key not in self._rows:
            report = make(
                Report,
                cycle=make(ReportingCycle),  # an organisation has one report in each
                organisation=self.organisations[relation],
                state=state,
            )
            self._rows[key] = {"pk": report.pk}
        return self._rows[key]

    def _item(self, relation: str, state: str) -> dict[str, Any]:
        report = Report.objects.get(**self._report(relation, state))
        item = report.items.first() or make(ReportItem, report=report)
        return {"pk": report.pk, "item": item.pk}

    def _evidence(self, relation: str, state: str) -> dict[str, Any]:
        item = self._item(relation, state)["item"]
        return {"pk": make(Evidence, item=ReportItem.objects.get(pk=item)).pk}

    def _upload(self, relation: str, state: str) -> dict[str, Any]:
        report = Report.objects.get(**self._report(relation, state))
        by = self.people[Role.REPORTER]
        return {"pk": make(Upload, report=report, state=Upload.State.READY, by=by).pk}

    def _api_report(self, relation: str, state: str) -> dict[str, Any]:
        return {"report_id": self._report(relation, state)["pk"]}

    def _directive(self, relation: str, state: str) -> dict[str, Any]:
        addressee = self.organisations[relation]
        return {"pk": make(Directive, addressee=addressee, state=state).pk}

    def _directive_file(self, relation: str, state: str) -> dict[str, Any]:
        directive = Directive.objects.get(**self._directive(relation, state))
        answer = make(DirectiveAnswer, directive=directive)
        return {"pk": directive.pk, "file": make(DirectiveFile, answer=answer).pk}

    def _organisation(self, relation: str, state: str) -> dict[str, Any]:
        return {"code": self.organisations[relation].code}

    def _owner(self, relation: str) -> User:
        return (self.user() or self.stranger) if relation == OWN else self.stranger

    def _token(self, relation: str, state: str) -> dict[str, Any]:
        expires = timezone.localdate() + dt.timedelta(days=1)
        return {"pk": make_token(by=self._owner(relation), name="x", expires_on=expires)[0].pk}

    def _notice(self, relation: str, state: str) -> dict[str, Any]:
        about = make(Directive, addressee=self.organisations[OWN])
        words = ("by", "subject", "organisation_vi", "organisation_en")
        notice = make(
            Notice,
            user=self._owner(relation),
            kind="directive-answered",
            params=dict.fromkeys(words, "x"),
            directive=about,
        )
        return {"pk": notice.pk}

    def _session(self, relation: str, state: str) -> dict[str, Any]:
        owner = self._owner(relation)
        made = UserSession.objects.create(user=owner, ip="127.0.0.1", session_key=f"x{relation}")
        return {"pk": made.pk}

    def _key(self, relation: str, state: str) -> dict[str, Any]:
        owner = self._owner(relation)
        made = Authenticator.objects.create(user=owner, type="webauthn", data=_PASSKEY)
        return {"pk": made.pk}

    def _account(self, relation: str, state: str) -> dict[str, Any]:
        return {"object_id": str(self.stranger.pk)}

    def _account_password(self, relation: str, state: str) -> dict[str, Any]:
        return {"id": str(self.stranger.pk)}

    def _policy(self, relation: str, state: str) -> dict[str, Any]:
        return {"object_id": str(RolePolicy.objects.get_or_create(role="auditor")[0].pk)}

    def _cycle(self, relation: str, state: str) -> dict[str, Any]:
        return {"pk": self.cycle.pk}

    def _source(self, relation: str, state: str) -> dict[str, Any]:
        return {"slug": make(DataSource, enabled=True).slug}

    def _edited_source(self, relation: str, state: str) -> dict[str, Any]:
        return {"object_id": str(make(DataSource).pk)}

    def _tried_source(self, relation: str, state: str) -> dict[str, Any]:
        return {"source_id": make(DataSource).pk}

    def _source_run(self, relation: str, state: str) -> dict[str, Any]:
        return {"pk": make(SourceRun, status="failed", outcome="timeout").pk}

    def _rule(self, relation: str, state: str) -> dict[str, Any]:
        return {"code": make(ValidationRule).code}

    def _target(self, relation: str, state: str) -> dict[str, Any]:
        return {"key": make(Target).key}

    def _pillar(self, relation: str, state: str) -> dict[str, Any]:
        pillar = make(Pillar, code="digital-economy", slug="kinh-te-so")
        make(Target, indicator=make(Indicator, pillar=pillar))
        return {"slug": pillar.slug}

    def _indicator(self, relation: str, state: str) -> dict[str, Any]:
        return {"code": make(Indicator).code}

    def _document(self, relation: str, state: str) -> dict[str, Any]:
        return {"slug": make(Document).slug}

    def _province(self, relation: str, state: str) -> dict[str, Any]:
        return {"code": make(Organisation, kind="province").code}


def _name_all() -> None:
    """Every organisation has a name, as the catalogue demands."""
    for organisation in Organisation.objects.filter(names=None):
        make(OrganisationName, organisation=organisation)


def _missing(arguments: dict[str, Any]) -> dict[str, Any]:
    """The same address of a row that does not exist."""
    return {
        name: _NO_SUCH if isinstance(value, int) else "khong-co" if name != "object_id" else "0"
        for name, value in arguments.items()
    }
