"""The demo's processes: started, watched and ended together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from dashboard.services.server import end_with_parent

_GRACE = 10.0  # seconds that processes have to end by themselves
_LOG_LIMIT = 5_000_000  # bytes


class ProcessEndedError(RuntimeError):
    """A process of the demo ended although nobody asked it to."""


@dataclass
class Processes:
    """Processes in sessions of their own, so that Ctrl-C reaches only the one who ends them."""

    project: Path
    logs: Path
    _running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, command: list[str], environment: dict[str, str]) -> None:
        """Start a Python module with its arguments; its output goes to ``NAME.log``."""
        self.logs.mkdir(parents=True, exist_ok=True)
        log = self.log(name)
        if log.exists() and log.stat().st_size > _LOG_LIMIT:
            log.replace(log.with_suffix(".log.1"))
        with log.open("ab") as output:
            self._running[name] = subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=self.project,
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=end_with_parent(signal.SIGTERM),  # noqa: PLW1509 one thread only
            )

    def check(self) -> None:
        """``ProcessEndedError`` with the last lines of its log, where one has ended."""
        for name, process in self._running.items():
            code = process.poll()
            if code is not None:
                lines = self.log(name).read_text(errors="replace").splitlines()[-15:]
                raise ProcessEndedError(
                    f"the {name} process ended with code {code}; {self.log(name)} says:\n"
                    + "\n".join(lines)
                )

    def log(self, name: str) -> Path:
        """The file with a process's output."""
        return self.logs / f"{name}.log"

    def stop(self) -> None:
        """End all, each with its own children: politely, then by force after the grace."""
        for process in self._running.values():
            _signal_group(process, signal.SIGTERM, group=False)
        end = time.monotonic() + _GRACE
        while time.monotonic() < end and any(p.poll() is None for p in self._running.values()):
            time.sleep(0.05)
        for process in self._running.values():
            _signal_group(process, signal.SIGKILL, group=True)
            process.wait()
        self._running.clear()


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals, *, group: bool) -> None:
    """Signal a process, or its whole group with children that outlived it."""
    try:
        if group:
            os.killpg(process.pid, number)
        elif process.poll() is None:
            process.send_signal(number)
    except (ProcessLookupError, PermissionError):
        return  # all have ended (a Mac says "permission" of a group of ended processes)
