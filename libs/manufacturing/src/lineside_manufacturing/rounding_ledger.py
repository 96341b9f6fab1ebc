"""The rounding ledger: why an operation takes in more than the plain target (SPEC 6, RULES 3).

The way from the plain target to the input is a staircase of exact levels: plain target, need of the
successors, whole output, input before rounding, whole input, plus make-ready. Each entry is the
height of a step. Levels without a finite decimal are printed rounded half up at six decimals (at
more, where the unit or the plain target has more), and entries are differences of *printed* levels:
so they sum exactly, and what the last printed digit hides is with the whole units.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from lineside_manufacturing import quantities

PRINTED_DECIMALS = 6
"""Decimals of a level that has no finite decimal."""

LedgerKind = Literal["downstream", "yield", "make_ready", "whole_unit"]


@dataclass(frozen=True)
class LedgerEntry:
    """One reason for pieces above the plain target.

    Attributes:
        kind: What causes them.
        quantity: How many, in the operation's unit, above 0.
        explanation: A sentence for people.
    """

    kind: LedgerKind
    quantity: Decimal
    explanation: str


@dataclass(frozen=True, slots=True)
class Levels:
    """The staircase of one operation, all in its own unit.

    Attributes:
        decimals: Decimals of the unit.
        plain: Target times units per product.
        need: What the largest successor needs, unrounded; `plain` for an end.
        needed_by: Sequence number of that successor; None for an end.
        output: `need` rounded up, in steps of the unit's last decimal.
        unrounded_input: Input for `output` at the yield, make-ready apart, in steps.
        good_input: `unrounded_input` rounded up, in steps.
        setup: Make-ready waste as stated.
        setup_steps: Make-ready waste rounded up, in steps.
        yield_percentage: As stated, for the sentence.
    """

    decimals: int
    plain: Fraction
    need: Fraction
    needed_by: int | None
    output: int
    unrounded_input: Fraction
    good_input: int
    setup: Fraction
    setup_steps: int
    yield_percentage: Decimal

    def quantity(self, steps: int | Fraction) -> int | Fraction:
        """Turn steps of the unit's last decimal into a quantity.

        Args:
            steps: How many of them.

        Returns:
            The same in units.

        Raises:
            Nothing.
        """
        return Fraction(steps, 10**self.decimals) if self.decimals else steps


def ledger(levels: Levels) -> tuple[LedgerEntry, ...]:
    """Explain an operation's input.

    Args:
        levels: Its staircase.

    Returns:
        The entries that are not zero. Their sum is planned input minus plain target, exactly where
        the plain target has a finite decimal, else for the plain target printed at six decimals.

    Raises:
        Nothing.
    """
    printed = _printed_decimals(levels)
    per_step = 10 ** (printed - levels.decimals)
    need = _half_up(levels.need, printed)
    before = _half_up(levels.unrounded_input, printed - levels.decimals)
    setup = _half_up(levels.setup, printed)
    output, good = levels.output * per_step, levels.good_input * per_step
    rounding = (output - need) + (good - before) + (levels.setup_steps * per_step - setup)
    heights: tuple[tuple[LedgerKind, int], ...] = (
        ("downstream", need - _half_up(levels.plain, printed)),
        ("yield", before - output),
        ("make_ready", setup),
        ("whole_unit", rounding),
    )
    return tuple(
        LedgerEntry(kind, quantities.trimmed(height, printed), _SENTENCES[kind](levels))
        for kind, height in heights
        if height
    )


def rounding_quantity(levels: Levels) -> Fraction:
    """Say how much of the input is owed to rounding at this operation alone.

    Args:
        levels: Its staircase.

    Returns:
        The exact quantity in the operation's unit, 0 or more.

    Raises:
        Nothing.
    """
    steps = levels.output + levels.good_input + levels.setup_steps - levels.unrounded_input
    return levels.quantity(steps) - levels.need - levels.setup


def _printed_decimals(levels: Levels) -> int:
    least = max(PRINTED_DECIMALS, levels.decimals)
    return max(
        _finite_decimals(levels.plain.denominator, least),
        _finite_decimals(levels.setup.denominator, least),
    )


def _finite_decimals(denominator: int, least: int) -> int:
    if denominator == 1 or 10**least % denominator == 0:
        return least
    counts = []
    for prime in (2, 5):
        counts.append(0)
        while denominator % prime == 0:
            denominator //= prime
            counts[-1] += 1
    return max(least, *counts) if denominator == 1 else least


def _half_up(value: Fraction, decimals: int) -> int:
    """Round a level, which is never negative, to steps of the printed decimals."""
    numerator, denominator = value.numerator * int(10**decimals), value.denominator
    return numerator if denominator == 1 else (2 * numerator + denominator) // (2 * denominator)


def _downstream(levels: Levels) -> str:
    need, plain = quantities.readable(levels.need), quantities.readable(levels.plain)
    return f"Operation {levels.needed_by} needs {need}, the plain target is {plain}."


def _yield(levels: Levels) -> str:
    good = quantities.readable(levels.quantity(levels.output))
    taken = quantities.readable(levels.quantity(levels.unrounded_input))
    return f"{levels.yield_percentage.normalize():f} % yield: {good} good need {taken} in."


def _make_ready(levels: Levels) -> str:
    return f"{quantities.readable(levels.setup)} are spent on make-ready."


def _whole_unit(levels: Levels) -> str:
    unit = "whole units" if levels.decimals == 0 else f"{levels.decimals} decimals"
    return f"Rounded up to {unit}: {', '.join(_roundings(levels))}."


def _roundings(levels: Levels) -> Iterator[str]:
    for before, steps, where in (
        (levels.need, levels.output, "out"),
        (levels.quantity(levels.unrounded_input), levels.good_input, "in"),
        (levels.setup, levels.setup_steps, "for make-ready"),
    ):
        after = levels.quantity(steps)
        if after != before:
            yield f"{quantities.readable(before)} becomes {quantities.readable(after)} {where}"


_SENTENCES = {
    "downstream": _downstream,
    "yield": _yield,
    "make_ready": _make_ready,
    "whole_unit": _whole_unit,
}
