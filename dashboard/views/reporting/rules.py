"""The rules of validation: all may read them who take part, administrators edit them."""

from __future__ import annotations

from itertools import count

from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from dashboard.access import permitted, require
from dashboard.presenters.reporting.rules import RuleQuery, list_page, preview, rule_page
from dashboard.rule_forms import RuleForm
from targets.models import ValidationRule
from targets.permissions import allowed
from targets.reporting.ruling import save_rule


@never_cache
@require_safe
@permitted("targets.view_rules")
def rule_list(request: HttpRequest) -> HttpResponse:
    """All rules, searched and filtered."""
    page = list_page(RuleQuery.parse(request), may_edit=allowed(request.user, "targets.edit_rules"))
    return render(request, "reporting/rules/list.html", {"page": page})


def get_rule(code: str) -> ValidationRule:
    """A rule with what it applies to."""
    return get_object_or_404(
        ValidationRule.objects.select_related("indicator__unit", "unit"), code=code
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@permitted("targets.view_rules")
def rule(request: HttpRequest, code: str) -> HttpResponse:
    """One rule to read; its form for an administrator."""
    row = get_rule(code)
    if request.method != "POST" and not allowed(request.user, "targets.edit_rules"):
        return render(request, "reporting/rules/rule.html", {"page": rule_page(row)})
    return _edit(request, row)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@permitted("targets.edit_rules")
def rule_new(request: HttpRequest) -> HttpResponse:
    """The form of a new rule."""
    return _edit(request, None)


def _edit(request: HttpRequest, row: ValidationRule | None) -> HttpResponse:
    require(request, "targets.edit_rules")
    page = rule_page(row)  # before the form changes the row
    form = RuleForm(request.POST or None, instance=row)
    looking = request.method == "POST" and "preview" in request.POST
    context = {"page": page, "form": form, "preview": None, "looking": looking}
    if looking:
        drafted = form.drafted()
        form.errors.pop("why", None)
        context["preview"] = preview(drafted) if drafted and not form.errors else None
        if request.headers.get("HX-Request"):
            return render(request, "reporting/rules/_preview.html", context)
    elif request.method == "POST" and form.is_valid():
        saved = _save(request, form)
        messages.success(request, _("Đã lưu quy tắc; áp dụng từ bây giờ."))
        return redirect("rule", code=saved.code)
    return render(request, "reporting/rules/form.html", context)


def _save(request: HttpRequest, form: RuleForm) -> ValidationRule:
    user = request.user
    if isinstance(user, AnonymousUser):
        raise TypeError("nobody is signed in")
    row: ValidationRule = form.instance
    with transaction.atomic():
        row.code = row.code or _free_code(row)
        return save_rule(row, by=user, why=form.cleaned_data["why"])


def _free_code(row: ValidationRule) -> str:
    """A code that says what the rule is about: jump-rd-gdp, range-percent-2."""
    if row.indicator is not None:
        about = row.indicator.code
    else:
        about = row.unit.code if row.unit is not None else row.unit_kind or "all"
    stem = f"{row.check_kind}-{about}"[:74]
    taken = set(ValidationRule.objects.filter(code__startswith=stem).values_list("code", flat=True))
    names = (stem if number == 1 else f"{stem}-{number}" for number in count(1))
    return next(name for name in names if name not in taken)


urlpatterns = [
    path("quy-tac/", rule_list, name="rule-list"),
    path("quy-tac/moi/", rule_new, name="rule-new"),
    path("quy-tac/<slug:code>/", rule, name="rule"),
]
