"""Whatever somebody rewrites, with all triggers out of the way, is found and named."""

from __future__ import annotations

import datetime as dt
import hashlib
import threading
from decimal import Decimal

import psycopg
import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from targets.models import (
    Indicator,
    Observation,
    ReportItem,
    StoredFile,
    TrailEntry,
    TrailLink,
    ValidationRule,
)
from targets.trail import acting
from targets.trail.verifying import verify
from tests.committed import empty_tables, manage, second_connection
from tests.factory import make
from tests.trail.test_entries import add_values

pytestmark = pytest.mark.usefixtures("history")


@pytest.fixture
def history(transactional_db: None) -> None:
    """Some changes, committed one by one, from an empty trail."""
    empty_tables()
    tamper("DELETE FROM auth_user")  # of other tests, whose trail is gone
    rule = make(ValidationRule, maximum=5)
    rule.maximum = Decimal(7)
    rule.save()
    item = make(ReportItem)
    user = make(User)
    with acting(by=user, why="nhập"):
        for value in (12, 13):
            ReportItem.objects.filter(pk=item.pk).update(
                value=value, version=value, entered_by=user, entered_at=dt.datetime.now(dt.UTC)
            )
    content = b"%PDF"
    make(StoredFile, content=content, sha256=hashlib.sha256(content).hexdigest())


def tamper(*statements: str) -> None:
    """As somebody who may do anything, past all triggers."""
    with second_connection() as session:
        session.execute("SET session_replication_role = replica")
        for statement in statements:
            session.execute(statement)


def problems(head: str = "") -> list[str]:
    return verify(head).problems


def test_what_nobody_touched_is_whole() -> None:
    verdict = verify()
    assert verdict.problems == []
    assert verdict.links == TrailEntry.objects.count() == TrailLink.objects.count() > 10
    assert verdict.head == bytes(TrailLink.objects.latest("position").hash).hex()


COLUMNS = {
    "happened_at": "happened_at + interval '1 microsecond'",
    "actor_id": "coalesce(actor_id, 0) + 1",
    "actor_name": "actor_name || 'x'",
    "origin": "origin || 'x'",
    "why": "why || 'x'",
    "transaction": "transaction + 1",
    "table_name": "'targets_unit'",
    "row_id": "row_id || '1'",
    "action": "CASE action WHEN 'insert' THEN 'delete' ELSE 'insert' END",
    "before": "'{}'",
    "after": "after || '{\"value\": 1}'",
    "report_id": "coalesce(report_id, 0) + 1",
    "target_id": "coalesce(target_id, 0) + 1",
    "organisation_id": "coalesce(organisation_id, 0) + 1",
    "indicator_id": "coalesce(indicator_id, 0) + 1",
}


def test_every_column_of_an_entry_is_in_its_hash() -> None:
    columns = {field.column for field in TrailEntry._meta.concrete_fields}
    assert columns == {"id", *COLUMNS}


@pytest.mark.parametrize("column", COLUMNS)
def test_a_changed_entry_is_found(column: str) -> None:
    entry = TrailEntry.objects.filter(action="update").earliest("id")
    tamper(f"UPDATE targets_trailentry SET {column} = {COLUMNS[column]} WHERE id = {entry.pk}")
    assert f"Mục nhật ký {entry.pk} " in problems()[0]
    assert "không khớp mã băm" in problems()[0]


def test_a_deleted_entry_is_found() -> None:
    entry = TrailEntry.objects.filter(action="update").earliest("id")
    tamper(f"DELETE FROM targets_trailentry WHERE id = {entry.pk}")
    assert f"Mục nhật ký {entry.pk} " in problems()[0]
    assert "đã bị xóa" in problems()[0]


def test_an_entry_deleted_with_its_link_is_found() -> None:
    tamper(
        "DELETE FROM targets_trailentry e USING targets_traillink l"
        " WHERE l.entry_id = e.id AND l.position = 3",
        "DELETE FROM targets_traillink WHERE position = 3",
    )
    assert "Mắt xích 3 bị mất" in problems()[0]


