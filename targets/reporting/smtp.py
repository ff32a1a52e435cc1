"""SMTP that tells the moment from which a letter may have arrived."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends import smtp


class _Telling(smtplib.SMTP):
    """Calls `handing_over` before the text of a letter goes out."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.handing_over: Callable[[], None] | None = None
        super().__init__(*args, **kwargs)

    def data(self, msg: Any) -> tuple[int, bytes]:
        if self.handing_over is not None:
            self.handing_over()
        return super().data(msg)


class EmailBackend(smtp.EmailBackend):
    """Django's backend, whose `deliver` calls back just before the text of the letter goes out.

    Until then the server has taken nothing over. After it, a connection that is lost leaves open
    whether the letter arrives.
    """

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _Telling

    def deliver(self, message: EmailMessage, handing_over: Callable[[], None]) -> None:
        """Send one letter over the open connection; raises what smtplib raises, or OSError."""
        if not isinstance(self.connection, _Telling):
            raise smtplib.SMTPServerDisconnected("not connected")
        self.connection.handing_over = handing_over
        self.send_messages([message])
