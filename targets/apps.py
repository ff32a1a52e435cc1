"""The targets app: the domain (organisations, indicators, targets, values, verdicts)."""

from django.apps import AppConfig


class TargetsConfig(AppConfig):
    name = "targets"
    verbose_name = "Mục tiêu"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make the permissions known to `rules`."""
        from targets import permissions  # noqa: F401
