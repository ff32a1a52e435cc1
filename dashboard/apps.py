"""The pages and the project itself."""

from django.apps import AppConfig


class DashboardConfig(AppConfig):
    """Pages, API, and what ties the project together."""

    name = "dashboard"
    verbose_name = "Thước Đo"

    def ready(self) -> None:
        """Make the Celery application the current one; figures follow the verdicts."""
        from dashboard import celery  # noqa: F401
        from dashboard.tasks import ask_for_figures
        from targets.signals import verdicts_changed

        verdicts_changed.connect(ask_for_figures, dispatch_uid="figures")
