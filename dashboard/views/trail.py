"""The trail of changes: everything, or about one report, target or organisation; as a file."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from dashboard.access import permitted
from dashboard.components import Crumb
from dashboard.presenters.trail import About, TrailQuery, trail_csv, trail_page
from targets.models import Organisation, Report, Target
from targets.permissions import allowed


def get_report(pk: int) -> Report:
    """The report of an address."""
    return Report.objects.select_related("organisation", "cycle").get(pk=pk)


def get_target(key: str) -> Target:
    """The target of an address."""
    return Target.objects.get(key=key)


def get_organisation(code: str) -> Organisation:
    """The organisation of an address."""
    return Organisation.objects.get(code=code)


@require_safe
@permitted("targets.view_trail")
def trail(request: HttpRequest) -> HttpResponse:
    """`/nhat-ky/`: every change there was."""
    return _page(request, None, [])


@require_safe
@permitted("targets.view_trail", obj=get_report)
def report_trail(request: HttpRequest, report: Report) -> HttpResponse:
    """`/bao-cao/<pk>/nhat-ky/`."""
    way = [
        Crumb(_("Báo cáo"), reverse("report-list")),
        Crumb(report.cycle.period, report.get_absolute_url()),
        Crumb(_("Nhật ký")),
    ]
    return _page(request, report, way)


@require_safe
@permitted("targets.view_trail", obj=get_target)
def target_trail(request: HttpRequest, target: Target) -> HttpResponse:
    """`/muc-tieu/<key>/nhat-ky/`."""
    return _page(
        request, target, [Crumb(_("Mục tiêu"), target.get_absolute_url()), Crumb(_("Nhật ký"))]
    )


@require_safe
@permitted("targets.view_trail", obj=get_organisation)
def organisation_trail(request: HttpRequest, organisation: Organisation) -> HttpResponse:
    """`/co-quan/<code>/nhat-ky/`."""
    way = [
        Crumb(_("Cơ quan"), reverse("organisation-list")),
        Crumb(organisation.code, organisation.get_absolute_url()),
        Crumb(_("Nhật ký")),
    ]
    return _page(request, organisation, way)


@require_safe
@permitted("targets.export_trail")
def export(request: HttpRequest) -> StreamingHttpResponse:
    """`/nhat-ky/xuat.csv`: what the filters leave, oldest first, with the hashes of the chain."""
    name = f"nhat-ky-{timezone.localdate().isoformat()}.csv"
    return StreamingHttpResponse(
        trail_csv(TrailQuery.of(request.GET.dict())),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _page(request: HttpRequest, about: About, crumbs: list[Crumb]) -> HttpResponse:
    page = trail_page(
        TrailQuery.of(request.GET.dict()),
        about,
        here=request.path,
        crumbs=crumbs,
        may_export=allowed(request.user, "targets.export_trail"),
    )
    return render(request, "trail/trail.html", {"page": page})


urlpatterns: list[URLPattern] = [
    path("nhat-ky/", trail, name="trail"),
    path("nhat-ky/xuat.csv", export, name="trail-export"),
    path("bao-cao/<int:pk>/nhat-ky/", report_trail, name="report-trail"),
    path("muc-tieu/<slug:key>/nhat-ky/", target_trail, name="target-trail"),
    path("co-quan/<slug:code>/nhat-ky/", organisation_trail, name="organisation-trail"),
]
