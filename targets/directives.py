"""What leadership asks of an organisation about a target or a report, and what comes back.

Each step is one transaction: the directive is locked, the permission asked for, the word written
down, people told (letters leave after the commit). Who acts on a page that has grown old is told
what came since; who sends the same thing twice has sent it once.

A directive stays addressed as it was written. Who answers for it is the addressee, or, after its
end, whoever succeeded it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from targets.lineage import Lineage
from targets.models import (
    Directive,
    DirectiveAnswer,
    DirectiveFile,
    Organisation,
    Report,
    Role,
    Target,
)
from targets.people import full_name
from targets.permissions import allowed, forget_roles, members
from targets.reporting import evidence
from targets.reporting.notices import about_report, names_of, notify
from targets.trail import acting
from targets.wording import period

Kind = DirectiveAnswer.Kind
State = Directive.State

MAX_TEXT: Final = 10_000
MAX_FILES: Final = 10
#: Within this time the same text to the same addressee is a second press of the button.
_AGAIN: Final = dt.timedelta(minutes=10)
_NEVER_ADDRESSED: Final = (Organisation.Kind.COUNTRY, Organisation.Kind.GROUP)


class DirectiveRefusedError(Exception):
    """Nothing was done; `sentence` tells the person why and what to do, `field` where."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field


@dataclass(frozen=True, slots=True)
class _Step:
    """One word on a directive: the permission it asks for, what it makes of the state, refusals."""

    permission: str
    target: State
    forbidden: str | Promise
    notice: str


_STEPS: Final[dict[Kind, _Step]] = {
    Kind.ANSWER: _Step(
        "targets.answer_directive",
        State.ANSWERED,
        gettext_lazy(
            "Chỉ người báo cáo hoặc người phê duyệt của cơ quan nhận ý kiến trả lời được, khi ý "
            "kiến chưa kết thúc."
        ),
        "directive-answered",
    ),
    Kind.REOPEN: _Step(
        "targets.reopen_directive",
        State.OPEN,
        gettext_lazy(
            "Chỉ lãnh đạo yêu cầu trả lời thêm được, khi ý kiến đã được trả lời hoặc đã kết thúc."
        ),
        "directive-reopened",
    ),
    Kind.CLOSE: _Step(
        "targets.close_directive",
        State.CLOSED,
        gettext_lazy("Chỉ lãnh đạo kết thúc được ý kiến, khi ý kiến chưa kết thúc."),
        "directive-closed",
    ),
    Kind.WITHDRAW: _Step(
        "targets.close_directive",
        State.WITHDRAWN,
        gettext_lazy("Chỉ lãnh đạo rút được ý kiến, khi ý kiến chưa kết thúc."),
        "directive-withdrawn",
    ),
}


def issue_directive(
    *,
    by: User,
    addressee: Organisation,
    text: str,
    due_on: dt.date,
    target: Target | None = None,
    report: Report | None = None,
) -> Directive:
    """Leadership asks an organisation about a target or a report, to be answered by a day.

    The same text sent twice within minutes is one directive, and the first is returned. Raises
    DirectiveRefusedError.
    """
    text = _written(text)
    with transaction.atomic(), acting(by=by, why=_("Ra ý kiến chỉ đạo")):
        # The lock has two presses of one button come one after the other.
        by = User.objects.select_for_update(of=("self",)).get(pk=by.pk)
        if not allowed(by, "targets.create_directive"):
            raise DirectiveRefusedError(_("Chỉ lãnh đạo ra được ý kiến chỉ đạo."))
        if (target is None) == (report is None):
            raise DirectiveRefusedError(_("Chọn một mục tiêu hoặc một báo cáo."))
        if target is not None and target.retired_on is not None:
            raise DirectiveRefusedError(_("Mục tiêu này đã rút khỏi danh mục."))
        _refuse_addressee(addressee)
        _refuse_due_day(due_on)
        same = Directive.objects.filter(
            created_by=by,
            addressee=addressee,
            text=text,
            target=target,
            report=report,
            created_at__gt=timezone.now() - _AGAIN,
        ).first()
        if same is not None:
            return same
        directive = Directive.objects.create(
            target=target,
            report=report,
            addressee=addressee,
            text=text,
            due_on=due_on,
            sample=report is not None and report.sample,
            created_by=by,
        )
        _tell(directive, answering(addressee), by, kind="directive-issued", occasion="issued")
    return directive


