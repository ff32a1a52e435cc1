"""Whether the database holds what was acknowledged, once and whole."""

from __future__ import annotations

from decimal import Decimal

import psycopg

from tests.whole.reporters import Ledger
from tests.whole.site import Site


def check_books(site: Site, ledger: Ledger) -> None:
    """Every item has the value and the version that its writer was told, and so has the trail.

    A save that was under way at the very end may be there without having been acknowledged, but
    then whole: one version more, with one entry of the trail more.
    """
    with psycopg.connect(site.postgres.url) as connection:
        rows = connection.execute(
            "SELECT id, version, value FROM targets_reportitem WHERE id = ANY(%s)",
            [list(ledger.items)],
        ).fetchall()
        told: dict[int, int] = dict(
            connection.execute(
                "SELECT row_id::bigint, count(*) FROM targets_trailentry"
                " WHERE table_name = 'targets_reportitem' AND action = 'update'"
                " GROUP BY row_id"
            ).fetchall()
        )
    found = {item: (version, value) for item, version, value in rows}
    for item, kept in ledger.items.items():
        version, value = found[item]
        assert told.get(item, 0) == version, f"item {item}: the trail tells another story"
        if version == kept.version:
            wanted = None if kept.value is None else Decimal(kept.value)
            assert value == wanted, f"item {item}: {value} instead of {kept.value}"
        else:
            assert version == kept.version + 1, f"item {item}: version {version}, not {kept}"
