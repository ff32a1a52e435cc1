"""File locks of the operating system: they end with the process that holds them."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path
from types import TracebackType

from dashboard.services.errors import ServiceError

_PAUSE = 0.02  # seconds between two tries while waiting


class FileLock:
    """An advisory lock on a file, shared or exclusive, released when the process ends.

    A process forked from the holder shares the lock; ``release`` ends it for both.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    def try_lock(self, *, shared: bool = False) -> bool:
        """Take the lock, or change its kind, without waiting; False where another holds it."""
        if self._descriptor is None:
            try:
                self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
            except PermissionError:
                raise ServiceError(
                    f"{self.path} belongs to another user. Run the command as the user who "
                    f"started it first, or remove {self.path.parent}."
                ) from None
        try:
            kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
            fcntl.flock(self._descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def lock(self, *, shared: bool = False, seconds: float, waiting_for: str) -> None:
        """Take the lock within ``seconds``, or say what was waited for."""
        end = time.monotonic() + seconds
        while not self.try_lock(shared=shared):
            if time.monotonic() > end:
                self.release()
                raise ServiceError(f"waited {seconds:.0f} s in vain for {waiting_for}")
            time.sleep(_PAUSE)

    def release(self) -> None:
        """Give the lock up; doing so twice is harmless."""
        if self._descriptor is not None:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> FileLock:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def is_free(path: Path) -> bool:
    """Whether nobody holds the lock on this file at this moment."""
    with FileLock(path) as lock:
        return lock.try_lock(shared=True)
