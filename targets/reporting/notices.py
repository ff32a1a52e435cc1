"""What people are told in the application, and by letter where it cannot wait.

A notice keeps its kind and the facts; its sentence is made when it is read, in the language of its
reader. A new kind is a row of `KINDS`. Facts are texts and numbers; of `organisation_vi` and
`organisation_en` the sentence has `organisation`; `..._on` are days (ISO) and `period` is a
period, both shown as people write them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from targets import wording
from targets.models import Directive, Notice, Organisation, Report
from targets.people import full_name
from targets.reporting.mailing import queue_letters

Params = Mapping[str, str | int]
Text = str | Promise


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of notice reads: the subject of its letter, its sentence, where it leads.

    The texts have places for the facts, as in `%(organisation)s`. `route` is a page of a report, or
    one of the whole where there is none; what concerns a directive leads to the directive.
    """

    subject: Text
    sentence: Text
    route: str = "report"


KINDS: Final[dict[str, Kind]] = {
    "report-submitted": Kind(
        _("Báo cáo chờ bạn phê duyệt: %(duty)s, kỳ %(period)s"),
        _(
            "%(by)s gửi duyệt báo cáo %(duty)s kỳ %(period)s của %(organisation)s; báo cáo chờ "
            "bạn phê duyệt."
        ),
        route="report-review",
    ),
    "report-withdrawn": Kind(
        _("Báo cáo đã rút lại: %(duty)s, kỳ %(period)s"),
        _("%(by)s rút lại báo cáo %(duty)s kỳ %(period)s của %(organisation)s để sửa tiếp."),
        route="report-review",
    ),
    "report-to-review": Kind(
        _("Báo cáo chờ kiểm tra: %(organisation)s, %(duty)s, kỳ %(period)s"),
        _(
            "%(organisation)s đã phê duyệt báo cáo %(duty)s kỳ %(period)s; báo cáo chờ điều phối "
            "kiểm tra và công bố."
        ),
        route="report-review",
    ),
    "report-approved": Kind(
        _("Báo cáo đã được phê duyệt: %(duty)s, kỳ %(period)s"),
        _(
            "%(by)s đã phê duyệt báo cáo %(duty)s kỳ %(period)s của %(organisation)s và chuyển "
            "điều phối kiểm tra."
        ),
    ),
    "report-returned": Kind(
        _("Báo cáo bị trả lại: %(duty)s, kỳ %(period)s"),
        _("%(by)s trả lại báo cáo %(duty)s kỳ %(period)s của %(organisation)s. Lý do: %(reason)s"),
    ),
    "report-published": Kind(
        _("Báo cáo đã được công bố: %(duty)s, kỳ %(period)s"),
        _("Báo cáo %(duty)s kỳ %(period)s của %(organisation)s đã được kiểm tra và công bố."),
    ),
    "report-reopened": Kind(
        _("Báo cáo được mở lại: %(duty)s, kỳ %(period)s"),
        _(
            "%(by)s mở lại báo cáo %(duty)s kỳ %(period)s của %(organisation)s để nhập số liệu "
            "mới. Lý do: %(reason)s"
        ),
    ),
    "directive-issued": Kind(
        _("Ý kiến chỉ đạo mới, hạn %(due_on)s: %(subject)s"),
        _("%(by)s gửi %(organisation)s ý kiến chỉ đạo về %(subject)s; hạn trả lời %(due_on)s."),
    ),
    "directive-answered": Kind(
        _("%(organisation)s trả lời ý kiến chỉ đạo: %(subject)s"),
        _("%(by)s trả lời ý kiến chỉ đạo gửi %(organisation)s về %(subject)s."),
    ),
    "directive-reopened": Kind(
        _("Ý kiến chỉ đạo cần trả lời thêm, hạn %(due_on)s: %(subject)s"),
        _(
            "%(by)s yêu cầu %(organisation)s trả lời thêm ý kiến chỉ đạo về %(subject)s; hạn mới "
            "%(due_on)s."
        ),
    ),
    "directive-closed": Kind(
        _("Ý kiến chỉ đạo đã kết thúc: %(subject)s"),
        _("%(by)s kết thúc ý kiến chỉ đạo gửi %(organisation)s về %(subject)s."),
    ),
    "directive-withdrawn": Kind(
        _("Ý kiến chỉ đạo đã rút lại: %(subject)s"),
        _("%(by)s rút lại ý kiến chỉ đạo gửi %(organisation)s về %(subject)s."),
    ),
    "report-due": Kind(
        _("Báo cáo sắp đến hạn: %(duty)s, kỳ %(period)s"),
        _("Báo cáo %(duty)s kỳ %(period)s của %(organisation)s chưa gửi, hạn %(due_on)s."),
    ),
    "report-overdue": Kind(
        _("Báo cáo quá hạn: %(duty)s, kỳ %(period)s"),
        _("Báo cáo %(duty)s kỳ %(period)s của %(organisation)s quá hạn %(due_on)s mà chưa gửi."),
    ),
    "report-back": Kind(
        _("Báo cáo cần gửi lại: %(duty)s, kỳ %(period)s"),
        _(
            "Báo cáo %(duty)s kỳ %(period)s của %(organisation)s cần sửa và gửi lại, hạn "
            "%(due_on)s."
        ),
    ),
    "report-approval": Kind(
        _("Báo cáo chờ phê duyệt: %(duty)s, kỳ %(period)s"),
        _("Báo cáo %(duty)s kỳ %(period)s của %(organisation)s chờ phê duyệt, hạn %(due_on)s."),
        route="report-review",
    ),
    "cycle-overdue": Kind(
        _("Còn cơ quan chưa gửi báo cáo %(duty)s, kỳ %(period)s"),
        _("%(count)s cơ quan chưa gửi báo cáo %(duty)s kỳ %(period)s, hạn %(due_on)s."),
        route="timeliness",
    ),
    "source-paused": Kind(
        _("Tạm dừng lấy số liệu: %(name)s"),
        _(
            "Nguồn số liệu “%(name)s” thất bại nhiều lần liên tiếp nên tạm dừng; hệ thống "
            "sẽ tự thử lại. Hãy xem lý do ở lượt chạy gần nhất."
        ),
        route="data-source",
    ),
    "source-silent": Kind(
        _("Nguồn số liệu im lặng: %(name)s"),
        _(
            "Nguồn số liệu “%(name)s” không có lượt lấy thành công nào trong hai lần đến hạn vừa "
            "qua. Hãy kiểm tra nguồn."
        ),
        route="data-source",
    ),
    "values-held": Kind(
        _("Giá trị từ nguồn số liệu chờ xem xét: %(count)s"),
        _("%(count)s giá trị từ %(sources)s nguồn số liệu đang chờ điều phối xem xét."),
        route="held-values",
    ),
}


