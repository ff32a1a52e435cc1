"""What becomes of mapped rows: versions of values, values that wait, rows left out."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from targets.models import HeldValue, Observation, PendingAssessment, Source, Target, TrailEntry
from targets.sources.taking.intake import Taken, preview
from tests.factory import make
from tests.sources.known import NOW, World, held, in_force, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world()


def test_a_new_value_is_published_with_where_it_came_from(world: World) -> None:
    row = world.row("2024", "13.17", vintage="sơ bộ", published_on="2025-01-06")
    assert world.pull(row, now=NOW) == Taken(read=1, added=1)
    one = Observation.objects.get()
    assert (one.value, one.vintage, one.state) == (Decimal("13.17"), "sơ bộ", "published")
    assert (one.period_start, one.period_end) == (dt.date(2024, 1, 1), dt.date(2024, 12, 31))
    assert (one.published_on, one.known_on) == (dt.date(2025, 1, 6), dt.date(2025, 1, 6))
    assert one.recorded_at == NOW
    assert one.run is not None
    assert one.run.data_source == world.source
    world.source.refresh_from_db()
    assert one.source == world.source.source
    assert (one.source.title, one.source.url) == (world.source.name_vi, world.source.address)
    assert not one.synthetic


def test_what_a_stand_in_brings_is_marked(world: World) -> None:
    world.source.synthetic = True
    world.pull(world.row())
    assert Observation.objects.get().synthetic


def test_a_value_without_a_day_is_known_from_today(world: World) -> None:
    world.pull(world.row(published_on="2027-01-01"), now=NOW)
    assert Observation.objects.get().known_on == dt.date(2026, 11, 22)


def test_the_same_numbers_change_nothing_whatever_their_edition(world: World) -> None:
    world.pull(world.row("2024", "13.17"))
    again = world.row("2024", "13.170000000", vintage="chính thức", published_on="2025-06-30")
    assert world.pull(again) == Taken(read=1, unchanged=1)
    other = make_world().source
    assert world.pull(world.row("2024", "13.17"), source=other) == Taken(read=1, unchanged=1)
    assert Observation.objects.count() == 1


def test_a_value_alone_says_nothing_against_the_parts_that_are_known(world: World) -> None:
    world.pull(world.row("2024", "", numerator="1", denominator="4"))
    (known,) = Observation.objects.all()
    assert world.pull(world.row("2024", str(known.value))) == Taken(read=1, unchanged=1)
    assert world.pull(world.row("2024", "", numerator="2", denominator="8")) == Taken(
        read=1, revised=1
    )


def test_another_number_of_the_same_source_is_a_revision(world: World) -> None:
    world.pull(world.row("2024", "13.17", vintage="sơ bộ"))
    assert world.pull(world.row("2024", "13.2", vintage="chính thức")) == Taken(read=1, revised=1)
    old, new = Observation.objects.order_by("id")
    assert old.superseded_at == new.recorded_at
    assert (new.value, new.vintage) == (Decimal("13.2"), "chính thức")
    assert not HeldValue.objects.exists()


def test_a_value_that_was_loaded_or_reported_is_not_replaced(world: World) -> None:
    standing = make(Observation, series=world.share, organisation=world.country, value=13)
    assert world.pull(world.row("2024", "13.2")) == Taken(read=1, held=1)
    one = HeldValue.objects.get()
    assert (one.reasons, one.standing, one.value) == (["replaces"], standing, Decimal("13.2"))
    assert in_force() == {"2024": 13}


def test_a_value_that_another_source_published_is_not_replaced(world: World) -> None:
    world.pull(world.row("2024", "13"))
    other = make_world().source
    world.pull(world.row("2024", "13.2"), source=other)
    assert [one.reasons for one in HeldValue.objects.all()] == [["replaces"]]
    assert in_force() == {"2024": 13}


def test_a_ratio_is_derived_and_kept_with_its_parts(world: World) -> None:
    world.pull(world.row("2024", "", numerator="1", denominator="3"))
    one = Observation.objects.get()
    assert [one.value, one.numerator, one.denominator] == [Decimal("33.33333333"), 1, 3]
    assert world.pull(world.row("2024", "33.33333333", numerator="1", denominator="3")).unchanged
    assert world.pull(world.row("2024", "", numerator="2", denominator="6")).revised == 1


def test_a_source_that_is_not_trusted_waits_for_a_look(world: World) -> None:
    world.source.trust = "review"
    row = world.row("2024", "13.17", vintage="v", published_on="2025-01-06")
    assert world.pull(row) == Taken(read=1, held=1)
    one = HeldValue.objects.get()
    assert (one.reasons, one.state, one.vintage) == (["trust"], "waiting", "v")
    assert (one.indicator, one.data_source) == (world.share.indicator, world.source)
    assert not Observation.objects.exists()
    assert world.pull(row) == Taken(read=1, unchanged=1)
    assert len(held()) == 1


def test_outside_the_plausible_range_it_is_held(world: World) -> None:
    rows = [world.row("2023", "100.1"), world.row("2022", "-1"), world.row("2021", "100")]
    assert world.pull(*rows) == Taken(read=3, added=1, held=2)
    assert {(period, *reasons) for period, _value, reasons, _state in held()} == {
        ("2023", "range"),
        ("2022", "range"),
    }


def test_a_jump_is_counted_from_the_last_value_that_counts(world: World) -> None:
    rows = [
        world.row(period, value)
        for period, value in [("2020", "20"), ("2021", "40"), ("2022", "36"), ("2023", "34"),
                              ("2024", "48")]
    ]  # fmt: skip
    assert world.pull(*reversed(rows)) == Taken(read=5, added=3, held=2)
    assert in_force() == {"2020": 20, "2023": 34, "2024": 48}
    assert dict(HeldValue.objects.values_list("period", "previous")) == {"2021": 20, "2022": 20}


def test_a_jump_is_counted_from_what_stands_where_a_row_is_held(world: World) -> None:
    for period, value in (("2022", 10), ("2023", 30)):
        make(Observation, series=world.share, organisation=world.country, period=period,
             value=value)  # fmt: skip
    # 2023 would be replaced, so it waits and 30 stands: 44 is near that, though not near 20.
    world.pull(world.row("2023", "20"), world.row("2024", "44"))
    assert in_force() == {"2022": 10, "2023": 30, "2024": 44}
    one = HeldValue.objects.get()
    assert [one.period, one.reasons, one.previous] == ["2023", ["replaces"], 10]


def test_a_period_is_compared_with_others_of_its_length(world: World) -> None:
    world.pull(world.row("2023", "80"), world.row("2023-Q4", "20"), world.row("2023-12", "50"))
    fresh = [world.row("2024-Q1", "21"), world.row("2024-01", "51"), world.row("2024", "81"),
             world.row("2024-H1", "2"), world.row("2024-10", "52")]  # fmt: skip
    assert world.pull(*fresh) == Taken(read=5, added=5)


def test_a_count_moves_by_per_cent_and_small_changes_never_count(world: World) -> None:
    rows = [
        world.row(period, value, series=world.count.pk)
        for period, value in [("2020", "4"), ("2021", "13"), ("2022", "19"), ("2023", "29")]
    ]
    # 4 -> 13 is much but less than 10; 13 -> 19 is within half; 19 -> 29 is 10 and beyond half.
    world.pull(*rows)
    assert in_force() == {"2020": 4, "2021": 13, "2022": 19}
    assert [(one.period, one.reasons) for one in HeldValue.objects.all()] == [("2023", ["jump"])]


def test_what_waits_is_overtaken_by_another_number(world: World) -> None:
    world.source.trust = "review"
    world.pull(world.row("2024", "13"))
    assert world.pull(world.row("2024", "14")) == Taken(read=1, held=1)
    assert [(value, state) for _period, value, _reasons, state in held()] == [
        (13, "overtaken"),
        (14, "waiting"),
    ]


def test_what_waits_beside_another_standing_value_is_shown_anew(world: World) -> None:
    world.source.trust = "review"
    world.pull(world.row("2024", "13"))
    standing = make(Observation, series=world.share, organisation=world.country, value=12)
    assert world.pull(world.row("2024", "13")) == Taken(read=1, held=1)
    old, new = HeldValue.objects.order_by("id")
    assert (old.state, new.state, new.standing) == ("overtaken", "waiting", standing)
    assert new.reasons == ["trust", "replaces"]
    assert world.pull(world.row("2024", "13")) == Taken(read=1, unchanged=1)


def test_what_waits_and_has_come_into_force_meanwhile_waits_no_more(world: World) -> None:
    world.source.trust = "review"
    world.pull(world.row("2024", "13"))
    make(Observation, series=world.share, organisation=world.country, value=13)
    assert world.pull(world.row("2024", "13")) == Taken(read=1, unchanged=1)
    assert [state for *_rest, state in held()] == ["overtaken"]


def test_what_waits_is_not_published_because_the_source_is_trusted_now(world: World) -> None:
    world.source.trust = "review"
    world.pull(world.row("2024", "13"))
    world.source.trust = "automatic"
    assert world.pull(world.row("2024", "13")) == Taken(read=1, unchanged=1)
    assert not Observation.objects.exists()


def test_a_row_that_cannot_be_is_left_out_with_its_reason(world: World) -> None:
    big = "1" + 16 * "0"
    rows = [
        world.row(),
        world.row(series=10**9),
        world.row(organisation=10**9),
        world.row("2024-13"),
        world.row(organisation=world.province.pk),
        world.row("2026", organisation=world.ended.pk),
        world.row(series=world.count.pk, organisation=world.ended.pk),
        world.row(value="", numerator="1"),
        world.row(value=""),
        world.row(value=big),
        world.row(value="9999999999999999.999999999"),
        world.row(value="", numerator=big, denominator="1"),
        world.row(value="", numerator="1", denominator="0.12345"),
        world.row(value="", numerator="1", denominator="0"),
        world.row(value="", numerator="999999999999999", denominator="0.001"),
        world.row(value="33.3", numerator="1", denominator="3"),
        world.row(vintage="a\0b"),
    ]
    taken = world.pull(*(row._replace(place=n) for n, row in enumerate(rows)))
    assert taken == Taken(read=len(rows) - 1, added=1)
    gone, young = world.ended.code, world.province.code
    assert world.reasons() == [
        ("series", "series", "1000000000"),
        ("organisation", "organisation", "1000000000"),
        ("period", "period", "2024-13"),
        ("organisation", "not-living", f"{young} 2024"),
        ("organisation", "not-living", f"{gone} 2026"),
        ("organisation", "level", gone),
        ("numerator", "half-ratio", "1"),
        ("value", "no-value", ""),
        ("value", "too-large", big),
        ("value", "too-large", "9999999999999999.999999999"),
        ("numerator", "too-large", big),
        ("denominator", "too-fine", "0.12345"),
        ("denominator", "denominator", "0"),
        ("numerator", "too-large", "999999999999999"),
        ("value", "ratio", "33.3"),
        ("", "text", "2024" + "50" + "a\0b"),
    ]


def test_rows_of_one_key_that_differ_are_all_left_out(world: World) -> None:
    rows = [world.row("2024", "1"), world.row("2024", "2"), world.row("2023", "3")]
    taken = world.pull(*(row._replace(place=n) for n, row in enumerate(rows)))
    assert taken == Taken(read=3, added=1)
    code = world.country.code
    assert world.reasons() == [
        ("value", "repeated", f"{code} 2024 1"),
        ("value", "repeated", f"{code} 2024 2"),
    ]


def test_of_rows_that_say_the_same_one_is_taken(world: World) -> None:
    rows = [
        world.row("2024", "1", vintage="a"),
        world.row("2024", "1", vintage="b", published_on="2025-01-01"),
        world.row("2024", "1.0", vintage="c"),
    ]
    assert world.pull(*rows) == Taken(read=3, added=1, unchanged=2)
    assert Observation.objects.get().vintage == "b"


def test_texts_with_signs_that_copy_reads_arrive_as_they_are(world: World) -> None:
    world.pull(world.row("2024", "1", vintage="a\tb\\n\nc\rd\\."), world.row("2023", "1"))
    assert {one.vintage for one in Observation.objects.all()} == {"a\tb\\n\nc\rd\\.", ""}


def test_nothing_at_all_is_taken_too(world: World) -> None:
    assert world.pull() == Taken()


def test_verdicts_are_due_and_the_trail_names_the_source(world: World) -> None:
    target = make(Target, indicator=world.share.indicator)
    PendingAssessment.objects.all().delete()
    world.pull(world.row())
    assert [one.target for one in PendingAssessment.objects.all()] == [target]
    entry = TrailEntry.objects.filter(table_name="targets_observation").get()
    assert world.source.slug in entry.why


def test_a_secret_in_the_address_is_not_told(world: World) -> None:
    world.source.address = "https://me:pw@data.example/a?year=2024&api_key=s3cret#x"
    world.source.save()
    world.pull(world.row())
    assert Source.objects.get().url == "https://data.example/a?year=2024"


def test_a_trial_shows_what_would_become_of_its_first_rows(world: World) -> None:
    world.pull(world.row("2020", "20"), world.row("2021", "21"))
    rows = [world.row("2020", "20"), world.row("2021", "22"), world.row("2022", "99.50"),
            world.row("2023", "23"), world.row("24", "1"), world.row("2019", "-1")]  # fmt: skip
    world.pull(*(row._replace(place=n) for n, row in enumerate(rows)))
    shown = preview()
    codes = {
        "indicator": world.share.indicator.code,
        "series": world.share.code,
        "organisation": world.country.code,
    }
    assert shown[2] == {
        "place": 2, **codes, "period": "2022", "value": "99.5", "action": "held", "reason": "jump",
    }  # fmt: skip
    assert [(one["action"], one["reason"]) for one in shown] == [
        ("unchanged", ""),
        ("revised", ""),
        ("held", "jump"),
        ("added", ""),
        ("rejected", "period"),
        ("held", "range"),
    ]
    assert len(preview(2)) == 2
