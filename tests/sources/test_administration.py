"""The administrator's pages of sources: who gets in, what is told where, what follows."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django_celery_beat.models import PeriodicTask
from pydantic import BaseModel, Field
from pydantic import ValidationError as Wrong
from pytest_django.fixtures import Settings

from dashboard.administration.source_examples import EXAMPLES
from dashboard.administration.wrongs import sentences_of
from targets.models import (
    DataSource,
    Indicator,
    Organisation,
    Role,
    Series,
    SeriesMapping,
    SourceRun,
    SystemRole,
    Unit,
)
from targets.sources.adapters.json_service import JsonOptions
from targets.sources.adapters.registry import adapter_of
from targets.sources.reading.describing import Mapping_, read_where
from tests.factory import make
from tests.pages.reading import words

LIST = "/quan-tri/targets/datasource/"
ADD = f"{LIST}add/"
MAPPING = {"area": {"constant": "VN"}, "period": {"field": "nam", "form": "year"}}
JSON = {"rows": "duLieu"}


def person(role: Role, username: str = "can-bo") -> User:
    user = User.objects.create_user(username, f"{username}@bo.example")
    make(SystemRole, user=user, role=role)
    return user


@pytest.fixture
def administrator(client: Client, db: None) -> User:
    user = person(Role.ADMINISTRATOR, "quan-tri")
    client.force_login(user)
    return user


@pytest.fixture
def series(db: None) -> Series:
    make(Organisation, code="VN", kind="country")
    unit = make(Unit, code="vnd_million", kind="money")
    return make(Series, indicator=make(Indicator, unit=unit))


def form(*mappings: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """What the page posts for a source with these series."""
    answers = {
        "name_vi": "Nguồn thử", "name_en": "Trial", "slug": "nguon-thu", "adapter": "json",
        "address": "https://lgsp.example.gov.vn/số liệu", "options": json.dumps(JSON),
        "mapping": json.dumps(MAPPING), "schedule": "", "trust": "review", "owner": "",
        "licence": "", "credential": "", "credential_name": "", "most_bytes": "1000000",
        "mappings-TOTAL_FORMS": str(len(mappings)),
        "mappings-INITIAL_FORMS": str(sum("id" in mapping for mapping in mappings)),
    }  # fmt: skip
    for number, mapping in enumerate(mappings):
        one = {"value_field": "giaTri", "where": "", "unit": "", **mapping}
        answers |= {f"mappings-{number}-{name}": str(value) for name, value in one.items()}
    return answers | fields


def told(client: Client, answers: dict[str, Any], path: str = ADD) -> dict[str, list[str]]:
    """The errors of a form, by field; of a series by its field alone."""
    answer = client.post(path, answers)
    assert answer.status_code == 200, "it was saved"
    found = {name: list(said) for name, said in answer.context["adminform"].form.errors.items()}
    for formset in answer.context["inline_admin_formsets"]:
        for errors in formset.formset.errors:
            found |= {name: list(said) for name, said in errors.items()}
        if formset.formset.non_form_errors():
            found["series"] = list(formset.formset.non_form_errors())
    page = words(answer.content.decode())
    assert all(words(sentence) in page for said in found.values() for sentence in said)
    return found


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.LEADERSHIP, Role.AUDITOR])
def test_others_are_refused(client: Client, db: None, role: Role) -> None:
    client.force_login(person(role))
    source = make(DataSource)
    for path in (LIST, ADD, f"{LIST}{source.pk}/change/"):
        assert client.get(path).status_code == 403
    assert client.post(f"{LIST}{source.pk}/thu/").status_code == 403
    assert not SourceRun.objects.exists()


def test_a_superuser_without_the_role_edits_no_source(client: Client, db: None) -> None:
    client.force_login(User.objects.create_superuser("goc"))
    assert client.get(LIST).status_code == 403
    assert client.post(f"{LIST}{make(DataSource).pk}/thu/").status_code == 403


def test_a_source_that_is_switched_on_is_scheduled(
    client: Client, administrator: User, series: Series
) -> None:
    mapping = {"series": series.pk, "where": '{"ma": ["A", 2]}', "unit": "vnd_billion"}
    answers = form(mapping, schedule=" 30  6 * * * ", enabled="on")
    answer = client.post(ADD, answers, follow=True)
    source = DataSource.objects.get()
    assert (source.options, source.mapping, source.schedule) == (JSON, MAPPING, "30 6 * * *")
    assert source.address == "https://lgsp.example.gov.vn/số liệu"
    made = source.mappings.get()
    assert (made.where, made.unit, made.value_field) == ({"ma": ["A", 2]}, "vnd_billion", "giaTri")
    task = PeriodicTask.objects.get(name="source:nguon-thu")
    assert (task.enabled, json.loads(task.args)) == (True, [source.pk])
    assert (task.crontab.minute, task.crontab.hour) == ("30", "6")
    assert "chưa nằm trong danh sách được phép" in words(answer.content.decode())

    changed = {"series": series.pk, "id": made.pk, "data_source": source.pk}
    client.post(f"{LIST}{source.pk}/change/", form(changed, schedule="30 6 * * *"))
    assert not PeriodicTask.objects.filter(name="source:nguon-thu").exists()


def test_an_allowed_host_raises_no_doubt_and_a_secret_is_only_named(
    client: Client, administrator: User, series: Series, settings: Settings
) -> None:
    settings.PULL_HOSTS = ["lgsp.example.gov.vn"]
    credential = {"credential": "bearer", "credential_name": "lgsp-bo"}
    answer = client.post(ADD, form(**credential), follow=True)
    assert [message.level_tag for message in answer.context["messages"]] == ["success"]
    assert DataSource.objects.get().credential_name == "lgsp-bo"


@pytest.mark.parametrize(
    ("field", "written", "sentence"),
    [
        ("slug", "cho-xem-xet", "Mã này hệ thống đã dùng vào việc khác. Hãy chọn mã khác."),
        ("slug", "gui-most", "Mã này hệ thống đã dùng vào việc khác. Hãy chọn mã khác."),
        ("adapter", "push", None),
        ("address", "ftp://a.vn/x", "Địa chỉ phải bắt đầu bằng https:// hoặc http://."),
        ("address", "https://", "Địa chỉ phải bắt đầu bằng https:// hoặc http://."),
        ("address", "https://[x", "Không đọc được địa chỉ này."),
        ("address", "https://a:b@c.vn/", "Bỏ tên và mật khẩu khỏi địa chỉ; dùng “Cách xác thực”."),
        (
            "address",
            "https://a.vn/?q=1&api_key=2",
            "“api_key” trong địa chỉ giống như một bí mật; dùng “Cách xác thực” thay vào.",
        ),
        ("options", '{"row": "x"}', "“row”: không có mục nào tên như vậy."),
        ("options", '{"page": {}}', "“page.parameter”: thiếu mục này."),
        ("options", '{"most_pages": 0}', "“most_pages”: phải từ 1 trở lên."),
        (
            "options",
            '{"next": "a", "page": {"parameter": "p"}}',
            "Chỉ dùng một trong hai mục “next” và “page”.",
        ),
        (
            "options",
            '{\n  “rows”: "x"\n}',
            'Dòng 2, cột 3: chưa đúng cú pháp JSON. Dùng dấu ngoặc kép thẳng (").',
        ),
        (
            "options",
            '{"rows": "x",}',
            "Dòng 1, cột 14: chưa đúng cú pháp JSON. Bỏ dấu phẩy trước dấu đóng ngoặc.",
        ),
        ("options", '["rows"]', "Phải là các cặp tên và giá trị trong dấu { }."),
        ("options", '{"rows": NaN}', "Không dùng được NaN."),
        (
            "options",
            '{"rows": "a", "rows": "b"}',
            "Mục “rows” được viết hai lần trong cùng một cặp dấu { }.",
        ),
        ("options", '{"rows": "\\u0000"}', "Có ký tự không lưu được."),
        ("options", '{"rows": "\\ud800"}', "Có ký tự không lưu được."),
        ("options", "[" * 5000, "Quá nhiều lớp lồng nhau hoặc số quá dài."),
        ("mapping", "", "“area”: thiếu mục này."),
        (
            "mapping",
            '{"area": {"constant": "XX"}, "period": {"field": "nam"}}',
            "Không có cơ quan, địa phương nào mang mã XX.",
        ),
        (
            "mapping",
            '{"area": {"field": "x"}, "period": {"field": "nam"}}',
            "“area”: “field” đi cùng đúng một trong ba mục “codes”, “scheme”, “names”; “constant” "
            "đứng riêng.",
        ),
        ("schedule", "30 6 * *", None),
        ("schedule", "0 0 31 2 *", None),
        ("most_bytes", "0", "Từ 1 đến 1000000000 byte."),
        ("credential_name", "lgsp", None),
    ],
)
def test_what_is_wrong_is_told_at_its_field(
    client: Client,
    administrator: User,
    series: Series,
    *,
    field: str,
    written: str,
    sentence: str | None,
) -> None:
    errors = told(client, form({"series": series.pk}, **{field: written}))
    place = "credential" if field == "credential_name" else field
    assert list(errors) == [place]
    assert sentence is None or sentence in errors[place]
    assert not DataSource.objects.exists()


@pytest.mark.parametrize(
    ("field", "written", "sentence"),
    [
        ("where", '{"ma": {"a": 1}}', "Mỗi trường đi với một chữ, một số hoặc một danh sách"),
        ("unit", "rank", "Không đổi được từ “thứ hạng” sang “triệu đồng”"),
        ("unit", "furlong", ""),
        ("numerator_field", "tu", "Tử số và mẫu số đi cùng nhau."),
        ("value_field", "", ""),
    ],
)
def test_what_is_wrong_with_a_series_is_told_at_its_field(
    client: Client, administrator: User, series: Series, *, field: str, written: str, sentence: str
) -> None:
    errors = told(client, form({"series": series.pk, field: written}))
    place = "denominator_field" if field == "numerator_field" else field
    assert list(errors) == [place]
    assert sentence in errors[place][0]


def test_a_ratio_is_in_the_unit_of_its_indicator(
    client: Client, administrator: User, series: Series
) -> None:
    ratio = {"numerator_field": "a", "denominator_field": "b", "unit": "vnd_billion"}
    errors = told(client, form({"series": series.pk, **ratio}))
    assert errors == {"unit": ["Có tử số và mẫu số thì không đổi đơn vị."]}


def test_a_source_that_is_on_has_a_series(client: Client, administrator: User) -> None:
    make(Organisation, code="VN", kind="country")
    errors = told(client, form(enabled="on"))
    assert errors == {"series": ["Nguồn đang bật cần ít nhất một chuỗi số liệu."]}


def test_trying_saves_nothing_and_leads_to_the_run(
    client: Client, administrator: User, series: Series
) -> None:
    source = make(DataSource, enabled=False, mapping=MAPPING)
    before = DataSource.objects.values().get()
    answer = client.post(f"{LIST}{source.pk}/thu/", {"name_vi": "khác"})
    run = SourceRun.objects.get()
    assert (run.kind, run.status, run.by) == ("trial", "waiting", administrator)
    assert answer.headers["Location"] == run.get_absolute_url()
    assert DataSource.objects.values().get() == before

    again = client.post(f"{LIST}{source.pk}/thu/", follow=True)
    assert again.redirect_chain[-1][0] == f"{LIST}{source.pk}/change/"
    assert "đang có một lượt chạy" in words(again.content.decode())
    assert client.get(f"{LIST}{source.pk}/thu/").status_code == 405
    assert client.post(f"{LIST}{source.pk + 1}/thu/").status_code == 404


def test_unsaved_changes_are_saved_before_they_are_tried(
    client: Client, administrator: User, series: Series
) -> None:
    answer = client.post(ADD, form({"series": series.pk}, _save_and_try="1"))
    run = SourceRun.objects.get()
    assert (run.kind, run.data_source.slug) == ("trial", "nguon-thu")
    assert answer.headers["Location"] == run.get_absolute_url()


def test_what_is_pushed_is_only_named_trusted_and_switched(
    client: Client, administrator: User
) -> None:
    source = make(DataSource, adapter="push", slug="gui-most")
    path = f"{LIST}{source.pk}/change/"
    page = words(client.get(path).content.decode())
    assert "do cơ quan tự gửi đến" in page
    assert "Lưu rồi thử" not in page
    said = {"name_vi": "Bộ gửi", "name_en": "A ministry", "trust": "automatic"}
    client.post(path, {**said, "address": "https://x.vn"})
    source.refresh_from_db()
    assert (source.name_vi, source.trust, source.address) == ("Bộ gửi", "automatic", "")
    assert client.post(f"{LIST}{source.pk}/thu/").status_code == 404


def test_the_list_switches_sources_on_and_off(
    client: Client, administrator: User, series: Series
) -> None:
    ready, empty = make(DataSource, schedule="0 7 * * 1"), make(DataSource)
    make(SeriesMapping, data_source=ready, series=series)
    chosen = {"_selected_action": [ready.pk, empty.pk]}
    answer = client.post(LIST, {"action": "switch_on", **chosen}, follow=True)
    assert list(DataSource.objects.filter(enabled=True)) == [ready]
    assert PeriodicTask.objects.filter(name=f"source:{ready.slug}").exists()
    said = [str(message) for message in answer.context["messages"]]
    assert said[0].startswith("1 nguồn chưa có chuỗi")
    client.post(LIST, {"action": "switch_off", **chosen})
    assert not DataSource.objects.filter(enabled=True).exists()
    assert not PeriodicTask.objects.filter(name=f"source:{ready.slug}").exists()


def test_the_list_says_how_the_last_run_ended(client: Client, administrator: User) -> None:
    source = make(DataSource, name_vi="Nguồn A", enabled=True, schedule="0 7 * * *")
    run = make(SourceRun, data_source=source, status="failed", outcome="timeout")
    make(SourceRun, data_source=source, kind="trial", status="succeeded")
    page = client.get(LIST).content.decode()
    assert "thất bại" in words(page)
    assert run.get_absolute_url() in page


def test_a_source_that_ran_is_not_deleted(client: Client, administrator: User) -> None:
    ran, never = make(DataSource), make(DataSource)
    make(SourceRun, data_source=ran)
    assert client.post(f"{LIST}{ran.pk}/delete/", {"post": "yes"}).status_code == 403
    client.post(f"{LIST}{never.pk}/delete/", {"post": "yes"})
    assert list(DataSource.objects.all()) == [ran]


@pytest.mark.parametrize("adapter", EXAMPLES)
def test_examples_are_what_they_say(adapter: str) -> None:
    example = EXAMPLES[adapter]
    adapter_of(adapter).options.model_validate(example.options)
    Mapping_.model_validate(example.mapping)
    read_where(example.where)


def test_every_way_that_is_pulled_has_an_example(client: Client, administrator: User) -> None:
    assert set(EXAMPLES) == set(DataSource.Adapter) - {DataSource.Adapter.PUSH}
    page = words(client.get(ADD).content.decode())
    assert all(words(example.address) in page for example in EXAMPLES.values())


class Tried(BaseModel):
    count: int | list[int] = 0
    letters: list[str] = Field(default=[], max_length=1)


@pytest.mark.parametrize(
    ("given", "sentences"),
    [
        ({"count": "x"}, ["“count”: phải là số nguyên hoặc phải là danh sách trong dấu [ ]."]),
        ({"letters": [1]}, ["“letters.1”: phải là chữ, trong dấu ngoặc kép."]),
        ({"letters": ["a", "b"]}, ["“letters”: không được quá 1 mục."]),
    ],
)
def test_places_are_named_as_people_count(given: dict[str, Any], sentences: list[str]) -> None:
    with pytest.raises(Wrong) as wrong:
        Tried.model_validate(given)
    assert sentences_of(wrong.value) == sentences


def test_an_expression_that_is_none_is_told_with_why() -> None:
    with pytest.raises(Wrong) as wrong:
        JsonOptions.model_validate({"rows": "a[?"})
    (sentence,) = sentences_of(wrong.value)
    assert sentence.startswith("“rows”: biểu thức JMESPath chưa đúng:")