def answer_directive(
    directive_id: int, *, by: User, text: str, uploads: Sequence[UploadedFile[bytes]] = ()
) -> DirectiveAnswer:
    """The organisation answers, with files or without; more than once while nobody closed it.

    All or nothing: a file that is refused refuses the answer. Raises DirectiveRefusedError,
    `evidence.FileRefusedError`, Directive.DoesNotExist.
    """
    text = _written(text)
    if len(uploads) > MAX_FILES:
        raise DirectiveRefusedError(
            _("Mỗi lần trả lời kèm được tối đa %(count)s tệp.") % {"count": MAX_FILES}, "files"
        )
    with _speaking(Kind.ANSWER, directive_id, by=by) as said:
        if said.again(text):
            return said.last_word()
        word = said.write_down(text)
        for upload in uploads:
            DirectiveFile.objects.create(answer=word, file=evidence.accept(upload, by=by))
        _tell(said.directive, _issuers(said.directive), by, word=word)
    return word


def reopen_directive(
    directive_id: int, *, by: User, text: str, due_on: dt.date, seen: int | None = None
) -> DirectiveAnswer:
    """Leadership asks for more, by a new day.

    All words of leadership: `seen` is the id of the last word that the person saw (0: none); one
    that came after it refuses the step.
    """
    text = _written(text)
    _refuse_due_day(due_on)
    with _speaking(Kind.REOPEN, directive_id, by=by, seen=seen) as said:
        said.directive.due_on = due_on
        word = said.write_down(text)
        _tell(said.directive, answering(said.directive.addressee), by, word=word)
    return word


def close_directive(
    directive_id: int, *, by: User, text: str = "", seen: int | None = None
) -> DirectiveAnswer:
    """Leadership is content, with a word or without."""
    with _speaking(Kind.CLOSE, directive_id, by=by, seen=seen) as said:
        word = said.write_down(_written(text, needed=False))
        _tell(said.directive, answering(said.directive.addressee), by, word=word)
    return word


def withdraw_directive(
    directive_id: int, *, by: User, text: str, seen: int | None = None
) -> DirectiveAnswer:
    """Leadership takes the directive back and says why; it stays on record."""
    text = _written(text)
    with _speaking(Kind.WITHDRAW, directive_id, by=by, seen=seen) as said:
        word = said.write_down(text)
        _tell(said.directive, answering(said.directive.addressee), by, word=word)
    return word


def answering(addressee: Organisation) -> list[User]:
    """Who may answer today: reporters and approvers of the addressee or, after its end, of its
    successors."""
    today = timezone.localdate()
    if addressee.valid_to is None or addressee.valid_to >= today:
        holders = [addressee]
    else:
        lineage = Lineage()
        holders = [
            lineage.organisations[holder.organisation_id]
            for holder in lineage.holders(addressee.pk, "", today)
        ]
    return [
        user
        for organisation in holders
        for role in (Role.REPORTER, Role.APPROVER)
        for user in members(organisation, role)
    ]


def is_alive(organisation: Organisation, day: dt.date) -> bool:
    """Whether an organisation exists on a day and is one that can be written to."""
    return (
        organisation.kind not in _NEVER_ADDRESSED
        and (organisation.valid_from is None or organisation.valid_from <= day)
        and (organisation.valid_to is None or organisation.valid_to >= day)
    )


@dataclass
class _Saying:
    """A word in the saying: its directive, locked, and the words before it."""

    kind: Kind
    directive: Directive
    by: User
    before: Sequence[DirectiveAnswer]

    def last_word(self) -> DirectiveAnswer:
        return self.before[-1]

    def again(self, text: str) -> bool:
        """Whether the last word is this very one."""
        if not self.before:
            return False
        last = self.before[-1]
        same = (last.kind, last.by_id, last.text) == (self.kind, self.by.pk, text)
        return same and last.at > timezone.now() - _AGAIN

    def write_down(self, text: str) -> DirectiveAnswer:
        directive = self.directive
        directive.state = _STEPS[self.kind].target
        directive.save(update_fields=["state", "due_on"])
        return DirectiveAnswer.objects.create(
            directive=directive, kind=self.kind, text=text, due_on=directive.due_on, by=self.by
        )


