"""What must be in place before the demo's processes start; what is there already is kept."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import redirect_stdout
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from dashboard.demo import sources
from dashboard.demo.accounts import ACCOUNTS, create_accounts, demo_password
from dashboard.demo.samples import make_samples
from dashboard.tasks import build_figures
from targets.models import Observation, Target
from targets.tasks import assess_pending


class Preparation:
    """The steps before the start, each told in one line and left out when nothing changed."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._stamps = settings.VAR_DIR / "stamps"
        self._stamps.mkdir(parents=True, exist_ok=True)

    def run(self) -> None:
        """All steps, in order; where one fails, its own ``CommandError``."""
        fixtures = settings.BASE_DIR / "fixtures"
        observations = sorted((fixtures / "observations").glob("*.csv"))
        self._step("Translations", lambda: call_command("compile_translations", stdout=_nowhere()))
        if not is_migrated():
            self._step("Database tables", lambda: call_command("migrate", verbosity=0))
        self._once(
            "Catalogue of targets",
            _digest(_files(fixtures)),
            lambda: call_command("load_catalogue", stdout=_nowhere()),
            also=Target.objects.exists(),
        )
        self._once(
            "Published values",
            _digest([*observations, *_files(fixtures)]),
            lambda: call_command("load_observations", *observations, stdout=_nowhere()),
            also=Observation.objects.exists(),
        )
        password = demo_password(settings.VAR_DIR / "demo-password")
        self._once(
            "Accounts",
            hashlib.sha256(password.encode()).hexdigest(),
            lambda: create_accounts(password=password),
            also=has_accounts(),
        )
        self._step("Cycles, and reports as samples", lambda: make_samples(timezone.localdate()))
        self._step("Verdicts and figures", _judge_and_draw)
        static = settings.BASE_DIR / "static"
        self._once(
            "Browser files, compressed",
            _digest(_files(static), contents=False),
            lambda: call_command("collectstatic", interactive=False, verbosity=0),
            also=(Path(settings.STATIC_ROOT) / "staticfiles.json").exists(),
        )

    def read_sources(self, address: str, environment: Mapping[str, str]) -> None:
        """Have the demo's sources at the stand-in there, each read once, as its processes do it.

        In a process of its own: this one may not go to the stand-in. ``CommandError`` if it fails.
        """
        described = _digest([Path(sources.__file__)])
        self._once(
            "Sources of values, at a stand-in",
            hashlib.sha256(f"{address} {described}".encode()).hexdigest(),
            lambda: _read_sources(address, environment),
            also=sources.are_ready(address),
        )

    def _step(self, title: str, action: Callable[[], object]) -> None:
        began = time.monotonic()
        with redirect_stdout(_nowhere()):
            action()
        self._say(f"{title}: done ({time.monotonic() - began:.1f} s)")

    def _once(self, title: str, digest: str, action: Callable[[], object], *, also: bool) -> None:
        """Run a step unless it ran for the same input before, and its result is ``also`` there."""
        stamp = self._stamps / hashlib.sha256(title.encode()).hexdigest()[:12]
        place = hashlib.sha256(str(connection.settings_dict["NAME"]).encode()).hexdigest()
        if also and stamp.exists() and stamp.read_text() == digest + place:
            self._say(f"{title}: unchanged")
            return
        self._step(title, action)
        stamp.write_text(digest + place)


def is_migrated() -> bool:
    """Whether the database has every migration."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _judge_and_draw() -> None:
    """What the worker would do in a while, so that the first reader finds it done."""
    assess_pending()
    build_figures()


def _read_sources(address: str, environment: Mapping[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "read_stand_in", address],
        cwd=settings.BASE_DIR,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CommandError(f"the sources cannot be made: {done.stderr[-2000:]}")


def has_accounts() -> bool:
    """Whether every account is there."""
    names = [account.username for account in ACCOUNTS]
    return User.objects.filter(username__in=names).count() == len(names)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _digest(files: Iterable[Path], *, contents: bool = True) -> str:
    """One short text for the state of these files: their contents, or sizes and times."""
    digest = hashlib.sha256()
    for path in files:
        digest.update(f"{path}\0".encode())
        state = path.stat()
        digest.update(
            path.read_bytes() if contents else f"{state.st_size} {state.st_mtime}".encode()
        )
    return digest.hexdigest()


def _nowhere() -> io.StringIO:
    return io.StringIO()
