"""A real mail server on loopback in a thread of its own, and ways in which it fails."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller

HOST = "127.0.0.1"


@dataclass
class Server:
    """What arrived, and what the server shall do next.

    `answers` by command: a refusal ("550 ..."), "drop" (the connection is cut without an answer)
    or "hang" (no answer until the client has gone).
    """

    port: int = 0
    arrived: list[Message] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """One recipient."""
        refusal = await self._answer("RCPT", server)
        if refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """The text of a letter; it counts as arrived whatever the client hears of it."""
        self.recipients += envelope.rcpt_tos
        refusal = await self._answer("DATA", server)
        if refusal[:1] in {"4", "5"}:
            return refusal
        self.arrived.append(message_from_bytes(envelope.content, policy=default))
        return refusal or "250 OK"

    async def _answer(self, command: str, server: Any) -> str:
        self.asked.append(command)
        answer = self.answers.get(command, "")
        if answer == "drop":
            if command == "DATA":
                self.arrived.append(message_from_bytes(b"Subject: dropped\r\n\r\n"))
            server.transport.abort()
            await asyncio.sleep(60)  # the end of the connection cancels it
        if answer == "hang":
            await asyncio.sleep(60)
        return answer


@contextmanager
def mail_server() -> Iterator[Server]:
    """A server that takes everything until it is told otherwise."""
    server = Server(port=free_port())
    controller = Controller(server, hostname=HOST, port=server.port, ready_timeout=20)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


@contextmanager
def silent_server() -> Iterator[int]:
    """The port of a server that accepts connections and never says a word."""
    with socket.create_server((HOST, 0)) as listener:
        yield listener.getsockname()[1]


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server((HOST, 0)) as listener:
        port: int = listener.getsockname()[1]
    return port
