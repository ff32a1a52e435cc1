"""Where a pull may go: every way in that people try, against a real server that must not be met."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from targets.sources.contract import Request, SourceError
from targets.sources.network.egress import EgressRules, Standing, standing_of
from targets.sources.network.fetching import Limits
from tests.sources.servers import Server, answer, redirect
from tests.sources.visiting import LOOPBACK, content, failed, fetcher, source_at

BODY = b"[1]"
Found = list[tuple[object, ...]]


def _found(*addresses: str, port: int) -> Found:
    """What a resolver answers."""
    return [
        (socket.AF_INET6 if ":" in one else socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port))
        for one in addresses
    ]


def _resolver(*answers: tuple[str, ...], asked: list[str] | None = None) -> Callable[..., Found]:
    """Each look-up has its own answer, the last one again and again."""
    count = iter(range(10**6))

    def look_up(host: str, port: int, **_: object) -> Found:
        if asked is not None:
            asked.append(host)
        return _found(*answers[min(next(count), len(answers) - 1)], port=port)

    return look_up


# Which address is what.


@pytest.mark.parametrize(
    ("address", "standing"),
    [
        ("8.8.8.8", "public"),
        ("203.162.4.190", "public"),  # Vietnam
        ("172.32.0.1", "public"),
        ("2001:ee0::1", "public"),  # Vietnam
        ("2606:4700::1111", "public"),
        ("127.0.0.1", "private"),
        ("127.255.255.254", "private"),
        ("10.0.0.1", "private"),
        ("172.31.255.255", "private"),
        ("192.168.1.1", "private"),
        ("100.64.0.1", "private"),
        ("::1", "private"),
        ("fd12:3456::1", "private"),
        ("0.0.0.0", "never"),  # noqa: S104
        ("0.1.2.3", "never"),
        ("169.254.169.254", "never"),
        ("100.100.100.200", "never"),
        ("168.63.129.16", "never"),
        ("192.0.0.192", "never"),
        ("198.18.0.1", "never"),
        ("224.0.0.1", "never"),
        ("239.255.255.255", "never"),
        ("240.0.0.1", "never"),
        ("255.255.255.255", "never"),
        ("::", "never"),
        ("::ffff:8.8.8.8", "never"),
        ("::ffff:127.0.0.1", "never"),
        ("::127.0.0.1", "never"),
        ("fe80::1", "never"),
        ("fec0::1", "never"),
        ("ff02::1", "never"),
        ("fd00:ec2::254", "never"),
        ("2001::1", "never"),
        ("2001:db8::1", "never"),
        ("2002:7f00:1::", "never"),
        ("64:ff9b::8.8.8.8", "public"),
        ("64:ff9b::127.0.0.1", "private"),
        ("64:ff9b::169.254.169.254", "never"),
        ("64:ff9b:1::1", "never"),
        ("4000::1", "never"),
    ],
)
def test_addresses_are_what_they_are(address: str, standing: Standing) -> None:
    assert standing_of(ipaddress.ip_address(address)) == standing


def _naive(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether anybody may have it, as the standard library sees it, IPv4 inside taken out."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped or address.teredo or address.sixtofour or int(address) < 2**32:
            return False
        if address in ipaddress.ip_network("64:ff9b::/96"):
            return _naive(ipaddress.IPv4Address(address.packed[-4:]))
        if address.is_site_local:
            return False
    return address.is_global and not (
        address.is_multicast
        or address.is_reserved
        or address.is_unspecified
        or address.is_loopback
        or address.is_link_local
        or address.is_private
    )


# Refused although the standard library of some or of every version calls them anybody's.
_STRICTER = [
    ipaddress.ip_network(text)
    for text in (
        "100.64.0.0/10",
        "168.63.129.16/32",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "64:ff9b::/96",  # by what is inside
        "2001::/23",
        "3fff::/20",
    )
]
_EDGES = [
    *_STRICTER,
    *(
        ipaddress.ip_network(text)
        for text in (
            *("0.0.0.0/8", "10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
            *("192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24"),
            *("203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "::/96", "::ffff:0:0/96"),
            *("100::/64", "2001:db8::/32", "2002::/16", "2000::/3", "fc00::/7", "fe80::/10"),
            *("fec0::/10", "ff00::/8", "64:ff9b:1::/48"),
        )
    ),
]


@st.composite
def _addresses(draw: st.DrawFn) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Any, or one in or just outside of a network that is something special."""
    if draw(st.booleans()):
        return draw(st.ip_addresses())
    network = draw(st.sampled_from(_EDGES))
    first, last = int(network.network_address), int(network.broadcast_address)
    near = [first - 1, first, first + 1, last - 1, last, last + 1]
    number = draw(st.sampled_from(near) | st.integers(first, last))
    largest = 2**network.max_prefixlen - 1
    kind = ipaddress.IPv4Address if network.version == 4 else ipaddress.IPv6Address
    return kind(min(max(number, 0), largest))


