"""The targets app: the domain (organisations, indicators, targets, values, verdicts)."""

from django.apps import AppConfig


class TargetsConfig(AppConfig):
    name = "targets"
    verbose_name = "Mục tiêu"
    default_auto_field = "django.db.models.BigAutoField"
