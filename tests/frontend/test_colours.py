"""The colours of both themes: readable, apart for colour-blind eyes, and the same everywhere.

Contrast after WCAG 2.2; colour vision after Machado, Oliveira and Fernandes (2009), severity 1;
distances in CIE Lab (1976).
"""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from dashboard import statuses

CSS = Path(__file__).resolve().parents[2] / "static" / "css"
VISION = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
         [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
         [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
         [0.004733, 0.691367, 0.303900]]
    ),
}  # fmt: skip
GOOD, BAD = ("achieved", "on_track"), ("off_track", "missed")


def blocks() -> dict[str, dict[str, str]]:
    """The custom properties of each block of tokens.css, by what it is for."""
    text = (CSS / "tokens.css").read_text(encoding="utf-8")
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    found = {}
    for selector, body in re.findall(r"(:root[^{}]*)\{([^{}]*)\}", text):
        values = dict(re.findall(r"--td-([\w-]+):\s*(#[0-9a-f]{6});", body))
        if values:
            found[selector.strip()] = values
    return {
        "light": found[":root"],
        "dark": found[':root[data-bs-theme="dark"]'],
        "auto": found[':root:not([data-bs-theme="light"])'],
    }


THEMES = blocks()


def linear(colour: str) -> np.ndarray:
    """Linear RGB of a hex colour."""
    value = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two colours."""
    weights = np.array([0.2126, 0.7152, 0.0722])
    low, high = sorted(float(linear(colour) @ weights) for colour in (first, second))
    return (high + 0.05) / (low + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIE Lab of linear RGB."""
    matrix = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    scaled = matrix @ np.clip(rgb, 0, 1) / np.array([0.95047, 1, 1.08883])
    f = np.where(scaled > 0.008856, np.cbrt(scaled), 7.787 * scaled + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def distance(first: str, second: str, vision: str) -> float:
    """How far apart two colours look to an eye."""
    seen = [lab(VISION[vision] @ linear(colour)) for colour in (first, second)]
    return float(np.linalg.norm(seen[0] - seen[1]))


def test_the_two_dark_blocks_are_the_same() -> None:
    assert THEMES["auto"] == THEMES["dark"]


def test_the_dark_theme_leaves_no_colour_of_the_light_one_behind() -> None:
    assert THEMES["dark"].keys() == THEMES["light"].keys()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("ground", ["paper", "bg", "sunk"])
@pytest.mark.parametrize("colour", ["ink", "soft", "accent", *statuses.CODES])
def test_text_and_statuses_can_be_read(theme: str, ground: str, colour: str) -> None:
    assert contrast(THEMES[theme][colour], THEMES[theme][ground]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("accent-ink", "accent"),
        ("past-ink", "past"),
        *[("ink", f"q{step}") for step in range(4)],
        *[("paper", f"q{step}") for step in (4, 5)],
        *[("paper", code) for code in ("missed", "off_track", "at_risk", "on_track", "achieved")],
    ],
)
def test_text_on_a_coloured_ground_can_be_read(theme: str, text: str, ground: str) -> None:
    assert contrast(THEMES[theme][text], THEMES[theme][ground]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("colour", ["edge", "focus"])
@pytest.mark.parametrize("ground", ["paper", "bg"])
def test_edges_of_fields_and_the_focus_can_be_seen(theme: str, colour: str, ground: str) -> None:
    assert contrast(THEMES[theme][colour], THEMES[theme][ground]) >= 3


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("vision", VISION)
def test_good_and_bad_stay_apart_for_every_eye(theme: str, vision: str) -> None:
    tokens = THEMES[theme]
    for good in GOOD:
        for bad in (*BAD, "at_risk"):
            assert distance(tokens[good], tokens[bad], vision) >= 15, (good, bad)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_all_coloured_statuses_stay_apart_for_most_eyes(theme: str) -> None:
    tokens = THEMES[theme]
    for first, second in combinations((*GOOD, *BAD, "at_risk"), 2):
        assert distance(tokens[first], tokens[second], "normal") >= 20, (first, second)


@pytest.mark.parametrize("name", [f"series-{step}" for step in range(1, 5)])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_lines_of_a_chart_can_be_seen(theme: str, name: str) -> None:
    assert contrast(THEMES[theme][name], THEMES[theme]["paper"]) >= 4.5


def test_every_custom_property_in_use_is_defined() -> None:
    defined = {f"--td-{name}" for name in THEMES["light"]}
    for sheet in CSS.glob("*.css"):
        used = set(re.findall(r"var\((--td-[\w-]+)", sheet.read_text(encoding="utf-8")))
        assert used <= defined, sheet.name
