"""A copy of the small catalogue beside this file, which a test may spoil."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from typing import Any

from django.apps import apps

from targets.catalogue.loading import CatalogueError, load_catalogue
from targets.catalogue.syncing import Change

SMALL = Path(__file__).parent / "small"
TODAY = dt.date(2026, 11, 22)
# Tables whose rows tell of a load rather than of the catalogue.
_ASIDE = {"pendingassessment", "dataversion"}


class Folder:
    """A catalogue in a directory of the test's own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        shutil.copytree(SMALL, path)

    def text(self, file: str) -> str:
        return (self.path / file).read_text(encoding="utf-8")

    def replace(self, file: str, old: str, new: str) -> None:
        """Put `new` in the one place of `file` that says `old`."""
        text = self.text(file)
        assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {file}"
        self.write(file, text.replace(old, new))

    def add(self, file: str, *lines: str) -> None:
        self.write(file, self.text(file) + "".join(f"{line}\n" for line in lines))

    def drop(self, file: str, start: str) -> None:
        """Leave out the one line of `file` that begins with `start`."""
        lines = self.text(file).splitlines(keepends=True)
        kept = [line for line in lines if not line.startswith(start)]
        assert len(kept) == len(lines) - 1, f"no single line of {file} begins with {start!r}"
        self.write(file, "".join(kept))

    def write(self, file: str, text: str | bytes) -> None:
        raw = text if isinstance(text, bytes) else text.encode("utf-8")
        (self.path / file).write_bytes(raw)

    def load(self, *, dry_run: bool = False, today: dt.date = TODAY) -> list[Change]:
        return load_catalogue(self.path, today=today, dry_run=dry_run)

    def problems(self) -> list[str]:
        """What a load complains of, without applying anything."""
        try:
            load_catalogue(self.path, today=TODAY, dry_run=True)
        except CatalogueError as error:
            return error.problems.lines()
        return []


def contents() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table of the catalogue, with its id."""
    return {
        str(model._meta.model_name): list(model._default_manager.order_by("pk").values())
        for app in ("documents", "targets")
        for model in apps.get_app_config(app).get_models()
        if model._meta.model_name not in _ASIDE
    }


def brief(changes: list[Change]) -> list[str]:
    """Changes in one line each: what, where, which, and the fields that differ."""
    return [
        " ".join([change.action, change.table, change.key, *sorted(change.fields)])
        for change in changes
    ]
