"""Keys by which programs act as people: made once, shown once, kept as a digest."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from typing import Final

from django.contrib.auth.models import User
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from targets.models import ApiToken
from targets.trail import acting

PREFIX: Final = "thuocdo_"
LONGEST: Final = dt.timedelta(days=365)
MOST_LIVE: Final = 10
_USED_EVERY: Final = dt.timedelta(minutes=1)


class TokenRefusedError(Exception):
    """No token was made; `sentence` says why and what to do, `field` where."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field


def make_token(*, by: User, name: str, expires_on: dt.date) -> tuple[ApiToken, str]:
    """A token for oneself, good until the end of `expires_on`; with its text, told only here.

    Raises TokenRefusedError for a day that is past or more than a year ahead, and for the eleventh.
    """
    name = " ".join(name.split())
    today = timezone.localdate()
    if not name:
        raise TokenRefusedError(_("Đặt tên cho mã, ví dụ tên hệ thống."), "name")
    if not today <= expires_on <= today + LONGEST:
        raise TokenRefusedError(
            _("Ngày hết hạn phải từ hôm nay đến nhiều nhất một năm sau."), "expires_on"
        )
    text = PREFIX + secrets.token_urlsafe(32)
    with acting(by=by, why=_("Tạo mã truy cập")), transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=by.pk)  # two at once are counted
        if live_tokens(by).count() >= MOST_LIVE:
            raise TokenRefusedError(
                _("Đã có %d mã đang dùng; thu hồi một mã rồi tạo mã mới.") % MOST_LIVE
            )
        token = ApiToken.objects.create(
            user=by, name=name, digest=digest(text), expires_on=expires_on
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
        ApiToken.objects.select_related("user")
        .filter(_live(timezone.localdate(now)), digest=digest(text), user__is_active=True)
        .first()
    )
    if token and (token.used_at is None or now - token.used_at >= _USED_EVERY):
        # Of many requests at once one writes.
        ApiToken.objects.filter(
            Q(used_at=None) | Q(used_at__lte=now - _USED_EVERY), pk=token.pk
        ).update(used_at=now)
    return token


def live_tokens(user: User) -> models.QuerySet[ApiToken]:
    """The tokens of a person that open something."""
    return ApiToken.objects.filter(_live(timezone.localdate()), user=user)


def digest(text: str) -> str:
    """What is kept of a token. It has 256 random bits, so a plain SHA-256 cannot be searched."""
    return hashlib.sha256(text.encode()).hexdigest()


def _live(today: dt.date) -> Q:
    return Q(revoked_at=None, expires_on__gte=today)
