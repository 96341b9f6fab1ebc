"""Exact quantities: from decimals to fractions, and back by a stated rounding.

Everything between the two is `Fraction` arithmetic: a binary float makes 98 pieces at 98 % need
101 instead of 100, and a decimal context of 28 digits rounds where nobody asked. Values come from
messages and tables (already bounded by the contract library) and leave as `Decimal`.
"""

from decimal import Decimal, InvalidOperation as UnreadableDecimal
from fractions import Fraction

Number = Decimal | int | Fraction
"""An exact number; a float is none."""

MAX_WRITTEN_DECIMALS = 6
"""Most decimals a quantity is written with in messages and files."""

MAX_EXPONENT = 64
"""Decimal exponents beyond this are refused: 1E+999999999 would fill the memory as a fraction."""


class InexactConversion(ValueError):  # noqa: N818 - the name is part of the agreed interface
    """A quantity does not convert to a whole number of the target unit's smallest steps.

    Attributes:
        quantity: What was to be converted, in the source unit.
        factor: Target units in one source unit.
        decimals: Decimals the target unit has.
    """

    def __init__(self, quantity: Decimal, factor: Fraction, decimals: int) -> None:
        super().__init__(
            f"{quantity} times {factor} cannot be written exactly with {decimals} decimals"
        )
        self.quantity = quantity
        self.factor = factor
        self.decimals = decimals


