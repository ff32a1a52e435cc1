"""Sign-off: the steps of one report."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