def test_closing_the_gap_does_not_help() -> None:
    tamper(
        "DELETE FROM targets_trailentry e USING targets_traillink l"
        " WHERE l.entry_id = e.id AND l.position = 3",
        "DELETE FROM targets_traillink WHERE position = 3",
        "UPDATE targets_traillink SET position = position + 1000 WHERE position > 3",
        "UPDATE targets_traillink SET position = position - 1001 WHERE position > 3",
    )
    assert "mắt xích 3:" in problems()[0]


def test_an_inserted_entry_is_found() -> None:
    names = ", ".join(COLUMNS)
    tamper(
        f"INSERT INTO targets_trailentry ({names})"
        f" SELECT {names} FROM targets_trailentry ORDER BY id LIMIT 1"
    )
    assert "nằm ngoài chuỗi" in problems()[0]


def test_an_entry_inserted_with_a_link_is_found() -> None:
    names = ", ".join(COLUMNS)
    tamper(
        f"INSERT INTO targets_trailentry ({names})"
        f" SELECT {names} FROM targets_trailentry ORDER BY id LIMIT 1",
        "INSERT INTO targets_traillink (position, entry_id, hash)"
        " SELECT max(position) + 1, (SELECT max(id) FROM targets_trailentry), sha256('x')"
        " FROM targets_traillink",
    )
    assert "không khớp mã băm" in problems()[0]


def test_reordered_entries_are_found() -> None:
    tamper(
        "UPDATE targets_traillink SET position = 1000000 WHERE position = 2",
        "UPDATE targets_traillink SET position = 2 WHERE position = 3",
        "UPDATE targets_traillink SET position = 3 WHERE position = 1000000",
    )
    assert "mắt xích 2:" in problems()[0]


def test_a_chain_that_lost_its_end_is_found_by_the_head() -> None:
    head = verify().head
    before = verify().links
    make(Indicator)
    assert problems(head) == []
    tamper(
        f"DELETE FROM targets_trailentry e USING targets_traillink l"
        f" WHERE l.entry_id = e.id AND l.position >= {before}",
        f"DELETE FROM targets_traillink WHERE position >= {before}",
    )
    assert any("viết lại hoặc cắt ngắn" in problem for problem in problems(head))


def test_a_chain_computed_anew_is_found_by_the_head() -> None:
    head = verify().head
    entry = TrailEntry.objects.filter(action="update").latest("id")
    tamper(f"UPDATE targets_trailentry SET why = 'khác' WHERE id = {entry.pk}")
    recompute()
    assert problems() == []
    assert "viết lại hoặc cắt ngắn" in problems(head)[0]


def recompute() -> None:
    """The whole chain by the function of the trigger, as somebody with all rights might."""
    with second_connection() as session:
        session.execute("SET session_replication_role = replica")
        session.execute("DELETE FROM targets_traillink")
        session.execute("UPDATE targets_trailentry SET transaction = 0")
        rows = session.execute(
            "SELECT id, jsonb_build_array(e.id,"
            " (extract(epoch FROM e.happened_at) * 1000000)::bigint, e.actor_id, e.actor_name,"
            " e.origin, e.why, e.transaction, e.table_name, e.row_id, e.action, e.before, e.after,"
            " e.report_id, e.target_id, e.organisation_id, e.indicator_id)::text"
            " FROM targets_trailentry e ORDER BY id"
        ).fetchall()
        last = b""
        for position, (entry, text) in enumerate(rows, start=1):
            last = hashlib.sha256(last + text.encode()).digest()
            session.execute(
                "INSERT INTO targets_traillink (position, entry_id, hash) VALUES (%s, %s, %s)",
                [position, entry, last],
            )


ROWS = {
    "targets_reportitem": "SET value = 99",
    "targets_validationrule": "SET maximum = 99",
    "targets_indicator": "SET name_vi = 'khác'",
    "targets_report": "SET state = 'published'",
    "auth_user": "SET is_superuser = true",
}


