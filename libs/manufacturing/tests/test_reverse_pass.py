from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from time import perf_counter

import pytest
from hypothesis import given, settings, strategies as st

from lineside_manufacturing import reverse_pass as rp
from lineside_manufacturing.quantities import round_half_up
from lineside_manufacturing.reverse_pass import (
    InvalidOperation,
    OperationQuantities,
    PlannedQuantities,
    operation_faults,
)
from lineside_manufacturing.routing_graph import GraphOperation, RoutingGraph, build_graph


def built(operations: Sequence[GraphOperation]) -> RoutingGraph:
    graph = build_graph(operations)
    assert isinstance(graph, RoutingGraph), graph
    return graph


def row(*yields: str) -> tuple[RoutingGraph, list[OperationQuantities]]:
    numbers = range(10, 10 * len(yields) + 1, 10)
    operations = [OperationQuantities(n, Decimal(y)) for n, y in zip(numbers, yields, strict=True)]
    return built([GraphOperation(n) for n in numbers]), operations


def one(operation: OperationQuantities, target: str = "100") -> PlannedQuantities:
    graph = built([GraphOperation(operation.sequence_number)])
    return rp.reverse_pass(graph, [operation], Decimal(target))[0]


BOOK_GRAPH = built(
    [
        GraphOperation(10),
        GraphOperation(20, is_concurrent=True),
        GraphOperation(30, 10),
        GraphOperation(40),
    ]
)
BOOK = [
    OperationQuantities(10, Decimal(97), Decimal(150), Fraction(4)),
    OperationQuantities(20, Decimal(95), Decimal(60), Fraction(1, 4)),
    OperationQuantities(30, Decimal(99), Decimal(0), Fraction(8)),
    OperationQuantities(40, Decimal(98)),
]


def test_ten_thousand_brochures_need_10361_sheets() -> None:
    planned = rp.reverse_pass(*row("98", "99", "99.5", "100"), Decimal(10_000))
    assert [p.planned_input for p in planned] == [10_361, 10_153, 10_051, 10_000]
    assert [p.planned_output for p in planned] == [10_153, 10_051, 10_000, 10_000]


def test_98_pieces_at_98_percent_need_exactly_100() -> None:
    assert rp.reverse_pass(*row("98"), Decimal(98))[0].planned_input == 100


def test_901_pieces_at_901_per_mille_need_exactly_1000() -> None:
    assert rp.reverse_pass(*row("90.1"), Decimal(901))[0].planned_input == 1000


def test_a_thousand_books_as_in_the_specification() -> None:
    block, cover, folding, binding = rp.reverse_pass(BOOK_GRAPH, BOOK, Decimal(1000))
    assert [binding.planned_output, binding.planned_input] == [1000, 1021]
    assert [folding.planned_output, folding.planned_input] == [8168, 8251]
    assert [block.planned_output, block.planned_input] == [4126, 4404]
    assert [cover.planned_output, cover.planned_input] == [256, 330]


def test_one_piece_of_248_per_sheet_is_one_sheet_with_a_warning() -> None:
    planned = one(OperationQuantities(10, units_per_product=Fraction(1, 248)), "1")
    assert planned.planned_input == 1
    assert [entry.kind for entry in planned.ledger] == ["whole_unit"]
    assert planned.ledger[0].quantity == 1 - round_half_up(Fraction(1, 248), 6)
    assert [warning.code for warning in planned.warnings] == ["rounding_above_ten_percent"]


def test_rounding_is_not_warned_about_where_it_is_a_tenth_or_less() -> None:
    assert one(OperationQuantities(10, Decimal("99.9")), "9").warnings == ()
    assert one(OperationQuantities(10, Decimal("99.9")), "8").warnings != ()


def test_one_brochure_prints_four() -> None:
    planned = rp.reverse_pass(*row("98", "99", "99.5", "100"), Decimal(1))
    assert [p.planned_input for p in planned] == [4, 3, 2, 1]
    assert all(p.warnings for p in planned[:3])


def test_the_ledger_tells_each_reason_in_a_sentence() -> None:
    block = rp.reverse_pass(BOOK_GRAPH, BOOK, Decimal(1000))[0]
    assert [(e.kind, str(e.quantity), e.explanation) for e in block.ledger] == [
        ("downstream", "125.5", "Operation 30 needs 4 125.5, the plain target is 4 000."),
        ("yield", "127.608247", "97 % yield: 4 126 good need 4 253.608 in."),
        ("make_ready", "150", "150 are spent on make-ready."),
        (
            "whole_unit",
            "0.891753",
            "Rounded up to whole units: 4 125.5 becomes 4 126 out, 4 253.608 becomes 4 254 in.",
        ),
    ]


