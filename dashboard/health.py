"""Health checks of the processes: ``python -m dashboard.health web|worker|scheduler``.

For container engines: exit code 0 when healthy, else 1 with one line that says why.
"""

from __future__ import annotations

import argparse
import http.client
import os
import socket
import sys
import time
from pathlib import Path

_SECONDS = 5  # that a process has to answer
_OLDEST_HEARTBEAT = 120  # seconds; the scheduler looks for work every ten


def main() -> int:
    """Check one process on this machine."""
    parser = argparse.ArgumentParser(description="Check one process of Thước Đo.")
    parser.add_argument("process", choices=["web", "worker", "scheduler"])
    fault = {"web": web, "worker": worker, "scheduler": scheduler}[parser.parse_args().process]()
    if fault:
        print(fault, file=sys.stderr)
    return 1 if fault else 0


def web() -> str | None:
    """What is wrong with the web server on ``PORT`` of this machine, if anything."""
    host = os.environ.get("ALLOWED_HOSTS", "").split(",")[0].strip() or "localhost"
    connection = http.client.HTTPConnection(
        "127.0.0.1", int(os.environ.get("PORT", "8000")), timeout=_SECONDS
    )
    try:
        connection.request("GET", "/suc-khoe/", headers={"Host": host.lstrip("*.") or "localhost"})
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return f"the web server does not answer: {error}"
    finally:
        connection.close()
    return None if status == 200 else f"the web server answers {status}"


def worker() -> str | None:
    """What is wrong with the Celery worker of this machine, if anything."""
    from dashboard.celery import app

    name = f"celery@{socket.gethostname()}"
    try:
        answers = app.control.ping(destination=[name], timeout=_SECONDS)
    except app.connection_for_read().recoverable_connection_errors as error:
        return f"the queue cannot be reached: {error}"
    return None if answers else f"{name} does not answer"


def scheduler() -> str | None:
    """What is wrong with the scheduler, which touches BEAT_HEARTBEAT, if anything."""
    heartbeat = Path(os.environ.get("BEAT_HEARTBEAT", "var/beat.heartbeat"))
    try:
        age = time.time() - heartbeat.stat().st_mtime
    except FileNotFoundError:
        return f"no heartbeat yet in {heartbeat}"
    return None if age < _OLDEST_HEARTBEAT else f"the last heartbeat is {age:.0f} s old"


if __name__ == "__main__":
    sys.exit(main())