@pytest.mark.parametrize("table", ROWS)
def test_a_row_rewritten_past_the_trail_is_found(table: str) -> None:
    tamper(f"UPDATE {table} {ROWS[table]}")
    assert problems()[0].startswith(f"{table} ")
    assert "nhật ký ghi" in problems()[0]


def test_a_row_deleted_or_added_past_the_trail_is_found() -> None:
    tamper("DELETE FROM targets_reportitem")
    assert "dòng đã mất" in problems()[0]
    tamper(
        "INSERT INTO targets_systemrole (user_id, role)"
        " SELECT id, 'administrator' FROM auth_user ORDER BY id DESC LIMIT 1"
    )
    assert any("không có trong nhật ký" in problem for problem in problems())
    tamper("DELETE FROM targets_systemrole")


def test_other_bytes_of_a_file_are_found() -> None:
    tamper("UPDATE targets_storedfile SET content = 'other'")
    assert "nội dung không khớp" in problems()[0]


def test_a_value_rewritten_is_found() -> None:
    value = make(Observation)
    assert problems() == []
    tamper(f"UPDATE targets_observation SET value = value + 1 WHERE id = {value.pk}")
    assert problems() == [f"Số liệu {value.pk} không còn như nhật ký ghi lần cuối (mục "
                          f"{TrailEntry.objects.latest('id').pk})."]  # fmt: skip


@pytest.fixture
def loaded() -> list[int]:
    """Ids of values of one load, of which some are superseded since, one by one and together."""
    with transaction.atomic():
        model = add_values(1_700)
    ids = sorted(Observation.objects.exclude(pk=model.pk).values_list("pk", flat=True))
    moment = dt.datetime(2030, 1, 1, tzinfo=dt.UTC)
    Observation.objects.filter(pk__in=ids[:3]).update(superseded_at=moment)
    Observation.objects.filter(pk__in=ids[3:900]).update(superseded_at=moment)
    assert problems() == []
    return ids


VALUES = {
    "value": "value + 0.00000001",
    "numerator": "value, denominator = 1",
    "known_on": "known_on + 1",
    "period": "'2023'",
    "period_start": "period_start + 1",
    "organisation_id": "-organisation_id",
    "source_id": "source_id + 1",
    "recorded_at": "recorded_at - interval '1 second'",
    "synthetic": "NOT synthetic",
    "caveat_vi": "'khác'",
}


@pytest.mark.parametrize("column", VALUES)
def test_a_loaded_value_rewritten_is_found(column: str, loaded: list[int]) -> None:
    last = loaded[-1]
    tamper(f"UPDATE targets_observation SET {column} = {VALUES[column]} WHERE id = {last}")
    first = last // 1000 * 1000
    assert f"từ {first} đến {first + 999} không còn như khi nạp" in problems()[0]


@pytest.mark.parametrize("place", [0, 500, 1_600])
def test_a_loaded_value_of_another_state_is_found(place: int, loaded: list[int]) -> None:
    """Superseded by an entry of its own, by one of many, never."""
    tamper(
        "UPDATE targets_observation SET superseded_at ="
        f" CASE WHEN superseded_at IS NULL THEN now() END WHERE id = {loaded[place]}"
    )
    assert problems()


def test_a_loaded_value_deleted_or_added_is_found(loaded: list[int]) -> None:
    tamper(f"DELETE FROM targets_observation WHERE id = {loaded[-1]}")
    assert "nay còn" in problems()[0]
    names = [str(f.column) for f in Observation._meta.concrete_fields if not f.primary_key]
    others = ["'2019'" if name == "period" else name for name in names]
    tamper(
        f"INSERT INTO targets_observation ({', '.join(names)}) SELECT {', '.join(others)}"
        f" FROM targets_observation WHERE id = {loaded[-2]}"
    )
    assert any("không có trong nhật ký" in problem for problem in problems())


