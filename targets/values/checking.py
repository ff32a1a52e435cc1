# ruff: noqa: S608 (the interpolated text is written in this package)
"""What must hold for staged values: each rule an SQL condition, each breach named at its line."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from targets.catalogue.reading import Place, Problems
from targets.values.resolving import READ, too_large

# Breaches listed per rule; of a file with a million wrong lines one needs the first and the count.
LISTED = 200


@dataclass(frozen=True)
class _Rule:
    """A row of READ breaks it where `breach` is true; `shown` is the column with the mistake."""

    field: str
    message: object
    breach: str
    shown: str = ""


_INDICATOR_EXISTS = "EXISTS (SELECT 1 FROM targets_indicator k WHERE k.code = indicator)"
_RULES = (
    _Rule(
        "indicator",
        gettext_lazy("không có chỉ tiêu «%s»"),
        f"series_id IS NULL AND NOT {_INDICATOR_EXISTS}",
        "indicator",
    ),
    _Rule(
        "series",
        gettext_lazy("chỉ tiêu này không có chuỗi số liệu «%s»"),
        f"series_id IS NULL AND {_INDICATOR_EXISTS}",
        "series",
    ),
    _Rule(
        "organisation",
        gettext_lazy("không có cơ quan «%s»"),
        "organisation_id IS NULL",
        "organisation",
    ),
    _Rule(
        "period",
        gettext_lazy("«%s»: cần kỳ dạng 2024, 2024-H1, 2024-Q3 hoặc 2024-07"),
        "period_start IS NULL",
        "period",
    ),
    _Rule(
        "organisation",
        gettext_lazy("cơ quan «%s» không tồn tại trong kỳ này"),
        "period_end < valid_from OR period_start > valid_to",
        "organisation",
    ),
    *(
        _Rule(
            name,
            gettext_lazy("«%s»: cần một số, dấu thập phân là dấu chấm, ví dụ 98.5"),
            f"{name} <> '' AND {name}_read IS NULL",
            name,
        )
        for name in ("value", "numerator", "denominator")
    ),
    *(
        _Rule(
            name,
            gettext_lazy("«%s»: số quá lớn, nhiều nhất 16 chữ số trước dấu chấm"),
            too_large(f"{name}_read"),
            name,
        )
        for name in ("value", "numerator", "denominator")
    ),
    *(
        _Rule(
            name,
            gettext_lazy("«%s»: nhiều nhất 4 chữ số sau dấu chấm, để tỷ lệ được tính đúng"),
            f"scale({name}_read) > 4",
            name,
        )
        for name in ("numerator", "denominator")
    ),
    _Rule(
        "value",
        gettext_lazy("cần giá trị, hoặc cả tử số và mẫu số"),
        "(numerator = '') <> (denominator = '') "
        "OR (value = '' AND numerator = '' AND denominator = '')",
    ),
    _Rule(
        "denominator",
        gettext_lazy("«%s»: mẫu số phải lớn hơn 0"),
        "denominator_read <= 0",
        "denominator",
    ),
    _Rule(
        "value",
        gettext_lazy("«%s» không bằng tử số chia mẫu số; có thể để trống ô giá trị"),
        "abs(value_read - ratio) > 0.00000001",
        "value",
    ),
    _Rule(
        "numerator",
        gettext_lazy("«%s»: tử số chia mẫu số ra một số quá lớn"),
        too_large("ratio"),
        "numerator",
    ),
    _Rule(
        "published_on",
        gettext_lazy("«%s»: cần một ngày dạng 2025-03-01"),
        "published_on <> '' AND day IS NULL",
        "published_on",
    ),
    *(
        _Rule(
            name,
            gettext_lazy("«%s»: cần yes hoặc no"),
            f"{name} NOT IN ('', 'yes', 'no')",
            name,
        )
        for name in ("derived", "synthetic")
    ),
    _Rule("source_title", gettext_lazy("nêu nguồn của số liệu"), "source_title = ''"),
    _Rule(
        "unit",
        gettext_lazy("đơn vị «%s» khác đơn vị của chỉ tiêu"),
        "unit <> '' AND unit <> unit_code",
        "unit",
    ),
)
# Rules on lines that have the same key: numbered among those of their edition, and beside the
# latest publication of the editions above them.
_AMONG_EDITIONS = f"""(
    SELECT line, period, published_on, day,
           row_number() OVER (edition ORDER BY line) AS nth,
           max(day) OVER (editions ORDER BY line ROWS UNBOUNDED PRECEDING) AS latest
    FROM {READ} read
    WINDOW edition AS (PARTITION BY indicator, series, organisation, period, vintage),
           editions AS (PARTITION BY indicator, series, organisation, period)
)"""
_EDITION_RULES = (
    _Rule(
        "period",
        gettext_lazy("dòng lặp: kỳ «%s» của chuỗi này đã có trong tệp với cùng ấn bản"),
        "nth > 1",
        "period",
    ),
    _Rule(
        "published_on",
        gettext_lazy("«%s»: ấn bản cũ hơn phải ở dòng trên, ấn bản mới nhất ở dòng cuối"),
        "day < latest",
        "published_on",
    ),
)
# Outer spaces are no mistake, but the careful reader takes them off.
_SPACES = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007"
    "\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)


def _untidy(*names: str) -> str:
    return " OR ".join(f"({name} <> '' AND {name} <> btrim({name}, '{_SPACES}'))" for name in names)


# True for every row that a careful reading would name or, but for its source, read otherwise.
BREACH = " OR ".join(
    [f"({rule.breach})" for rule in _RULES] + [_untidy("vintage", "caveat_vi", "caveat_en")]
)
_UNTIDY_SOURCE = _untidy("title", "url", "publisher")


def has_breach(*, editions: bool) -> bool:
    """Whether the quickly staged rows need a careful reading; `editions`: two have one key."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM resolved WHERE breach) "
            f"OR EXISTS (SELECT 1 FROM staged_source WHERE {_UNTIDY_SOURCE})"
        )
        (found,) = cursor.fetchone()
        if editions and not found:
            broken = " OR ".join(rule.breach for rule in _EDITION_RULES)
            cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {_AMONG_EDITIONS} x WHERE {broken})")
            (found,) = cursor.fetchone()
    return bool(found)


def name_breaches(file: str, problems: Problems) -> None:
    """Add every breach in the carefully staged lines of `file` to `problems`."""
    for rules, rows in ((_RULES, READ), (_EDITION_RULES, _AMONG_EDITIONS)):
        for rule in rules:
            _name(rule, rows, file, problems)


def _name(rule: _Rule, rows: str, file: str, problems: Problems) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT line, {rule.shown or 'NULL'}, count(*) OVER () FROM {rows} x "
            f"WHERE {rule.breach} ORDER BY line LIMIT {LISTED}"
        )
        breaches = cursor.fetchall()
    for line, shown, _count in breaches:
        message = str(rule.message) % shown if rule.shown else str(rule.message)
        problems.add(Place(file, line), rule.field, message)
    if breaches and breaches[0][2] > LISTED:
        problems.add(
            Place(file, breaches[-1][0]),
            rule.field,
            _("… và %d dòng sau đó có cùng lỗi này") % (breaches[0][2] - LISTED),
        )
