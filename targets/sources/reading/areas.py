"""Which organisation a row of a source is about: always one that existed in the row's period.

Until June 2025 "Bắc Ninh" was one province, since July 2025 it is another; the code 24 was Bắc
Giang's and is Bắc Ninh's. Nothing is guessed: what means two bodies in one period is refused.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from typing import Annotated, Final, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, model_validator

from targets.models import Organisation, OrganisationCode, OrganisationName
from targets.models.organisations import COUNTRY_CODE

Span = tuple[dt.date | None, dt.date | None]
Text = Annotated[str, Field(min_length=1)]

_COUNTRY: Final = ("Việt Nam", "Viet Nam", "Vietnam", "VNM", "VN", "Cả nước", "Toàn quốc",
                   "Whole country")  # fmt: skip
_PREFIX: Final = re.compile(r"(?:tỉnh|tinh|thành phố|thanh pho|t ?p) ?(?=\S)")
_SUFFIX: Final = re.compile(r"(?<=\S) (?:province|city)")
# The marks of the five tones, as they stand after decomposition: grave, acute, tilde, hook, dot.
_TONES: Final = frozenset("\u0300\u0301\u0303\u0309\u0323")


class AreaSpec(BaseModel):
    """How a source says what its rows are about; exactly one of the four ways.

    `constant`: the code of one organisation. `field` with `codes`: the source's own codes and
    ours. With `scheme`: codes of `OrganisationCode`; a scheme is named whole ("gso-34") or by what
    comes before its edition ("gso"). With `names`: names. `only`: the organisations (our codes)
    that rows are wanted of; of others they are skipped. `boundaries`: of two bodies that shared a
    period, the one at its start or its end; without it such a row is refused.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    constant: Text | None = None
    field: Text | None = None
    codes: dict[str, str] | None = None
    scheme: Text | None = None
    names: Literal[True] | None = None
    only: tuple[str, ...] | None = None
    boundaries: Literal["start", "end"] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> AreaSpec:
        ways = [way for way in (self.codes, self.scheme, self.names) if way is not None]
        if (self.constant is None) == (self.field is None):
            raise ValueError("constant or field, one of them")
        if len(ways) != (0 if self.field is None else 1):
            raise ValueError("a field goes with codes, scheme or names; a constant with none")
        return self


class UnknownAreasError(Exception):
    """The description of a source names organisations that do not exist."""

    def __init__(self, codes: Sequence[str]) -> None:
        super().__init__(", ".join(codes))
        self.codes = list(codes)


class Area(NamedTuple):
    """The organisation of a row, or (0) the code of the reason why there is none."""

    organisation: int
    reason: str = ""


class _Claim(NamedTuple):
    """An organisation that a text may mean, and when it was called so."""

    organisation: int
    span: Span


