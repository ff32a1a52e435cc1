"""Administration of the sources that values are pulled from: described once, tried, switched on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.contrib import admin, messages
from django.contrib.admin.options import InlineModelAdmin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, Model, OuterRef, QuerySet, Subquery
from django.forms import BaseModelFormSet, ModelForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from dashboard import formatting
from dashboard.access import refusal, signed_in
from dashboard.administration import source_examples
from dashboard.administration.site import site
from dashboard.administration.source_forms import (
    MappingForm,
    MappingFormSet,
    PushedForm,
    SourceForm,
)
from targets.models import DataSource, SeriesMapping, SourceRun
from targets.permissions import allowed
from targets.sources.contract import SourceError
from targets.sources.network import asking, egress
from targets.sources.runs import running, scheduling

if TYPE_CHECKING:
    _Inline = admin.StackedInline[SeriesMapping, DataSource]
    _SourceAdmin = admin.ModelAdmin[DataSource]
else:  # Django's classes take no parameters when it runs
    _Inline, _SourceAdmin = admin.StackedInline, admin.ModelAdmin

_PUSH: Final = DataSource.Adapter.PUSH
_SAVE_AND_TRY: Final = "_save_and_try"


def _edits(request: HttpRequest) -> bool:
    return allowed(request.user, "targets.edit_sources")


class ForEditors:
    """Permissions of Django's own tables play no part."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whether it is on the first page."""
        return _edits(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whether it can be seen."""
        return _edits(request)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whether one more can be made."""
        return _edits(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whether it can be changed."""
        return _edits(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whether it can be deleted."""
        return _edits(request)


class SeriesInline(ForEditors, _Inline):
    """Which rows of a source are which series."""

    model = SeriesMapping
    form = MappingForm
    formset = MappingFormSet
    extra = 0
    verbose_name = gettext_lazy("chuỗi của nguồn")
    verbose_name_plural = gettext_lazy("Chuỗi số liệu lấy từ nguồn này")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "series",
                    "where",
                    ("value_field", "unit"),
                )
            },
        ),
        (
            gettext_lazy("Tử số và mẫu số"),
            {"fields": (("numerator_field", "denominator_field"),), "classes": ("collapse",)},
        ),
    )


