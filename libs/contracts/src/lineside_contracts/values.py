"""The value types every message is made of: quantities, ratios, texts, instants.

Decimals are strings in JSON and never pass through a binary float on their way out; numbers are
accepted on the way in, because sales systems send them.
"""

import re
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from typing import Annotated, Any

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

MAX_QUANTITY = Decimal(10) ** 12
"""The largest quantity any message may carry (SPEC 19)."""

RATIO_DIGITS = 12
"""Denominators and numerators of a ratio stay below 10 to this power."""

Code = Annotated[
    str,
    StringConstraints(min_length=1, max_length=64, strip_whitespace=True, pattern=r"^\S(.*\S)?$"),
]
"""A code people type and import by: 1 to 64 characters, no blanks at its ends."""

Name = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
Text = Annotated[str, StringConstraints(max_length=4000)]
"""Free text, bounded so that no note can fill a message."""

_DECIMAL = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?", re.ASCII)


def _plain_decimal(value: Any) -> Any:
    """Refuse what only Python reads as a number: True, "1_000", full-width digits."""
    is_text = isinstance(value, str)
    if isinstance(value, bool) or (is_text and not _DECIMAL.fullmatch(value.strip())):
        raise PydanticCustomError("decimal_parsing", "a decimal number such as 12.5 is needed")
    return value.strip() if is_text else value


def _no_bool(value: Any) -> Any:
    if isinstance(value, bool):
        raise PydanticCustomError("int_type", "a whole number is needed")
    return value


def _iso_date(value: Any) -> Any:
    """Refuse numbers, which pydantic would read as seconds since 1970."""
    if not isinstance(value, (str, date)) or (isinstance(value, str) and value.strip().isdigit()):
        raise PydanticCustomError(
            "date_from_datetime_parsing", "a date such as 2026-12-15 is needed"
        )
    return value


Number = Annotated[Decimal, BeforeValidator(_plain_decimal)]
Whole = Annotated[int, BeforeValidator(_no_bool)]
Day = Annotated[date, BeforeValidator(_iso_date)]
"""A calendar date in some plant's time zone, ISO 8601."""

Quantity = Annotated[Number, Field(gt=0, le=MAX_QUANTITY, decimal_places=6)]
"""A positive amount in some unit, at most 10^12, at most 6 decimals."""

Amount = Annotated[Number, Field(ge=0, le=MAX_QUANTITY, decimal_places=6)]
"""A quantity that may be zero."""

SignedAmount = Annotated[Number, Field(ge=-MAX_QUANTITY, le=MAX_QUANTITY)]
"""A difference of quantities, as ledgers print it."""

Minutes = Annotated[Number, Field(ge=0, le=Decimal(10) ** 9, decimal_places=4)]
Seconds = Annotated[Number, Field(ge=0, le=Decimal(10) ** 9, decimal_places=4)]
Money = Annotated[Number, Field(ge=0, le=MAX_QUANTITY, decimal_places=6)]
Percentage = Annotated[Number, Field(ge=0, le=100, decimal_places=4)]
"""0 to 100 with at most four decimals."""

Instant = AwareDatetime
"""A moment in time with its offset; stored and sent in UTC."""


def _parse_ratio(value: Any) -> Fraction:
    if isinstance(value, Fraction):
        ratio = value
    else:
        try:
            ratio = Fraction(str(value).replace(" ", ""))
        except (ValueError, ZeroDivisionError):
            raise ValueError(
                "a ratio is a number such as 0.25 or a fraction such as 1/248"
            ) from None
    limit = 10**RATIO_DIGITS
    if ratio <= 0 or ratio.numerator >= limit or ratio.denominator >= limit:
        raise ValueError("a ratio is above 0 and has at most 12 digits on either side")
    return ratio


@lru_cache(maxsize=4096)
def format_ratio(ratio: Fraction) -> str:
    """Write a ratio the way people read it: "0.25" where decimals are finite, else "1/248"."""
    rest = ratio.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest != 1:
        return f"{ratio.numerator}/{ratio.denominator}"
    text = f"{Decimal(ratio.numerator) / Decimal(ratio.denominator):f}"
    return text if Fraction(text) == ratio else f"{ratio.numerator}/{ratio.denominator}"


Ratio = Annotated[
    Fraction,
    BeforeValidator(_parse_ratio),
    PlainSerializer(format_ratio, return_type=str),
    WithJsonSchema(
        {"type": "string", "pattern": r"^[0-9]+([./][0-9]+)?$", "examples": ["0.25", "1/248"]}
    ),
]
"""An exact positive rational: "0.25", "8" or "1/248"."""


class Priority(StrEnum):
    """How urgent an order is; urgent goes first."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    URGENT = "urgent"


class OperationType(StrEnum):
    """The kind of work an operation is, and the kind of lane that can do it."""

    FABRICATION = "fabrication"
    MACHINING = "machining"
    ASSEMBLY = "assembly"
    TESTING = "testing"


class Frozen(BaseModel):
    """A value that never changes; unknown fields are ignored, as events demand."""

    model_config = ConfigDict(frozen=True, extra="ignore", arbitrary_types_allowed=True)


class Request(BaseModel):
    """A command or question; unknown fields are refused, so that a typing error is seen."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Actor(Frozen):
    """Who did it: the subject of the token, with the name it showed at that moment."""

    id: str
    name: str
