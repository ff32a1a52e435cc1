"""Observations that an organisation sends by itself, beside its reports."""

from __future__ import annotations

from typing import Annotated, Any, Final

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Schema
from ninja.params import functions as of_request
from pydantic import ConfigDict, Field, StringConstraints

from dashboard.api.auth import SendingTokenAuth, token_of
from dashboard.api.numbers import NumberIn
from dashboard.api.problems import ProblemError
from dashboard.api.schemas import Note, Strict
from targets.sources.sending import pushing
from targets.sources.sending.pushing import (
    MOST_ROWS,
    KeyReusedError,
    NotGoodError,
    Sent,
    SourceOffError,
)

router = Router(tags=["observations"], auth=SendingTokenAuth())

Code = Annotated[str, StringConstraints(min_length=1, max_length=80)]
Period = Annotated[str, StringConstraints(min_length=1, max_length=60)]
_EXAMPLE: Final[dict[str, Any]] = {
    "indicator": "online-services-full-process",
    "period": "2026-Q3",
    "numerator": 1834,
    "denominator": 2011,
}
_MORE: Final[dict[str, Any]] = {
    "indicator": "open-datasets",
    "period": "2026",
    "value": "1.204",
    "unit": "count",
    "note": "Theo cổng dữ liệu của bộ",
}


class ObservationIn(Strict):
    """One value of one indicator for one period.

    Give `value`, or `numerator` and `denominator` where the indicator is a ratio: then the value
    follows. Numbers are JSON numbers, or strings as people type them ("98,5").
    """

    indicator: Code = Field(description="Its code, one of those that the token is for")
    period: Period = Field(description="2026, 2026-H1, 2026-Q3, 2026-07, also “Quý III/2026”")
    value: NumberIn = None
    numerator: NumberIn = None
    denominator: NumberIn = None
    unit: Annotated[str, StringConstraints(max_length=60)] = Field(
        "", description="Of the value, where it is not the indicator's: it is converted exactly"
    )
    note: Note = Field("", description="Kept with what was sent, for who reviews it")
    organisation: Annotated[str, StringConstraints(max_length=80)] = Field(
        "", description="The token's own, which is also what an empty one means"
    )

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE, _MORE]})


class TakenOut(Schema):
    """What became of one row, in the order in which they were sent."""

    indicator: str
    period: str
    result: str = Field(description="added, revised, unchanged or held")
    reasons: list[str] = Field(
        description="Why it waits for a coordinator: trust, range, jump, replaces"
    )


class PushedOut(Schema):
    """A push that was taken in, as a run of the organisation's source."""

    run: int
    url: str
    added: int
    revised: int
    unchanged: int
    held: int
    rows: list[TakenOut]

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "run": 214,
                    "url": "/nguon-so-lieu/luot/214/",
                    "added": 0,
                    "revised": 0,
                    "unchanged": 1,
                    "held": 1,
                    "rows": [
                        {
                            "indicator": _EXAMPLE["indicator"],
                            "period": _EXAMPLE["period"],
                            "result": "held",
                            "reasons": ["trust"],
                        },
                        {
                            "indicator": _MORE["indicator"],
                            "period": _MORE["period"],
                            "result": "unchanged",
                            "reasons": [],
                        },
                    ],
                }
            ]
        }
    )


class ProblemPlaceOut(Schema):
    """One mistake."""

    pointer: str = Field(description="Where, as a JSON pointer into the body")
    detail: str


class ProblemOut(Schema):
    """A problem (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[ProblemPlaceOut] = []

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "/api/#invalid",
                    "title": "Dữ liệu chưa hợp lệ",
                    "status": 422,
                    "detail": "Chưa giá trị nào được ghi; xem errors.",
                    "instance": "/api/observations",
                    "errors": [{"pointer": "#/3/value", "detail": "Tỷ lệ phải từ 0 đến 100 %; …"}],
                }
            ]
        }
    )


Rows = Annotated[
    list[ObservationIn],
    of_request.Body(..., min_length=1, max_length=MOST_ROWS, examples=[[_EXAMPLE, _MORE]]),
]
Key = Annotated[
    str,
    of_request.Header(
        ...,
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        description="Made anew for each push, for example a UUID; the same again for a retry",
    ),
]


@router.post(
    "/observations",
    response={200: PushedOut, 422: ProblemOut},
    summary="Values of the token's organisation, all or none",
)
def observation_push(request: HttpRequest, payload: Rows, key: Key) -> dict[str, Any]:
    """The rules of the forms hold: what they call an error refuses the whole request.

    A value that a rule warns of, that differs from a published one, or that comes from an
    organisation whose values are looked at first, is `held` for a coordinator; any other is
    published. The same key with the same body gets the stored answer and writes nothing; the same
    key with another body is refused. A refused request leaves its key free.
    """
    rows = [_sent(row) for row in payload]
    try:
        pushed = pushing.push(rows, token=token_of(request), key=key, body=request.body)
    except NotGoodError as error:
        raise ProblemError(
            "invalid",
            _("Chưa giá trị nào được ghi; xem errors."),
            errors=[
                {"pointer": f"#/{one.place}/{one.field}".rstrip("/"), "detail": one.sentence}
                for one in error.wrong
            ],
        ) from None
    except KeyReusedError:
        raise ProblemError(
            "key-reused",
            _("Idempotency-Key này đã dùng cho nội dung khác; yêu cầu mới cần một khoá mới."),
        ) from None
    except SourceOffError:
        raise ProblemError(
            "forbidden", _("Quản trị đã tắt việc cơ quan này gửi số liệu; hãy liên hệ quản trị.")
        ) from None
    return pushed.answer


def _sent(row: ObservationIn) -> Sent:
    return Sent(
        indicator=row.indicator,
        period=row.period,
        value=row.value,
        numerator=row.numerator,
        denominator=row.denominator,
        unit=row.unit,
        note=row.note,
        organisation=row.organisation,
    )