@given(address=_addresses())
def test_public_is_public_by_the_standard_library_too(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    if standing_of(address) == "public":
        assert _naive(address)
    elif _naive(address):
        unassigned = address.version == 6 and address not in ipaddress.ip_network("2000::/3")
        assert unassigned or any(address in network for network in _STRICTER)


@given(address=_addresses())
def test_only_what_is_private_can_be_listed(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    rules = EgressRules([], ["0.0.0.0/0", "::/0"])
    if standing_of(address) == "never":
        with pytest.raises(SourceError):
            rules.check_address("data.example", str(address))
    else:
        rules.check_address("data.example", str(address))


# Which host is listed.


@pytest.mark.parametrize(
    ("host", "port", "reason"),
    [
        ("data.example", 443, None),
        ("data.example", 80, None),
        ("DATA.example.", 443, None),
        ("data.example", 8443, "port"),
        ("other.example", 443, "host"),
        ("xdata.example", 443, "host"),
        ("x.data.example", 443, "host"),
        ("pxweb.gso.gov.vn", 443, None),
        ("a.b.gso.gov.vn", 80, None),
        ("gso.gov.vn", 443, "host"),
        ("evilgso.gov.vn", 443, "host"),
        ("gso.gov.vn.evil.example", 443, "host"),
        ("lgsp.example", 8443, None),
        ("lgsp.example", 443, "port"),
        ("::1", 8080, None),
        ("[0:0::1]", 8080, None),
        ("", 443, "form"),
    ],
)
def test_a_host_is_listed_with_its_port(host: str, port: int, reason: str | None) -> None:
    rules = EgressRules(
        ["data.example", "*.gso.gov.vn", "lgsp.example:8443", "[::1]:8080"], ["10.0.0.0/8"]
    )
    if reason is None:
        rules.check_host(host, port)
        return
    with pytest.raises(SourceError) as caught:
        rules.check_host(host, port)
    assert (caught.value.outcome, caught.value.detail["reason"]) == ("refused-address", reason)


@pytest.mark.parametrize("wrong", ["*", "*.*", "https://a.vn", "a.vn/x", "a b", "a.vn:", "số.vn"])
def test_what_is_no_host_cannot_be_listed(wrong: str) -> None:
    with pytest.raises(ValueError, match="not a host"):
        EgressRules([wrong])


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://data.example/", "scheme"),
        ("file:///etc/passwd", "scheme"),
        ("gopher://data.example/", "scheme"),
        ("https://me@data.example/", "userinfo"),
        ("https://me:secret@data.example/", "userinfo"),
        ("https://data.example:0/", "port"),
        ("https://data.example@evil.example/", "userinfo"),
        ("https://data%2eexample/", "host"),
        ("https:///x", "form"),
    ],
)
def test_an_address_is_plain(url: str, reason: str) -> None:
    with pytest.raises(SourceError) as caught:
        EgressRules(["data.example"]).check_url(httpx.URL(url))
    assert (caught.value.outcome, caught.value.detail["reason"]) == ("refused-address", reason)
    assert "secret" not in str(caught.value)


# Against a server that is there.

_DISGUISES = [
    "2130706433",  # 127.0.0.1 as one number
    "0x7f000001",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "127.1",
    "127.0.1",
    "127.0.0.01",
    "127.0.0.1.",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[::1]",
    "[::]",
    "0.0.0.0",  # noqa: S104
    "0",
    "localhost",
    "me@127.0.0.1",
    "127.0.0.1%2f",
    "１２７.０.０.１",
    "①②⑦.0.0.1",
    "127。0。0。1",
]