@admin.register(DataSource, site=site)
class SourceAdmin(ForEditors, _SourceAdmin):
    """Sources. One that has ever run stays: its runs are where values came from."""

    form = SourceForm
    inlines = (SeriesInline,)
    list_display = ("name", "adapter", "schedule", "next_run", "last_run", "enabled")
    list_filter = ("enabled", "adapter", "trust")
    show_facets = admin.ShowFacets.NEVER
    search_fields = ("slug", "name_vi", "name_en", "address")
    actions = ("switch_on", "switch_off")
    view_on_site = False
    save_on_top = False
    change_form_template = "administration/source.html"

    class Media:
        css = {"all": ("css/administration.css",)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[DataSource]:
        """With how their last runs ended."""
        runs = SourceRun.objects.filter(data_source=OuterRef("pk")).exclude(
            kind=SourceRun.Kind.TRIAL
        )
        last = runs.order_by("-pk")[:1]
        return (
            super()
            .get_queryset(request)
            .annotate(
                last_id=Subquery(last.values("pk")),
                last_status=Subquery(last.values("status")),
                last_at=Subquery(last.values("started_at")),
                has_runs=Exists(SourceRun.objects.filter(data_source=OuterRef("pk"))),
            )
        )

    def get_form(
        self,
        request: HttpRequest,
        obj: DataSource | None = None,
        change: bool = False,
        **kwargs: Any,
    ) -> type[ModelForm[DataSource]]:
        """A source that is pushed to has no address and nothing to read by."""
        if _pushed(obj):
            kwargs["form"] = PushedForm
        return super().get_form(request, obj, change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: DataSource | None = None) -> Any:
        """What it is; how it is read, with examples; when; by what right."""
        if _pushed(obj):
            return [(None, {"fields": PushedForm.Meta.fields})]
        return [
            (None, {"fields": ("name_vi", "name_en", "slug", "owner", "licence")}),
            (
                gettext("Đọc ở đâu, đọc thế nào"),
                {
                    "fields": ("adapter", "address", "options", "mapping"),
                    "description": source_examples.as_help(),
                },
            ),
            (gettext("Lịch và mức tin cậy"), {"fields": ("schedule", "enabled", "trust")}),
            (
                gettext("Xác thực và giới hạn"),
                {"fields": (("credential", "credential_name"), "most_bytes", "synthetic")},
            ),
        ]

    def get_inlines(
        self, request: HttpRequest, obj: DataSource | None
    ) -> list[type[InlineModelAdmin[Any, DataSource]]]:
        """Who pushes names the series itself."""
        return [] if _pushed(obj) else list(self.inlines)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Only while it has never run, and one at a time."""
        if obj is None:
            return False
        return _edits(request) and not SourceRun.objects.filter(data_source=obj.pk).exists()

    def get_urls(self) -> list[Any]:
        """And the button that tries a source."""
        tried = self.admin_site.admin_view(require_POST(self.try_view))
        return [
            path("<int:source_id>/thu/", tried, name="targets_datasource_try"),
            *super().get_urls(),
        ]

    def try_view(self, request: HttpRequest, source_id: int) -> HttpResponse:
        """Fetch, map and preview the source as it is saved; nothing of it is kept."""
        if not _edits(request):
            raise PermissionDenied(refusal("targets.edit_sources"))
        source = DataSource.objects.filter(pk=source_id).exclude(adapter=_PUSH).first()
        if source is None:
            raise Http404
        return self._try(request, source)

    def save_related(
        self,
        request: HttpRequest,
        form: Any,
        formsets: list[BaseModelFormSet[Any, Any]],
        change: bool,
    ) -> None:
        """The scheduler knows of it in the same transaction."""
        super().save_related(request, form, formsets, change)
        source: DataSource = form.instance
        scheduling.sync(source)
        for sentence in _misgivings(source):
            messages.warning(request, sentence)

    def response_add(
        self, request: HttpRequest, obj: DataSource, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Saved, and tried where that was asked for."""
        answer = super().response_add(request, obj, post_url_continue)
        return self._try(request, obj) if _SAVE_AND_TRY in request.POST else answer

    def response_change(self, request: HttpRequest, obj: DataSource) -> HttpResponse:
        """Saved, and tried where that was asked for."""
        answer = super().response_change(request, obj)
        return self._try(request, obj) if _SAVE_AND_TRY in request.POST else answer

    def _try(self, request: HttpRequest, source: DataSource) -> HttpResponse:
        try:
            run = running.ask(source, kind=SourceRun.Kind.TRIAL, by=signed_in(request))
        except running.NotNowError as error:
            messages.error(request, str(error))
            return redirect("admin:targets_datasource_change", source.pk)
        return redirect("source-run", run.pk)

    @admin.action(description=gettext_lazy("Bật: chạy theo lịch"))
    def switch_on(self, request: HttpRequest, sources: QuerySet[DataSource]) -> None:
        """Those that have something to bring."""
        ready = Exists(SeriesMapping.objects.filter(data_source=OuterRef("pk")))
        chosen = self._switch(sources.filter(ready) | sources.filter(adapter=_PUSH), on=True)
        if left := sources.count() - chosen:
            sentence = ngettext(
                "%(count)s nguồn chưa có chuỗi số liệu nào nên chưa bật được.",
                "%(count)s nguồn chưa có chuỗi số liệu nào nên chưa bật được.",
                left,
            )
            messages.error(request, sentence % {"count": left})
        self._tell(request, chosen)

    @admin.action(description=gettext_lazy("Tắt: lịch dừng, số liệu giữ nguyên"))
    def switch_off(self, request: HttpRequest, sources: QuerySet[DataSource]) -> None:
        """Nothing of theirs is asked for any more."""
        self._tell(request, self._switch(sources, on=False))

    @transaction.atomic
    def _switch(self, sources: QuerySet[DataSource], *, on: bool) -> int:
        chosen = list(DataSource.objects.filter(pk__in=sources.values("pk")).select_for_update())
        for source in chosen:
            source.enabled = on
            source.save(update_fields=["enabled"])
            scheduling.sync(source)
        return len(chosen)

    def _tell(self, request: HttpRequest, count: int) -> None:
        sentence = ngettext("Đã làm cho %(count)s nguồn.", "Đã làm cho %(count)s nguồn.", count)
        messages.success(request, sentence % {"count": count})

    @admin.display(description=gettext_lazy("Nguồn"), ordering="slug")
    def name(self, source: DataSource) -> SafeString:
        """In the language of the page, with its code."""
        named = source.name_vi if formatting.vietnamese() else source.name_en or source.name_vi
        return format_html("{}<br><small>{}</small>", named, source.slug)

    @admin.display(description=gettext_lazy("Lần tới"), empty_value="—")
    def next_run(self, source: DataSource) -> str | None:
        """When it is due."""
        due = scheduling.next_run(source, timezone.now())
        return formatting.moment(due) if due else None

    @admin.display(description=gettext_lazy("Lượt gần nhất"), empty_value="—")
    def last_run(self, source: Any) -> SafeString | None:
        """How it ended, and where it is told."""
        if source.last_id is None:
            return None
        return format_html(
            '<a href="{}">{}</a><br><small>{}</small>',
            reverse("source-run", args=[source.last_id]),
            SourceRun.Status(source.last_status).label,
            formatting.moment(source.last_at),
        )


def _pushed(source: DataSource | None) -> bool:
    return source is not None and source.adapter == _PUSH


def _misgivings(source: DataSource) -> list[str]:
    """What the installation does not allow yet; its operator adds it.

    Secrets are for the process that pulls alone, so only a trial can tell whether they are there.
    """
    if _pushed(source):
        return []
    found = []
    try:
        egress.rules_from_settings().check_url(asking.parsed(source.address))
    except SourceError as error:
        host = asking.parsed(source.address).host
        found.append(
            gettext(
                "Máy chủ “%(host)s” chưa nằm trong danh sách được phép (PULL_HOSTS), nên chưa lấy "
                "được. Nhờ người vận hành hệ thống thêm vào."
            )
            % {"host": error.detail.get("host", host)}
        )
    return found
