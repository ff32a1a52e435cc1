"""The coordinator's review of held values: filters, many at once, all or nothing, twice is once."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dashboard.presenters.sources import held as presenter
from targets.models import HeldValue, Observation, OrganisationName
from tests.factory import make
from tests.pages.reading import page, text
from tests.sources.known import World, coordinator, make_world

pytestmark = pytest.mark.django_db
PATH = "/nguon-so-lieu/cho-xem-xet/"
DECIDE = f"{PATH}quyet-dinh/"


@pytest.fixture
def world() -> World:
    made = make_world(trust="review", name_vi="Nguồn A", slug="nguon-a")
    make(OrganisationName, organisation=made.country, name_vi="Cả nước", short_vi="Cả nước")
    make(OrganisationName, organisation=made.province, name_vi="Tỉnh A", short_vi="Tỉnh A")
    return made


@pytest.fixture
def person(client: Client) -> User:
    user = coordinator()
    client.force_login(user)
    return user


def ids(**which: Any) -> list[int]:
    return list(HeldValue.objects.filter(**which).order_by("pk").values_list("pk", flat=True))


def states() -> list[str]:
    return list(HeldValue.objects.order_by("pk").values_list("state", flat=True))


def decide(client: Client, decision: str, **form: Any) -> Any:
    return client.post(DECIDE, {"decision": decision, **form}, follow=True)


def test_nothing_waits(client: Client, person: User) -> None:
    assert "Không có số nào chờ xem xét" in text(client, PATH)
    assert "Bỏ bộ lọc" in text(client, f"{PATH}?source=khong-co")


def test_the_two_values_stand_side_by_side_with_every_reason(
    client: Client, world: World, person: User
) -> None:
    make(Observation, series=world.share, organisation=world.country, period="2024", value=40)
    make(Observation, series=world.share, organisation=world.country, period="2023", value=38)
    world.pull(
        world.row("2024", "70", vintage="2026-11", published_on="2026-11-01"),
        world.row("2025", "120"),
    )
    said = text(client, PATH).replace("\u00a0", " ")
    assert "2 số chờ bạn xem xét" in said
    assert "Đang công bố 40" in said
    assert "Số mới 70" in said
    assert "Chênh lệch +30 điểm phần trăm" in said
    assert "Kỳ trước 38" in said
    assert "công bố 01/11/2026; ấn bản 2026-11" in said
    assert "Nguồn này luôn được xem xét trước khi công bố." in said
    assert "Khác giá trị đang công bố, vốn đã được duyệt." in said
    assert "của kỳ trước; bình thường không quá 15 điểm phần trăm." in said
    assert "Ngoài khoảng hợp lý, từ 0 đến 100." in said


def test_filters(client: Client, world: World, person: User) -> None:
    other = make_world(trust="automatic", name_vi="Nguồn B", slug="nguon-b")
    world.pull(world.row("2024", "50"), world.row("2025", "49", organisation=world.province.pk))
    other.pull(other.row("2024", "150"))
    code = other.share.indicator.code
    for query, count in (
        ("", 3), ("source=nguon-a", 2), ("reason=range", 1), ("reason=trust", 2),
        (f"indicator={code}", 1), ("source=nguon-a&reason=range", 0), ("reason=khong", 3),
        (f"run={HeldValue.objects.filter(data_source=other.source).get().run_id}", 1),
    ):  # fmt: skip
        assert page(client, f"{PATH}?{query}").count('name="value"') == count, query


def test_ticked_values_are_accepted_and_the_rest_waits(
    client: Client, world: World, person: User
) -> None:
    world.pull(world.row("2023", "49"), world.row("2024", "50"), world.row("2025", "51"))
    answer = decide(client, "accept", value=ids()[:2], source="nguon-a")
    assert answer.redirect_chain[-1][0] == f"{PATH}?source=nguon-a"
    assert "Đã chấp nhận và công bố 2 số." in answer.content.decode()
    assert states() == ["accepted", "accepted", "waiting"]
    assert Observation.objects.count() == 2


def test_all_of_the_filter_means_those_that_were_there(
    client: Client, world: World, person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presenter, "ON_A_PAGE", 2)
    other = make_world(trust="review", slug="nguon-b")
    world.pull(*(world.row(str(year), str(40 + year - 2000)) for year in range(2010, 2015)))
    other.pull(other.row("2024", "50"))
    html = page(client, f"{PATH}?source=nguon-a")
    assert "Cả 5 số khớp bộ lọc, trên mọi trang" in html
    newest = html.partition('name="newest" value="')[2].partition('"')[0]
    world.pull(world.row("2020", "60"))  # came since the page was drawn
    answer = decide(client, "refuse", all="1", newest=newest, source="nguon-a", note="sai nguồn")
    assert "Đã từ chối 5 số" in answer.content.decode()
    assert HeldValue.objects.filter(state="refused", decision_note="sai nguồn").count() == 5
    assert HeldValue.objects.filter(state="waiting").count() == 2


def test_a_refusal_needs_a_reason_and_a_decision_needs_a_value(
    client: Client, world: World, person: User
) -> None:
    world.pull(world.row("2024", "50"))
    (one,) = ids()
    answer = client.post(DECIDE, {"decision": "refuse", "value": one, "note": "  "})
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "Từ chối cần lý do" in html
    assert f'value="{one}" data-group' in html
    assert html.count(" checked") == 1
    answer = client.post(DECIDE, {"decision": "accept", "note": "đã gõ", "value": "x"})
    assert answer.status_code == 422
    assert "Chưa chọn số nào" in answer.content.decode()
    assert "đã gõ</textarea>" in answer.content.decode()
    assert states() == ["waiting"]


def test_one_that_cannot_be_decided_is_named_and_nothing_changes(
    client: Client, world: World, person: User
) -> None:
    world.pull(world.row("2023", "49"), world.row("2024", "50"), world.row("2025", "51"))
    first, second, _third = ids()
    colleague = coordinator()
    other = Client()
    other.force_login(colleague)
    decide(other, "accept", value=[first])
    decide(other, "refuse", value=[second], note="trùng")
    answer = client.post(DECIDE, {"decision": "accept", "value": ids(), "note": "ổn"})
    assert answer.status_code == 409
    said = " ".join(answer.content.decode().split())
    assert "Chưa có gì thay đổi." in said
    assert f"{world.share.indicator.name_vi}, Cả nước, 2023</b>: đã chấp nhận:" in said
    assert "2024</b>: đã từ chối:" in said
    assert "“trùng”" in said
    assert states() == ["accepted", "refused", "waiting"]
    assert "ổn</textarea>" in said


def test_a_value_whose_standing_one_was_replaced_is_pointed_out(
    client: Client, world: World, person: User
) -> None:
    standing = make(Observation, series=world.share, organisation=world.country, value=40)
    world.pull(world.row("2024", "45"))
    now = HeldValue.objects.get().held_at
    Observation.objects.filter(pk=standing.pk).update(superseded_at=now)
    make(Observation, series=world.share, organisation=world.country, value=41)
    assert "đã đổi từ khi số này được giữ" in text(client, PATH)
    answer = client.post(DECIDE, {"decision": "accept", "value": ids()})
    assert answer.status_code == 409
    assert "giá trị đang công bố đã đổi" in answer.content.decode()
    assert states() == ["waiting"]


def test_the_same_form_twice_is_one_decision(client: Client, world: World, person: User) -> None:
    world.pull(world.row("2024", "50"))
    form = {"value": ids()}
    decide(client, "accept", **form)
    answer = decide(client, "accept", **form)
    assert answer.status_code == 200
    assert "không có gì làm hai lần" in answer.content.decode()
    assert Observation.objects.count() == 1
    # Another decision on the same values is not the same form.
    assert decide(client, "refuse", **form, note="thôi").status_code == 409


def test_queries_do_not_grow_with_the_values(client: Client, world: World, person: User) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            page(client, PATH)
        return len(queries)

    world.pull(world.row("2024", "50"), world.row("2025", "50", organisation=world.province.pk))
    page(client, PATH)
    few = count()
    world.pull(*(world.row(str(year), "50") for year in range(1960, 2020)))
    assert count() == few <= 16


def test_only_the_coordinator_decides(client: Client, world: World) -> None:
    world.pull(world.row("2024", "50"))
    from tests.sources.test_pages_list import signed_in

    signed_in(client, "leadership")
    answer = client.get(PATH)
    assert answer.status_code == 403
    assert "Chỉ điều phối quyết định" in answer.content.decode()
    assert decide(client, "accept", value=ids()).status_code == 403
    assert states() == ["waiting"]