def notify(
    users: Iterable[User],
    *,
    key: str,
    kind: str,
    params: Params,
    report: Report | None = None,
    directive: Directive | None = None,
    mail: bool = True,
    details: Sequence[str] = (),
) -> None:
    """Tell each of these people once about the thing and occasion that `key` names.

    Who was told of this key before is not told again, by notice or by letter. `mail`: by a letter
    of its own, too, which leaves after the commit; without it the notice waits for a digest.
    `details` are further lines for the letter. Raises KeyError for an unknown kind, or where a
    fact is missing from `params`.
    """
    told = sorted({user.pk: user for user in users if user.is_active}.values(), key=lambda u: u.pk)
    notices = [
        Notice(
            user=user,
            key=key,
            kind=kind,
            params=dict(params),
            report=report,
            directive=directive,
            digested=mail,
        )
        for user in told
    ]
    if not notices:
        return
    letters = {
        user.pk: letter(user, notice, details)
        for user, notice in zip(told, notices, strict=True)
        if user.email
    }
    Notice.objects.bulk_create(notices, ignore_conflicts=True)
    if mail:
        queue_letters(letters, key=key)


def sentence(notice: Notice) -> str:
    """What a notice says, in the active language."""
    return str(KINDS[notice.kind].sentence) % _shown(notice.params)


