"""One's own access tokens for the API: made, shown once, revoked."""

from __future__ import annotations

import datetime as dt

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from dashboard.access import permitted, signed_in
from targets.models import ApiToken
from targets.tokens import LONGEST, TokenRefusedError, make_token, revoke

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


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@permitted("targets.use_api")
def token_list(request: HttpRequest) -> HttpResponse:
    """The tokens of the reader. Whoever makes one sees its text in the answer, never again."""
    user = signed_in(request)
    today = timezone.localdate()
    form = _form(request.POST if request.method == "POST" else None, today)
    made, text = None, ""
    if request.method == "POST" and form.is_valid():
        try:
            made, text = make_token(by=user, **form.cleaned_data)
            form = _form(None, today)
        except TokenRefusedError as refusal:
            form.add_error(refusal.field or None, refusal.sentence)
    tokens = list(ApiToken.objects.filter(user=user).order_by("-created_at", "-pk"))
    context = {
        "form": form,
        "made": made,
        "text": text,
        "live": [token for token in tokens if _is_live(token, today)],
        "past": [token for token in tokens if not _is_live(token, today)],
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


def _form(sent: QueryDict | None, today: dt.date) -> TokenForm:
    form = TokenForm(sent, initial={"expires_on": today + _USUAL})
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
