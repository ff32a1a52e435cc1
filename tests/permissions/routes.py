"""Every address of the site and what it answers to whom: no route without a row, no row without.

A new route needs a row here. `get` and `post` name the rule of `tests/permissions/rules.py`; a
method that is left out answers 405, or as the other does to whoever may only read, and writes
nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tests.permissions.rules import (
    ADMINISTERS,
    ADMINISTRATOR,
    ANSWER,
    ANY_ROLE,
    ANYBODY,
    APPROVER,
    AUDITOR,
    CHECK,
    CHECKERS,
    COORDINATES,
    COORDINATOR,
    DIRECT,
    ENTER,
    LEADERSHIP,
    MEMBERS,
    MINE,
    NOWHERE,
    PUBLIC,
    READ,
    READERS,
    REPORTER,
    ROLES,
    TO_SIGN_IN,
    TRAIL_OF,
    Rule,
    page,
    row,
    step,
    with_role,
)
from tests.permissions.world import (
    ANONYMOUS,
    MISSING,
    NONE,
    NOTHING,
    OTHER,
    OWN,
    PREDECESSOR,
    RULE,
    SIGNED_IN,
    SUPERUSER,
)

REPORTS: Final = (OWN, OTHER, PREDECESSOR, MISSING)
PERSONAL: Final = (OWN, OTHER, MISSING)
ONE: Final = (OWN, MISSING)
WHOLE: Final = (NONE,)

_RELATIONS: Final = {
    "": WHOLE,
    **dict.fromkeys(
        ("report", "item", "evidence", "upload", "api_report", "directive", "directive_file"),
        REPORTS,
    ),
    **dict.fromkeys(("organisation",), (OWN, OTHER, PREDECESSOR, MISSING)),
    **dict.fromkeys(("token", "notice", "session", "key"), PERSONAL),
}


@dataclass(frozen=True)
class Route:
    """One address: the row that it is about, in which state, and who gets in how."""

    name: str
    get: Rule | None = None
    post: Rule | None = None
    about: str = ""
    state: str = "draft"
    arguments: Mapping[str, Any] = field(default_factory=dict)
    form: Mapping[str, Any] = field(default_factory=dict)
    json: Any = None
    method: str = "post"
    #: Tables in which a reader's own row notes the visit, whatever the method.
    notes: tuple[str, ...] = ()
    api: bool = False
    #: With a token that sends observations, not with one of the person.
    sends: bool = False

    @property
    def relations(self) -> tuple[str, ...]:
        """The rows that it is tried with."""
        return _RELATIONS.get(self.about, ONE)


def open_page(name: str, about: str = "", **more: Any) -> Route:
    """A page of what is published, for reading."""
    return Route(name, get=PUBLIC, about=about, **more)


def _step(kind: str, state: str, rule: Rule) -> Route:
    return Route(
        "report-step",
        post=rule,
        about="report",
        state=state,
        arguments={"kind": kind},
        form={"reason": "vì sai"} if kind in ("return", "reopen") else {},
    )


# Who may read rules learns which there are.
_RULE: Final = Rule(
    {OWN: (ADMINISTRATOR,)},
    {OWN: set(SIGNED_IN) - {ADMINISTRATOR}, MISSING: (NOTHING, SUPERUSER)},
)
_ADMINISTRATORS: Final = (ADMINISTRATOR, SUPERUSER)
_OTHERS: Final = set(SIGNED_IN) - set(_ADMINISTRATORS)
# Of a row that is not there Django says so on its first page.
_ADMIN_ROW: Final = Rule(
    {OWN: _ADMINISTRATORS, MISSING: _ADMINISTRATORS}, {OWN: _OTHERS, MISSING: _OTHERS}
)
# Sources of values are for administrators by role; being a superuser does not count.
_EDITS: Final = page(ADMINISTRATOR)
_EDITED: Final = Rule(
    {OWN: (ADMINISTRATOR,), MISSING: (ADMINISTRATOR,)},
    dict.fromkeys((OWN, MISSING), set(SIGNED_IN) - {ADMINISTRATOR}),
)
_DELETED: Final = Rule({OWN: (ADMINISTRATOR,)}, {**_EDITED.see, MISSING: SIGNED_IN})
# Not even whether an address exists is told to those who do not administer.
_NO_PAGE: Final = Rule({}, {NONE: _OTHERS})
_WAY_OUT: Final = Rule({NONE: (ANONYMOUS, *_ADMINISTRATORS)}, {NONE: _OTHERS})
#: A token that is for something else: everybody is told so.
_NO_TOKEN: Final = Rule({}, {NONE: SIGNED_IN})
_NEVER: Final = Rule({}, {OWN: SIGNED_IN, MISSING: SIGNED_IN})

PUBLISHED: Final = (
    open_page("overview"),
    open_page("pillar-list"),
    open_page("pillar", "pillar"),
    open_page("indicator-list"),
    open_page("indicator", "indicator"),
    open_page("target", "target"),
    open_page("organisation-list"),
    open_page("organisation", "organisation"),
    open_page("province-list"),
    open_page("province", "province"),
    open_page("task-list"),
    open_page("document-list"),
    open_page("document", "document"),
    open_page("search"),
    open_page("figure", arguments={"name": "pillar-kinh-te-so"}),
    open_page("health"),
    Route("set_theme", post=PUBLIC, form={"theme": "dark"}),
    Route("set_language", get=PUBLIC, post=PUBLIC, form={"language": "en"}),
)

REPORTING: Final = (
    Route("report-list", get=ANYBODY),
    Route("timeliness", get=ANY_ROLE),
    Route("cycle-close", post=row(COORDINATOR), about="cycle"),
    Route("review-queue", get=COORDINATES),
    Route("review-publish", post=COORDINATES),
    Route("report", get=READ, post=ENTER, about="report"),
    Route("report-paste", post=ENTER, about="report"),
    Route("report-item", post=ENTER, about="item", form={"seen": "0", "value": "12"}),
    Route("report-preview", get=READ, about="item"),
    Route("report-reason", post=ENTER, about="item", form={"rule": str(RULE)}),
    Route("evidence-add", post=ENTER, about="item"),
    Route("evidence", get=READ, about="evidence"),
    Route("evidence-remove", post=ENTER, about="evidence"),
    Route("report-workbook", get=READ, about="report"),
    Route("report-upload", post=ENTER, about="report"),
    Route("upload", get=READ, about="upload"),
    Route("upload-progress", get=READ, about="upload"),
    Route("upload-apply", post=ENTER, about="upload"),
    Route("upload-discard", post=ENTER, about="upload"),
    Route("report-review", get=READ, about="report", state="submitted"),
    _step("submit", "draft", ENTER),
    _step("submit", "returned", ENTER),
    _step("withdraw", "submitted", ENTER),
    _step("approve", "submitted", step(own={APPROVER})),
    _step("return", "submitted", step(own={APPROVER})),
    _step("return", "approved", step(whole={COORDINATOR})),
    _step("publish", "approved", step(whole={COORDINATOR})),
    _step("reopen", "published", step(whole={COORDINATOR})),
    # In any other state nobody takes the step.
    Route("report-item", post=step(), about="item", state="submitted"),
    Route("report-item", post=step(), about="item", state="approved"),
    Route("report-item", post=step(), about="item", state="published"),
    Route("rule-list", get=ANY_ROLE),
    Route("rule", get=row(*ROLES), post=_RULE, about="rule"),
    Route("rule-new", get=page(ADMINISTRATOR), post=page(ADMINISTRATOR)),
    Route("api-token-list", get=ANY_ROLE, post=ANY_ROLE),
    Route("api-token-revoke", post=with_role(Rule({OWN: ROLES})), about="token"),
)

#: Those who watch sources are told why they may not do a thing with a run or a source.
_WATCHERS: Final = (COORDINATOR, ADMINISTRATOR, LEADERSHIP, AUDITOR)

SOURCES: Final = (
    open_page("data-source-list"),
    open_page("data-source", "source"),
    Route(
        "source-pull",
        post=Rule({OWN: (COORDINATOR, ADMINISTRATOR)}, {OWN: _WATCHERS}),
        about="source",
    ),
    Route("source-run", get=Rule({OWN: _WATCHERS}), about="source_run"),
    Route("source-run-progress", get=Rule({OWN: _WATCHERS}), about="source_run"),
    Route("held-values", get=COORDINATES),
    Route("held-values-decide", post=COORDINATES, form={"decision": "refuse", "note": "vì sai"}),
)

DIRECTIVES: Final = (
    Route("directive-list", get=page(*MEMBERS, *READERS)),
    Route("directive-new", get=page(LEADERSHIP), post=page(LEADERSHIP)),
    Route("directive", get=READ, about="directive", state="open"),
    Route("directive-answer", post=ANSWER, about="directive", state="open"),
    Route("directive-answer", post=step(), about="directive", state="closed"),
    Route("directive-close", post=DIRECT, about="directive", state="answered"),
    Route("directive-withdraw", post=DIRECT, about="directive", state="open"),
    Route("directive-reopen", post=DIRECT, about="directive", state="closed"),
    Route("directive-file", get=READ, about="directive_file", state="answered"),
    Route("notice-list", get=ANYBODY),
    Route("notice", get=MINE, about="notice"),
    Route("notice-read-all", post=ANYBODY),
)

TRAIL: Final = (
    Route("trail", get=CHECK),
    Route("trail-export", get=page(AUDITOR)),
    Route("report-trail", get=TRAIL_OF, about="report"),
    Route("organisation-trail", get=TRAIL_OF, about="organisation"),
    Route("target-trail", get=Rule({OWN: CHECKERS}), about="target"),
)

API: Final = (
    Route("api-nothing", get=NOWHERE, post=NOWHERE, arguments={"rest": "khong-co"}),
    open_page("api-about"),
    open_page("api:openapi-json"),
    open_page("api:api-root"),
    Route("api:report_list", get=ANY_ROLE, api=True),
    Route("api:report_detail", get=with_role(READ), about="api_report", api=True),
    Route(
        "api:report_items",
        post=with_role(ENTER),
        about="api_report",
        api=True,
        json={"items": []},
        method="patch",
    ),
    Route("api:report_submit", post=with_role(ENTER), about="api_report", api=True),
    # A token of a person sends nothing; one that sends opens nothing else, whoever holds it.
    Route("api:observation_push", post=_NO_TOKEN, api=True, json=[]),
    Route("api:observation_push", post=page(REPORTER, APPROVER), api=True, sends=True, json=[]),
    Route("api:report_list", get=_NO_TOKEN, api=True, sends=True),
)

ACCOUNT: Final = (
    Route("session-end", post=MINE, about="session"),
    Route("usersessions_list", get=ANYBODY, post=ANYBODY),
    Route("account_login", get=PUBLIC, post=PUBLIC),
    Route("account_logout", get=PUBLIC, post=PUBLIC),
    Route("account_inactive", get=PUBLIC),
    Route("account_signup", get=PUBLIC, post=PUBLIC),
    Route("account_reauthenticate", get=ANYBODY, post=ANYBODY),
    Route("account_email", get=ANYBODY, post=ANYBODY),
    Route("account_email_verification_sent", get=PUBLIC),
    Route("account_change_password", get=ANYBODY, post=ANYBODY),
    Route("account_set_password", get=ANYBODY, post=ANYBODY),
    Route("account_reset_password", get=PUBLIC, post=PUBLIC),
    Route("account_confirm_login_code", get=ANYBODY, post=ANYBODY),
    Route("account_confirm_email", get=PUBLIC, post=NOWHERE, arguments={"key": "x"}),
    Route("account_reset_password_from_key_done", get=PUBLIC),
    Route(
        "account_reset_password_from_key",
        get=PUBLIC,
        post=PUBLIC,
        arguments={"uidb36": "1", "key": "x-x"},
    ),
    Route("account_reset_password_done", get=PUBLIC),
    Route("mfa_index", get=ANYBODY),
    Route("mfa_authenticate", get=ANYBODY, post=ANYBODY),
    Route("mfa_reauthenticate", get=ANYBODY, post=ANYBODY),
    Route("mfa_activate_totp", get=ANYBODY, post=ANYBODY),
    Route("mfa_deactivate_totp", get=ANYBODY, post=ANYBODY),
    Route("mfa_view_recovery_codes", get=ANYBODY),
    Route("mfa_generate_recovery_codes", get=ANYBODY, post=ANYBODY),
    Route(
        "mfa_download_recovery_codes",
        get=ANYBODY,
        notes=("mfa_authenticator", "targets_trailentry"),
    ),
    Route("mfa_list_webauthn", get=ANYBODY),
    Route("mfa_add_webauthn", get=ANYBODY, post=ANYBODY),
    Route("mfa_reauthenticate_webauthn", get=ANYBODY, post=TO_SIGN_IN),
    Route("mfa_remove_webauthn", get=MINE, post=MINE, about="key"),
    Route("mfa_edit_webauthn", get=MINE, post=MINE, about="key"),
    Route("mfa_login_webauthn", get=ANYBODY, post=ANYBODY),
    Route("socialaccount_login_cancelled", get=PUBLIC),
    Route("socialaccount_login_error", get=TO_SIGN_IN),
    Route("socialaccount_signup", get=TO_SIGN_IN, post=TO_SIGN_IN),
    Route("socialaccount_connections", get=ANYBODY, post=ANYBODY),
    Route("tai-khoan/social/login/cancelled/", get=PUBLIC),
    Route("tai-khoan/social/login/error/", get=PUBLIC),
    Route("tai-khoan/social/signup/", get=PUBLIC),
    Route("tai-khoan/social/connections/", get=PUBLIC),
    # Of a provider that is not configured here; one that is: tests/accounts/test_oidc.py.
    Route("openid_connect_login", get=NOWHERE, post=NOWHERE, arguments={"provider_id": "bo"}),
    Route("openid_connect_callback", get=NOWHERE, post=NOWHERE, arguments={"provider_id": "bo"}),
)

ADMINISTRATION: Final = (
    Route("admin:index", get=ADMINISTERS, post=ADMINISTERS),
    Route("admin:login", get=ADMINISTERS, post=ADMINISTERS),
    Route("admin:logout", get=_WAY_OUT, post=_WAY_OUT),
    Route("admin:password_change", get=ADMINISTERS, post=ADMINISTERS),
    Route("admin:password_change_done", get=ADMINISTERS, post=ADMINISTERS),
    Route("admin:jsi18n", get=ADMINISTERS),
    Route("admin:app_list", get=ADMINISTERS, post=ADMINISTERS, arguments={"app_label": "auth"}),
    Route("admin:auth_user_changelist", get=ADMINISTERS, post=ADMINISTERS),
    Route("admin:auth_user_add", get=ADMINISTERS, post=ADMINISTERS),
    Route("admin:auth_user_change", get=_ADMIN_ROW, post=_ADMIN_ROW, about="account"),
    Route("admin:auth_user_history", get=_ADMIN_ROW, post=_ADMIN_ROW, about="account"),
    # Addresses without a last word lead to the page of the row, for whoever may see it.
    Route("quan-tri/auth/user/<path:object_id>/", get=_ADMIN_ROW, post=_ADMIN_ROW, about="account"),
    Route(
        "quan-tri/targets/rolepolicy/<path:object_id>/", get=_ADMIN_ROW, post=_ADMIN_ROW,
        about="policy",
    ),
    Route("quan-tri/(?P<url>.*)$", get=_NO_PAGE, post=_NO_PAGE, arguments={"url": "khong-co"}),
    Route("admin:auth_user_delete", get=_NEVER, post=_NEVER, about="account"),
    Route(
        "admin:auth_user_password_change", get=row(*_ADMINISTRATORS), post=row(*_ADMINISTRATORS),
        about="account_password",
    ),
    Route("admin:targets_rolepolicy_changelist", get=ADMINISTERS, post=ADMINISTERS),
    Route("admin:targets_rolepolicy_add", get=ADMINISTERS, post=ADMINISTERS),
    Route("admin:targets_rolepolicy_change", get=_ADMIN_ROW, post=_ADMIN_ROW, about="policy"),
    Route("admin:targets_rolepolicy_history", get=_ADMIN_ROW, post=_ADMIN_ROW, about="policy"),
    Route("admin:targets_rolepolicy_delete", get=_ADMIN_ROW, post=_ADMIN_ROW, about="policy"),
    Route("admin:targets_datasource_changelist", get=_EDITS, post=_EDITS),
    Route("admin:targets_datasource_add", get=_EDITS, post=_EDITS),
    Route("admin:targets_datasource_change", get=_EDITED, post=_EDITED, about="edited_source"),
    # That a row is not there is told before anybody is asked for more.
    Route(
        "admin:targets_datasource_history",
        get=Rule({**_EDITED.may, MISSING: _ADMINISTRATORS}, _EDITED.see),
        post=Rule({**_EDITED.may, MISSING: _ADMINISTRATORS}, _EDITED.see),
        about="edited_source",
    ),
    Route("admin:targets_datasource_delete", get=_DELETED, post=_DELETED, about="edited_source"),
    Route(
        "quan-tri/targets/datasource/<path:object_id>/", get=_ADMIN_ROW, post=_ADMIN_ROW,
        about="edited_source",
    ),
    Route("admin:targets_datasource_try", post=row(ADMINISTRATOR), about="tried_source"),
)  # fmt: skip

ROUTES: Final = (
    *PUBLISHED, *REPORTING, *SOURCES, *DIRECTIVES, *TRAIL, *API, *ACCOUNT, *ADMINISTRATION,
)  # fmt: skip
