"""Keys by which programs act as people: made once, shown once, kept as a digest.

One without an organisation reads and fills the reports of its owner. One with an organisation
opens a single thing: to send observations of chosen indicators for that organisation.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Collection
from typing import Final

from django.contrib.auth.models import User
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from targets.models import ApiToken, Indicator, Organisation, Role
from targets.permissions import allowed, roles_of
from targets.trail import acting

PREFIX: Final = "thuocdo_"
LONGEST: Final = dt.timedelta(days=365)
MOST_LIVE: Final = 10
_USED_EVERY: Final = dt.timedelta(minutes=1)
_KIND, _LEVEL = Organisation.Kind, Indicator.Level
#: Of which indicators an organisation has values of its own, by its kind.
_LEVELS: Final = {
    _KIND.COUNTRY: _LEVEL.NATIONAL,
    _KIND.MINISTRY: _LEVEL.MINISTRY,
    _KIND.AGENCY: _LEVEL.MINISTRY,
    _KIND.PROVINCE: _LEVEL.PROVINCE,
}


class TokenRefusedError(Exception):
    """No token was made; `sentence` says why and what to do, `field` where."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field


def make_token(
    *,
    by: User,
    name: str,
    expires_on: dt.date,
    organisation: Organisation | None = None,
    indicators: Collection[str] = (),
) -> tuple[ApiToken, str]:
    """A token for oneself, good until the end of `expires_on`; with its text, told only here.

    With an `organisation`, of which one is a reporter or approver, it sends observations of these
    `indicators` (codes) for it and opens nothing else.

    Raises TokenRefusedError for a day that is past or more than a year ahead, for a scope that does
    not fit, and for the eleventh.
    """
    name = " ".join(name.split())
    today = timezone.localdate()
    if not name:
        raise TokenRefusedError(_("Đặt tên cho mã, ví dụ tên hệ thống."), "name")
    if not today <= expires_on <= today + LONGEST:
        raise TokenRefusedError(
            _("Ngày hết hạn phải từ hôm nay đến nhiều nhất một năm sau."), "expires_on"
        )
    chosen = _scope(by, organisation, indicators)
    text = PREFIX + secrets.token_urlsafe(32)
    with acting(by=by, why=_("Tạo mã truy cập")), transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=by.pk)  # two at once are counted
        if live_tokens(by).count() >= MOST_LIVE:
            raise TokenRefusedError(
                _("Đã có %d mã đang dùng; thu hồi một mã rồi tạo mã mới.") % MOST_LIVE
            )
        token = ApiToken.objects.create(
            user=by,
            name=name,
            digest=digest(text),
            expires_on=expires_on,
            organisation=organisation,
            indicators=chosen,
        )
    return token, text


def revoke(token_id: int, *, by: User) -> None:
    """End a token of one's own; doing it again changes nothing. Raises ApiToken.DoesNotExist."""
    with acting(by=by, why=_("Thu hồi mã truy cập")):
        own = ApiToken.objects.filter(user=by, pk=token_id)
        if not own.filter(revoked_at=None).update(revoked_at=timezone.now()):
            own.get()


def find(text: str) -> ApiToken | None:
    """The live token of an active person with this text, with its user; notes that it was used."""
    now = timezone.now()
    token = (
        ApiToken.objects.select_related("user", "organisation")
        .filter(_live(timezone.localdate(now)), digest=digest(text), user__is_active=True)
        .first()
    )
    if token and (token.used_at is None or now - token.used_at >= _USED_EVERY):
        # Of many requests at once one writes.
        ApiToken.objects.filter(
            Q(used_at=None) | Q(used_at__lte=now - _USED_EVERY), pk=token.pk
        ).update(used_at=now)
    return token


def own_organisations(user: User) -> models.QuerySet[Organisation]:
    """The living organisations that a person may send observations for."""
    today = timezone.localdate()
    return Organisation.objects.filter(
        Q(valid_to=None) | Q(valid_to__gte=today),
        pk__in=roles_of(user).of(Role.REPORTER, Role.APPROVER),
        kind__in=_LEVELS,
    )


def sendable_indicators(organisation: Organisation) -> models.QuerySet[Indicator]:
    """The indicators that an organisation has values of its own of."""
    level = _LEVELS.get(_KIND(organisation.kind))
    if level is None:
        return Indicator.objects.none()
    return Indicator.objects.filter(levels__contains=[level], context_only=False)


def live_tokens(user: User) -> models.QuerySet[ApiToken]:
    """The tokens of a person that open something."""
    return ApiToken.objects.filter(_live(timezone.localdate()), user=user)


def digest(text: str) -> str:
    """What is kept of a token. It has 256 random bits, so a plain SHA-256 cannot be searched."""
    return hashlib.sha256(text.encode()).hexdigest()


def _live(today: dt.date) -> Q:
    return Q(revoked_at=None, expires_on__gte=today)


def _scope(by: User, organisation: Organisation | None, indicators: Collection[str]) -> list[str]:
    """The codes of indicators that a token is for, in order."""
    wanted = set(indicators)
    if organisation is None:
        if wanted:
            raise TokenRefusedError(_("Chọn cơ quan mà mã sẽ gửi số liệu."), "organisation")
        return []
    if not allowed(by, "targets.push_values", organisation):
        raise TokenRefusedError(
            _("Chỉ người báo cáo hoặc người phê duyệt của cơ quan tạo được mã này."),
            "organisation",
        )
    if not wanted:
        raise TokenRefusedError(_("Chọn ít nhất một chỉ tiêu mà mã được gửi."), "indicators")
    known = set(
        sendable_indicators(organisation).filter(code__in=wanted).values_list("code", flat=True)
    )
    if unknown := sorted(wanted - known):
        raise TokenRefusedError(
            _("Cơ quan này không có số liệu của chỉ tiêu %s; bỏ chọn rồi tạo lại.")
            % ", ".join(unknown),
            "indicators",
        )
    return sorted(wanted)
