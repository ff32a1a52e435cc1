"""`manage.py pull`: a source read from an operator's shell."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from targets.models import Observation, SourceRun
from tests.sources.serving import Service, place, rows, serving

pytestmark = pytest.mark.django_db


@pytest.fixture
def service(settings: Settings) -> Iterator[Service]:
    with serving() as started:
        settings.PULL_HOSTS = [started.host]
        settings.PULL_PRIVATE_NETWORKS = ["127.0.0.1/32"]
        place("H")
        yield started


def pull(*words: str) -> str:
    out = io.StringIO()
    call_command("pull", *words, stdout=out)
    return out.getvalue()


def test_it_reads_and_says_what_came(service: Service) -> None:
    source = service.source(slug="a")
    service.answers["/values"].rows = rows("H", y2023=10, y2024=12.5, y2025="x")
    tried = pull("a", "--try")
    assert "12.5" in tried
    assert "thêm 2" in tried
    assert not Observation.objects.exists()
    assert "thêm 2, sửa 0, giữ nguyên 0, chờ xem xét 0, bỏ qua 1" in pull("a")
    assert Observation.objects.count() == 2
    assert [run.kind for run in source.runs.order_by("pk")] == ["trial", "manual"]


def test_it_fails_with_the_reason(service: Service) -> None:
    source = service.source(slug="a")
    service.answers["/values"].status = 404
    with pytest.raises(CommandError, match="máy chủ nguồn báo lỗi"):
        pull("a")
    with pytest.raises(CommandError, match="Không có nguồn"):
        pull("b")
    type(source).objects.update(enabled=False)
    with pytest.raises(CommandError, match="đang tắt"):
        pull("a")
    assert SourceRun.objects.count() == 1
