"""What is due for the reader."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
