"""The targets app: the domain (organisations, indicators, targets, values, verdicts)."""

from django.apps import AppConfig


class TargetsConfig(AppConfig):
    name = "targets"
    verbose_name = "Mục tiêu"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make permissions and schedules known; tell every connection who acts."""
        from django.db.backends.signals import connection_created

        from targets import permissions  # noqa: F401
        from targets.sources.runs import scheduling  # noqa: F401
        from targets.trail import telling

        connection_created.connect(telling.install)
