"""The pages and the project itself."""

from django.apps import AppConfig


class DashboardConfig(AppConfig):
    """Pages, API, and what ties the project together."""

    name = "dashboard"
    verbose_name = "Thước Đo"

    def ready(self) -> None:
        """Make the Celery application the current one, for every task of the other apps."""
        from dashboard import celery  # noqa: F401
