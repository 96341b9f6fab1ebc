from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings, strategies as st

from lineside_manufacturing.faults import Fault
from lineside_manufacturing.routing_graph import GraphOperation, RoutingGraph, build_graph


def built(operations: Sequence[GraphOperation]) -> RoutingGraph:
    graph = build_graph(operations)
    assert isinstance(graph, RoutingGraph), graph
    return graph


def faults_of(*operations: GraphOperation) -> dict[str, Fault]:
    answer = build_graph(operations)
    assert isinstance(answer, tuple)
    return {fault.code: fault for fault in answer}


def test_a_plain_row_is_a_chain() -> None:
    graph = built([GraphOperation(n) for n in (30, 10, 20)])
    assert graph.sequence_numbers == (10, 20, 30)
    assert graph.predecessors == {10: (), 20: (10,), 30: (20,)}
    assert graph.successors == {10: (20,), 20: (30,), 30: ()}
    assert (graph.starts, graph.ends) == ((10,), (30,))


def test_binding_joins_folding_and_the_cover_branch() -> None:
    graph = built(
        [
            GraphOperation(10),
            GraphOperation(20, is_concurrent=True),
            GraphOperation(30, predecessor_sequence=10),
            GraphOperation(40),
        ]
    )
    assert graph.predecessors == {10: (), 20: (), 30: (10,), 40: (20, 30)}
    assert graph.starts == (10, 20)
    assert graph.ends == (40,)


def test_concurrent_operations_share_the_predecessors_of_the_one_before() -> None:
    concurrent = GraphOperation(30, is_concurrent=True)
    graph = built([GraphOperation(10), GraphOperation(20), concurrent, GraphOperation(40)])
    assert graph.predecessors[30] == (10,)
    assert graph.predecessors[40] == (20, 30)
    assert graph.successors[10] == (20, 30)


def test_an_edge_a_later_operation_draws_does_not_count_yet() -> None:
    graph = built([GraphOperation(10), GraphOperation(20), GraphOperation(30, 10)])
    assert graph.predecessors == {10: (), 20: (10,), 30: (10,)}
    assert graph.ends == (20, 30)


def test_an_edge_an_earlier_operation_drew_does_count() -> None:
    graph = built(
        [GraphOperation(10, 20), GraphOperation(20, 5), GraphOperation(30), GraphOperation(5)]
    )
    assert graph.predecessors == {5: (), 10: (20,), 20: (5,), 30: (10,)}
    assert graph.sequence_numbers == (5, 20, 10, 30)


def test_several_ends_are_named() -> None:
    graph = built([GraphOperation(10), GraphOperation(20, 10), GraphOperation(30, 10)])
    assert graph.ends == (20, 30)


def test_no_operations_is_a_fault() -> None:
    assert set(faults_of()) == {"no_operations"}


def test_all_faults_come_in_one_answer() -> None:
    faults = faults_of(
        GraphOperation(-1, is_concurrent=True),
        GraphOperation(10, 10),
        GraphOperation(10),
        GraphOperation(20, 99),
        GraphOperation(30, 40),
        GraphOperation(40, 30),
    )
    assert set(faults) == {
        "sequence_number_not_positive",
        "first_operation_concurrent",
        "self_reference",
        "duplicate_sequence_number",
        "missing_predecessor",
        "cycle",
    }
    assert faults["duplicate_sequence_number"].path == "operations[2].sequence_number"
    assert faults["missing_predecessor"].path == "operations[3].predecessor_sequence"
    assert faults["cycle"].facts == {"path": [30, 40, 30]}


def test_a_cycle_through_a_join_is_reported_with_its_path() -> None:
    faults = faults_of(GraphOperation(10, 30), GraphOperation(20), GraphOperation(30))
    assert faults["cycle"].facts == {"path": [10, 20, 30, 10]}
    assert "10 → 20 → 30 → 10" in faults["cycle"].message


def test_every_separate_cycle_is_reported() -> None:
    pairs = [GraphOperation(10, 20), GraphOperation(20, 10), GraphOperation(30, 40)]
    answer = build_graph([*pairs, GraphOperation(40, 30)])
    assert isinstance(answer, tuple)
    assert [fault.facts["path"] for fault in answer] == [[10, 20, 10], [30, 40, 30]]


def test_a_concurrent_operation_that_would_wait_for_itself_is_a_cycle() -> None:
    faults = faults_of(GraphOperation(10, 20), GraphOperation(20, is_concurrent=True))
    assert faults["cycle"].facts == {"path": [20, 20]}


@st.composite
def routings(draw: st.DrawFn) -> list[GraphOperation]:
    numbers = draw(st.lists(st.integers(1, 60), min_size=1, max_size=12, unique=True))
    named = st.none() | st.sampled_from(numbers)
    return [GraphOperation(n, draw(named), draw(st.booleans())) for n in numbers]


@settings(max_examples=150, deadline=None)
@given(routings())
def test_a_graph_is_topological_and_a_refusal_names_a_real_circle(
    operations: list[GraphOperation],
) -> None:
    graph = build_graph(operations)
    if isinstance(graph, RoutingGraph):
        place = {number: i for i, number in enumerate(graph.sequence_numbers)}
        assert set(place) == {o.sequence_number for o in operations}
        edges = {(p, n) for n, before in graph.predecessors.items() for p in before}
        assert all(place[p] < place[n] for p, n in edges)
        assert edges == {(p, n) for p, after in graph.successors.items() for n in after}
        assert graph.ends == tuple(sorted(n for n in place if not graph.successors[n]))
    else:
        named = {o.sequence_number: o.predecessor_sequence for o in operations}
        for fault in graph:
            if fault.code == "cycle":
                path = fault.facts["path"]
                assert isinstance(path, list)
                assert path[0] == path[-1]
                assert all(named[after] in (None, before) for before, after in pairwise(path))


@pytest.mark.parametrize("size", [2, 50])
def test_a_chain_of_explicit_predecessors_equals_the_plain_row(size: int) -> None:
    plain = built([GraphOperation(n) for n in range(1, size)])
    named = built([GraphOperation(n, n - 1 if n > 1 else None) for n in range(1, size)])
    assert plain == named
