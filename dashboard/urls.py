"""Addresses of the site."""

from django.urls import include, path

from dashboard import administration, shell
from dashboard.views import (
    account,
    directives,
    documents,
    figures,
    health,
    indicators,
    notices,
    organisations,
    overview,
    pillars,
    provinces,
    search,
    targets,
    tasks,
    trail,
)
from dashboard.views.reporting import (
    entry,
    evidence,
    excel,
    mine,
    review,
    rules,
    steps,
    timeliness,
    tokens,
)
from dashboard.views.sources import held as held_values
from dashboard.views.sources import listing as sources
from dashboard.views.sources import run as source_run

_REPORTING = [
    *mine.urlpatterns,
    *timeliness.urlpatterns,
    *review.urlpatterns,
    *rules.urlpatterns,
    *tokens.urlpatterns,
    *entry.urlpatterns,
    *evidence.urlpatterns,
    *excel.urlpatterns,
    *steps.urlpatterns,
]

_SOURCES = [
    # Before the sources themselves, of which none is called like these.
    *held_values.urlpatterns,
    *source_run.urlpatterns,
    *sources.urlpatterns,
]

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("tru-cot/", pillars.pillar_list, name="pillar-list"),
    path("tru-cot/<slug:slug>/", pillars.pillar, name="pillar"),
    path("chi-tieu/", indicators.indicator_list, name="indicator-list"),
    path("chi-tieu/<slug:code>/", indicators.indicator, name="indicator"),
    path("muc-tieu/<slug:key>/", targets.target, name="target"),
    path("co-quan/", organisations.organisation_list, name="organisation-list"),
    path("co-quan/<slug:code>/", organisations.organisation, name="organisation"),
    path("dia-phuong/", provinces.province_list, name="province-list"),
    path("dia-phuong/<slug:code>/", provinces.province, name="province"),
    path("nhiem-vu/", tasks.task_list, name="task-list"),
    path("van-ban/", documents.document_list, name="document-list"),
    path("van-ban/<slug:slug>/", documents.document, name="document"),
    path("bao-cao/", include(_REPORTING)),
    path("nguon-so-lieu/", include(_SOURCES)),
    path("chi-dao/", include(directives.urlpatterns)),
    path("thong-bao/", include(notices.urlpatterns)),
    *trail.urlpatterns,
    path("tim/", search.search, name="search"),
    path("bieu-do/<slug:name>.json", figures.figure, name="figure"),
    path("giao-dien/", shell.set_theme, name="set_theme"),
    path("api/", include("dashboard.api.urls")),
    path("suc-khoe/", health.health, name="health"),
    path("tai-khoan/", include(account.urlpatterns)),
    path("tai-khoan/", include("allauth.urls")),
    path("ngon-ngu/", include("django.conf.urls.i18n")),
    path("quan-tri/", administration.site.urls),
]
