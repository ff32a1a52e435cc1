"""Numbers in JSON: none loses a digit on the way in or out.

In: a JSON number is taken digit by digit, a string is read as people type it. Out: a JSON number
where programs that read it as a binary fraction get the same value back, else a string of all its
digits.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Annotated, Any

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest
from ninja.parser import Parser
from ninja.renderers import BaseRenderer
from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

_MOST_TEXT = 200
_LARGEST_WHOLE = 2**53


def number_out(value: Decimal | None) -> int | float | str | None:
    """A number as it goes out."""
    if value is None:
        return None
    if value == value.to_integral_value():
        whole = int(value)
        return whole if abs(whole) <= _LARGEST_WHOLE else str(whole)
    near = float(value)
    return near if Decimal(repr(near)) == value else f"{value.normalize():f}"


def _number_in(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str | None):
        raise ValueError("a number, a string with a number, or null")
    if isinstance(value, str) and len(value) > _MOST_TEXT:
        raise ValueError("too long for a number")
    return Decimal(value) if isinstance(value, int) else value


_SCHEMA = {"anyOf": [{"type": "number"}, {"type": "string"}, {"type": "null"}]}
NumberIn = Annotated[Any, BeforeValidator(_number_in), WithJsonSchema(_SCHEMA)]
NumberOut = Annotated[Decimal | None, PlainSerializer(number_out), WithJsonSchema(_SCHEMA)]


class ExactEncoder(DjangoJSONEncoder):
    """Decimals as `number_out` has them."""

    def default(self, o: Any) -> Any:
        """What JSON has no form for."""
        return number_out(o) if isinstance(o, Decimal) else super().default(o)


class ExactParser(Parser):
    """JSON in which numbers keep every digit; NaN and Infinity are no JSON."""

    def parse_body(self, request: HttpRequest) -> Any:
        """The body; ValueError for what is no JSON."""
        return json.loads(request.body, parse_float=Decimal, parse_constant=_no_constant)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


class ExactRenderer(BaseRenderer):
    """JSON as `number_out` has it, with letters as they are."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> Any:
        """The text of an answer."""
        return json.dumps(data, cls=ExactEncoder, ensure_ascii=False)
