"""The health address."""

from __future__ import annotations

import pytest
from django.test import Client


@pytest.mark.django_db
def test_health_answers_when_the_database_does(client: Client) -> None:
    answer = client.get("/suc-khoe/")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "database": "ok"}
