"""What the tests of sources share: the place where values are published, stood in for."""

from __future__ import annotations

from tests.sources.standin import standin as _standin
from tests.sources.standin import standin_process as _standin_process

standin = _standin
standin_process = _standin_process
