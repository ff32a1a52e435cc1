"""The addresses of the site and one more: a view that only renders a constant template."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

from dashboard.urls import urlpatterns as site

TEMPLATE = "<!doctype html><title>Thước Đo</title><p>Không đổi</p>"
_template = engines["django"].from_string(TEMPLATE)


def constant(request: HttpRequest) -> HttpResponse:
    return HttpResponse(_template.render({}, request))


urlpatterns = [path("khong-doi/", constant), *site]
