"""One directive with all that was said, `/chi-dao/<pk>/`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models import Prefetch
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from dashboard import foreign, formatting
from dashboard.components import Crumb, Fact
from dashboard.presenters.directives.rows import (
    DirectiveRow,
    countdown,
    named,
    row_of,
    subject_of,
)
from targets.models import Directive, DirectiveAnswer, DirectiveFile
from targets.people import full_name
from targets.permissions import allowed


@dataclass(frozen=True, slots=True)
class FileLink:
    """A file of an answer."""

    name: str
    url: str
    size: int


@dataclass(frozen=True, slots=True)
class Word:
    """One entry of the thread: the directive itself, an answer, a word of leadership."""

    kind: str
    code: str
    who: str
    when: dt.datetime
    text: str
    tongue: str
    late: bool = False
    due: str = ""
    files: Sequence[FileLink] = ()


@dataclass(frozen=True, slots=True)
class DirectivePage:
    """`/chi-dao/<pk>/`; `may` names the forms that the reader gets."""

    pk: int
    title: str
    crumbs: Sequence[Crumb]
    row: DirectiveRow
    facts: Sequence[Fact]
    words: Sequence[Word]
    last_word: int
    may: frozenset[str]
    waits_for: str


def directive_page(directive: Directive, reader: User) -> DirectivePage:
    """The directive, its thread and what the reader may do."""
    today = timezone.localdate()
    # The bytes of the files stay where they are.
    files = DirectiveFile.objects.select_related("file").defer("file__content")
    words = list(directive.answers.select_related("by").prefetch_related(Prefetch("files", files)))
    names = named([directive])
    may = {
        form
        for form, permission in (
            ("answer", "targets.answer_directive"),
            ("close", "targets.close_directive"),
            ("reopen", "targets.reopen_directive"),
        )
        if allowed(reader, permission, directive)
    }
    number = gettext("Ý kiến chỉ đạo số %(number)s") % {"number": directive.pk}
    return DirectivePage(
        pk=directive.pk,
        title=number,
        crumbs=(
            Crumb(gettext("Ý kiến chỉ đạo"), reverse("directive-list")),
            Crumb(gettext("Số %(number)s") % {"number": directive.pk}),
        ),
        row=row_of(directive, today, names),
        facts=_facts(directive, names, today),
        words=[_first(directive), *(_word(one, directive) for one in words)],
        last_word=words[-1].pk if words else 0,
        may=frozenset(may),
        waits_for=_waits_for(directive),
    )


def _facts(directive: Directive, names: Mapping[int, str], today: dt.date) -> list[Fact]:
    subject, detail = subject_of(directive, names)
    about = directive.target or directive.report
    addressee = directive.addressee
    ended = addressee.valid_to is not None and addressee.valid_to < today
    return [
        Fact(
            gettext("Về mục tiêu") if directive.target else gettext("Về báo cáo"),
            subject,
            url=about.get_absolute_url() if about else "",
            note=detail,
        ),
        Fact(
            gettext("Gửi tới"),
            names[addressee.pk],
            url=addressee.get_absolute_url(),
            note=gettext("đã kết thúc ngày %(day)s; cơ quan kế thừa trả lời")
            % {"day": formatting.day(addressee.valid_to)}
            if ended
            else "",
        ),
        Fact(
            gettext("Hạn trả lời"),
            formatting.day(directive.due_on),
            note=countdown(directive, today),
        ),
        Fact(
            gettext("Người ra ý kiến"),
            full_name(directive.created_by),
            note=formatting.day(directive.created_at),
        ),
    ]


def _waits_for(directive: Directive) -> str:
    """Whose turn it is, in a sentence."""
    return {
        Directive.State.OPEN: gettext("Chờ cơ quan nhận ý kiến trả lời."),
        Directive.State.ANSWERED: gettext(
            "Chờ lãnh đạo xem câu trả lời: kết thúc, hoặc yêu cầu trả lời thêm."
        ),
        Directive.State.CLOSED: gettext("Lãnh đạo đã kết thúc ý kiến này."),
        Directive.State.WITHDRAWN: gettext("Lãnh đạo đã rút ý kiến này."),
    }[Directive.State(directive.state)]


def _first(directive: Directive) -> Word:
    return Word(
        kind=gettext("Ý kiến"),
        code="issue",
        who=full_name(directive.created_by),
        when=directive.created_at,
        text=directive.text,
        tongue=foreign.tongue(directive.text),
    )


def _word(word: DirectiveAnswer, directive: Directive) -> Word:
    kind = DirectiveAnswer.Kind(word.kind)
    answer = kind == DirectiveAnswer.Kind.ANSWER
    return Word(
        kind=str(kind.label),
        code=kind.value,
        who=full_name(word.by),
        when=word.at,
        text=word.text,
        tongue=foreign.tongue(word.text),
        late=answer and timezone.localtime(word.at).date() > word.due_on,
        due=formatting.day(word.due_on) if kind == DirectiveAnswer.Kind.REOPEN else "",
        files=[
            FileLink(
                name=one.file.name,
                url=reverse("directive-file", args=[directive.pk, one.pk]),
                size=one.file.size,
            )
            for one in word.files.all()
        ],
    )
