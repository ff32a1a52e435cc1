"""Settings from the environment: values of the right type, or a start that fails with a hint."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from dashboard import env

PROJECT = Path(__file__).resolve().parent.parent.parent


def test_text_takes_the_value_or_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAME", "  a value ")
    assert env.text("NAME", "other") == "a value"
    monkeypatch.setenv("NAME", "  ")
    assert env.text("NAME", "other") == "other"
    with pytest.raises(ImproperlyConfigured, match="NAME is not set: say who you are"):
        env.text("NAME", hint="say who you are")


@pytest.mark.parametrize(
    ("word", "value"), [("1", True), ("Yes", True), ("on", True), ("0", False), ("FALSE", False)]
)
def test_flag_knows_the_usual_words(
    monkeypatch: pytest.MonkeyPatch, word: str, value: bool
) -> None:
    monkeypatch.setenv("FLAG", word)
    assert env.flag("FLAG", not value) is value


def test_flag_refuses_another_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLAG", "perhaps")
    with pytest.raises(ImproperlyConfigured, match="use yes or no"):
        env.flag("FLAG", default=False)


@pytest.mark.parametrize(
    ("word", "message"),
    [("many", "not 'many'"), ("0", "smallest allowed, 1"), ("9", "largest allowed, 5")],
)
def test_integer_names_its_bounds(monkeypatch: pytest.MonkeyPatch, word: str, message: str) -> None:
    monkeypatch.setenv("SIZE", "3")
    assert env.integer("SIZE", 1, minimum=1, maximum=5) == 3
    monkeypatch.setenv("SIZE", word)
    with pytest.raises(ImproperlyConfigured, match=message):
        env.integer("SIZE", 1, minimum=1, maximum=5)


def test_choice_names_what_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert env.choice("CHOICE", ["a", "b"], "b") == "b"
    monkeypatch.setenv("CHOICE", "c")
    with pytest.raises(ImproperlyConfigured, match="one of a, b, not 'c'"):
        env.choice("CHOICE", ["a", "b"], "b")


def test_listing_splits_at_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOSTS", "a.vn, b.vn ,")
    assert env.listing("HOSTS") == ["a.vn", "b.vn"]
    monkeypatch.delenv("HOSTS")
    assert env.listing("HOSTS", ["c.vn"]) == ["c.vn"]
    with pytest.raises(ImproperlyConfigured, match="HOSTS is not set: name the hosts"):
        env.listing("HOSTS", hint="name the hosts")


def test_hosts_are_names_with_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    assert env.hosts("HOSTS") == []
    monkeypatch.setenv("HOSTS", "api.example, *.Gso.gov.vn,127.0.0.1:8081,[::1]:80")
    assert env.hosts("HOSTS") == ["api.example", "*.Gso.gov.vn", "127.0.0.1:8081", "[::1]:80"]
    for wrong in ("*", "https://a.vn", "a.vn/x", "a.vn:", "a.vn:0", "a.vn:65536", "số.vn", "a b"):
        monkeypatch.setenv("HOSTS", f"api.example,{wrong}")
        with pytest.raises(ImproperlyConfigured, match="HOSTS has a value that cannot be used"):
            env.hosts("HOSTS")


def test_networks_are_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    assert env.networks("NETWORKS") == []
    monkeypatch.setenv("NETWORKS", "10.1.0.0/16, fd00:1::/32")
    assert env.networks("NETWORKS") == ["10.1.0.0/16", "fd00:1::/32"]
    for wrong in ("10.1.0.1/16", "inside", "10.1.0.0/33"):
        monkeypatch.setenv("NETWORKS", wrong)
        with pytest.raises(ImproperlyConfigured, match="use networks as"):
            env.networks("NETWORKS")


def test_site_is_an_address_without_a_path(monkeypatch: pytest.MonkeyPatch) -> None:
    assert env.site("SITE", "http://localhost:8000") == "http://localhost:8000"
    monkeypatch.setenv("SITE", "https://thuocdo.example/")
    assert env.site("SITE", "http://localhost:8000") == "https://thuocdo.example"
    for wrong in ("thuocdo.example", "https://a.vn/x", "https://a.vn:x", "ftp://a.vn", "https://"):
        monkeypatch.setenv("SITE", wrong)
        with pytest.raises(ImproperlyConfigured, match="SITE has a value that cannot be used"):
            env.site("SITE", "http://localhost:8000")


def test_secret_comes_from_the_variable_or_from_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "secret"
    file.write_text("f" * 60 + "\n")
    monkeypatch.setenv("KEY_FILE", str(file))
    assert env.secret("KEY") == "f" * 60
    monkeypatch.setenv("KEY", "v" * 50)
    assert env.secret("KEY") == "v" * 50


def test_secret_is_long_and_never_shown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match="set KEY or KEY_FILE"):
        env.secret("KEY")
    monkeypatch.setenv("KEY", "hunter2")
    with pytest.raises(ImproperlyConfigured, match="7 characters, at least 50") as caught:
        env.secret("KEY")
    assert "hunter2" not in str(caught.value)
    monkeypatch.delenv("KEY")
    monkeypatch.setenv("KEY_FILE", str(tmp_path / "missing"))
    with pytest.raises(ImproperlyConfigured, match="KEY_FILE cannot be read"):
        env.secret("KEY")


def test_database_takes_the_parts_of_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB", "postgresql://us%40er:p%2Fw@db.example:5433/name?sslmode=require")
    assert env.database("DB") == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "name",
        "USER": "us@er",
        "PASSWORD": "p/w",
        "HOST": "db.example",
        "PORT": "5433",
        "OPTIONS": {"sslmode": "require"},
    }


@pytest.mark.parametrize(
    "address", ["mysql://h/n", "postgresql://h", "postgresql://h:port/n", "nonsense"]
)
def test_database_refuses_another_address(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("DB", address)
    with pytest.raises(ImproperlyConfigured, match="use postgresql://user:password@host:port"):
        env.database("DB")


@pytest.mark.parametrize(
    "address", ["http://h/0", "redis:///0", "redis://h/zero", "redis://h:port/0"]
)
def test_redis_refuses_another_address(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("QUEUE", address)
    with pytest.raises(ImproperlyConfigured, match="use redis://"):
        env.redis("QUEUE")


def test_an_address_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ImproperlyConfigured, match="DB is not set: set DB"):
        env.database("DB")
    with pytest.raises(ImproperlyConfigured, match="QUEUE is not set: set QUEUE"):
        env.redis("QUEUE")


def test_the_next_redis_database_keeps_the_rest() -> None:
    assert env.next_redis_database("redis://:pw@h:6379/4") == "redis://:pw@h:6379/5"
    assert env.next_redis_database("rediss://h") == "rediss://h/1"


def test_a_stored_secret_is_made_once_and_closed(tmp_path: Path) -> None:
    file = tmp_path / "new" / "key"
    first = env.stored_secret(file)
    assert len(first) >= 50
    assert env.stored_secret(file) == first
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_path_is_made_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert env.path("PLACE", tmp_path) == tmp_path
    monkeypatch.setenv("PLACE", "relative")
    assert env.path("PLACE", tmp_path) == Path.cwd() / "relative"


_PRODUCTION = {
    "THUOCDO_ENV": "production",
    "SECRET_KEY": "x1Y2" * 15,
    "ALLOWED_HOSTS": "thuocdo.example",
    "DATABASE_URL": "postgresql://u:p@127.0.0.1:1/n",
    "REDIS_URL": "redis://127.0.0.1:1/0",
}


@pytest.mark.parametrize("missing", ["SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL"])
def test_production_does_not_start_without(missing: str) -> None:
    done = _read_settings({name: _PRODUCTION[name] for name in _PRODUCTION if name != missing})
    assert done.returncode != 0
    assert f"{missing} is not set" in done.stderr.splitlines()[-1]


def test_production_is_closed_by_default() -> None:
    done = _read_settings(_PRODUCTION, "DEBUG", "SESSION_COOKIE_SECURE", "SECURE_SSL_REDIRECT")
    assert done.stdout.split() == ["False", "True", "True"], done.stderr


def _read_settings(environment: dict[str, str], *names: str) -> subprocess.CompletedProcess[str]:
    """Read settings in a process with this environment only."""
    return subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from dashboard import settings\n"
            "for name in sys.argv[1:]: print(getattr(settings, name))",
            *names,
        ],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
    )
