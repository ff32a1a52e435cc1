"""``manage.py create_demo_accounts``: an account for each role, in demo mode only."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from dashboard.demo.accounts import create_accounts, demo_password


class Command(BaseCommand):
    """Make the accounts and print how to sign in."""

    help = "Make an account for each role (demo mode only) and print the password."

    def handle(self, *args: Any, **options: Any) -> None:
        """Idempotent; refuses outside of demo mode."""
        if not settings.DEMO:
            raise CommandError(
                "demo accounts have a password that everybody on this machine can read: "
                "they are made with THUOCDO_ENV=demo only"
            )
        password = demo_password(settings.VAR_DIR / "demo-password")
        for user in create_accounts(password=password):
            self.stdout.write(f"{user.username}  {password}  ({user.get_full_name()})")
