"""The rounding ledger: why an operation takes in more than the plain target (SPEC 6, RULES 3).

The way from the plain target to the input is a staircase of exact levels: plain target, need of the
successors, whole output, input before rounding, whole input, plus make-ready. Each entry is the
height of a step. Levels without a finite decimal are printed rounded half up at six decimals (at
more, where the unit or the plain target has more), and entries are differences of *printed* levels:
so they sum exactly, and what the last printed digit hides is with the whole units.
"""

from fractions import Fraction
from typing import NamedTuple

from lineside_manufacturing import quantities
from lineside_manufacturing.operation_factors import (
    Factors,
    LedgerEntry,
    LedgerKind,
    Scale,
    finite_decimals,
    lowest_denominator,
)


class Plain(NamedTuple):
    """The plain target of all operations of one scale.

    Attributes:
        decimals: Decimals their levels are printed with.
        power: Ten to that: printed steps in one unit.
        per_step: Printed steps in one step of the unit's last decimal.
        per_setup: Printed steps in one step of `Factors.printed_setup`.
        printed: Target times units per product, in printed steps, rounded half up.
        words: The same for a sentence.
    """

    decimals: int
    power: int
    per_step: int
    per_setup: int
    printed: int
    words: str


class Levels(NamedTuple):
    """The staircase of one operation.

    Attributes:
        need: What the largest successor needs in own units, numerator; `need_parts` is the
            denominator; the plain target for an end.
        needed_by: Sequence number of that successor; None for an end.
        output: The need rounded up, in steps of the unit's last decimal.
        loaded: Input for the output at the yield, in steps times `Factors.kept`, make-ready apart.
        good_input: The same in steps, rounded up.
    """

    need: int
    need_parts: int
    needed_by: int | None
    output: int
    loaded: int
    good_input: int


def plain_of(scale: Scale, target: Fraction) -> Plain:
    """Print the plain target for a scale.

    Args:
        scale: Of some operations.
        target: Good products wanted.

    Returns:
        What their ledgers begin with.

    Raises:
        Nothing.
    """
    numerator, denominator = scale.units
    numerator, denominator = numerator * target.numerator, denominator * target.denominator
    lowest = lowest_denominator(numerator, denominator)
    decimals = finite_decimals(lowest, scale.printed_decimals)
    power = 10**decimals
    return Plain(
        decimals=decimals,
        power=power,
        per_step=10 ** (decimals - scale.decimals),
        per_setup=10 ** (decimals - scale.printed_decimals),
        printed=quantities.half_up(numerator * power, denominator),
        words=quantities.readable_ratio(numerator, denominator),
    )


def ledger(factors: Factors, levels: Levels, plain: Plain) -> tuple[LedgerEntry, ...]:
    """Explain an operation's input.

    Args:
        factors: The operation.
        levels: Its staircase.
        plain: Where it begins.

    Returns:
        The entries that are not zero. Their sum is planned input minus plain target, exactly where
        the plain target has a finite decimal, else for the plain target printed at six decimals.

    Raises:
        Nothing.
    """
    per_step = plain.per_step
    need = quantities.half_up(levels.need * plain.power, levels.need_parts)
    output = levels.output * per_step
    loaded = quantities.half_up(levels.loaded * per_step, factors.kept)
    rounding = (output - need) + (levels.good_input * per_step - loaded)
    rounding += factors.setup * per_step - factors.printed_setup * plain.per_setup
    above = need - plain.printed
    if not (above or rounding or loaded != output or factors.setup_entry):
        return ()
    words = _words(factors, levels)
    entries: list[LedgerEntry] = []
    if above:
        said = f"Operation {levels.needed_by} needs {words.need}, "
        said += f"the plain target is {plain.words}."
        entries.append(_entry("downstream", above, plain, said))
    if loaded != output:
        said = f"{factors.yield_words}{words.output} good need {words.loaded} in."
        entries.append(_entry("yield", loaded - output, plain, said))
    if factors.setup_entry is not None:
        entries.append(factors.setup_entry)
    if rounding:
        entries.append(_entry("whole_unit", rounding, plain, _rounded(factors, levels, words)))
    return tuple(entries)


def rounding_share(factors: Factors, levels: Levels) -> Fraction:
    """Say how much of the input is owed to rounding at this operation alone.

    Args:
        factors: The operation.
        levels: Its staircase.

    Returns:
        The exact quantity in the operation's unit, 0 or more.

    Raises:
        Nothing.
    """
    steps = levels.output + levels.good_input + factors.setup
    before = Fraction(levels.loaded, factors.kept) + factors.power * _setup(factors)
    need = Fraction(levels.need, levels.need_parts)
    return (steps - before) / factors.power - need


def _setup(factors: Factors) -> Fraction:
    return Fraction(factors.printed_setup, 10**factors.scale.printed_decimals)


def _entry(kind: LedgerKind, height: int, plain: Plain, explanation: str) -> LedgerEntry:
    return LedgerEntry(kind, quantities.trimmed(height, plain.decimals), explanation)


class _Words(NamedTuple):
    """The levels of a staircase as sentences say them; equal levels are written once."""

    need: str
    output: str
    loaded: str
    good_input: str


def _words(factors: Factors, levels: Levels) -> _Words:
    power, write = factors.power, quantities.readable_ratio
    need = output = write(levels.need, levels.need_parts)
    if levels.output * levels.need_parts != levels.need * power:
        output = write(levels.output, power)
    loaded = good_input = write(levels.loaded, factors.kept * power)
    if levels.good_input * factors.kept != levels.loaded:
        good_input = write(levels.good_input, power)
    return _Words(need, output, loaded, good_input)


def _rounded(factors: Factors, levels: Levels, words: _Words) -> str:
    parts = []
    if levels.output * levels.need_parts != levels.need * factors.power:
        parts.append(f"{words.need} becomes {words.output} out")
    if levels.good_input * factors.kept != levels.loaded:
        parts.append(f"{words.loaded} becomes {words.good_input} in")
    if factors.setup_rounding is not None:
        parts.append(factors.setup_rounding)
    return f"{factors.unit_words}{', '.join(parts)}."
