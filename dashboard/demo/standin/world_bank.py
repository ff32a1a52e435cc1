"""The World Bank's Indicators API, version 2, as JSON.

`[meta, rows]`: rows newest first, `date` a text, `value` null where there is none. A mistake is
answered with status 200 and a list of one element that holds the message.
"""

from __future__ import annotations

import re
from typing import Any

from dashboard.demo.standin.figures import COUNTRY
from dashboard.demo.standin.messages import Answer, Asked, as_json

_PATH = re.compile(r"^/v2/(?:en/|vi/)?country/([^/]+)/indicator/([^/]+)/?$")
_FIRST, _LAST = 2010, 2024
_PER_PAGE, _MOST_PER_PAGE = 50, 32_500

#: The Bank's code -> its name, and the series of ours.
INDICATORS = {
    "GB.XPD.RSDV.GD.ZS": (
        "Research and development expenditure (% of GDP)",
        "rd-gdp/worldbank",
    ),
    "SP.POP.SCIE.RD.P6": (
        "Researchers in R&D (per million people)",
        "researchers-per-million/worldbank",
    ),
    "TX.VAL.TECH.MF.ZS": (
        "High-technology exports (% of manufactured exports)",
        "high-tech-exports-manufactured/worldbank",
    ),
    "IP.PAT.RESD": (
        "Patent applications, residents",
        "patent-applications-residents/worldbank",
    ),
    "IP.PAT.NRES": (
        "Patent applications, nonresidents",
        "patent-applications-nonresidents/worldbank",
    ),
    "IP.JRN.ARTC.SC": (
        "Scientific and technical journal articles",
        "publications-se/worldbank",
    ),
    "FX.OWN.TOTL.ZS": (
        "Account ownership at a financial institution or with a mobile-money-service provider"
        " (% of population ages 15+)",
        "payment-accounts/worldbank-findex",
    ),
}
# ISO 3 -> ISO 2 and name; all but Việt Nam have made-up figures.
_COUNTRIES = {
    "LAO": ("LA", "Lao PDR"),
    "THA": ("TH", "Thailand"),
    "VNM": (COUNTRY, "Viet Nam"),
}


def speak(asked: Asked) -> Answer | None:
    """Indicators of one country, of some (`VNM;THA`) or of `all`, page by page.

    Several indicators (`A;B`) need the number of their database, `source=2`.
    """
    found = _PATH.match(asked.path)
    if found is None or asked.method != "GET":
        return None
    if asked.query.get("format") != "json":
        return Answer(b'<?xml version="1.0" encoding="utf-8"?><wb:data/>', "text/xml")
    countries = _countries(found.group(1))
    codes = found.group(2).split(";")
    mistaken = not countries or not INDICATORS.keys() >= set(codes)
    if mistaken or (len(codes) > 1 and asked.query.get("source") != "2"):
        return _mistake("120", "Invalid value", "The provided parameter value is not valid")
    rows = [row for code in codes for country in countries for row in _rows(asked, country, code)]
    updated = f"2026-07-{1 + asked.state.revision % 28:02d}"
    try:
        per_page = min(int(asked.query.get("per_page", _PER_PAGE)), _MOST_PER_PAGE)
        page = int(asked.query.get("page", 1))
    except ValueError:
        per_page = page = 0
    if per_page < 1 or page < 1:
        return _mistake("115", "Invalid value", "The provided parameter value is not valid")
    if asked.under_way and page > 1:  # a year was published after the first page was read
        rows.insert(0, rows[0] | {"date": str(_LAST + 1), "value": None})
        updated = "2026-11-21"
    meta = {
        "page": page,
        "pages": max(1, -(-len(rows) // per_page)),
        "per_page": per_page,
        "total": len(rows),
        "sourceid": "2",
        "lastupdated": updated,
    }
    return as_json([meta, rows[(page - 1) * per_page : page * per_page]])


def _countries(wanted: str) -> list[str]:
    if wanted.lower() == "all":
        return list(_COUNTRIES)
    codes = {two: three for three, (two, _) in _COUNTRIES.items()}
    named = [codes.get(part.upper(), part.upper()) for part in wanted.split(";")]
    return named if all(code in _COUNTRIES for code in named) else []


def _rows(asked: Asked, country: str, code: str) -> list[dict[str, Any]]:
    state = asked.state
    name, series = INDICATORS[code]
    figures = state.figures(series) if country == "VNM" else {"2021": "1.5"}
    first, _, last = asked.query.get("date", f"{_FIRST}:{_LAST}").partition(":")
    fields = {
        "indicator": {"id": code, "value": name},
        "country": {"id": _COUNTRIES[country][0], "value": _COUNTRIES[country][1]},
        "countryiso3code": country,
    }
    return [
        {
            **{state.name(field): value for field, value in fields.items()},
            state.name("date"): str(year),
            state.name("value"): _number(figures.get(str(year))),
            "unit": "",
            "obs_status": "",
            "decimal": 1,
        }
        for year in range(_LAST, _FIRST - 1, -1)
        if first <= str(year) <= (last or first) and str(year) not in state.dropped
    ]


def _number(text: str | None) -> float | int | None:
    if text is None:
        return None
    return float(text) if "." in text else int(text)


def _mistake(number: str, key: str, value: str) -> Answer:
    return as_json([{"message": [{"id": number, "key": key, "value": value}]}])
