"""The catalogue folder into the database: everything checked first, then one transaction."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from targets.catalogue.applying import apply
from targets.catalogue.catalogue import read_catalogue
from targets.catalogue.reading import Place, Problems
from targets.catalogue.rules import check
from targets.catalogue.syncing import Change


class CatalogueError(Exception):
    """The files have mistakes; `problems` names every one, and nothing was applied."""

    def __init__(self, problems: Problems) -> None:
        super().__init__("\n".join(problems.lines()))
        self.problems = problems


def load_catalogue(folder: Path, *, today: dt.date, dry_run: bool = False) -> list[Change]:
    """Read, check and apply the catalogue in `folder`; returns what changed.

    `today` dates the retirement of targets that left the catalogue. A dry run applies everything
    and rolls it back, so what it reports is what an application would do.

    Raises CatalogueError, with every mistake; then nothing has been written.
    """
    problems = Problems()
    catalogue = read_catalogue(folder, problems)
    check(catalogue, problems)
    if problems:
        raise CatalogueError(problems)
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                # A load of either kind waits for this one, and then finds what it has written.
                cursor.execute(
                    "LOCK TABLE targets_observation, targets_target IN SHARE ROW EXCLUSIVE MODE"
                )
            changes = apply(catalogue, today)
            if dry_run:
                transaction.set_rollback(True)
    except IntegrityError as error:
        # Files that agree among themselves may still clash with history, which stays: a number
        # that moves to a document under another slug, say.
        message = str(error).partition("CONTEXT:")[0]
        problems.add(
            Place(folder.name, 1), "", _("cơ sở dữ liệu từ chối: %s") % " ".join(message.split())
        )
        raise CatalogueError(problems) from error
    return changes
