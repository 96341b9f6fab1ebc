"""The fast pass says to the last letter what fractions say, over random routings."""

import runpy
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from hypothesis import given, settings, strategies as st

from lineside_manufacturing import durations, quantities
from lineside_manufacturing.durations import TimeBasis
from lineside_manufacturing.reverse_pass import (
    OperationQuantities,
    PlannedQuantities,
    ReversePass,
    reverse_pass,
)
from lineside_manufacturing.routing_graph import GraphOperation, RoutingGraph, build_graph

reference_pass = runpy.run_path(str(Path(__file__).with_name("fraction_reference.py")))[
    "reference_pass"
]

RATIOS = st.one_of(
    st.sampled_from([Fraction(1), Fraction(1, 4), Fraction(8), Fraction(1, 3), Fraction(1, 248)]),
    st.fractions(min_value=Fraction(1, 10**6), max_value=10**6, max_denominator=10**6),
    st.integers(0, 12).map(lambda n: Fraction(1, 2**n)),
)
TARGETS = st.one_of(
    st.integers(1, 10**12).map(Decimal),
    st.decimals(min_value="0.000001", max_value=10**12, places=6),
)


def percentages(least: str, most: Decimal | int) -> st.SearchStrategy[Decimal]:
    whole = st.integers(int(Decimal(least)) + 1, int(most)).map(Decimal)
    return whole | st.decimals(min_value=least, max_value=most, places=4)


@st.composite
def operations(draw: st.DrawFn, number: int) -> OperationQuantities:
    scrap = draw(st.none() | st.decimals(min_value=0, max_value=5, places=4))
    return OperationQuantities(
        number,
        draw(percentages("0.01", int(100 - (scrap or 0)))),
        draw(st.just(Decimal(0)) | st.decimals(min_value=0, max_value=500, places=7)),
        draw(RATIOS),
        draw(st.integers(0, 6)),
        scrap,
    )


@st.composite
def plans(draw: st.DrawFn) -> tuple[RoutingGraph, list[OperationQuantities]]:
    numbers = range(1, draw(st.integers(1, 9)) + 1)
    hints = [GraphOperation(1)]
    for number in numbers[1:]:
        named = draw(st.none() | st.integers(1, number - 1))
        hints.append(GraphOperation(number, named, draw(st.booleans())))
    graph = build_graph(hints)
    assert isinstance(graph, RoutingGraph), graph
    return graph, [draw(operations(number)) for number in numbers]


def written(planned: PlannedQuantities) -> tuple[Any, ...]:
    """Everything but the warnings; decimals as they print, for 1 is not 1.0 in a message."""
    ledger = [(entry.kind, str(entry.quantity), entry.explanation) for entry in planned.ledger]
    decimals = (
        planned.planned_output,
        planned.planned_input,
        planned.planned_scrap,
        planned.planned_rework,
        planned.planned_make_ready,
    )
    return planned.sequence_number, *map(str, decimals), ledger


def expected(reference: tuple[Any, ...]) -> tuple[Any, ...]:
    number, *decimals, ledger, _ = reference
    entries = [(kind, str(quantity), sentence) for kind, quantity, sentence in ledger]
    return number, *map(str, decimals), entries


def without_names(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Of successors that need exactly as much, a sentence may name any: see the test below."""
    *numbers, ledger = row
    return *numbers, [(k, q, s.split(" needs ")[-1]) for k, q, s in ledger]


@settings(max_examples=300, deadline=None)
@given(plans(), TARGETS)
def test_the_fast_pass_says_what_fractions_say(
    plan: tuple[RoutingGraph, list[OperationQuantities]], target: Decimal
) -> None:
    graph, listed = plan
    fast = reverse_pass(graph, listed, target)
    slow = reference_pass(graph, listed, target)
    assert [without_names(written(one)) for one in fast] == [
        without_names(expected(one)) for one in slow
    ]
    for one, (*_, rounding) in zip(fast, slow, strict=True):
        is_much = rounding > Fraction(one.planned_input) / 10
        assert [fault.code for fault in one.warnings] == ["rounding_above_ten_percent"] * is_much


@settings(max_examples=100, deadline=None)
@given(plans(), TARGETS)
def test_a_ledger_names_a_successor_that_needs_most(
    plan: tuple[RoutingGraph, list[OperationQuantities]], target: Decimal
) -> None:
    graph, listed = plan
    planned = {one.sequence_number: one for one in reverse_pass(graph, listed, target)}
    units = {operation.sequence_number: operation.units_per_product for operation in listed}
    for number, one in planned.items():
        for entry in one.ledger[:1]:
            if entry.kind == "downstream":
                asked = {
                    n: Fraction(planned[n].planned_input) / units[n]
                    for n in graph.successors[number]
                }
                assert asked[int(entry.explanation.split()[1])] == max(asked.values())


@settings(max_examples=60, deadline=None)
@given(plans(), st.lists(TARGETS, min_size=2, max_size=4))
def test_a_prepared_pass_keeps_nothing_from_one_target_to_the_next(
    plan: tuple[RoutingGraph, list[OperationQuantities]], targets: list[Decimal]
) -> None:
    graph, listed = plan
    prepared = ReversePass(graph, listed)
    for target in targets:
        assert prepared.plan(target) == reverse_pass(graph, listed, target)


@settings(max_examples=200, deadline=None)
@given(
    st.decimals(min_value=0, max_value=10**6, places=4),
    st.decimals(min_value=0, max_value=10**9, places=6),
    st.sampled_from(["per_unit", "fixed", "per_batch"]),
    st.decimals(min_value="0.000001", max_value=10**4, places=6),
)
def test_a_prepared_run_time_is_the_exact_one_rounded(
    seconds: Decimal, planned_input: Decimal, basis: TimeBasis, batch: Decimal
) -> None:
    prepared = durations.run_time(run_seconds_per_unit=seconds, time_basis=basis, batch_size=batch)
    exact = durations.run_minutes(
        run_seconds_per_unit=seconds,
        planned_input=planned_input,
        time_basis=basis,
        batch_size=batch,
    )
    assert str(prepared.written(planned_input, 4)) == str(quantities.as_decimal(exact, 4))
