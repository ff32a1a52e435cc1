"""What the tests of sources share: the place where values are published, stood in for."""

from __future__ import annotations

from tests.pages.conftest import catalogue_database_name as _catalogue_database_name
from tests.pages.conftest import catalogue_db as _catalogue_db
from tests.sources.standin import quick_fetching as _quick_fetching
from tests.sources.standin import standin as _standin
from tests.sources.standin import standin_process as _standin_process

catalogue_database_name = _catalogue_database_name
catalogue_db = _catalogue_db
quick_fetching = _quick_fetching
standin = _standin
standin_process = _standin_process