def exact(value: Decimal | int | str | Fraction) -> Fraction:
    """Take a number over without losing anything.

    Args:
        value: A finite number; a text may be decimal ("0.25") or a ratio ("1/248").

    Returns:
        The same number as a fraction in lowest terms.

    Raises:
        TypeError: If the value is a float or bool, which carry no exact quantity.
        ValueError: If it is no number, not finite, or its exponent is beyond 64.
    """
    if isinstance(value, Decimal):
        return _from_decimal(value)
    if isinstance(value, str):
        return _from_text(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return Fraction(value)
    if isinstance(value, Fraction):  # last: its metaclass makes the question slow
        return value
    raise TypeError(f"an exact quantity is never a {type(value).__name__}")


def round_up(value: Fraction, decimals: int) -> Decimal:
    """Round towards plus infinity: what production needs is never rounded below the need.

    Args:
        value: Any exact quantity.
        decimals: Decimals of its unit, 0 or more.

    Returns:
        The smallest decimal with exactly that many decimals which is not below `value`.

    Raises:
        ValueError: If `decimals` is negative.
    """
    scaled = value.numerator * _power(decimals)
    return decimal_of(-(-scaled // value.denominator), decimals)


def round_half_up(value: Fraction, decimals: int) -> Decimal:
    """Round to the nearest, a tie away from zero, as people do on paper.

    Args:
        value: Any exact quantity.
        decimals: Decimals to keep, 0 or more.

    Returns:
        The nearest decimal with exactly that many decimals.

    Raises:
        ValueError: If `decimals` is negative.
    """
    return decimal_of(_half_up(value, decimals), decimals)


def as_decimal(value: Fraction, decimals: int = 6) -> Decimal:
    """Write an exact quantity for print: nearest decimal, no zeros at its end, no exponent.

    Args:
        value: Any exact quantity.
        decimals: Most decimals to keep, 0 or more.

    Returns:
        `value` itself where it has at most that many decimals, else rounded half up.

    Raises:
        ValueError: If `decimals` is negative.
    """
    return trimmed(_half_up(value, decimals), decimals)


def convert(quantity: Decimal, factor: Fraction, decimals: int) -> Decimal:
    """Convert a quantity to another unit exactly, or refuse (RULES 1).

    Args:
        quantity: Amount in the source unit.
        factor: Target units in one source unit, above 0.
        decimals: Decimals of the target unit, 0 or more.

    Returns:
        The same amount in the target unit, with exactly `decimals` decimals.

    Raises:
        InexactConversion: If the target unit's decimals cannot hold the result.
        ValueError: If `factor` is not positive or `decimals` is negative.
    """
    if factor <= 0:
        raise ValueError(f"a conversion factor is above 0, not {factor}")
    steps = exact(quantity) * factor * _power(decimals)
    if steps.denominator != 1:
        raise InexactConversion(quantity, factor, decimals)
    return decimal_of(steps.numerator, decimals)


def readable(value: Fraction | int) -> str:
    """Write a quantity into a sentence: thousands apart, at most three decimals.

    Args:
        value: Any exact quantity.

    Returns:
        A text such as "10 360.204".

    Raises:
        Nothing.
    """
    if value < 0:
        thousandths = -_half_up(value, 3)
        return f"-{readable_ratio(thousandths, 1000)}" if thousandths else "0"
    return readable_ratio(value.numerator, value.denominator)


def readable_ratio(numerator: int, denominator: int) -> str:
    """Write a quantity that is two whole numbers into a sentence, as `readable` does.

    Args:
        numerator: 0 or more.
        denominator: Above 0; the two need not be in lowest terms.

    Returns:
        A text such as "10 360.204".

    Raises:
        Nothing.
    """
    if denominator == 1:
        return f"{numerator:,}".replace(",", " ")
    whole, rest = divmod(half_up(1000 * numerator, denominator), 1000)
    words = f"{whole:,}".replace(",", " ")
    return f"{words}.{rest:03}".rstrip("0") if rest else words


def half_up(numerator: int, denominator: int) -> int:
    """Divide and round to the nearest whole number, a tie upwards.

    Args:
        numerator: 0 or more.
        denominator: Above 0.

    Returns:
        The nearest whole number.

    Raises:
        Nothing.
    """
    if denominator == 1:
        return numerator
    return (2 * numerator + denominator) // (2 * denominator)


def decimal_of(steps: int, decimals: int) -> Decimal:
    """Build a decimal from its smallest steps, untouched by any decimal context.

    Args:
        steps: The value counted in units of 10 to the power of minus `decimals`.
        decimals: Decimals the result has, 0 or more.

    Returns:
        `steps` shifted by `decimals`.

    Raises:
        Nothing.
    """
    return Decimal(f"{steps}E-{decimals}") if decimals else Decimal(steps)


def trimmed(steps: int, decimals: int) -> Decimal:
    """Build a decimal from its smallest steps, without zeros at its end and without exponent.

    Args:
        steps: The value counted in units of 10 to the power of minus `decimals`.
        decimals: Decimals to begin with, 0 or more.

    Returns:
        The same number with as few decimals as it needs.

    Raises:
        Nothing.
    """
    whole, rest = divmod(abs(steps), 10**decimals)
    if not rest:
        return Decimal(-whole if steps < 0 else whole)
    sign = "-" if steps < 0 else ""
    return Decimal(f"{sign}{whole}.{rest:0{decimals}}".rstrip("0"))


def _half_up(value: Fraction | int, decimals: int) -> int:
    numerator, denominator = value.numerator * _power(decimals), value.denominator
    steps = half_up(abs(numerator), denominator)
    return -steps if numerator < 0 else steps


def _power(decimals: int) -> int:
    if decimals < 0:
        raise ValueError(f"a unit has 0 or more decimals, not {decimals}")
    return int(10**decimals)


def _from_text(text: str) -> Fraction:
    if "/" in text:
        try:
            return Fraction(text.strip())
        except ZeroDivisionError:
            raise ValueError(f"{text!r} divides by zero") from None
    try:
        return _from_decimal(Decimal(text))
    except UnreadableDecimal:
        raise ValueError(f"{text!r} is not a number") from None


def _from_decimal(value: Decimal) -> Fraction:
    if not value.is_finite():
        raise ValueError(f"a quantity is finite, not {value}")
    if value and abs(value.adjusted()) > MAX_EXPONENT:
        raise ValueError(f"a quantity of about 1E{value.adjusted()} is no quantity")
    return Fraction(*value.as_integer_ratio())
