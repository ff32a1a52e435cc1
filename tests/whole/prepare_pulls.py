"""`python -m tests.whole.prepare_pulls ADDRESS KEY`: sources at a stand-in, read every minute.

What they bring is published by itself. Prints, as JSON, for each source and each of its series
what is published: each period, and how an indicator's page must write it and its value.
"""

from __future__ import annotations

import json
import sys
from decimal import Decimal

import django

django.setup()

from dashboard import formatting  # noqa: E402
from dashboard.demo.sources import SOURCES, Description, Read, make  # noqa: E402
from dashboard.demo.standin.figures import published  # noqa: E402
from targets.models import DataSource, Indicator  # noqa: E402

_SDMX_3 = Description(
    slug="sdmx-3",
    name_vi="SDMX 3.0, JSON",
    name_en="SDMX 3.0, JSON",
    adapter=DataSource.Adapter.SDMX,
    path="/sdmx/v2",
    options={
        "dataflow": "WB,WDI,1.0",
        "key": "A.FX_OWN_TOTL_ZS.VNM",
        "version": "3.0",
        "format": "json",
    },
    mapping={
        "area": {"field": "REF_AREA", "codes": {"VNM": "VN"}},
        "period": {"field": "TIME_PERIOD"},
    },
    reads=(Read("payment-accounts/worldbank-findex"),),
)
#: Published since the edition of the file that the stand-in serves.
_NOT_SERVED = {"hdi/undp": ("2023",)}
_WANTED = (*(one for one in SOURCES if one.slug != "mo-phong-hong"), _SDMX_3)


def _shown(series: str) -> list[tuple[str, str, str]]:
    unit = Indicator.objects.select_related("unit").get(code=series.partition("/")[0]).unit
    return [
        (period, formatting.period(period), formatting.quantity(Decimal(value), unit, trim=True))
        for period, value in published()[series].items()
        if period not in _NOT_SERVED.get(series, ())
    ]


def main(address: str, key: str) -> None:
    """Make them, and say what is to come of it."""
    make(_WANTED, address, key=key, trust=DataSource.Trust.AUTOMATIC, every=1)
    told = {one.slug: {read.series: _shown(read.series) for read in one.reads} for one in _WANTED}
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
