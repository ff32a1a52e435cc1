"""Figures: what they are drawn from, how they are kept, how they are sent."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pandas as pd
import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from dashboard import drawing, figures, tasks
from dashboard.charts import bullets, paths
from dashboard.models import StoredFigure
from dashboard.presenters.common import shown_value
from dashboard.presenters.progress import reached
from targets.models import DataVersion, Observation, Pillar, Target
from targets.signals import verdicts_changed
from tests.catalogue_database import TODAY
from tests.pages import counting

pytestmark = pytest.mark.usefixtures("catalogue_db")

#: The traces that the browser's bundle can draw.
CARTESIAN = {"scatter", "bar"}


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[str, ...]]]:
    """The tasks that were asked for; nothing goes to the broker."""
    asked: list[tuple[str, tuple[str, ...]]] = []
    monkeypatch.setattr(tasks, "_send", lambda name, given: asked.append((name, given)))
    return asked


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only some of the figures, where a test is not about all of them."""
    some = ["pillar-kinh-te-so", "pillar-nen-tang-so", "path-gii-rank", "indicator-gii-rank"]
    every = drawing.names
    monkeypatch.setattr(drawing, "names", lambda it: [n for n in every(it) if n in some])


@pytest.fixture(scope="module")
def material() -> dict[str, drawing.Material]:
    """Read once: all tests of this module see the same catalogue."""
    return {}


def read(material: dict[str, drawing.Material]) -> drawing.Material:
    if "now" not in material:
        material["now"] = drawing.Material.read(TODAY)
    return material["now"]


def strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for item in value.values() for text in strings(item)]
    if isinstance(value, list):
        return [text for item in value for text in strings(item)]
    return []