@pytest.mark.django_db
@pytest.mark.parametrize("host", _DISGUISES)
@pytest.mark.parametrize("by", ["address", "redirect"])
def test_a_disguise_is_not_a_listed_host(tmp_path: Path, host: str, by: str) -> None:
    with Server({"/": [answer(BODY)]}) as inner, Server({"/": []}) as outer:
        led = f"http://{host}:{inner.port}/"
        outer.answers = {"/": [redirect(led)]}
        rules = EgressRules([outer.host, "data.example"], [LOOPBACK])
        with fetcher(source_at(outer), tmp_path, rules=rules) as fetch:
            error = failed(fetch, led if by == "address" else outer.url())
        assert inner.connections == 0
    assert error.outcome == "refused-address"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "host",
    [host for host in _DISGUISES if re.fullmatch(r"[a-z0-9.]+[a-z0-9]|\[.+\]|0", host)],
)
def test_a_disguise_that_is_listed_is_still_judged(tmp_path: Path, host: str) -> None:
    """No number of another form, and no address that is not public, whatever the list says."""
    with Server({"/": [answer(BODY)]}) as server:
        rules = EgressRules([f"{host}:{server.port}"], [])
        with fetcher(source_at(server), tmp_path, rules=rules) as fetch:
            error = failed(fetch, f"http://{host}:{server.port}/")
        assert server.connections == 0
    assert error.outcome == "refused-address"
    assert error.detail["reason"] in {"form", "address"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("to", "reason"),
    [
        ("http://169.254.169.254/latest/meta-data/", "host"),
        ("http://10.0.0.1/", "host"),
        ("http://127.0.0.1:1/", "port"),
        ("//127.0.0.1:1/", "port"),
        ("ftp://127.0.0.1/", "scheme"),
        ("file:///etc/passwd", "scheme"),
        ("javascript:alert(1)", "scheme"),
        ("http://me:secret@127.0.0.1/", "userinfo"),
        ("http://[::1/", "form"),
        ("http://metadata.example/", "address"),
        ("http://inside.example/", "address"),
    ],
)
def test_a_redirect_is_judged_as_an_address_is(tmp_path: Path, to: str, reason: str) -> None:
    def look_up(host: str, port: int, **_: object) -> Found:
        names = {"metadata.example": "169.254.169.254", "inside.example": "10.0.0.1"}
        return _found(names.get(host, host), port=port)

    with Server({"/": [redirect(to)]}) as server:
        rules = EgressRules([server.host, "metadata.example", "inside.example"], [LOOPBACK])
        with fetcher(source_at(server), tmp_path, rules=rules, resolver=look_up) as fetch:
            error = failed(fetch, server.url())
        assert len(server.asked) == 1
    assert (error.outcome, error.detail["reason"]) == ("refused-address", reason)
    assert "secret" not in str(error)


@pytest.mark.django_db
def test_the_checked_address_is_what_is_connected_to(tmp_path: Path) -> None:
    """The name is no name at all to this machine: only our look-up's answer can have been used."""
    asked: list[str] = []
    with Server({"/": [answer(BODY)]}) as server:
        rules = EgressRules([f"data.invalid:{server.port}"], [LOOPBACK])
        resolver = _resolver(("127.0.0.1",), asked=asked)
        with fetcher(source_at(server), tmp_path, rules=rules, resolver=resolver) as fetch:
            body = fetch(Request(server.url(host="data.invalid")))
        assert content(body) == BODY
        assert server.asked[0].headers["host"] == f"data.invalid:{server.port}"
    assert asked == ["data.invalid"]


@pytest.mark.django_db
def test_a_name_that_changes_its_mind_gains_nothing(tmp_path: Path) -> None:
    """Rebinding: one look-up for a connection; the next connection's answer is judged anew."""
    asked: list[str] = []
    with Server({"/": [answer(BODY, close=False), answer(BODY)]}) as server:
        rules = EgressRules([f"data.invalid:{server.port}"], [LOOPBACK])
        resolver = _resolver(("127.0.0.1",), ("169.254.169.254",), asked=asked)
        url = server.url(host="data.invalid")
        with fetcher(source_at(server), tmp_path, rules=rules, resolver=resolver) as fetch:
            fetch(Request(url))
            fetch(Request(url))
            assert (len(asked), server.connections) == (1, 1)
            error = failed(fetch, url)
        assert (len(asked), server.connections) == (2, 1)
    assert error.detail == {
        "reason": "address",
        "host": "data.invalid",
        "address": "169.254.169.254",
    }


@pytest.mark.django_db
@pytest.mark.parametrize("others", [("10.0.0.1",), ("8.8.8.8", "::ffff:127.0.0.1")])
def test_one_bad_address_among_good_ones_is_enough(tmp_path: Path, others: tuple[str, ...]) -> None:
    with Server({"/": [answer(BODY)]}) as server:
        rules = EgressRules([f"data.invalid:{server.port}"], [LOOPBACK])
        resolver = _resolver(("127.0.0.1", *others))
        with fetcher(source_at(server), tmp_path, rules=rules, resolver=resolver) as fetch:
            error = failed(fetch, server.url(host="data.invalid"))
        assert server.connections == 0
    assert (error.outcome, error.detail["reason"]) == ("refused-address", "address")


@pytest.mark.django_db
def test_the_next_address_is_tried_where_nobody_answers(tmp_path: Path) -> None:
    with Server({"/": [answer(BODY)]}) as server:
        rules = EgressRules([f"data.invalid:{server.port}"], [LOOPBACK, "::1/128"])
        resolver = _resolver(("::1", "127.0.0.1"))
        with fetcher(source_at(server), tmp_path, rules=rules, resolver=resolver) as fetch:
            assert content(fetch(Request(server.url(host="data.invalid")))) == BODY
    assert fetch.retries == 0


@pytest.mark.django_db
def test_a_name_without_an_address(tmp_path: Path) -> None:
    with Server({"/": [answer(BODY)]}) as server:
        rules = EgressRules([f"data.invalid:{server.port}"], [LOOPBACK])
        limits = Limits(tries=1)
        with fetcher(
            source_at(server), tmp_path, rules=rules, limits=limits, resolver=_resolver(())
        ) as fetch:
            error = failed(fetch, server.url(host="data.invalid"))
    assert error.outcome == "no-answer"