def test_an_operation_that_loses_nothing_has_an_empty_ledger() -> None:
    planned = one(OperationQuantities(10))
    assert planned.ledger == ()
    assert planned.warnings == ()


def test_the_largest_of_several_successors_counts_after_conversion() -> None:
    graph = built([GraphOperation(10), GraphOperation(20, 10), GraphOperation(30, 10)])
    operations = [
        OperationQuantities(10, units_per_product=Fraction(1, 2)),
        OperationQuantities(20, units_per_product=Fraction(8)),
        OperationQuantities(30, Decimal(50)),
    ]
    first, many, half = rp.reverse_pass(graph, operations, Decimal(100))
    assert [many.planned_input, half.planned_input] == [800, 200]
    assert first.planned_output == 100
    assert first.ledger[0].explanation.startswith("Operation 30 needs 100")


def test_each_of_several_ends_outputs_the_target_in_its_units() -> None:
    graph = built([GraphOperation(10), GraphOperation(20, 10), GraphOperation(30, 10)])
    operations = [
        OperationQuantities(10),
        OperationQuantities(20, units_per_product=Fraction(1, 3)),
        OperationQuantities(30),
    ]
    planned = rp.reverse_pass(graph, operations, Decimal(100))
    # 34 thirds are 102 products: the first operation must supply the rounding of the second, too.
    assert [p.planned_output for p in planned] == [102, 34, 100]


def test_all_loss_is_scrap_unless_a_share_is_given() -> None:
    whole = one(OperationQuantities(10, Decimal(90), Decimal(5)), "90")
    assert [whole.planned_input, whole.planned_scrap] == [105, 15]
    assert [whole.planned_rework, whole.planned_make_ready] == [0, 0]
    part = one(OperationQuantities(10, Decimal(90), Decimal(5), scrap_percentage=Decimal(4)), "90")
    assert [part.planned_scrap, part.planned_rework, part.planned_make_ready] == [4, 6, 5]


def test_a_share_of_all_loss_is_all_loss() -> None:
    planned = one(OperationQuantities(10, Decimal(99), scrap_percentage=Decimal(1)), "51")
    assert [planned.planned_input, planned.planned_scrap, planned.planned_rework] == [52, 1, 0]


def test_make_ready_is_rounded_up_to_whole_units_too() -> None:
    planned = one(OperationQuantities(10, setup_scrap_quantity=Decimal("2.5")), "100")
    assert planned.planned_input == 103
    assert [(e.kind, e.quantity) for e in planned.ledger] == [
        ("make_ready", Decimal("2.5")),
        ("whole_unit", Decimal("0.5")),
    ]


@pytest.mark.parametrize(
    ("operation", "codes"),
    [
        (OperationQuantities(10), []),
        (OperationQuantities(10, Decimal(0)), ["yield_out_of_range"]),
        (OperationQuantities(10, Decimal("100.0001")), ["yield_out_of_range"]),
        (OperationQuantities(10, Decimal("NaN")), ["yield_out_of_range"]),
        (OperationQuantities(10, Decimal("99.12345")), ["yield_too_precise"]),
        (OperationQuantities(10, Decimal("99.12340")), []),
        (OperationQuantities(10, scrap_percentage=Decimal(-1)), ["scrap_out_of_range"]),
        (
            OperationQuantities(10, Decimal(95), scrap_percentage=Decimal("5.00001")),
            ["scrap_too_precise", "yield_plus_scrap_above_100"],
        ),
        (
            OperationQuantities(10, Decimal(9), Decimal(-1), Fraction(0)),
            ["setup_scrap_negative", "units_per_product_not_positive"],
        ),
        (OperationQuantities(10, decimals=-1), ["decimals_negative"]),
    ],
)
def test_every_fault_of_an_operation_is_named(
    operation: OperationQuantities, codes: list[str]
) -> None:
    assert [fault.code for fault in operation_faults(operation)] == codes


def test_a_yield_of_zero_is_refused_before_anything_divides_by_it() -> None:
    with pytest.raises(InvalidOperation) as refusal:
        one(OperationQuantities(10, Decimal(0)))
    assert [fault.path for fault in refusal.value.faults] == ["operations[0].yield_percentage"]


def test_targets_and_operations_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="above 0"):
        one(OperationQuantities(10), "0")
    with pytest.raises(ValueError, match="different sequence numbers"):
        rp.reverse_pass(built([GraphOperation(10)]), [OperationQuantities(20)], Decimal(1))


