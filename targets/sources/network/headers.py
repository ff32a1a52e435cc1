"""What an answer's headers say, in bounds: they come from anybody."""

from __future__ import annotations

import datetime as dt
import re
from email.utils import parsedate_to_datetime
from typing import Final, NamedTuple

import httpx
from django.utils.http import parse_header_parameters

_DAY: Final = 24 * 3600.0
_CHARSET: Final = re.compile(r"[a-z0-9._:+-]+")
_VALIDATOR: Final = re.compile(r"[\x20-\x7e]{1,500}")


class Said(NamedTuple):
    """The headers that are kept with a body; "" is not said, or nothing that can be kept."""

    content_type: str
    etag: str
    last_modified: str


def said(response: httpx.Response) -> Said:
    """What an answer says of its body."""
    return Said(
        printable(response.headers.get("Content-Type", "")),
        _validator(response, "ETag"),
        _validator(response, "Last-Modified"),
    )


def _validator(response: httpx.Response, name: str) -> str:
    """A header that is sent back as it came, in another request's."""
    value: str = response.headers.get(name, "").strip()
    return value if _VALIDATOR.fullmatch(value) else ""


def printable(text: str) -> str:
    """What of it may be shown."""
    return "".join(sign for sign in text if sign.isprintable())[:200]


def media_of(content_type: str) -> tuple[str, str]:
    """(media type, charset) in lower case; "" is not said."""
    try:
        media, parameters = parse_header_parameters(content_type)
    except (ValueError, LookupError):  # LookupError: in a charset that there is not
        return content_type.partition(";")[0].strip().lower(), ""
    charset = parameters.get("charset", "").strip("\"' ").lower()
    return media.strip().lower(), charset if _CHARSET.fullmatch(charset) else ""


def moment_of(header: str) -> dt.datetime | None:
    """An HTTP date."""
    try:
        moment = parsedate_to_datetime(header)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=dt.UTC)


def retry_after(header: str, now: dt.datetime) -> float | None:
    """Seconds to wait, at most a day; None where nothing sensible is said."""
    text = header.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:12]), _DAY)
    moment = moment_of(text)
    if moment is None:
        return None
    return min(max((moment - now).total_seconds(), 0.0), _DAY)
