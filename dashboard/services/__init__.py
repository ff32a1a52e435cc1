"""Embedded PostgreSQL and Valkey: real servers from Python packages, for one machine.

They listen on loopback only, on a free port, with a password of their own; their data lives in
``var/``. One owner process per server starts and stops it. Whoever uses a server holds a shared
lock; the owner stops the server when the last holder is gone, even one that was killed. A
production process sets ``DATABASE_URL`` and ``REDIS_URL`` and never comes here.
"""

from dashboard.services.errors import ServiceError
from dashboard.services.holding import Hold, embedded, hold

__all__ = ["Hold", "ServiceError", "embedded", "hold"]