@st.composite
def numbered(draw: st.DrawFn, number: int) -> OperationQuantities:
    scrap = draw(st.none() | st.decimals(min_value=0, max_value=2, places=4))
    return OperationQuantities(
        number,
        draw(st.decimals(min_value="0.5", max_value=100 - (scrap or 0), places=4)),
        draw(st.decimals(min_value=0, max_value=500, places=1)),
        draw(st.fractions(min_value=Fraction(1, 300), max_value=50, max_denominator=300)),
        draw(st.integers(0, 3)),
        scrap,
    )


@st.composite
def plans(draw: st.DrawFn) -> tuple[RoutingGraph, list[OperationQuantities], Decimal]:
    numbers = range(1, draw(st.integers(1, 7)) + 1)
    hints = [GraphOperation(1)]
    for number in numbers[1:]:
        named = draw(st.none() | st.integers(1, number - 1))
        hints.append(GraphOperation(number, named, draw(st.booleans())))
    operations = [draw(numbered(number)) for number in numbers]
    return built(hints), operations, draw(st.decimals(min_value="0.01", max_value=10**6, places=2))


@settings(max_examples=120, deadline=None)
@given(plans())
def test_simulated_forward_no_plan_ever_delivers_too_little(
    plan: tuple[RoutingGraph, list[OperationQuantities], Decimal],
) -> None:
    graph, operations, target = plan
    planned = {p.sequence_number: p for p in rp.reverse_pass(graph, operations, target)}
    units = {o.sequence_number: o.units_per_product for o in operations}
    for operation in operations:
        result = planned[operation.sequence_number]
        run = Fraction(result.planned_input) - Fraction(operation.setup_scrap_quantity)
        good = run * Fraction(operation.yield_percentage) / 100
        assert good >= Fraction(result.planned_output)
        here = units[operation.sequence_number]
        for after in graph.successors[operation.sequence_number]:
            taken = Fraction(planned[after].planned_input)
            assert Fraction(result.planned_output) / here >= taken / units[after]
        if operation.sequence_number in graph.ends:
            assert Fraction(result.planned_output) >= Fraction(target) * here


@settings(max_examples=120, deadline=None)
@given(plans())
def test_the_ledger_sums_exactly_and_every_piece_has_a_fate(
    plan: tuple[RoutingGraph, list[OperationQuantities], Decimal],
) -> None:
    graph, operations, target = plan
    for operation, result in zip(
        operations, rp.reverse_pass(graph, operations, target), strict=True
    ):
        plain = Fraction(target) * operation.units_per_product
        total = sum(Fraction(entry.quantity) for entry in result.ledger)
        missing = Fraction(result.planned_input) - total
        finite = 10**40 % plain.denominator == 0
        assert missing == (plain if finite else Fraction(round_half_up(plain, 6)))
        assert all(entry.quantity > 0 for entry in result.ledger)
        fates = (result.planned_output, result.planned_scrap, result.planned_rework)
        assert sum((*fates, result.planned_make_ready)) == result.planned_input
        assert min(*fates, result.planned_make_ready) >= 0
        step = Fraction(1, 10**operation.decimals)
        assert Fraction(result.planned_input) % step == 0


@settings(max_examples=60, deadline=None)
@given(plans(), st.integers(1, 1000))
def test_a_larger_target_never_needs_less(
    plan: tuple[RoutingGraph, list[OperationQuantities], Decimal], more: int
) -> None:
    graph, operations, target = plan
    small = rp.reverse_pass(graph, operations, target)
    large = rp.reverse_pass(graph, operations, target + more)
    assert all(a.planned_input <= b.planned_input for a, b in zip(small, large, strict=True))


SHAPES = {
    "row": [GraphOperation(n) for n in range(1, 1001)],
    "500 branches into 500": [GraphOperation(n, None, n not in {1, 501}) for n in range(1, 1001)],
    "tree": [GraphOperation(n, n // 2 or None) for n in range(1, 1001)],
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_thousand_operations_take_milliseconds(shape: str) -> None:
    units = [Fraction(1), Fraction(1, 4), Fraction(8), Fraction(1, 3)]
    operations = [
        OperationQuantities(n, Decimal("99.95"), Decimal(3), units[n % 4]) for n in range(1, 1001)
    ]
    times = []
    for _ in range(3):
        begun = perf_counter()
        rp.reverse_pass(built(SHAPES[shape]), operations, Decimal(10_000))
        times.append(perf_counter() - begun)
    # 0.02 s where measured; the number to reach is 0.05 s (benchmarks), the rest is a slow machine.
    assert min(times) < 0.25
