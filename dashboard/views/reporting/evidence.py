"""Files that back a reported value."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
