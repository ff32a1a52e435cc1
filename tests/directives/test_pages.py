"""The pages of directives: who sees what, the forms, the files, the lists."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from targets.directives import answer_directive, close_directive
from targets.models import (
    Assignment,
    Directive,
    DirectiveAnswer,
    Report,
    ReportingCycle,
    ReportingDuty,
    Target,
)
from tests.directives.conftest import TODAY, World, pdf
from tests.factory import make

LIST = "/chi-dao/"
SEE = {"reporter", "approver", "viewer", "coordinator", "leadership", "auditor"}


def main_of(client: Client, path: str, *, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, answer.status_code
    html = answer.content.decode()
    return html[html.index("<main") : html.index("</main>")]


@pytest.mark.parametrize("path", [LIST, "/chi-dao/moi/", "/chi-dao/1/"])
def test_a_stranger_is_asked_to_sign_in_and_learns_nothing(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.headers["Location"] == f"/tai-khoan/login/?next={path}"


def test_who_sees_a_directive(world: World, client: Client) -> None:
    directive = world.issue(text="Việc nội bộ")
    for name, person in world.people.items():
        client.force_login(person)
        answer = client.get(directive.get_absolute_url())
        assert answer.status_code == (200 if name in SEE else 404), name
        assert ("Việc nội bộ" in answer.content.decode()) is (name in SEE), name


def test_who_sees_that_of_a_predecessor(world: World, client: Client) -> None:
    directive = world.bequeathed()
    for name, person in world.people.items():
        client.force_login(person)
        answer = client.get(directive.get_absolute_url())
        assert answer.status_code == (200 if name in SEE else 404), name


def test_the_list_shows_members_their_own_and_leadership_all(world: World, client: Client) -> None:
    world.issue(text="gửi bộ mới")
    world.issue(to=world.other, text="gửi bộ khác")
    world.bequeathed()
    seen = {}
    for name in ("reporter", "stranger", "leadership"):
        client.force_login(world.people[name])
        html = main_of(client, LIST)
        seen[name] = [
            text for text in ("gửi bộ mới", "gửi bộ khác", "directive") if text in
            re.sub(r"<[^>]*>", " ", html)
        ]  # fmt: skip
    assert seen == {
        "reporter": ["gửi bộ mới", "directive"],
        "stranger": ["gửi bộ khác"],
        "leadership": ["gửi bộ mới", "gửi bộ khác", "directive"],
    }


@pytest.mark.parametrize("name", ["administrator", "nobody"])
def test_whom_no_directive_concerns_has_no_list(world: World, client: Client, name: str) -> None:
    client.force_login(world.people[name])
    assert client.get(LIST).status_code == 403


def test_the_late_stand_first_and_are_marked(world: World, client: Client) -> None:
    for days, text in ((9, "sau"), (2, "sớm")):
        world.issue(days=days, text=text)
    late = world.issue(text="muộn")
    Directive.objects.filter(pk=late.pk).update(due_on=TODAY - dt.timedelta(days=3))
    client.force_login(world.leadership)
    html = main_of(client, LIST)
    assert "3 ý kiến đang chờ trả lời, 1 quá hạn" in html
    places = [html.index(f"<p>{text}</p>") for text in ("muộn", "sớm", "sau")]
    assert places == sorted(places)
    assert '<b class="late">quá hạn 3 ngày</b>' in html
    assert html.count("td-turn open late") == 1
    assert "còn 2 ngày" in html


def test_filters_by_state_and_addressee(world: World, client: Client) -> None:
    asked = {text: world.issue(text=text) for text in ("chờ", "xong", "trả")}
    world.issue(to=world.other, text="khác")
    for text in ("xong", "trả"):
        answer_directive(asked[text].pk, by=world.reporter, text="x")
    close_directive(asked["xong"].pk, by=world.leadership)
    client.force_login(world.leadership)

    def shown(query: str) -> set[str]:
        return set(re.findall(r"<p>(chờ|xong|trả|khác)</p>", main_of(client, LIST + query)))

    assert shown("") == {"chờ", "trả", "khác"}
    assert shown("?state=open") == {"chờ", "khác"}
    assert shown("?state=answered") == {"trả"}
    assert shown("?state=closed") == {"xong"}
    assert shown("?state=all&to=OWN") == {"chờ", "trả", "xong"}
    assert shown("?to=OTHER") == {"khác"}
    assert shown("?state=late") == set()
    # What means nothing is left out.
    assert shown("?state=zzz&to=zzz&page=zzz") == {"chờ", "trả", "khác"}


def test_the_list_costs_the_same_however_long(
    world: World, client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(world.reporter)
    for number in range(40):
        world.issue(text=f"việc {number}")
    main_of(client, LIST)
    with django_assert_max_num_queries(8):
        html = main_of(client, LIST)
    assert html.count("<p>việc") == 30
    assert "?page=2" in html
    assert main_of(client, f"{LIST}?page=2").count("<p>việc") == 10


def test_the_page_of_a_directive_costs_the_same_however_long_the_thread(
    world: World, client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    directive = world.issue()
    for number in range(5):
        answer_directive(
            directive.pk, by=world.reporter, text=f"lời {number}", uploads=[pdf(), pdf("b.pdf")]
        )
    client.force_login(world.reporter)
    main_of(client, directive.get_absolute_url())
    with django_assert_max_num_queries(7):
        html = main_of(client, directive.get_absolute_url())
    assert html.count("giai-trinh.pdf") == 5


def test_leadership_asks_about_a_target(world: World, client: Client) -> None:
    make(Assignment, target=world.target, organisation=world.ended, role="lead", basis="inferred")
    client.force_login(world.leadership)
    path = f"/chi-dao/moi/?target={world.target.key}"
    html = main_of(client, path)
    # The ministry that leads today is chosen, in place of the one that ended.
    assert '<option value="OWN" selected>Bộ Mới</option>' in html
    assert 'value="ENDED"' not in html
    assert 'name="due_on" min="2026-11-22" value="2026-12-06"' in html
    answer = client.post(
        "/chi-dao/moi/",
        {"target": world.target.key, "addressee": "OWN", "due_on": "2026-12-01", "text": "Hỏi"},
    )
    directive = Directive.objects.get()
    assert answer.headers["Location"] == directive.get_absolute_url()
    assert (directive.target, directive.addressee, directive.text) == (
        world.target, world.own, "Hỏi",
    )  # fmt: skip


def test_leadership_asks_about_a_report(world: World, client: Client) -> None:
    duty = make(ReportingDuty, collector=world.own)
    report = make(Report, organisation=world.own, cycle=make(ReportingCycle, duty=duty))
    client.force_login(world.leadership)
    html = main_of(client, f"/chi-dao/moi/?report={report.pk}")
    assert '<option value="OWN" selected>Bộ Mới</option>' in html
    client.post(
        "/chi-dao/moi/",
        {"report": report.pk, "addressee": "OWN", "due_on": "2026-12-01", "text": "Hỏi"},
    )
    assert Directive.objects.get().report == report
    html = main_of(client, Directive.objects.get().get_absolute_url())
    assert f'href="/bao-cao/{report.pk}/' in html


def test_without_a_subject_one_chooses_a_target(world: World, client: Client) -> None:
    client.force_login(world.leadership)
    html = main_of(client, "/chi-dao/moi/")
    assert f'<option value="{world.target.key}">' in html


@pytest.mark.parametrize("query", ["target=khong-co", "report=0", "report=x", "report=" + "9" * 40])
def test_a_subject_that_is_not_there_is_not_found(world: World, client: Client, query: str) -> None:
    client.force_login(world.leadership)
    assert client.get(f"/chi-dao/moi/?{query}").status_code == 404


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"text": " "}, "Viết nội dung."),
        ({"due_on": "2026-11-21"}, "Hạn trả lời phải từ hôm nay trở đi."),
        ({"due_on": "hôm qua"}, "Chọn hạn trả lời."),
        ({"addressee": ""}, "Chọn cơ quan nhận ý kiến."),
        ({"addressee": "ENDED"}, "Chọn một cơ quan đang hoạt động."),
    ],
)
def test_what_was_typed_stays_when_something_is_missing(
    world: World, client: Client, given: dict[str, str], words: str
) -> None:
    client.force_login(world.leadership)
    typed = {
        "target": world.target.key, "addressee": "OWN", "due_on": "2026-12-01",
        "text": "Đã gõ <b>",
    }  # fmt: skip
    answer = client.post("/chi-dao/moi/", typed | given)
    assert answer.status_code == 422
    html = answer.content.decode()
    assert words in html
    assert 'aria-invalid="true"' in html
    assert ("Đã gõ &lt;b&gt;" in html) is ("text" not in given)
    assert not Directive.objects.exists()


@pytest.mark.parametrize("name", ["reporter", "coordinator", "administrator", "auditor", "nobody"])
def test_nobody_else_gets_the_form(world: World, client: Client, name: str) -> None:
    client.force_login(world.people[name])
    assert client.get(f"/chi-dao/moi/?target={world.target.key}").status_code == 403
    assert client.post("/chi-dao/moi/", {"target": world.target.key}).status_code == 403


def test_an_answer_with_a_file_that_is_given_out_only_to_be_saved(
    world: World, client: Client
) -> None:
    directive = world.issue()
    client.force_login(world.approver)
    client.post(
        f"{directive.get_absolute_url()}tra-loi/", {"text": "Dòng một\nDòng hai", "files": pdf()}
    )
    html = main_of(client, directive.get_absolute_url())
    assert "Dòng một<br>Dòng hai" in html
    link = re.search(r'<a href="(/chi-dao/\d+/tep/\d+/)">giai-trinh.pdf</a>', html)
    assert link
    for name, person in world.people.items():
        client.force_login(person)
        answer = client.get(link[1])
        assert answer.status_code == (200 if name in SEE else 404), name
    client.force_login(world.leadership)
    answer = client.get(link[1])
    assert answer.content.startswith(b"%PDF")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    client.logout()
    assert client.get(link[1]).status_code == 302


def test_a_file_is_found_only_under_its_own_directive(world: World, client: Client) -> None:
    secret = world.issue(to=world.other)
    word = answer_directive(secret.pk, by=world.stranger, text="x", uploads=[pdf()])
    file = word.files.get()
    own = world.issue()
    client.force_login(world.reporter)
    assert client.get(f"{own.get_absolute_url()}tep/{file.pk}/").status_code == 404
    client.force_login(world.leadership)
    assert client.get(f"{own.get_absolute_url()}tep/{file.pk}/").status_code == 404
    assert client.get(f"{secret.get_absolute_url()}tep/{file.pk}/").status_code == 200


def test_a_refused_file_keeps_the_text_and_says_why(world: World, client: Client) -> None:
    directive = world.issue()
    client.force_login(world.reporter)
    answer = client.post(
        f"{directive.get_absolute_url()}tra-loi/", {"text": "Đã gõ", "files": pdf("a.exe")}
    )
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "chỉ nhận tệp" in html
    assert ">Đã gõ</textarea>" in html
    assert "hãy chọn lại tệp" in html
    assert not DirectiveAnswer.objects.exists()


def forms(html: str) -> set[str]:
    """The steps that the page offers."""
    return set(re.findall(r'action="/chi-dao/\d+/([a-z-]+)/"', html))


def test_everybody_gets_the_forms_of_what_they_may_do(world: World, client: Client) -> None:
    directive = world.issue()
    offered = {}
    for name in SEE:
        client.force_login(world.people[name])
        offered[name] = forms(main_of(client, directive.get_absolute_url()))
    assert offered == {
        "reporter": {"tra-loi"}, "approver": {"tra-loi"}, "viewer": set(), "coordinator": set(),
        "auditor": set(), "leadership": {"ket-thuc", "rut"},
    }  # fmt: skip
    answer_directive(directive.pk, by=world.reporter, text="x")
    client.force_login(world.leadership)
    assert forms(main_of(client, directive.get_absolute_url())) == {"ket-thuc", "rut", "hoi-them"}
    close_directive(directive.pk, by=world.leadership)
    assert forms(main_of(client, directive.get_absolute_url())) == {"hoi-them"}
    client.force_login(world.reporter)
    assert forms(main_of(client, directive.get_absolute_url())) == set()


def test_leadership_asks_again_closes_and_withdraws(world: World, client: Client) -> None:
    directive = world.issue()
    path = directive.get_absolute_url()
    word = answer_directive(directive.pk, by=world.reporter, text="x")
    client.force_login(world.leadership)
    again = {"text": "Thêm", "due_on": "2026-12-24", "seen": word.pk}
    assert client.post(f"{path}hoi-them/", again).status_code == 302
    assert "hạn mới 24/12/2026" in main_of(client, path)
    assert client.post(f"{path}ket-thuc/", {"seen": directive.answers.last().pk}).status_code == 302  # type: ignore[union-attr]
    other = world.issue(text="Nhầm")
    path = other.get_absolute_url()
    assert client.post(f"{path}rut/", {"text": "", "seen": 0}).status_code == 422
    assert client.post(f"{path}rut/", {"text": "Nhầm", "seen": 0}).status_code == 302
    states = set(Directive.objects.values_list("state", flat=True))
    assert states == {"closed", "withdrawn"}


def test_an_answer_that_came_meanwhile_is_shown_before_leadership_closes(
    world: World, client: Client
) -> None:
    directive = world.issue()
    answer_directive(directive.pk, by=world.reporter, text="Câu trả lời mới")
    client.force_login(world.leadership)
    answer = client.post(f"{directive.get_absolute_url()}ket-thuc/", {"seen": 0, "text": "Đã gõ"})
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "Có ý kiến mới" in html
    assert "Câu trả lời mới" in html
    assert ">Đã gõ</textarea>" in html


@pytest.mark.parametrize("step", ["tra-loi", "ket-thuc", "rut", "hoi-them"])
def test_steps_are_taken_by_post_and_by_those_who_may(
    world: World, client: Client, step: str
) -> None:
    directive = world.issue()
    path = f"{directive.get_absolute_url()}{step}/"
    client.force_login(world.viewer)
    assert client.get(path).status_code == 405
    assert client.post(path, {"text": "x"}).status_code == 403
    client.force_login(world.stranger)
    assert client.post(path, {"text": "x"}).status_code == 404
    client.logout()
    assert client.post(path, {"text": "x"}).status_code == 302
    assert not DirectiveAnswer.objects.exists()


def test_a_late_answer_is_marked(world: World, client: Client) -> None:
    directive = world.issue()
    Directive.objects.filter(pk=directive.pk).update(due_on=TODAY - dt.timedelta(days=1))
    answer_directive(directive.pk, by=world.reporter, text="x")
    client.force_login(world.leadership)
    html = main_of(client, directive.get_absolute_url())
    assert "trả lời muộn" in html
    assert "quá hạn" not in html  # it is not late any more


def test_the_text_is_escaped(world: World, client: Client) -> None:
    directive = world.issue(text="<script>x</script> & <b>")
    client.force_login(world.leadership)
    for path in (LIST, directive.get_absolute_url()):
        html = main_of(client, path)
        assert "<script>x" not in html
        assert "&lt;script&gt;x" in html


def test_the_pages_in_english(world: World, client: Client) -> None:
    Target.objects.filter(pk=world.target.pk).update(kind="milestone", operator="", threshold=None)
    directive = world.issue(text="Vì sao?")
    client.cookies["django_language"] = "en"
    client.force_login(world.leadership)
    html = main_of(client, directive.get_absolute_url())
    assert "Bộ Mới en" in html
    assert '<div class="text" lang="vi">' in html


def test_leadership_asks_from_the_review_of_a_report(world: World, client: Client) -> None:
    duty = make(ReportingDuty, collector=world.own)
    report = make(Report, organisation=world.own, cycle=make(ReportingCycle, duty=duty))
    make(Directive, report=report, target=None, addressee=world.own, text="Giải trình báo cáo")
    path = f"/bao-cao/{report.pk}/xem-xet/"
    link = f'href="/chi-dao/moi/?report={report.pk}"'
    for name in ("leadership", "coordinator", "reporter"):
        client.force_login(world.people[name])
        html = main_of(client, path)
        assert "Giải trình báo cáo" in html
        assert (link in html) is (name == "leadership")
