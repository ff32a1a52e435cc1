"""Who was early, on time, late."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