def test_the_command_says_so_and_fails() -> None:
    whole = manage("verify_history")
    assert whole.returncode == 0, whole.stderr
    head = verify().head
    assert head in whole.stdout
    tamper("UPDATE targets_reportitem SET value = 99")
    broken = manage("verify_history", "--head", head)
    assert broken.returncode != 0
    assert "value là 99" in broken.stderr
    with pytest.raises(CommandError, match="nhật ký ghi"):
        call_command("verify_history")


@settings(max_examples=10, deadline=None)
@given(why=st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_reason_is_kept_and_hashed(why: str) -> None:
    with acting(why=why):
        make(ValidationRule)
    assert TrailEntry.objects.latest("id").why == why.replace("\0", "")
    assert problems() == []


def test_two_writers_at_once_neither_fork_the_chain_nor_wait_for_each_other_for_ever() -> None:
    """Both refer to rows that the other one holds, which is checked at commit."""
    rows = [make(ReportItem).pk for _ in range(2)]
    user = make(User)
    errors: list[BaseException] = []
    ready = threading.Barrier(2, timeout=30)

    def write(mine: int, others: int) -> None:
        try:
            with second_connection() as session:
                for number in range(25):
                    ready.wait()
                    session.execute(
                        "SELECT 1 FROM targets_reportitem WHERE id = %s FOR UPDATE", [rows[mine]]
                    )
                    session.execute(
                        "UPDATE targets_reportitem SET value = %s, version = version + 1,"
                        " entered_by_id = %s, entered_at = now() WHERE id = %s",
                        [number, user.pk, rows[mine]],
                    )
                    # One of the two, so that they do not wait for each other's rows by design.
                    if mine == number % 2:
                        session.execute(
                            "INSERT INTO targets_evidence (item_id, file_id)"
                            " SELECT %s, id FROM targets_storedfile LIMIT 1",
                            [rows[others]],
                        )
                    session.commit()
        except (psycopg.Error, threading.BrokenBarrierError) as error:
            errors.append(error)
            ready.abort()

    threads = [threading.Thread(target=write, args=pair) for pair in ((0, 1), (1, 0))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    assert problems() == []
    positions = TrailLink.objects.values_list("position", flat=True)
    assert sorted(positions) == list(range(1, len(positions) + 1))


def test_what_was_rolled_back_left_nothing() -> None:
    before = verify().links
    with transaction.atomic():
        make(Indicator)
        transaction.set_rollback(True)
    with transaction.atomic():
        with transaction.atomic():
            make(Indicator)
            transaction.set_rollback(True)
        make(ValidationRule)
    verdict = verify()
    assert verdict.problems == []
    assert verdict.links == before + 1


def test_constraints_made_immediate_link_what_is_there_and_what_comes() -> None:
    before = verify().links
    with transaction.atomic(), connection.cursor() as cursor:
        make(ValidationRule)
        make(ValidationRule)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        make(ValidationRule)
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        make(ValidationRule)
    verdict = verify()
    assert verdict.problems == []
    assert verdict.links == before + 4


def test_a_command_says_which() -> None:
    last = TrailEntry.objects.latest("id").pk
    done = manage("load_catalogue", "tests/catalogue/small")
    assert done.returncode == 0, done.stderr
    written = TrailEntry.objects.filter(pk__gt=last)
    assert set(written.values_list("origin", flat=True)) == {"command load_catalogue"}
    assert problems() == []


def test_sql_by_hand_is_known_by_its_role() -> None:
    rule = make(ValidationRule)
    with second_connection() as session:
        session.execute("UPDATE targets_validationrule SET bound = 3 WHERE id = %s", [rule.pk])
        (role,) = session.execute("SELECT session_user").fetchone() or ("",)
    entry = TrailEntry.objects.latest("id")
    assert (entry.actor_id, entry.actor_name) == (None, "")
    assert entry.origin == f"sql {role} 127.0.0.1"
