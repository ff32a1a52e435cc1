"""How much a request may bring: what claims more is refused before a byte of it is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from targets.models.files import MAX_BYTES

#: Of a whole request: a few files and the fields around them.
MAX_BODY: Final = 3 * MAX_BYTES + 1024 * 1024
_FLAG: Final = "thuocdo.file_too_large"


class BodyLimitMiddleware:
    """Answers 413 to a request that says it brings more than any page of ours takes.

    A request that does not say how much it brings brings nothing: Django reads no more of it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Look at the claim, then go on."""
        claimed = request.META.get("CONTENT_LENGTH") or "0"
        if claimed.isdigit() and int(claimed) <= MAX_BODY:
            return self.get_response(request)
        limit = MAX_BYTES // 1024**2
        response = render(request, "413.html", {"megabytes": limit}, status=413)
        # What was not read must not be taken for the next request of this connection.
        response.headers["Connection"] = "close"
        return response


class SizeLimit(FileUploadHandler):
    """Lets go of a file as soon as it is larger than any that is taken; stands first."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Count, and pass on to the handlers behind."""
        if start + len(raw_data) > MAX_BYTES:
            if self.request is not None:
                self.request.META[_FLAG] = True
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Nothing to keep here."""


def was_too_large(request: HttpRequest) -> bool:
    """Whether a file of this request was let go for its size."""
    return bool(request.META.get(_FLAG))