@contextmanager
def _speaking(
    kind: Kind, directive_id: int, *, by: User, seen: int | None = None
) -> Iterator[_Saying]:
    """The transaction of a word, begun once it is certain that this person may say it now."""
    step = _STEPS[kind]
    with transaction.atomic(), acting(by=by, why=str(kind.label)):
        directive = (
            Directive.objects.select_for_update(of=("self",))
            .select_related("addressee", "target", "report__organisation", "report__cycle__duty")
            .get(pk=directive_id)
        )
        before = list(directive.answers.order_by("id"))
        forget_roles(by)  # they may have been taken away since the request began
        said = _Saying(kind, directive, by, before)
        if not allowed(by, step.permission, directive):
            raise DirectiveRefusedError(str(step.forbidden))
        if seen is not None and seen != (before[-1].pk if before else 0):
            raise DirectiveRefusedError(
                _("Có ý kiến mới từ lúc bạn mở trang. Hãy đọc rồi thực hiện lại.")
            )
        yield said


def _written(text: str, *, needed: bool = True) -> str:
    text = text.replace("\r\n", "\n").replace("\x00", "").strip()
    if needed and not text:
        raise DirectiveRefusedError(_("Viết nội dung."), "text")
    if len(text) > MAX_TEXT:
        raise DirectiveRefusedError(
            _("Nội dung dài quá %(count)s ký tự; hãy rút gọn hoặc gửi kèm tệp.")
            % {"count": MAX_TEXT},
            "text",
        )
    return text


def _refuse_due_day(day: dt.date) -> None:
    if day < timezone.localdate():
        raise DirectiveRefusedError(_("Hạn trả lời phải từ hôm nay trở đi."), "due_on")


def _refuse_addressee(organisation: Organisation) -> None:
    if not is_alive(organisation, timezone.localdate()):
        raise DirectiveRefusedError(_("Chọn một cơ quan đang hoạt động."), "addressee")


def _issuers(directive: Directive) -> list[User]:
    """Who waits for an answer: the one who asked, or all of leadership where that one has left."""
    leadership = list(members(None, Role.LEADERSHIP))
    own = [user for user in leadership if user.pk == directive.created_by_id]
    return own or leadership


def _tell(
    directive: Directive,
    people: Iterable[User],
    by: User,
    *,
    word: DirectiveAnswer | None = None,
    kind: str = "",
    occasion: str = "",
) -> None:
    """Tell people what happened; not the one who did it. The text itself is only in the page."""
    name_vi, name_en = names_of(directive.addressee)
    subjects = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            subjects[f"subject_{language}"] = subject_of(directive)
    notify(
        [user for user in people if user.pk != by.pk],
        key=f"directive:{directive.pk}:{word.pk if word else occasion}",
        kind=_STEPS[Kind(word.kind)].notice if word else kind,
        params={
            "by": full_name(by),
            "organisation_vi": name_vi,
            "organisation_en": name_en,
            "due_on": directive.due_on.isoformat(),
            **subjects,
        },
        directive=directive,
    )


def subject_of(directive: Directive) -> str:
    """What a directive is about, in the active language."""
    vietnamese = translation.get_language() != "en"
    if directive.target is not None:
        target = directive.target
        return target.label_vi if vietnamese else target.label_en
    if directive.report is None:
        raise ValueError(f"directive {directive.pk} is about nothing")
    facts = about_report(directive.report)
    tongue = "vi" if vietnamese else "en"
    return _("báo cáo %(duty)s, kỳ %(period)s, của %(organisation)s") % {
        "duty": facts[f"duty_{tongue}"],
        "period": period(facts["period"]),
        "organisation": facts[f"organisation_{tongue}"],
    }