def keys(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {key for item in value.values() for key in keys(item)}
    if isinstance(value, list):
        return {key for item in value for key in keys(item)}
    return set()


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_figure_can_be_drawn_and_sent(
    material: dict[str, drawing.Material], language: str
) -> None:
    with translation.override(language):
        now = read(material)
        names = drawing.names(now)
        assert len(names) > 40
        for name in names:
            figure = drawing.drawing(now, name).draw()
            json.dumps(figure, allow_nan=False)
            assert {trace["type"] for trace in figure["data"]} <= CARTESIAN, name
            assert figure["layout"]["separators"] == (",." if language == "vi" else ".,")
            assert "template" not in figure["layout"]
            texts = strings(figure)
            assert not any(tag in text for text in texts for tag in ("<b>", "<i>", "<a")), name
            # Colours are those of the theme: the figure names none of its own.
            assert not any(text.startswith(("#", "rgb")) for text in texts), name
            assert not keys(figure) & {"bdata", "paper_bgcolor", "plot_bgcolor"}


def test_the_bullets_of_a_pillar_have_every_target_with_its_status(
    material: dict[str, drawing.Material],
) -> None:
    rows = drawing.pillar_rows(read(material).register, "kinh-te-so", drafts=False)
    frame = drawing.pillar_frame(rows)
    expected = counting.counts(TODAY, pillar="kinh-te-so")
    assert frame["status"].value_counts().to_dict() == {k: v for k, v in expected.items() if v}
    figure = bullets.bullets(frame)
    words = {trace["name"] for trace in figure["data"] if trace.get("showlegend") is not False}
    assert {"Không đạt", "Chậm tiến độ"} <= words


def test_reached_is_one_where_the_threshold_is_just_met(
    material: dict[str, drawing.Material],
) -> None:
    for row in read(material).register:
        share = reached(row)
        value, _year = shown_value(row)
        assert share is None or value is not None
        if share is not None and row.status == "achieved":
            assert share >= 1 - 1e-9, row.target.key
        if share is not None and row.status == "missed":
            assert share < 1, row.target.key


def test_bullets_of_no_target_are_an_empty_figure() -> None:
    empty = pd.DataFrame(columns=list(bullets.COLUMNS)).astype({"reached": float, "needed": float})
    assert bullets.bullets(empty)["layout"]["height"] > 0


def demands(**given: Any) -> pd.DataFrame:
    row = {
        "document": "Văn bản",
        "colour": 0,
        "draft": False,
        "status": "off_track",
        "start_year": 2020.0,
        "start_value": 10.0,
        "due_year": 2024.0,
        "threshold": 40.0,
        "threshold_max": float("nan"),
        "by_ratio": False,
        "flat": False,
        "hover": "",
    }
    return pd.DataFrame([{**row, **given}], columns=list(paths.DEMANDS))


def observed() -> pd.DataFrame:
    return pd.DataFrame(
        [("Nguồn", True, 2020.0, 10.0, ""), ("Nguồn", True, 2022.0, 15.0, "")],
        columns=list(paths.OBSERVED),
    )


@pytest.mark.parametrize(
    ("given", "xs", "ys"),
    [
        ({}, [2020, 2024], [10, 40]),
        ({"by_ratio": True}, [2020, 2021, 2022, 2023, 2024], [10, 14.142, 20, 28.284, 40]),
        ({"flat": True}, [2020, 2024], [40, 40]),
        ({"start_year": 2024.0}, [2024], [40]),
        ({"start_value": float("nan")}, [2020, 2024], [40, 40]),
        ({"due_year": float("nan"), "flat": True}, [2020, 2022], [40, 40]),
    ],
)
def test_the_required_path(given: dict[str, Any], xs: list[float], ys: list[float]) -> None:
    axis = paths.Axis("%", reversed=False, suffix="%", whole=False)
    figure = paths.path(observed(), demands(**given), axis, projected=None)
    line = figure["data"][0]
    assert line["x"] == pytest.approx(xs)
    assert line["y"] == pytest.approx(ys, rel=1e-3)


def test_a_range_is_drawn_from_bound_to_bound_and_ranks_run_downwards() -> None:
    axis = paths.Axis("hạng", reversed=True, suffix="", whole=True)
    figure = paths.path(observed(), demands(threshold_max=50.0), axis, projected=None)
    assert figure["data"][1]["y"] == [40, 50]
    assert figure["layout"]["yaxis"]["autorange"] == "reversed"


def test_building_draws_once_and_then_only_what_changed(few: None) -> None:
    assert figures.build_figures() == StoredFigure.objects.count() == 8
    assert figures.build_figures() == 0
    built = StoredFigure.objects.get(name="indicator-gii-rank", language="vi").built_at
    Pillar.objects.filter(slug="kinh-te-so").update(position=2)
    assert figures.build_figures() == 0
    assert set(StoredFigure.objects.values_list("data_version", flat=True)) == {DataVersion.now()}
    Target.objects.filter(key="qd749-2025-gii").update(threshold=34)
    assert figures.build_figures() == 6  # not the other pillar
    assert StoredFigure.objects.get(name="indicator-gii-rank", language="vi").built_at > built


def test_a_figure_with_nothing_left_to_show_goes(few: None) -> None:
    figures.build_figures()
    Target.objects.filter(pillar__slug="nen-tang-so").update(retired_on=dt.date(2026, 1, 1))
    figures.build_figures()
    assert not StoredFigure.objects.filter(name="pillar-nen-tang-so").exists()


def test_a_stored_figure_is_sent_with_a_tag_and_not_sent_twice(
    client: Client,
    few: None,
    sent: list[tuple[str, tuple[str, ...]]],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    figures.build_figures()
    with django_assert_num_queries(2):
        response = client.get("/bieu-do/pillar-kinh-te-so.json")
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"
    assert set(response.json()) == {"data", "layout", "config"}
    again = client.get(
        "/bieu-do/pillar-kinh-te-so.json", headers={"if-none-match": response["ETag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    client.cookies["django_language"] = "en"
    english = client.get("/bieu-do/pillar-kinh-te-so.json")
    assert english["ETag"] != response["ETag"]
    assert not sent


def test_a_figure_that_is_not_built_yet_is_asked_for_once(
    client: Client, sent: list[tuple[str, tuple[str, ...]]]
) -> None:
    for _ in range(2):
        response = client.get("/bieu-do/pillar-kinh-te-so.json")
        assert response.status_code == 202
        assert int(response["Retry-After"]) > 0
    assert sent == [("dashboard.tasks.build_figures", ())]


def test_a_figure_behind_the_data_is_sent_and_a_new_one_asked_for(
    client: Client, few: None, sent: list[tuple[str, tuple[str, ...]]]
) -> None:
    figures.build_figures()
    Pillar.objects.filter(slug="kinh-te-so").update(position=2)
    assert client.get("/bieu-do/pillar-kinh-te-so.json").status_code == 200
    assert sent == [("dashboard.tasks.build_figures", ())]


@pytest.mark.parametrize(
    "name",
    ["pillar-khong-co", "indicator-khong-co", "path-khong-co", "hello", "indicator-smart-cities"],
)
def test_a_figure_that_will_never_be_is_not_found(
    client: Client, sent: list[tuple[str, tuple[str, ...]]], name: str
) -> None:
    assert client.get(f"/bieu-do/{name}.json").status_code == 404
    assert not sent


def test_only_figures_that_exist_are_promised(material: dict[str, drawing.Material]) -> None:
    names = set(drawing.names(read(material)))
    assert all(figures.exists(name) for name in names)
    codes = Observation.objects.values_list("series__indicator__code", flat=True).distinct()
    for code in codes:
        for sort in ("path", "indicator"):
            assert figures.exists(f"{sort}-{code}") == (f"{sort}-{code}" in names), (sort, code)


def test_the_figure_of_a_past_day_is_built_on_demand_and_forgotten(
    client: Client, few: None, sent: list[tuple[str, tuple[str, ...]]]
) -> None:
    path = "/bieu-do/indicator-gii-rank.json?as_of=2025-06-30"
    assert client.get(path).status_code == 202
    ((task, given),) = sent
    assert (task, given) == (
        "dashboard.tasks.build_past_figure",
        ("indicator-gii-rank", "vi", "2025-06-30"),
    )
    tasks.build_past_figure(*given)
    past = client.get(path).json()
    figures.build_figures()
    now = client.get("/bieu-do/indicator-gii-rank.json").json()
    assert past != now
    assert figures.forget_past_figures() == 0
    StoredFigure.objects.filter(as_of__isnull=False).update(
        built_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    )
    tasks.forget_past_figures()
    assert not StoredFigure.objects.filter(as_of__isnull=False).exists()
    assert StoredFigure.objects.exists()


def test_a_past_day_without_values_has_no_figure() -> None:
    assert not figures.build_past_figure("indicator-gii-rank", "vi", dt.date(2001, 1, 1))


def test_of_very_many_past_figures_the_newest_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "_PAST_KEPT", 2)
    for day in (1, 2, 3):
        figures.build_past_figure("pillar-kinh-te-so", "vi", dt.date(2025, 6, day))
    assert figures.forget_past_figures() == 1
    assert StoredFigure.objects.filter(as_of=dt.date(2025, 6, 3)).exists()


def test_changed_verdicts_ask_for_figures(sent: list[tuple[str, tuple[str, ...]]]) -> None:
    verdicts_changed.send(sender=None)
    assert sent == [("dashboard.tasks.build_figures", ())]


def test_a_broker_that_is_down_only_delays_a_figure(
    client: Client, few: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from celery import current_app
    from kombu.exceptions import OperationalError

    def refuse(*_given: object) -> None:
        raise OperationalError("down")

    monkeypatch.setattr(current_app, "send_task", refuse)
    assert client.get("/bieu-do/pillar-kinh-te-so.json").status_code == 202
    cache.clear()
    tasks.build_figures()
    assert client.get("/bieu-do/pillar-kinh-te-so.json").status_code == 200