class Areas:
    """Reads the organisations of one source's rows; the catalogue is read once, when made."""

    def __init__(self, spec: AreaSpec) -> None:
        """Raises UnknownAreasError for codes of ours that are none."""
        self._spec = spec
        self._lives: dict[int, Span] = {}
        self._by_code: dict[str, int] = {}
        # A group stands for its members: no value is one of it.
        for pk, code, *life in Organisation.objects.exclude(
            kind=Organisation.Kind.GROUP
        ).values_list("pk", "code", "valid_from", "valid_to"):
            self._lives[pk] = (life[0], life[1])
            self._by_code[code] = pk
        named = [spec.constant or "", *(spec.codes or {}).values(), *(spec.only or ())]
        if unknown := sorted({code for code in named if code and code not in self._by_code}):
            raise UnknownAreasError(unknown)
        self._wanted = None if spec.only is None else {self._by_code[code] for code in spec.only}
        self._claims: dict[str, list[_Claim]] = defaultdict(list)
        if spec.codes is not None:
            for written, code in spec.codes.items():
                self._claim(cleaned(written), self._by_code[code])
        elif spec.scheme is not None:
            self._claim_codes(spec.scheme)
        elif spec.names:
            self._claim_names()

    def find(self, text: str, days: tuple[dt.date, dt.date]) -> Area | None:
        """Whom a text means in a period of these days; None: the row is of no concern."""
        found = self._candidates(text)
        if not self._concern(found):
            return None
        if not found:
            return Area(0, "organisation")
        living = [one for one in found if _overlap(self._lives[one.organisation], days)]
        called_so = [one for one in living if _overlap(one.span, days)]
        # A code means what it meant then. A name may be today's in a table of earlier years.
        meant = {one.organisation for one in called_so}
        if not meant and self._spec.names:
            meant = {one.organisation for one in living}
        if len(meant) > 1 and self._spec.boundaries:
            day = days[0] if self._spec.boundaries == "start" else days[1]
            meant = {one for one in meant if _overlap(self._lives[one], (day, day))}
        if len(meant) == 1:
            return Area(meant.pop())
        return Area(0, "ambiguous" if meant else "not-living")

    def skips(self, text: str) -> bool:
        """Whether rows with this text are of no concern in any period."""
        return not self._concern(self._candidates(text))

    def _concern(self, found: Sequence[_Claim]) -> bool:
        if self._wanted is not None:
            return any(one.organisation in self._wanted for one in found)
        return bool(found) or self._spec.codes is None

    def _candidates(self, text: str) -> Sequence[_Claim]:
        spec = self._spec
        if spec.constant is not None:
            return (_Claim(self._by_code[spec.constant], (None, None)),)
        if not spec.names:
            return self._claims.get(cleaned(text), ())
        if found := self._claims.get(_keys(text)[0]):
            return found
        return self._claims.get(_keys(_bare(text))[0], ())

    def _claim(self, key: str, organisation: int, span: Span = (None, None)) -> None:
        claim = _Claim(organisation, span)
        if claim not in self._claims[key]:
            self._claims[key].append(claim)

    def _claim_codes(self, scheme: str) -> None:
        rows = OrganisationCode.objects.filter(
            scheme__regex=rf"^{re.escape(scheme)}(-.+)?$", organisation__in=self._lives
        )
        for row in rows:
            self._claim(row.code, row.organisation_id, (row.valid_from, row.valid_to))

    def _claim_names(self) -> None:
        if COUNTRY_CODE in self._by_code:
            for name in _COUNTRY:
                self._claim_name(name, self._by_code[COUNTRY_CODE])
        for code, organisation in self._by_code.items():
            self._claim_name(code, organisation)
        for row in OrganisationName.objects.filter(organisation__in=self._lives):
            span = (row.valid_from, row.valid_to)
            for name in (row.name_vi, row.name_en, row.full_vi, row.full_en, row.short_vi,
                         row.short_en):  # fmt: skip
                if name:
                    self._claim_name(name, row.organisation_id, span)
                    if row.unit_type and (bare := _bare(name)):
                        self._claim_name(bare, row.organisation_id, span)

    def _claim_name(self, name: str, organisation: int, span: Span = (None, None)) -> None:
        for key in set(_keys(name)):
            self._claim(key, organisation, span)


def cleaned(text: str) -> str:
    """A text as codes and conditions are compared: composed, without spaces around it."""
    return unicodedata.normalize("NFC", text).strip()


def _words(name: str) -> list[str]:
    plain = unicodedata.normalize("NFC", name).lower()
    return re.sub(r"[^\w]+|_", " ", plain).split()


def _bare(name: str) -> str:
    """A name without what kind of place it is; "" where nothing is left out."""
    words = " ".join(_words(name))
    short = _SUFFIX.sub("", _PREFIX.sub("", words, count=1) if _PREFIX.match(words) else words)
    return "" if short == words else short


def _keys(name: str) -> tuple[str, str]:
    """What names are compared by: with accents, and without. Spaces do not count ("Hanoi").

    A tone goes to the end of its word, so that "Hoà" is "Hòa". A text that has any accents must
    have the right ones; one that has none is compared without.
    """
    accented, plain = [], []
    for word in _words(name):
        letters = unicodedata.normalize("NFD", word)
        tones = "".join(sorted(sign for sign in letters if sign in _TONES))
        accented.append("".join(sign for sign in letters if sign not in _TONES) + tones)
        plain.append(
            "".join(sign for sign in letters if not unicodedata.combining(sign)).replace("đ", "d")
        )
    return "".join(accented), "".join(plain)


def _overlap(span: Span, days: tuple[dt.date, dt.date]) -> bool:
    first, last = span
    return (first is None or first <= days[1]) and (last is None or last >= days[0])
