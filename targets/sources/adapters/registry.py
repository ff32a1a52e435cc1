"""Which adapter reads which kind of source."""

from __future__ import annotations

import importlib
from typing import Any

from targets.models import DataSource
from targets.sources.contract import Adapter

# Imported when asked for: SDMX and Excel bring large libraries that pages never need.
_CLASSES = {
    DataSource.Adapter.WORLD_BANK: "world_bank:WorldBank",
    DataSource.Adapter.PX_WEB: "px_web:PxWeb",
    DataSource.Adapter.JSON: "json_service:JsonService",
    DataSource.Adapter.SDMX: "sdmx_data:Sdmx",
    DataSource.Adapter.TABLE: "tables:Tables",
}


def adapter_of(code: str) -> Adapter[Any]:
    """The adapter of `DataSource.adapter`; ValueError for `push`, which is never asked."""
    module, name = _CLASSES[_pulled(code)].split(":")
    made = getattr(importlib.import_module(f"{__package__}.{module}"), name)
    adapter: Adapter[Any] = made()
    return adapter


def _pulled(code: str) -> DataSource.Adapter:
    adapter = DataSource.Adapter(code)
    if adapter not in _CLASSES:
        raise ValueError(f"{code} is not pulled")
    return adapter
