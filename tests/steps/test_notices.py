"""What people are told: once, in their language, by a letter where it cannot wait."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import translation
from pytest_django import Settings

from targets.models import (
    Mail,
    Notice,
    OrganisationName,
    Report,
    ReportingCycle,
    ReportingDuty,
)
from targets.reporting import notices
from targets.reporting.notices import KINDS, about_report, notify, sentence
from tests.factory import make

pytestmark = pytest.mark.django_db

WORDS = {"by": "Hoàng Báo Cáo", "reason": "số của năm trước"}


def report(**given: Any) -> Report:
    duty = make(ReportingDuty, name_vi="chuyển đổi số", name_en="digital transformation")
    cycle = make(ReportingCycle, duty=duty, period="2026-H1")
    made = make(Report, cycle=cycle, **given)
    make(
        OrganisationName,
        organisation=made.organisation,
        name_vi="Bộ A",
        name_en="Ministry A",
        valid_to=dt.date(2025, 2, 28),
    )
    make(
        OrganisationName,
        organisation=made.organisation,
        name_vi="Bộ B",
        name_en="Ministry B",
        valid_from=dt.date(2025, 3, 1),
    )
    return made


def tell(*users: User, about: Report, kind: str = "report-returned", **given: Any) -> None:
    facts = {**about_report(about), **WORDS}
    notify(users, **{"key": "k", "kind": kind, "params": facts, "report": about, **given})


def test_one_notice_and_one_letter_for_each_person_however_often_told() -> None:
    first, second = make(User), make(User)
    about = report()
    tell(first, first, second, about=about)
    tell(first, second, about=about)
    assert Notice.objects.count() == Mail.objects.count() == 2
    tell(first, about=about, key="another")
    assert Notice.objects.filter(user=first).count() == 2


def test_the_sentence_is_in_the_language_of_the_reader() -> None:
    about = report()
    tell(make(User), about=about)
    notice = Notice.objects.get()
    assert sentence(notice) == (
        "Hoàng Báo Cáo trả lại báo cáo chuyển đổi số kỳ 6 tháng đầu năm 2026 của Bộ B. "
        "Lý do: số của năm trước"
    )
    with translation.override("en"):
        assert "Ministry B" in sentence(notice)
        assert "H1 2026" in sentence(notice)


def test_a_letter_is_plain_vietnamese_with_an_absolute_link(settings: Settings) -> None:
    settings.SITE_URL = "https://thuocdo.example"
    about = report()
    with translation.override("en"):
        tell(make(User, first_name="An", last_name="Lê"), about=about, details=["• Ô 3: xem lại"])
    mail = Mail.objects.get()
    assert mail.subject == ("[Thước Đo] Báo cáo bị trả lại: chuyển đổi số, kỳ 6 tháng đầu năm 2026")
    assert f"https://thuocdo.example/bao-cao/{about.pk}/\n" in mail.body
    assert "Ô 3: xem lại\n" in mail.body
    assert "của Bộ B" in mail.body


def test_a_sample_says_so_in_subject_and_text() -> None:
    tell(make(User), about=report(sample=True))
    mail = Mail.objects.get()
    assert mail.subject.startswith("[Thước Đo · MẪU] ")
    assert "báo cáo mẫu" in mail.body


def test_what_waits_for_a_digest_sends_no_letter_of_its_own() -> None:
    tell(make(User), about=report(), mail=False)
    assert not Mail.objects.exists()
    assert not Notice.objects.get().digested
    tell(make(User), about=report(), key="k2")
    assert Notice.objects.get(key="k2").digested


def test_who_cannot_sign_in_is_not_told_and_who_has_no_address_gets_no_letter() -> None:
    tell(make(User, is_active=False), about=report())
    assert not Notice.objects.exists()
    tell(make(User, email=""), about=report())
    assert Notice.objects.count() == 1
    assert not Mail.objects.exists()


def test_every_kind_has_a_subject_a_sentence_and_a_page() -> None:
    about = report()
    user = make(User)
    for kind in KINDS:
        if not kind.startswith("report-"):
            continue
        tell(user, about=about, kind=kind, key=kind)
    for notice in Notice.objects.all():
        assert "%(" not in sentence(notice)
        assert notices.path(notice).startswith(f"/bao-cao/{about.pk}/")


def test_an_unknown_kind_or_a_missing_fact_is_an_error_at_once() -> None:
    about = report()
    with pytest.raises(KeyError):
        tell(make(User), about=about, kind="report-invented")
    with pytest.raises(KeyError):
        tell(make(User), about=about, params={})
