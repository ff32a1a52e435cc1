"""`python -m tests.whole.forking`: runs sources in children, and kills them when told to.

A process that has everything imported forks a child for each order, so that a killed run costs no
start. Orders come as JSON lines: `source` and `task` for `run_source`, or `waiting` for
`run_waiting`; `kill_after` seconds, if given. The answer to each: `seconds` and `killed`.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

PATIENCE = 60.0


class Forker:
    """The process, from the side of a test."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(self, **order: Any) -> dict[str, Any]:
        """Have a child do one run, and wait for its end."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


@contextmanager
def forker(environment: Mapping[str, str]) -> Iterator[Forker]:
    """A running one, in the environment given."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.whole.forking"],
        env=dict(environment),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Forker(process)
    finally:
        process.kill()
        process.communicate()


def main() -> None:
    """Until the input ends."""
    import django

    django.setup()
    from targets.sources.adapters.registry import adapter_of
    from targets.sources.runs import running

    adapter_of("json")
    gc.freeze()
    for line in sys.stdin:
        order = json.loads(line)
        began = time.monotonic()
        child = os.fork()
        if child == 0:
            code = 1
            try:
                if "waiting" in order:
                    running.run_waiting(order["waiting"])
                else:
                    running.run_source(order["source"], task_id=order["task"])
                code = 0
            finally:
                os._exit(code)
        killed = _end(child, order.get("kill_after"))
        print(json.dumps({"seconds": time.monotonic() - began, "killed": killed}), flush=True)


def _end(child: int, kill_after: float | None) -> bool:
    """Wait for a child, for so long or as long as it takes; whether it had to be killed."""
    descriptor = os.pidfd_open(child)
    try:
        patience = PATIENCE if kill_after is None else kill_after
        ended, _, _ = select.select([descriptor], [], [], patience)
        if not ended:
            os.kill(child, signal.SIGKILL)
        _pid, status = os.waitpid(child, 0)
    finally:
        os.close(descriptor)
    return os.WIFSIGNALED(status)


if __name__ == "__main__":
    main()
