"""Addresses of the site."""

from django.contrib import admin
from django.urls import include, path

from dashboard.views.health import health

urlpatterns = [
    path("suc-khoe/", health, name="health"),
    path("tai-khoan/", include("allauth.urls")),
    path("ngon-ngu/", include("django.conf.urls.i18n")),
    path("quan-tri/", admin.site.urls),
]
