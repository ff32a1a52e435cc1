"""Small servers on loopback that answer as they are told, rightly or wrongly, byte by byte."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

#: Bytes to send, or what talks on the connection itself. The connection is closed afterwards.
Answer = bytes | Callable[["Talk"], None]


@dataclass
class Asked:
    """One request as it arrived; `headers` by their names in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    tls_name: str | None = None


@dataclass
class Talk:
    """A connection with a request on it; `stopped` is set when the server goes."""

    connection: socket.socket
    asked: Asked
    stopped: threading.Event

    def send(self, data: bytes) -> None:
        self.connection.sendall(data)

    def drip(self, head: bytes, drop: bytes, *, every: float = 0.01) -> None:
        """`drop` again and again until somebody hangs up or the server goes."""
        self.send(head)
        while not self.stopped.wait(every):
            self.send(drop)


@dataclass
class Server:
    """Answers each path with its answers in turn, the last one again and again."""

    answers: Mapping[str, Sequence[Answer]]
    tls: ssl.SSLContext | None = None
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0

    def __enter__(self) -> Self:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        with contextlib.suppress(OSError):
            # Wakes whoever waits in accept().
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        for thread in self._threads:
            thread.join(10)
        self._listening.close()

    def url(self, path: str = "/", *, host: str = "127.0.0.1") -> str:
        scheme = "http" if self.tls is None else "https"
        return f"{scheme}://{host}:{self.port}{path}"

    @property
    def host(self) -> str:
        """As it stands in a list of hosts."""
        return f"127.0.0.1:{self.port}"

    def _accept(self) -> None:
        while True:
            connection, _ = self._listening.accept()
            if self._stopped.is_set():
                connection.close()
                return
            self.connections += 1
            thread = threading.Thread(target=self._talk, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _talk(self, connection: socket.socket) -> None:
        connection.settimeout(10)
        names: list[str | None] = []
        # Whoever asked may hang up in the middle of anything.
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            stack.enter_context(connection)
            if self.tls is not None:
                self.tls.sni_callback = lambda _socket, name, _context: names.append(name)
                connection = stack.enter_context(self.tls.wrap_socket(connection, server_side=True))
            for asked in _requests(connection):
                asked.tls_name = names[0] if names else None
                self.asked.append(asked)
                seen = sum(1 for one in self.asked if one.target == asked.target)
                answers = self.answers[asked.target.partition("?")[0]]
                answer = answers[min(seen, len(answers)) - 1]
                if not isinstance(answer, bytes):
                    answer(Talk(connection, asked, self._stopped))
                    return
                connection.sendall(answer)
                if b"Connection: close" in answer:
                    return


def _requests(connection: socket.socket) -> Iterator[Asked]:
    with connection.makefile("rb") as file:
        while line := file.readline():
            method, target, _version = line.decode().split()
            headers = {}
            while (header := file.readline().decode().strip()) != "":
                name, _, value = header.partition(":")
                headers[name.lower()] = value.strip()
            yield Asked(method, target, headers, file.read(int(headers.get("content-length", 0))))


def answer(body: bytes = b"{}", status: int = 200, *, close: bool = True, **headers: str) -> bytes:
    """A whole answer; `Content_Type` and the like are headers, "" leaves one out."""
    given = {
        "Content_Type": "application/json",
        "Content_Length": str(len(body)),
        "Connection": "close" if close else "keep-alive",
        **headers,
    }
    lines = [f"HTTP/1.1 {status} Answer"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in given.items() if value]
    return "\r\n".join([*lines, "", ""]).encode() + body


_CHUNKED = {"Content_Length": "", "Transfer_Encoding": "chunked"}


def chunked(*chunks: bytes, ended: bool = True, **headers: str) -> bytes:
    """An answer in chunks, with or without the last one that ends it."""
    head = answer(b"", 200, close=True, **{**_CHUNKED, **headers})
    body = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)
    return head + body + (b"0\r\n\r\n" if ended else b"")


def redirect(to: str, status: int = 302) -> bytes:
    return answer(b"", status, Location=to)
