from datetime import UTC, datetime
from itertools import islice

import pytest
from hypothesis import given, strategies as st

from lineside_shopfloor.work_orders.domain import numbers
from lineside_shopfloor.work_orders.domain.numbers import Series

NEW_YEARS_EVE = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)


def test_the_year_is_that_of_the_plant() -> None:
    assert numbers.series_at("WO", NEW_YEARS_EVE, "Europe/Berlin") == Series("WO", 2027)
    assert numbers.series_at("WO", NEW_YEARS_EVE, "America/New_York") == Series("WO", 2026)


def test_a_reservation_ends_with_the_last_number() -> None:
    given_out = islice(numbers.written(Series("WO", 2026), 17, 3), 3)
    assert list(given_out) == ["WO-2026-15", "WO-2026-16", "WO-2026-17"]


@given(st.integers(1, 10**15 - 1))
def test_a_counted_number_is_recognised(number: int) -> None:
    written = next(numbers.written(Series("WO", 2026), number, 1))
    assert numbers.read(written) == (Series("WO", 2026), number)


@pytest.mark.parametrize("number", ["REPAIR-7", "WO-2026-017", "WO-26-1", "wo-2026-1", "WO-2026-"])
def test_a_number_no_counter_reaches_is_not(number: str) -> None:
    assert numbers.read(number) is None
