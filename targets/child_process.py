"""A process of its own for reading what comes from outside; it bounds itself, we only wait."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Cost:
    """What the child used: seconds of processor, and the most memory that it held."""

    cpu_seconds: float
    peak_kib: int


def run_child(
    module: str,
    arguments: Sequence[str],
    *,
    answer: IO[bytes],
    question: IO[bytes] | None = None,
    wall_seconds: float,
) -> tuple[int, Cost]:
    """Run a module of ours: its exit code, negative for a signal, and what it cost.

    `question` is its standard input, `answer` its standard output. It ends with whoever waits for
    it, and after `wall_seconds` at the latest.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdin=subprocess.DEVNULL if question is None else question,
        stdout=answer,
        stderr=subprocess.DEVNULL,
        cwd=_ROOT,
        # Nothing of ours is for the child to know: no passwords, no keys.
        env={
            "PATH": os.environ.get("PATH", ""),
            "LANG": "C.UTF-8",
            "OPENBLAS_NUM_THREADS": "1",
        },
    )
    stopper = threading.Timer(wall_seconds, process.kill)
    stopper.start()
    try:
        _pid, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    except BaseException:
        # A time limit of the task that waits here must not leave the child behind.
        process.kill()
        process.wait()
        raise
    finally:
        stopper.cancel()
    return process.returncode, Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss)
