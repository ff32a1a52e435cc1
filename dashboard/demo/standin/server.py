"""The server: prefixes and control, ETag and Last-Modified, and the faults on the wire."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from dashboard.demo.standin import files, lgsp, px_web, sdmx, world_bank
from dashboard.demo.standin.faults import FAULTS, PAGES_CHANGE
from dashboard.demo.standin.messages import Answer, Asked, Speaks, as_json
from dashboard.demo.standin.state import ControlError, Seen, State, States

HOST = "127.0.0.1"
_SPEAKERS: tuple[Speaks, ...] = (
    world_bank.speak,
    px_web.speak,
    sdmx.speak,
    files.speak,
    lgsp.speak,
)
_PUBLISHED = dt.datetime(2026, 11, 1, 9, tzinfo=dt.UTC)
_MOST_ASKED = 1_000_000  # bytes of a request's body


class StandIn(ThreadingHTTPServer):
    """Listens on loopback only; a thread for each connection."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, *, controlled: bool) -> None:
        self.states = States()
        self.controlled = controlled
        super().__init__((HOST, port), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: StandIn
    protocol_version = "HTTP/1.1"
    server_version = "standin"
    sys_version = ""
    timeout = 120

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: what was asked is told over the control path."""

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > _MOST_ASKED:
            self.close_connection = True
            return self.whole(Answer(b"", "text/plain", 413))
        body = self.rfile.read(length)
        split = urlsplit(self.path)
        if split.path == "/control" and self.server.controlled:
            return self.whole(self._control(split.query, body))
        if split.path == "/":
            return self.whole(Answer("Máy chủ mô phỏng".encode(), "text/plain; charset=utf-8"))
        return self._answer(split.path, split.query, body)

    def _control(self, query: str, body: bytes) -> Answer:
        """POST changes the state of a key; GET tells what was asked under it."""
        states = self.server.states
        if self.command == "GET":
            with states.lock:
                seen = states.of(dict(parse_qsl(query)).get("key", "")).seen
                return as_json([one.as_json() for one in seen], cacheable=False)
        try:
            states.change(json.loads(body))
        except (ValueError, ControlError) as error:
            return Answer(str(error).encode(), "text/plain; charset=utf-8", 400)
        return Answer(b"", "text/plain", 204)

    def _answer(self, path: str, query: str, body: bytes) -> None:
        key, path = _prefix("/for/", path)
        always, path = _prefix("/fault/", path)
        states = self.server.states
        with states.lock:  # the speakers read the state; they are quick
            state = states.of(key)
            fault, parameters = state.take_fault(f"{path}?{query}")
            fault = fault or always
            asked = Asked(
                method=self.command,
                path=unquote(path),
                query=dict(parse_qsl(query, keep_blank_values=True)),
                headers={name.lower(): value for name, value in self.headers.items()},
                body=body,
                state=state,
                under_way=fault == PAGES_CHANGE,
            )
            answer = _spoken(asked)
            broken = bool(fault) and fault != PAGES_CHANGE
            if answer.cacheable and answer.status == 200 and not broken:
                self._validate(answer, asked, state)
            if key and self.server.controlled:
                state.seen.append(Seen(self.command, self.path, answer.status, asked.headers))
        if broken:
            act = FAULTS.get(fault)
            if act is None:
                return self.whole(as_json({"error": f"no fault {fault}"}, status=501))
            try:
                return act(self, answer, parameters)
            except (BrokenPipeError, ConnectionResetError):  # whoever asked has gone
                self.close_connection = True
                return None
        return self.whole(answer)

    def _validate(self, answer: Answer, asked: Asked, state: State) -> None:
        """Give the answer its validators; 304 without a body where those asked for still hold."""
        etag = f'"{hashlib.sha256(answer.body).hexdigest()[:20]}"'
        changed = _PUBLISHED + dt.timedelta(minutes=state.revision)
        answer.headers |= {"ETag": etag, "Last-Modified": format_datetime(changed, usegmt=True)}
        if (known := asked.headers.get("if-none-match")) is not None:
            fresh = etag in known or known == "*"
        else:
            fresh = _since(asked.headers.get("if-modified-since")) >= changed
        if fresh:
            answer.status, answer.body = 304, b""

    # What a fault may do (`faults.Wire`).

    def head(self, status: int, headers: Mapping[str, str]) -> None:
        """Status line and headers."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def write(self, data: bytes) -> None:
        """Bytes of the body, at once."""
        self.wfile.write(data)
        self.wfile.flush()

    def whole(self, answer: Answer) -> None:
        """An answer without any fault."""
        length = {"Content-Length": str(len(answer.body))} if answer.status != 204 else {}
        content = {"Content-Type": answer.content_type} if answer.body else {}
        try:
            self.head(answer.status, {**content, **length, **answer.headers})
            self.write(answer.body)
        except (BrokenPipeError, ConnectionResetError):  # whoever asked has gone
            self.close_connection = True


def _prefix(sign: str, path: str) -> tuple[str, str]:
    """The word after this sign, and the path without both; "" where the path has it not."""
    if not path.startswith(sign):
        return "", path
    word, _, rest = path.removeprefix(sign).partition("/")
    return unquote(word), f"/{rest}"


def _spoken(asked: Asked) -> Answer:
    for speak in _SPEAKERS:
        answer = speak(asked)
        if answer is not None:
            return answer
    return as_json({"error": "Not found"}, status=404)


def _since(text: str | None) -> dt.datetime:
    try:
        return parsedate_to_datetime(text or "")
    except ValueError:
        return dt.datetime.min.replace(tzinfo=dt.UTC)
