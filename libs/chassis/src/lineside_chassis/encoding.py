"""Values to JSON the way PostgreSQL reads them back: decimals as text, bytes as hex."""

from collections.abc import Set as AbstractSet
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import orjson
from pydantic import BaseModel

from lineside_contracts import values


def encode(value: Any) -> str:
    """Write any value a row may hold as JSON text.

    Raises:
        TypeError: It holds something that has no JSON form.
    """
    return orjson.dumps(value, default=_default, option=orjson.OPT_NON_STR_KEYS).decode()


def _default(value: Any) -> Any:
    match value:
        case Decimal():
            return str(value)
        case BaseModel():
            return value.model_dump(mode="json")
        case Fraction():
            return values.format_ratio(value)
        case AbstractSet():
            return sorted(value)
        case bytes():
            return "\\x" + value.hex()
        case timedelta():
            return f"{value.total_seconds()} seconds"
        case _:
            raise TypeError(f"{type(value).__name__} has no JSON form")
