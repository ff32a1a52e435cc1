"""Asking, answering, closing, asking again, withdrawing: who may, what comes of it, who is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile

from targets.directives import (
    MAX_FILES,
    MAX_TEXT,
    DirectiveRefusedError,
    answer_directive,
    answering,
    close_directive,
    issue_directive,
    reopen_directive,
    withdraw_directive,
)
from targets.models import (
    Directive,
    DirectiveAnswer,
    DirectiveFile,
    Mail,
    Membership,
    Notice,
    Organisation,
    Report,
    StoredFile,
    Succession,
    SystemRole,
    Target,
    TrailEntry,
)
from targets.reporting.evidence import FileRefusedError
from tests.directives.conftest import NOON, TODAY, World, pdf
from tests.factory import make

TOMORROW = TODAY + dt.timedelta(days=1)


def state(directive: Directive) -> str:
    return Directive.objects.get(pk=directive.pk).state


def told(kind: str) -> set[str]:
    """Who has a notice of this kind."""
    return set(Notice.objects.filter(kind=kind).values_list("user__username", flat=True))


def test_leadership_asks_and_those_who_answer_are_told(world: World) -> None:
    directive = world.issue()
    assert state(directive) == "open"
    assert directive.created_by == world.leadership
    assert told("directive-issued") == {"reporter", "approver"}


@pytest.mark.parametrize(
    "name", ["reporter", "approver", "viewer", "coordinator", "administrator", "auditor", "nobody"]
)
def test_nobody_else_asks(world: World, name: str) -> None:
    with pytest.raises(DirectiveRefusedError, match="Chỉ lãnh đạo"):
        issue_directive(
            by=world.people[name], addressee=world.own, text="x", due_on=TOMORROW,
            target=world.target,
        )  # fmt: skip
    assert not Directive.objects.exists()
    assert not Notice.objects.exists()


def test_a_role_that_was_taken_away_meanwhile_counts_no_more(world: World) -> None:
    leader = User.objects.get(pk=world.leadership.pk)
    world.issue()
    SystemRole.objects.filter(user=leader).delete()
    with pytest.raises(DirectiveRefusedError):
        world.issue(text="Còn nữa")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"text": "  \n"}, "text"),
        ({"text": "x" * (MAX_TEXT + 1)}, "text"),
        ({"days": -1}, "due_on"),
    ],
)
def test_what_is_missing_is_named_at_its_field(
    world: World, given: dict[str, object], field: str
) -> None:
    with pytest.raises(DirectiveRefusedError) as refused:
        world.issue(**given)  # type: ignore[arg-type]
    assert refused.value.field == field


def test_today_is_early_enough(world: World) -> None:
    assert world.issue(days=0).due_on == TODAY


@pytest.mark.parametrize("kind", ["country", "group"])
def test_only_one_body_is_written_to(world: World, kind: str) -> None:
    with pytest.raises(DirectiveRefusedError) as refused:
        world.issue(to=make(Organisation, kind=kind))
    assert refused.value.field == "addressee"


def test_a_body_that_has_ended_is_not_written_to(world: World) -> None:
    with pytest.raises(DirectiveRefusedError, match="đang hoạt động"):
        world.issue(to=world.ended)


def test_a_directive_is_about_one_thing(world: World) -> None:
    with pytest.raises(DirectiveRefusedError, match="một mục tiêu hoặc một báo cáo"):
        issue_directive(
            by=world.leadership, addressee=world.own, text="x", due_on=TOMORROW,
            target=world.target, report=make(Report),
        )  # fmt: skip


def test_a_target_that_left_the_catalogue_is_not_asked_about(world: World) -> None:
    Target.objects.filter(pk=world.target.pk).update(retired_on=TODAY)
    world.target.refresh_from_db()
    with pytest.raises(DirectiveRefusedError, match="rút khỏi danh mục"):
        world.issue()


def test_a_directive_on_a_sample_report_is_a_sample(world: World) -> None:
    directive = issue_directive(
        by=world.leadership, addressee=world.own, text="x", due_on=TOMORROW,
        report=make(Report, organisation=world.own, sample=True),
    )  # fmt: skip
    assert directive.sample
    assert "báo cáo" in Notice.objects.filter(kind="directive-issued")[0].params["subject_vi"]


def test_a_second_press_of_the_button_asks_nothing_new(world: World) -> None:
    with time_machine.travel(NOON, tick=True):
        first = world.issue()
        assert world.issue() == first
        assert world.issue(text="Việc khác") != first
    assert Directive.objects.count() == 2


def test_the_organisation_answers_with_files(world: World) -> None:
    directive = world.issue()
    word = answer_directive(
        directive.pk, by=world.reporter, text="Vì thiếu số liệu.\r\n", uploads=[pdf(), pdf("b.pdf")]
    )
    assert state(directive) == "answered"
    assert (word.kind, word.text, word.due_on) == ("answer", "Vì thiếu số liệu.", directive.due_on)
    assert [one.file.name for one in word.files.all()] == ["giai-trinh.pdf", "b.pdf"]
    assert told("directive-answered") == {"leadership"}


@pytest.mark.parametrize(
    "name",
    ["viewer", "stranger", "coordinator", "leadership", "administrator", "auditor", "nobody"],
)
def test_nobody_else_answers(world: World, name: str) -> None:
    directive = world.issue()
    with pytest.raises(DirectiveRefusedError, match="Chỉ người báo cáo"):
        answer_directive(directive.pk, by=world.people[name], text="x")
    assert state(directive) == "open"


def test_a_file_that_is_refused_refuses_the_answer(world: World) -> None:
    directive = world.issue()
    bad = SimpleUploadedFile("a.pdf", b"<html>", "application/pdf")
    with pytest.raises(FileRefusedError):
        answer_directive(directive.pk, by=world.reporter, text="x", uploads=[pdf(), bad])
    assert state(directive) == "open"
    assert not DirectiveAnswer.objects.exists()
    assert not StoredFile.objects.exists()
    assert told("directive-answered") == set()


def test_files_have_a_limit(world: World) -> None:
    directive = world.issue()
    with pytest.raises(DirectiveRefusedError, match="tối đa 10 tệp"):
        answer_directive(
            directive.pk, by=world.reporter, text="x", uploads=[pdf()] * (MAX_FILES + 1)
        )


def test_an_answer_may_be_added_to_and_a_second_press_adds_nothing(world: World) -> None:
    directive = world.issue()
    with time_machine.travel(NOON, tick=True):
        first = answer_directive(directive.pk, by=world.reporter, text="Một", uploads=[pdf()])
        assert answer_directive(directive.pk, by=world.reporter, text="Một") == first
        answer_directive(directive.pk, by=world.approver, text="Một")
        answer_directive(directive.pk, by=world.reporter, text="Hai")
    assert directive.answers.count() == 3
    assert DirectiveFile.objects.count() == 1


def test_leadership_closes_with_or_without_a_word(world: World) -> None:
    for text in ("", "Cảm ơn."):
        directive = world.issue(text=f"Hỏi {text}")
        answer_directive(directive.pk, by=world.reporter, text="Trả lời")
        assert close_directive(directive.pk, by=world.leadership, text=text).text == text
        assert state(directive) == "closed"
    assert told("directive-closed") == {"reporter", "approver"}


def test_leadership_asks_again_by_a_new_day(world: World) -> None:
    directive = world.issue()
    answer_directive(directive.pk, by=world.reporter, text="Trả lời")
    new = TODAY + dt.timedelta(days=30)
    reopen_directive(directive.pk, by=world.leadership, text="Chưa đủ", due_on=new)
    directive.refresh_from_db()
    assert (directive.state, directive.due_on) == ("open", new)
    assert [word.due_on for word in directive.answers.all()] == [TODAY + dt.timedelta(days=7), new]
    close_directive(directive.pk, by=world.leadership)
    reopen_directive(directive.pk, by=world.leadership, text="Thêm nữa", due_on=new)
    assert state(directive) == "open"
    assert told("directive-reopened") == {"reporter", "approver"}


def test_a_withdrawn_directive_stays_and_says_why(world: World) -> None:
    directive = world.issue()
    with pytest.raises(DirectiveRefusedError):
        withdraw_directive(directive.pk, by=world.leadership, text=" ")
    withdraw_directive(directive.pk, by=world.leadership, text="Gửi nhầm")
    assert state(directive) == "withdrawn"
    assert told("directive-withdrawn") == {"reporter", "approver"}


Step = Callable[[Directive, User], object]
STEPS: dict[str, Step] = {
    "answer": lambda d, by: answer_directive(d.pk, by=by, text="x"),
    "close": lambda d, by: close_directive(d.pk, by=by),
    "withdraw": lambda d, by: withdraw_directive(d.pk, by=by, text="x"),
    "reopen": lambda d, by: reopen_directive(d.pk, by=by, text="x", due_on=TOMORROW),
}
POSSIBLE = {
    "open": {"answer", "close", "withdraw"},
    "answered": {"answer", "close", "withdraw", "reopen"},
    "closed": {"reopen"},
    "withdrawn": set[str](),
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("before", POSSIBLE)
def test_each_state_allows_its_own_steps(world: World, before: str, step: str) -> None:
    directive = world.issue()
    Directive.objects.filter(pk=directive.pk).update(state=before)
    by = world.reporter if step == "answer" else world.leadership
    if step in POSSIBLE[before]:
        STEPS[step](directive, by)
        assert directive.answers.count() == 1
    else:
        with pytest.raises(DirectiveRefusedError):
            STEPS[step](directive, by)
        assert state(directive) == before
        assert not directive.answers.exists()


@pytest.mark.parametrize("step", ["close", "withdraw", "reopen"])
@pytest.mark.parametrize("name", ["reporter", "approver", "coordinator", "administrator"])
def test_only_leadership_decides(world: World, step: str, name: str) -> None:
    directive = world.issue()
    answer_directive(directive.pk, by=world.reporter, text="x")
    with pytest.raises(DirectiveRefusedError, match="Chỉ lãnh đạo"):
        STEPS[step](directive, world.people[name])
    assert state(directive) == "answered"


def test_leadership_does_not_close_over_an_answer_that_it_has_not_seen(world: World) -> None:
    directive = world.issue()
    first = answer_directive(directive.pk, by=world.reporter, text="Một")
    answer_directive(directive.pk, by=world.approver, text="Hai")
    with pytest.raises(DirectiveRefusedError, match="Có ý kiến mới"):
        close_directive(directive.pk, by=world.leadership, seen=first.pk)
    with pytest.raises(DirectiveRefusedError, match="Có ý kiến mới"):
        withdraw_directive(directive.pk, by=world.leadership, text="x", seen=0)
    assert state(directive) == "answered"


def test_who_succeeds_the_addressee_answers_for_it(world: World) -> None:
    directive = world.bequeathed()
    assert {user.username for user in answering(world.ended)} == {"reporter", "approver"}
    answer_directive(directive.pk, by=world.reporter, text="Bộ Mới trả lời")
    assert state(directive) == "answered"


def test_whose_predecessor_lives_on_does_not_answer_for_it(world: World) -> None:
    giver = make(Organisation)
    make(Succession, predecessor=giver, successor=world.own, function="data")
    directive = world.issue(to=giver)
    with pytest.raises(DirectiveRefusedError):
        answer_directive(directive.pk, by=world.reporter, text="x")


def test_people_of_the_ended_body_itself_are_not_waited_for(world: World) -> None:
    make(Membership, organisation=world.ended, role="reporter")
    assert {user.username for user in answering(world.ended)} == {"reporter", "approver"}


def test_where_the_issuer_has_left_all_of_leadership_is_told(world: World) -> None:
    directive = world.issue()
    successor = make(User, username="new-leader")
    make(SystemRole, user=successor, role="leadership")
    SystemRole.objects.filter(user=world.leadership).delete()
    answer_directive(directive.pk, by=world.reporter, text="x")
    assert told("directive-answered") == {"new-leader"}


def test_the_text_is_not_in_the_letters(world: World) -> None:
    world.issue(text="Việc nội bộ")
    assert Mail.objects.count() == 2
    assert not Mail.objects.filter(body__contains="Việc nội bộ").exists()


def test_lateness_is_a_matter_of_whole_days(world: World) -> None:
    directive = world.issue(days=0)
    assert not directive.is_late(TODAY)
    assert directive.is_late(TOMORROW)
    directive.state = "answered"
    assert not directive.is_late(TOMORROW)


def test_every_step_is_on_the_trail_with_who_and_why(world: World) -> None:
    directive = world.issue()
    answer_directive(directive.pk, by=world.reporter, text="x")
    rows = TrailEntry.objects.filter(table_name="targets_directive").order_by("id")
    assert [(row.actor_id, row.why) for row in rows] == [
        (world.leadership.pk, "Ra ý kiến chỉ đạo"),
        (world.reporter.pk, "Trả lời"),
    ]
