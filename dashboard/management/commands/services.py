"""``manage.py services``: the embedded PostgreSQL and Valkey."""

from __future__ import annotations

import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from dashboard.services.account import remove
from dashboard.services.holding import OWNER, VARIABLES, read_state, var_directory
from dashboard.services.locks import is_free


class Command(BaseCommand):
    """Show, hold or erase the embedded servers."""

    help = "The embedded PostgreSQL and Valkey: status, run (until Ctrl-C), erase (all data)."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """What to do."""
        parser.add_argument("action", choices=["status", "run", "erase"])

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it. ``manage.py`` starts the servers only for ``run``."""
        {"status": self._status, "run": self._run, "erase": self._erase}[options["action"]]()

    def _status(self) -> None:
        for name, variable in VARIABLES.items():
            state = read_state(var_directory() / name)
            if state is None:
                self.stdout.write(f"{name}: not running")
            else:
                self.stdout.write(f"{name}: owner process {state['owner']}")
                self.stdout.write(f"  {variable}={state['url']}")

    def _run(self) -> None:
        self._status()
        self.stdout.write("Ctrl-C gives them up; they stop when nobody else uses them.")
        try:
            signal.pause()
        except KeyboardInterrupt:
            self.stdout.write("")

    def _erase(self) -> None:
        for name in VARIABLES:
            home = var_directory() / name
            if home.exists() and not is_free(home / OWNER):
                state = read_state(home) or {}
                raise CommandError(
                    f"{name} is in use (owner process {state.get('owner')}); nothing was erased"
                )
        for name in VARIABLES:
            remove(var_directory() / name)
        self.stdout.write(f"Erased the data of {' and '.join(VARIABLES)}.")
