"""One's own access tokens for the API: made, shown once, revoked."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from dashboard.access import permitted, signed_in
from dashboard.formatting import localised
from dashboard.naming import short_names
from targets.models import ApiToken, Indicator, Organisation
from targets.tokens import (
    LONGEST,
    TokenRefusedError,
    make_token,
    own_organisations,
    revoke,
    sendable_indicators,
)

_USUAL = dt.timedelta(days=90)


class TokenForm(forms.Form):
    """A token to be made."""

    name = forms.CharField(
        max_length=100,
        label=gettext_lazy("Dùng cho"),
        help_text=gettext_lazy("Tên chương trình hoặc hệ thống, ví dụ “LGSP của Sở”."),
        error_messages={
            "required": gettext_lazy("Đặt tên cho mã, ví dụ tên chương trình sẽ dùng.")
        },
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    expires_on = forms.DateField(
        label=gettext_lazy("Hết hạn sau ngày"),
        help_text=gettext_lazy("Nhiều nhất một năm."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    organisation = forms.TypedChoiceField(
        required=False,
        coerce=int,
        empty_value=None,
        label=gettext_lazy("Mã được làm gì"),
        widget=forms.RadioSelect,
    )
    indicators = forms.MultipleChoiceField(
        required=False,
        label=gettext_lazy("Chỉ tiêu được gửi"),
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        """For the organisations that the person may send values of, if there are any."""
        super().__init__(*args, **kwargs)
        self.own = {one.pk: one for one in own_organisations(by)}
        if not self.own:
            del self.fields["organisation"], self.fields["indicators"]
            return
        names = short_names(self.own)
        ways = [(pk, _("Chỉ gửi số liệu của %s") % names[pk]) for pk in self.own]
        whose = self.fields["organisation"]
        indicators = self.fields["indicators"]
        if isinstance(whose, forms.ChoiceField) and isinstance(indicators, forms.ChoiceField):
            whose.choices = [("", _("Đọc và nhập báo cáo như tôi")), *ways]
            indicators.choices = _choices(self.own.values())

    def made_for(self) -> dict[str, Any]:
        """What `make_token` is told."""
        data = dict(self.cleaned_data)
        organisation = self.own.get(data.pop("organisation", None) or 0)
        indicators = data.pop("indicators", [])
        # Boxes that were ticked before another way was chosen are not seen any more.
        return {**data, "organisation": organisation, "indicators": indicators * bool(organisation)}


def _choices(organisations: Iterable[Organisation]) -> list[tuple[str, str]]:
    found: dict[str, Indicator] = {}
    for organisation in organisations:
        found |= {one.code: one for one in sendable_indicators(organisation)}
    named = [(code, localised(one, "name")) for code, one in found.items()]
    return sorted(named, key=lambda one: (_without_accents(one[1]), one[1]))


def _without_accents(name: str) -> str:
    letters = unicodedata.normalize("NFD", name.casefold())
    return "".join(one for one in letters if not unicodedata.combining(one)).replace("đ", "d")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@permitted("targets.use_api")
def token_list(request: HttpRequest) -> HttpResponse:
    """The tokens of the reader. Whoever makes one sees its text in the answer, never again."""
    user = signed_in(request)
    today = timezone.localdate()
    form = _form(request.POST if request.method == "POST" else None, user, today)
    made, text = None, ""
    if request.method == "POST" and form.is_valid():
        try:
            made, text = make_token(by=user, **form.made_for())
            form = _form(None, user, today)
        except TokenRefusedError as refusal:
            form.add_error(refusal.field or None, refusal.sentence)
    tokens = list(ApiToken.objects.filter(user=user).order_by("-created_at", "-pk"))
    names = short_names({token.organisation_id for token in tokens if token.organisation_id})
    context = {
        "form": form,
        "made": made,
        "text": text,
        "live": [(one, _scope(one, names)) for one in tokens if _is_live(one, today)],
        "past": [(one, _scope(one, names)) for one in tokens if not _is_live(one, today)],
    }
    return render(request, "reporting/tokens.html", context)


@require_POST
@permitted("targets.use_api")
def token_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End one of the reader's tokens."""
    try:
        revoke(pk, by=signed_in(request))
    except ApiToken.DoesNotExist:
        raise Http404 from None
    return redirect("api-token-list")


def _scope(token: ApiToken, names: dict[int, str]) -> str:
    """What a token may do, where it is not everything."""
    if token.organisation_id is None:
        return ""
    count = len(token.indicators)
    return ngettext(
        "chỉ gửi số liệu của %(organisation)s, %(count)d chỉ tiêu",
        "chỉ gửi số liệu của %(organisation)s, %(count)d chỉ tiêu",
        count,
    ) % {"organisation": names[token.organisation_id], "count": count}


def _form(sent: QueryDict | None, user: User, today: dt.date) -> TokenForm:
    form = TokenForm(sent, by=user, initial={"expires_on": today + _USUAL, "organisation": ""})
    form.fields["expires_on"].widget.attrs |= {
        "min": today.isoformat(),
        "max": (today + LONGEST).isoformat(),
    }
    return form


def _is_live(token: ApiToken, today: dt.date) -> bool:
    return token.revoked_at is None and token.expires_on >= today


urlpatterns = [
    path("ma-truy-cap/", token_list, name="api-token-list"),
    path("ma-truy-cap/<int:pk>/thu-hoi/", token_revoke, name="api-token-revoke"),
]
