import math
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

from lineside_manufacturing import quantities

fractions = st.fractions(min_value=-(10**12), max_value=10**12, max_denominator=10**9)
decimals = st.integers(0, 6)


def test_901_pieces_at_901_per_mille_need_1000_and_not_the_1001_of_a_float() -> None:
    assert math.ceil(901 / (90.1 / 100)) == 1001, "the trap: binary floats invent a piece"
    assert quantities.round_up(901 / quantities.exact("90.1") * 100, 0) == 1000


@pytest.mark.parametrize("value", [1.5, True, None, b"1"])
def test_what_is_no_exact_number_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        quantities.exact(value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "value", ["NaN", "Infinity", "-Infinity", "", "twelve", "1/0", "1E+999999999"]
)
def test_what_is_not_finite_or_not_a_number_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        quantities.exact(value)


def test_infinite_and_enormous_decimals_are_refused() -> None:
    for value in (Decimal("NaN"), Decimal("-Infinity"), Decimal("1E+999999999")):
        with pytest.raises(ValueError, match="quantity"):
            quantities.exact(value)


def test_texts_are_decimals_or_ratios() -> None:
    assert quantities.exact("0.25") == Fraction(1, 4)
    assert quantities.exact(" 1/248 ") == Fraction(1, 248)
    assert quantities.exact(Decimal("0E-1000")) == 0


@given(fractions, decimals)
def test_rounding_up_is_the_least_decimal_not_below(value: Fraction, places: int) -> None:
    rounded = Fraction(quantities.round_up(value, places))
    assert rounded - Fraction(1, 10**places) < value <= rounded


@given(fractions, decimals)
def test_rounding_half_up_is_never_more_than_half_a_step_off(value: Fraction, places: int) -> None:
    rounded = Fraction(quantities.round_half_up(value, places))
    assert abs(rounded - value) <= Fraction(1, 2 * 10**places)
    assert quantities.round_half_up(-value, places) == -quantities.round_half_up(value, places)


def test_ties_go_away_from_zero() -> None:
    assert quantities.round_half_up(Fraction(5, 2), 0) == 3
    assert quantities.round_half_up(Fraction(-5, 2), 0) == -3


def test_no_decimal_context_touches_a_long_quantity() -> None:
    with localcontext() as context:
        context.prec = 5
        rounded = quantities.round_up(Fraction("123456789012.3456789"), 6)
        assert str(rounded) == "123456789012.345679"
        assert str(quantities.as_decimal(Fraction(10**15))) == "1000000000000000"


def test_printed_decimals_have_neither_trailing_zeros_nor_exponents() -> None:
    assert str(quantities.as_decimal(Fraction("10360.20"))) == "10360.2"
    assert str(quantities.as_decimal(Fraction(10_000))) == "10000"
    assert str(quantities.as_decimal(Fraction(1, 3))) == "0.333333"
    assert str(quantities.as_decimal(Fraction(-1, 4))) == "-0.25"
    assert str(quantities.as_decimal(Fraction(0))) == "0"


def test_people_read_thousands_apart() -> None:
    assert quantities.readable(Fraction(1015300, 98)) == "10 360.204"
    assert quantities.readable(Fraction(-1234, 1)) == "-1 234"
    assert quantities.readable(Fraction(1, 20)) == "0.05"


def test_a_quantity_converts_exactly_or_is_refused() -> None:
    assert str(quantities.convert(Decimal("2.5"), Fraction(1000), 0)) == "2500"
    assert str(quantities.convert(Decimal(1), Fraction(1, 4), 3)) == "0.250"
    with pytest.raises(quantities.InexactConversion) as refusal:
        quantities.convert(Decimal(1), Fraction(1, 3), 6)
    assert refusal.value.factor == Fraction(1, 3)
    with pytest.raises(ValueError, match="above 0"):
        quantities.convert(Decimal(1), Fraction(0), 0)


def test_negative_decimals_are_refused() -> None:
    with pytest.raises(ValueError, match="0 or more"):
        quantities.round_up(Fraction(1), -1)
