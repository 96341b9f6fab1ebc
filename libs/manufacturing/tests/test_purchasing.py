from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

from lineside_manufacturing import purchasing
from lineside_manufacturing.calendars import NoWorkingTime, WorkingCalendar, standard_calendar
from lineside_manufacturing.purchasing import PurchaseRounding

BERLIN = standard_calendar("Europe/Berlin")
TODAY = date(2026, 3, 2)


def test_boxes_of_twelve_are_bought_whole() -> None:
    bought = purchasing.purchase_quantity(
        13, rounding=PurchaseRounding("BX", Fraction(12)), decimals=0
    )
    assert bought.purchase_unit == "BX"
    assert [bought.purchase_quantity, bought.stock_quantity] == [2, 24]
    (entry,) = bought.ledger
    assert entry.kind == "purchase_unit"
    assert entry.quantity == 11
    assert entry.explanation == "13 is bought as 2 BX of 12."


def test_a_dozen_ordered_is_twelve_received() -> None:
    bought = purchasing.purchase_quantity(
        12, rounding=PurchaseRounding("DZN", Fraction(12)), decimals=0
    )
    assert [bought.purchase_quantity, bought.stock_quantity] == [1, 12]
    assert bought.ledger == ()


def test_minimum_then_multiple_both_in_purchase_units() -> None:
    terms = PurchaseRounding("CT", Fraction(10), minimum=Fraction(7), multiple=Fraction(5))
    assert purchasing.purchase_quantity(1, rounding=terms, decimals=0).stock_quantity == 100
    assert purchasing.purchase_quantity(101, rounding=terms, decimals=0).stock_quantity == 150


def test_without_terms_the_need_is_only_rounded_to_the_stock_unit() -> None:
    bought = purchasing.purchase_quantity(Fraction(10, 3), rounding=None, decimals=2)
    assert bought.stock_quantity == Decimal("3.34")
    assert bought.purchase_quantity is None


def test_the_need_is_rounded_once_and_not_first_to_the_stock_unit() -> None:
    terms = PurchaseRounding("REAM", Fraction(1, 2))
    bought = purchasing.purchase_quantity(Fraction(1, 2), rounding=terms, decimals=0)
    assert bought.purchase_quantity == 1


def test_nothing_needed_is_nothing_bought() -> None:
    terms = PurchaseRounding("BX", Fraction(12), minimum=Fraction(5))
    assert purchasing.purchase_quantity(0, rounding=terms, decimals=0).stock_quantity == 0


@pytest.mark.parametrize("terms", [(0, 0, 1), (1, -1, 1), (1, 0, 0)])
def test_terms_that_cannot_hold_are_refused(terms: tuple[int, int, int]) -> None:
    factor, minimum, multiple = map(Fraction, terms)
    with pytest.raises(ValueError, match="above 0"):
        PurchaseRounding("BX", factor, minimum, multiple)


def test_a_need_on_sunday_arrives_on_friday_and_is_ordered_on_a_working_day() -> None:
    dates = purchasing.purchase_dates(
        date(2026, 3, 29), lead_time_days=5, calendar=BERLIN, today=TODAY
    )
    assert dates.arrives_on == date(2026, 3, 27)
    assert dates.order_by == date(2026, 3, 20)  # the 22nd is a Sunday
    assert not dates.is_past


def test_an_order_date_before_today_says_so_and_today_does_not() -> None:
    late = purchasing.purchase_dates(
        date(2026, 3, 6), lead_time_days=5, calendar=BERLIN, today=TODAY
    )
    assert (late.order_by, late.is_past) == (date(2026, 2, 27), True)
    due = purchasing.purchase_dates(
        date(2026, 3, 6), lead_time_days=4, calendar=BERLIN, today=TODAY
    )
    assert (due.order_by, due.is_past) == (TODAY, False)


def test_a_calendar_without_work_has_no_arrival() -> None:
    with pytest.raises(NoWorkingTime):
        purchasing.purchase_dates(
            TODAY, lead_time_days=1, calendar=WorkingCalendar("UTC", ()), today=TODAY
        )


@given(
    st.fractions(Fraction(1, 1000), 10**6, max_denominator=1000),
    st.fractions(Fraction(1, 100), 1000, max_denominator=100),
    st.fractions(0, 50, max_denominator=10),
    st.fractions(Fraction(1, 10), 20, max_denominator=10),
    st.integers(0, 4),
)
def test_what_is_bought_covers_the_need_with_no_multiple_too_many(
    need: Fraction, factor: Fraction, minimum: Fraction, multiple: Fraction, decimals: int
) -> None:
    terms = PurchaseRounding("BX", factor, minimum, multiple)
    lots = purchasing.multiples(need, terms)
    assert lots * multiple >= minimum
    assert lots * multiple * factor >= need
    fewer = (lots - 1) * multiple
    assert fewer < minimum or fewer * factor < need
    bought = purchasing.purchase_quantity(need, rounding=terms, decimals=decimals)
    assert Fraction(bought.stock_quantity) <= lots * multiple * factor
