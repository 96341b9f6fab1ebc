"""The reverse pass and its ledger as one would write them down, a fraction at every step.

Nothing uses it but `test_fast_pass.py`, which holds the fast pass against it, and
`benchmarks/expansion.py`, which tells how much faster that is.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from lineside_manufacturing.operation_quantities import OperationQuantities
from lineside_manufacturing.routing_graph import RoutingGraph

Written = tuple[str, Decimal, str]
"""A ledger entry: kind, quantity, explanation."""


@dataclass(frozen=True)
class Staircase:
    """The levels of one operation, in its own unit."""

    plain: Fraction
    need: Fraction
    needed_by: int | None
    output: Fraction
    unrounded: Fraction
    good_input: Fraction
    setup: Fraction
    whole_setup: Fraction

    @property
    def planned_input(self) -> Fraction:
        return self.good_input + self.whole_setup


def reference_pass(
    graph: RoutingGraph, operations: Sequence[OperationQuantities], target: Decimal
) -> list[tuple[int, Decimal, Decimal, Decimal, Decimal, Decimal, list[Written], Fraction]]:
    """Number, output, input, scrap, rework, make-ready, ledger and rounding of each operation."""
    by_number = {operation.sequence_number: operation for operation in operations}
    stairs: dict[int, Staircase] = {}
    for number in reversed(graph.sequence_numbers):
        stairs[number] = _staircase(number, graph, by_number, stairs, Fraction(target))
    return [_planned(by_number[number], stairs[number]) for number in sorted(stairs)]


def _staircase(
    number: int,
    graph: RoutingGraph,
    by_number: Mapping[int, OperationQuantities],
    stairs: Mapping[int, Staircase],
    target: Fraction,
) -> Staircase:
    operation = by_number[number]
    asked: list[tuple[Fraction, int | None]] = [
        (stairs[after].planned_input / by_number[after].units_per_product, after)
        for after in graph.successors[number]
    ]
    products, needed_by = max(asked, default=(target, None), key=lambda ask: ask[0])
    need, decimals = products * operation.units_per_product, operation.decimals
    output = _up(need, decimals)
    unrounded = output / (Fraction(operation.yield_percentage) / 100)
    setup = Fraction(operation.setup_scrap_quantity)
    return Staircase(
        plain=target * operation.units_per_product,
        need=need,
        needed_by=needed_by,
        output=output,
        unrounded=unrounded,
        good_input=_up(unrounded, decimals),
        setup=setup,
        whole_setup=_up(setup, decimals),
    )


def _planned(
    operation: OperationQuantities, stair: Staircase
) -> tuple[int, Decimal, Decimal, Decimal, Decimal, Decimal, list[Written], Fraction]:
    decimals = operation.decimals
    loss = stair.planned_input - stair.output
    scrap = loss
    if operation.scrap_percentage is not None:
        share = Fraction(operation.scrap_percentage) / 100 * stair.planned_input
        scrap = min(loss, _nearest(share, decimals))
    rework = max(Fraction(0), loss - stair.whole_setup - scrap)
    fates = (stair.output, stair.planned_input, scrap, rework, loss - scrap - rework)
    out, put_in, lost, repaired, spent = (_decimal(quantity, decimals) for quantity in fates)
    rounding = (
        (stair.output - stair.need)
        + (stair.good_input - stair.unrounded)
        + (stair.whole_setup - stair.setup)
    )
    entries = list(_ledger(operation, stair))
    return operation.sequence_number, out, put_in, lost, repaired, spent, entries, rounding


def _ledger(operation: OperationQuantities, stair: Staircase) -> Iterator[Written]:
    decimals = max(6, operation.decimals)
    finite = [_decimals_of(value) for value in (stair.plain, stair.setup)]
    printed = max(decimals, *(count for count in finite if count is not None), 0)
    plain, need, before, setup = (
        _nearest(value, printed)
        for value in (stair.plain, stair.need, stair.unrounded, stair.setup)
    )
    heights = {
        "downstream": need - plain,
        "yield": before - stair.output,
        "make_ready": setup,
        "whole_unit": stair.planned_input - setup - before + stair.output - need,
    }
    sentences = _sentences(operation, stair)
    for kind, height in heights.items():
        if height:
            yield kind, _shortest(height), sentences[kind]


def _sentences(operation: OperationQuantities, stair: Staircase) -> Mapping[str, str]:
    levels = [
        (stair.need, stair.output, "out"),
        (stair.unrounded, stair.good_input, "in"),
        (stair.setup, stair.whole_setup, "for make-ready"),
    ]
    rounded = [f"{_words(a)} becomes {_words(b)} {where}" for a, b, where in levels if a != b]
    unit = f"{operation.decimals} decimals" if operation.decimals else "whole units"
    percentage = _shortest(Fraction(operation.yield_percentage))
    good, taken = _words(stair.output), _words(stair.unrounded)
    return {
        "downstream": f"Operation {stair.needed_by} needs {_words(stair.need)},"
        f" the plain target is {_words(stair.plain)}.",
        "yield": f"{percentage} % yield: {good} good need {taken} in.",
        "make_ready": f"{_words(stair.setup)} are spent on make-ready.",
        "whole_unit": f"Rounded up to {unit}: {', '.join(rounded)}.",
    }


def _up(value: Fraction, decimals: int) -> Fraction:
    return Fraction(-(-value * 10**decimals // 1), 10**decimals)


def _nearest(value: Fraction, decimals: int) -> Fraction:
    return Fraction((value * 10**decimals + Fraction(1, 2)) // 1, 10**decimals)


def _decimals_of(value: Fraction) -> int | None:
    """Decimals that write a value exactly; None where it has no finite decimal."""
    return next((n for n in range(80) if 10**n % value.denominator == 0), None)


def _decimal(value: Fraction, decimals: int) -> Decimal:
    return Decimal(f"{value * 10**decimals}E-{decimals}") if decimals else Decimal(int(value))


def _shortest(value: Fraction) -> Decimal:
    return _decimal(value, _decimals_of(value) or 0)


def _words(value: Fraction) -> str:
    return f"{_shortest(_nearest(value, 3)):,f}".replace(",", " ")
