"""The embedded servers: shared, restartable, owned by one process, gone when nobody uses them."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from dashboard.services import ServiceError, embedded
from dashboard.services.holding import Hold, read_state
from dashboard.services.postgres import Postgres
from dashboard.services.server import Server
from dashboard.services.valkey import Valkey
from tests.ground.clusters import ask_postgres, ask_valkey, directory, held, is_stopped

PROJECT = Path(__file__).resolve().parent.parent.parent
_HOLDER = """
import sys, time
from pathlib import Path
from dashboard.services.holding import Hold
hold = Hold(sys.argv[1], Path(sys.argv[2]), durable=False)
hold.begin()
print(hold.wait(), flush=True)
time.sleep(600)
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Path]:
    """The home of a PostgreSQL that was made and stopped again."""
    with directory() as made:
        with held("postgres", made / "postgres"):
            pass
        yield made / "postgres"


@pytest.fixture
def queue() -> Iterator[Path]:
    """The home of a Valkey not yet made."""
    with directory() as made:
        yield made / "valkey"


def _await(condition: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def _holder(name: str, home: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, name, str(home)],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith(("postgresql://", "redis://"))
    return process


def _has_ended(pid: int) -> bool:
    """Whether a process runs no more (it may wait for a parent that is slow to ask)."""
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def _listens(address: str) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(5)
        return probe.connect_ex(("127.0.0.1", urlsplit(address).port or 0)) == 0


def test_a_hold_starts_postgresql_and_its_end_stops_it(cluster: Path) -> None:
    with held("postgres", cluster) as address:
        assert ask_postgres(address) == 1
    assert not _listens(address)
    assert is_stopped(cluster)


def test_a_hold_starts_valkey_and_its_end_stops_it(queue: Path) -> None:
    with held("valkey", queue) as address:
        assert ask_valkey(address)
    assert not _listens(address)
    assert is_stopped(queue)


def test_the_data_and_the_address_outlive_a_stop(cluster: Path) -> None:
    with held("postgres", cluster) as first:
        ask_postgres(first, "CREATE TABLE IF NOT EXISTS kept AS SELECT 57 AS number")
    with held("postgres", cluster) as second:
        assert second == first
        assert ask_postgres(second, "SELECT number FROM kept") == 57


def test_postgresql_has_the_extensions_and_sorts_by_code_point(cluster: Path) -> None:
    with held("postgres", cluster) as address:
        for name in ("unaccent", "pg_trgm", "btree_gist"):
            ask_postgres(address, f"CREATE EXTENSION IF NOT EXISTS {name}")
        assert ask_postgres(address, "SELECT unaccent('Thước Đo')") == "Thuoc Do"
        assert ask_postgres(address, "SELECT upper('đ')") == "Đ"
        assert ask_postgres(address, "SELECT datlocale FROM pg_database LIMIT 1") == "C.UTF-8"


def test_postgresql_listens_on_loopback_only_and_wants_the_password(cluster: Path) -> None:
    with held("postgres", cluster) as address:
        assert ask_postgres(address, "SHOW listen_addresses") == "127.0.0.1"
        assert ask_postgres(address, "SHOW unix_socket_directories") == ""
        password = urlsplit(address).password or ""
        with pytest.raises(Exception, match="password authentication failed"):
            ask_postgres(address.replace(password, "wrong"))


def test_the_second_holder_shares_and_the_last_one_stops(queue: Path) -> None:
    first, second = Hold("valkey", queue), Hold("valkey", queue)
    first.begin()
    address = first.wait()
    second.begin()
    assert second.wait() == address
    assert (first.started, second.started) == (True, False)
    assert first.release() is False
    assert ask_valkey(address)
    assert second.release() is True
    assert not _listens(address)


def test_a_holder_killed_by_force_leaves_nothing_running(queue: Path) -> None:
    process = _holder("valkey", queue)
    state = read_state(queue)
    assert state is not None
    process.kill()
    process.communicate()
    _await(lambda: is_stopped(queue))
    assert _has_ended(int(state["server"]))


def test_a_server_in_use_is_not_stopped_by_another_command(queue: Path) -> None:
    process = _holder("valkey", queue)
    try:
        with held("valkey", queue) as address:
            assert ask_valkey(address)
        assert ask_valkey(address)
    finally:
        process.kill()
        process.communicate()
    _await(lambda: is_stopped(queue))


def test_after_the_owner_was_killed_the_next_hold_starts_anew(cluster: Path) -> None:
    process = _holder("postgres", cluster)
    state = read_state(cluster)
    assert state is not None
    os.kill(int(state["owner"]), signal.SIGKILL)
    process.kill()
    process.communicate()
    _await(lambda: is_stopped(cluster))  # the owner is gone; its server may still be ending
    with held("postgres", cluster) as address:
        assert ask_postgres(address) == 1
        fresh = read_state(cluster)
        assert fresh is not None
        assert fresh["server"] != state["server"]
    assert _has_ended(int(state["server"]))


def test_a_stale_pid_file_is_removed_and_told(cluster: Path) -> None:
    bystander = subprocess.Popen(["sleep", "600"])
    server = Postgres(cluster)
    with held("postgres", cluster):
        data = _data(server)
    (data / "postmaster.pid").write_text(f"{bystander.pid}\n{data}\n0\n5432\n\n127.0.0.1\n")
    try:
        with held("postgres", cluster) as address:
            assert ask_postgres(address) == 1
        assert bystander.poll() is None, "another program's process was ended"
    finally:
        bystander.kill()
        bystander.wait()
    told = (cluster / "owner.log").read_text()
    assert f"removed the stale pid file of process {bystander.pid}" in told


@pytest.mark.parametrize(("kind", "ask"), [(Postgres, ask_postgres), (Valkey, ask_valkey)])
def test_a_server_without_an_owner_is_ended_and_replaced(
    kind: type[Server], ask: Callable[[str], object]
) -> None:
    with directory() as made:
        home = made / kind.name
        orphan = kind(home, durable=False)
        orphan.start()  # by this process, which holds no lock: as a killed owner leaves it
        assert orphan.process is not None
        with held(kind.name, home) as address:
            assert ask(address)
            assert orphan.process.wait(10) is not None
        assert f"ended process {orphan.process.pid}" in (home / "owner.log").read_text()


def test_a_second_owner_is_refused(queue: Path) -> None:
    with held("valkey", queue) as address:
        done = subprocess.run(
            [sys.executable, "-m", "dashboard.services.owner", "valkey", str(queue)],
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stdout) == (1, "Valkey already has an owner\n")
        assert ask_valkey(address)


def test_a_server_that_cannot_start_says_why(cluster: Path) -> None:
    with held("postgres", cluster):
        data = _data(Postgres(cluster))
    version = (data / "PG_VERSION").read_text()
    (data / "PG_VERSION").write_text("9\n")
    hold = Hold("postgres", cluster)
    hold.begin()
    try:
        with pytest.raises(ServiceError, match=r"ended at once(.|\n)*initialized by PostgreSQL"):
            hold.wait()
    finally:
        (data / "PG_VERSION").write_text(version)
    assert is_stopped(cluster)


def test_an_interrupted_first_start_is_made_good() -> None:
    with directory() as made:
        home = made / "postgres"
        home.mkdir()
        (home / "data").mkdir(mode=0o700)
        (home / "data" / "half-made").touch()
        with held("postgres", home) as address:
            assert ask_postgres(address) == 1


def test_a_taken_port_is_left_to_its_owner(queue: Path) -> None:
    with held("valkey", queue) as first:
        pass
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as other:
        other.bind(("127.0.0.1", urlsplit(first).port or 0))
        other.listen()
        with held("valkey", queue) as second:
            assert urlsplit(second).port != urlsplit(first).port
            assert ask_valkey(second)


def test_secrets_are_closed_and_foreign_directories_keep_their_mode() -> None:
    with directory(mode=0o700) as closed:
        home = closed / "var" / "postgres"
        with held("postgres", home) as address:
            assert ask_postgres(address) == 1
            for secret in ("password", "state.json"):
                assert stat.S_IMODE((home / secret).stat().st_mode) == 0o600
            server = Postgres(home)
            assert stat.S_IMODE(_data(server).stat().st_mode) == 0o700
            assert _data(server).stat().st_uid != 0
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700


def test_nothing_is_started_where_addresses_are_given(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/x")
    monkeypatch.delenv("REDIS_URL")
    monkeypatch.setenv("REDIS_URL_FILE", "/run/secrets/redis")
    with embedded(tmp_path / "var"):
        assert not (tmp_path / "var").exists()
        assert "REDIS_URL" not in os.environ


def _data(server: Server) -> Path:
    link = server.home / "outside"
    return (link.resolve() if link.is_symlink() else server.home) / "data"