def path(notice: Notice) -> str:
    """The page that a notice leads to; "" where it is about nothing that has one."""
    if notice.directive is not None:
        return notice.directive.get_absolute_url()
    if notice.report is not None:
        return reverse(KINDS[notice.kind].route, args=[notice.report.pk])
    if KINDS[notice.kind].route == "timeliness":
        return f"{reverse('timeliness')}?ky={notice.params['cycle']}&hen=missing"
    if KINDS[notice.kind].route == "data-source":
        return reverse("data-source", args=[notice.params["source"]])
    if KINDS[notice.kind].route == "held-values":
        return reverse("held-values")
    return ""


def letter(user: User, notice: Notice, details: Sequence[str] = ()) -> tuple[str, str]:
    """Subject and body of the letter that tells what a notice says: Vietnamese, plain text."""
    with translation.override(settings.LANGUAGE_CODE):
        subject = str(KINDS[notice.kind].subject) % _shown(notice.params)
        link = path(notice)
        return envelope(
            user,
            subject,
            [sentence(notice), *details],
            sample=is_sample(notice),
            link=link and f"{settings.SITE_URL}{link}",
        )


def envelope(
    user: User, subject: str, lines: Sequence[str], *, sample: bool, link: str = ""
) -> tuple[str, str]:
    """A whole letter around the lines that it tells: subject and body."""
    with translation.override(settings.LANGUAGE_CODE):
        mark = gettext("[Thước Đo · MẪU]") if sample else "[Thước Đo]"
        paragraphs = [gettext("Kính gửi %(name)s,") % {"name": full_name(user)}]
        if sample:
            paragraphs.append(
                gettext("Đây là báo cáo mẫu: nó chỉ minh hoạ quy trình và không tính vào số liệu.")
            )
        paragraphs.append("\n".join(lines))
        if link:
            paragraphs.append(gettext("Mở trang: %(link)s") % {"link": link})
        paragraphs.append(
            gettext("Thư này do Thước Đo gửi tự động; xin không trả lời vào địa chỉ này.")
        )
        return f"{mark} {subject}", "\n\n".join(paragraphs) + "\n"


def is_sample(notice: Notice) -> bool:
    """Whether a notice is about something that only shows the workflow."""
    about = notice.directive or notice.report
    return about is not None and about.sample


def about_report(report: Report) -> dict[str, str]:
    """The facts that sentences about a report need: whose, of which duty and period."""
    cycle = report.cycle
    name_vi, name_en = names_of(report.organisation)
    return {
        "organisation_vi": name_vi,
        "organisation_en": name_en,
        "duty_vi": cycle.duty.name_vi,
        "duty_en": cycle.duty.name_en,
        "period": cycle.period,
        "due_on": cycle.due_on.isoformat(),
    }


def names_of(organisation: Organisation) -> tuple[str, str]:
    """The Vietnamese and English name of an organisation today, or its last (one query)."""
    names = organisation.names.exclude(valid_from__gt=timezone.localdate())
    name = names.last() or organisation.names.first()
    return (name.name_vi, name.name_en) if name else (organisation.code, organisation.code)


def _shown(params: Mapping[str, Any]) -> dict[str, str | int]:
    """The facts as a sentence in the active language takes them."""
    shown: dict[str, str | int] = dict(params)
    tongue = "vi" if wording.vietnamese() else "en"
    for name, value in params.items():
        if name.endswith(f"_{tongue}"):
            shown[name[:-3]] = value
        elif name.endswith("_on"):
            shown[name] = wording.day(dt.date.fromisoformat(value))
        elif name == "period":
            shown[name] = wording.period(value)
    return shown
