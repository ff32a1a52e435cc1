"""Where a pull may go: listed hosts and ports only, and never inside by a name that leads there.

A name is looked up once for a connection, every address it has is judged, and the connection goes
to the judged address itself: a name that answers differently a moment later changes nothing. TLS
and the Host header keep the name.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from typing import Any, Final, Literal

import httpcore
import httpx
from django.conf import settings

from targets.sources.contract import Outcome, SourceError

_IP = ipaddress.IPv4Address | ipaddress.IPv6Address
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network

#: `public`: anybody's; `private`: only where a network that holds it is listed; `never`: nobody
#: publishes there, or a cloud machine's own secrets do.
Standing = Literal["public", "private", "never"]
Resolver = Callable[..., Sequence[tuple[Any, ...]]]

_PORTS: Final = {"http": 80, "https": 443}
_HOST: Final = re.compile(
    r"(?P<any>\*\.)?(?P<name>\[[0-9a-f:.]+\]|[a-z0-9_-]+(?:\.[a-z0-9_-]+)*)(?::(?P<port>\d{1,5}))?"
)
#: A last label like these is a number to a resolver (127.1, 0x7f.1), whatever stands before it.
_NUMERIC: Final = re.compile(r"(?:.*\.)?(?:\d+|0x[0-9a-f]*)\.?", re.IGNORECASE)


def _networks(*texts: str) -> tuple[_Network, ...]:
    return tuple(ipaddress.ip_network(text) for text in texts)


# IANA's registries of special-purpose addresses, written out: what the standard library makes of
# them differs between versions of Python.
_PRIVATE: Final = _networks(
    "10.0.0.0/8",
    "100.64.0.0/10",  # carriers' translation
    "127.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "::1/128",
    "fc00::/7",
)
_METADATA: Final = _networks(
    "100.100.100.200/32",  # Alibaba
    "168.63.129.16/32",  # Azure; a public address
    "fd00:ec2::254/128",  # Amazon
    "fd20:ce::254/128",  # Google
)
_NEVER: Final = (
    *_METADATA,
    *_networks(
        "0.0.0.0/8",
        "169.254.0.0/16",  # link-local, with most clouds' metadata at 169.254.169.254
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",
        "2001::/23",  # protocol assignments, Teredo among them
        "2001:db8::/32",
        "2002::/16",  # 6to4: an IPv4 address in disguise
        "3fff::/20",
    ),
)
_GLOBAL_6: Final = ipaddress.IPv6Network("2000::/3")  # the only part given out so far
_TRANSLATED: Final = ipaddress.IPv6Network("64:ff9b::/96")  # how an IPv6-only network reaches IPv4


def standing_of(address: _IP) -> Standing:
    """What an address is. IPv4 inside IPv6 counts as `never`, but for a network's translator."""
    if address in _TRANSLATED:
        return standing_of(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    if any(address in network for network in _NEVER):
        return "never"
    if any(address in network for network in _PRIVATE):
        return "private"
    if address.version == 6 and address not in _GLOBAL_6:
        return "never"
    return "public"


class EgressRules:
    """Which hosts and ports may be asked, and which private networks they may be in.

    `hosts` are `name`, `name:port`, `*.name` (any name below it, not itself), in punycode; without
    a port, 80 and 443. `private_networks` are CIDRs. Refusals are SourceError `refused-address`
    with a `reason`: scheme, userinfo, form, host, port, address.
    """

    def __init__(self, hosts: Iterable[str], private_networks: Iterable[str] = ()) -> None:
        self._names: dict[str, set[int]] = {}
        self._suffixes: dict[str, set[int]] = {}
        for text in hosts:
            found = _HOST.fullmatch(text.strip().lower())
            if found is None:
                raise ValueError(f"not a host: {text!r}")
            ports = {int(found["port"])} if found["port"] else set(_PORTS.values())
            where = self._suffixes if found["any"] else self._names
            where.setdefault(_plain(found["name"]), set()).update(ports)
        self._networks = tuple(ipaddress.ip_network(text) for text in private_networks)

    def check_url(self, url: httpx.URL) -> None:
        """Whether an address may be asked at all; its name is not looked up."""
        if url.scheme not in _PORTS:
            raise _refused("scheme", scheme=url.scheme)
        if url.userinfo:
            raise _refused("userinfo", host=url.host)
        host = url.raw_host.decode("ascii")
        self.check_host(host, _PORTS[url.scheme] if url.port is None else url.port)

    def check_host(self, host: str, port: int) -> None:
        """Whether a host may be asked at a port."""
        name = _plain(host)
        if not name or (_NUMERIC.fullmatch(name) and not _is_address(name)):
            raise _refused("form", host=host)
        ports = self._ports(name)
        if not ports:
            raise _refused("host", host=host)
        if port not in ports:
            raise _refused("port", host=host, port=port)

    def check_address(self, host: str, text: str) -> None:
        """Whether what a host's name leads to may be connected to."""
        address = ipaddress.ip_address(text)
        standing = standing_of(address)
        if standing == "public":
            return
        if standing == "private" and any(address in network for network in self._networks):
            return
        raise _refused("address", host=host, address=text)

    def _ports(self, name: str) -> set[int]:
        ports = set(self._names.get(name, ()))
        above = name
        while "." in above:
            above = above.partition(".")[2]
            ports |= self._suffixes.get(above, set())
        return ports


def _plain(host: str) -> str:
    """One spelling for each name: lower case, no brackets, no final dot, IPv6 in short form."""
    name = host.lower().removeprefix("[").removesuffix("]")
    if _is_address(name):
        return str(ipaddress.ip_address(name))
    bare = name.removesuffix(".")
    return name if _is_address(bare) else bare


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _refused(reason: str, **detail: Any) -> SourceError:
    return SourceError(Outcome.REFUSED_ADDRESS, reason=reason, **detail)


def rules_from_settings() -> EgressRules:
    """The rules of this installation: PULL_HOSTS and PULL_PRIVATE_NETWORKS."""
    return EgressRules(settings.PULL_HOSTS, settings.PULL_PRIVATE_NETWORKS)


class GuardedBackend(httpcore.NetworkBackend):
    """Connects where the rules allow, and lets nothing last longer than `left()` seconds.

    `ended` is true once a server has closed what was last read from: whether an answer that cannot
    be understood was cut off or is no HTTP.
    """

    def __init__(
        self,
        rules: EgressRules,
        *,
        left: Callable[[], float] = lambda: 60.0,
        resolver: Resolver = socket.getaddrinfo,
    ) -> None:
        self._rules = rules
        self._left = left
        self._resolver = resolver
        self._plain = httpcore.SyncBackend()
        self.ended = False

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """One lookup, every address judged, then the first that answers."""
        self._rules.check_host(host, port)
        addresses = self._look_up(host, port, self._within(timeout))
        for address in addresses:
            self._rules.check_address(host, address)
        failure: Exception = httpcore.ConnectError("the name has no address")
        for address in addresses:
            try:
                # The backend is given an address: it has nothing to look up.
                stream = self._plain.connect_tcp(
                    address, port, self._within(timeout), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                self.ended = False
                return _Stream(stream, self)
        raise failure

    def _look_up(self, host: str, port: int, timeout: float) -> list[str]:
        """The addresses of a name, in the resolver's order. In a thread: it knows no time limit."""
        answer: Future[Sequence[tuple[Any, ...]]] = Future()

        def look() -> None:
            try:
                answer.set_result(self._resolver(host, port, type=socket.SOCK_STREAM))
            except (OSError, UnicodeError) as error:
                answer.set_exception(error)

        threading.Thread(target=look, daemon=True, name="look-up").start()
        try:
            found = answer.result(timeout)
        except TimeoutError:
            raise httpcore.ConnectTimeout("no answer about the name") from None
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"the name is not known: {error}") from None
        return list(dict.fromkeys(str(entry[4][0]) for entry in found))

    def _within(self, timeout: float | None) -> float:
        left = self._left()
        if left <= 0:
            raise httpcore.ReadTimeout("the time for this request is over")
        return left if timeout is None else min(timeout, left)


class _Stream(httpcore.NetworkStream):
    """A connection whose every step ends by the deadline, however few bytes trickle in."""

    def __init__(self, inner: httpcore.NetworkStream, backend: GuardedBackend) -> None:
        self._inner = inner
        self._backend = backend

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._inner.read(max_bytes, self._backend._within(timeout))
        self._backend.ended = not data
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._backend._within(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        inner = self._inner.start_tls(ssl_context, server_hostname, self._backend._within(timeout))
        return _Stream(inner, self._backend)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
