"""Quantities, money, dates and instants as people read them."""

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

_CENT = Decimal("0.01")
_TENTH = Decimal("0.1")


def amount(value: str | int | Decimal) -> str:
    """Write a quantity with thousands separated and no idle zeros."""
    number = Decimal(value)
    return f"{number.normalize():,f}" if number % 1 else f"{int(number):,}"


def share(value: str | Decimal | None) -> str:
    """Write a percentage with one decimal, half up; nothing where there is none."""
    if value is None:
        return "none available"
    return f"{Decimal(value).quantize(_TENTH, ROUND_HALF_UP):,f} %"


def hours(value: str | Decimal) -> str:
    """Write hours with two decimals, half up."""
    return f"{Decimal(value).quantize(_CENT, ROUND_HALF_UP):,f}"


def money(value: str | Decimal, currency: str = "") -> str:
    """Write money with two decimals, half up."""
    return f"{Decimal(value).quantize(_CENT, ROUND_HALF_UP):,f} {currency}".rstrip()


def instant(value: str | None) -> str:
    """Write an instant to the minute, in UTC."""
    return f"{datetime.fromisoformat(value).astimezone(UTC):%Y-%m-%d %H:%M}" if value else ""


def day(value: Any) -> str:
    """Write a date, or nothing."""
    return str(value) if value else ""
