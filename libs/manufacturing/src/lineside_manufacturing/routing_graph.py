"""The graph of a routing: from sequence numbers and hints to who waits for whom (SPEC 6).

The edge rule, applied in sequence order: a predecessor given is that edge alone; a concurrent
operation has the same predecessors as the operation before it; any other operation follows every
earlier operation that has no successor *yet* (a join). "Yet" means edges drawn so far: an edge that
a later operation draws explicitly does not count, one that an earlier operation drew does.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lineside_manufacturing import topology
from lineside_manufacturing.faults import Fault


@dataclass(frozen=True)
class GraphOperation:
    """What the graph needs to know of an operation.

    Attributes:
        sequence_number: Its number in the routing, above 0 (10, 20, 30, …).
        predecessor_sequence: The one operation it follows, where a person named it; it may be a
            later number.
        is_concurrent: It runs beside the operation before it; without meaning where a predecessor
            is named.
    """

    sequence_number: int
    predecessor_sequence: int | None = None
    is_concurrent: bool = False


@dataclass(frozen=True)
class RoutingGraph:
    """A valid routing: acyclic, every operation known.

    Attributes:
        sequence_numbers: All operations in topological order, the smallest number first where the
            graph leaves a choice.
        predecessors: Directly before each operation, ascending; () for a start.
        successors: Directly after each operation, ascending; () for an end.
        ends: Operations without successor, ascending.
        starts: Operations without predecessor, ascending.
    """

    sequence_numbers: tuple[int, ...]
    predecessors: Mapping[int, tuple[int, ...]]
    successors: Mapping[int, tuple[int, ...]]
    ends: tuple[int, ...]
    starts: tuple[int, ...]


def build_graph(operations: Sequence[GraphOperation]) -> RoutingGraph | tuple[Fault, ...]:
    """Draw the edges of a routing, or say everything that is wrong with it.

    Args:
        operations: The routing's operations in any order; fault paths count in this order.

    Returns:
        The graph, or all faults at once: `no_operations`, `sequence_number_not_positive`,
        `duplicate_sequence_number`, `missing_predecessor`, `self_reference`,
        `first_operation_concurrent`, `cycle` (its path in the facts, once per cycle). Cycles are
        looked for in what remains when faulty edges are left out.

    Raises:
        Nothing.
    """
    if not operations:
        return (Fault("no_operations", "operations", "The routing has no operations."),)
    positions = {o.sequence_number: i for i, o in reversed(list(enumerate(operations)))}
    ordered = [operations[positions[number]] for number in sorted(positions)]
    predecessors = _predecessors(ordered, positions)
    sequence_numbers, cycles = topology.order(predecessors)
    faults = (
        *_number_faults(operations),
        *_predecessor_faults(operations, positions),
        *_first_faults(ordered[0], positions),
        *(_cycle_fault(path, positions) for path in cycles),
    )
    return faults or _graph(sequence_numbers, predecessors)


def _graph(
    sequence_numbers: tuple[int, ...], predecessors: Mapping[int, tuple[int, ...]]
) -> RoutingGraph:
    successors = topology.successors_of(predecessors)
    return RoutingGraph(
        sequence_numbers=sequence_numbers,
        predecessors=predecessors,
        successors=successors,
        ends=tuple(number for number, after in successors.items() if not after),
        starts=tuple(number for number, before in predecessors.items() if not before),
    )


def _predecessors(
    ordered: Sequence[GraphOperation], known: Mapping[int, int]
) -> dict[int, tuple[int, ...]]:
    drawn: dict[int, tuple[int, ...]] = {}
    without_successor: dict[int, None] = {}  # a set that keeps sequence order
    followed: set[int] = set()
    before: tuple[int, ...] = ()
    for operation in ordered:
        if operation.predecessor_sequence is not None:
            before = _explicit(operation, known)
        elif not operation.is_concurrent:
            before = tuple(without_successor)
        number = operation.sequence_number
        drawn[number] = before
        if not followed.issuperset(before):
            followed.update(before)
            for earlier in before:
                without_successor.pop(earlier, None)
        if number not in followed:
            without_successor[number] = None
    return drawn


def _explicit(operation: GraphOperation, known: Mapping[int, int]) -> tuple[int, ...]:
    named = operation.predecessor_sequence
    if named is None or named not in known or named == operation.sequence_number:
        return ()  # faulty, reported apart
    return (named,)


def _number_faults(operations: Sequence[GraphOperation]) -> Iterator[Fault]:
    counts = Counter(operation.sequence_number for operation in operations)
    seen: set[int] = set()
    for index, operation in enumerate(operations):
        number = operation.sequence_number
        path, facts = f"operations[{index}].sequence_number", {"sequence_number": number}
        if number <= 0:
            message = f"Sequence number {number} is not above 0."
            yield Fault("sequence_number_not_positive", path, message, facts)
        if number in seen:
            message = f"Sequence number {number} is used {counts[number]} times."
            yield Fault("duplicate_sequence_number", path, message, facts)
        seen.add(number)


def _predecessor_faults(
    operations: Sequence[GraphOperation], known: Mapping[int, int]
) -> Iterator[Fault]:
    for index, operation in enumerate(operations):
        number, named = operation.sequence_number, operation.predecessor_sequence
        path = f"operations[{index}].predecessor_sequence"
        facts = {"sequence_number": number, "predecessor_sequence": named}
        if named == number:
            message = f"Operation {number} names itself as its predecessor."
            yield Fault("self_reference", path, message, facts)
        elif named is not None and named not in known:
            message = f"Operation {number} follows operation {named}, which is not in the routing."
            yield Fault("missing_predecessor", path, message, facts)


def _first_faults(first: GraphOperation, positions: Mapping[int, int]) -> Iterator[Fault]:
    if first.is_concurrent:
        number = first.sequence_number
        yield Fault(
            "first_operation_concurrent",
            f"operations[{positions[number]}].is_concurrent",
            f"Operation {number} is the first: there is none before it to run beside.",
            {"sequence_number": number},
        )


def _cycle_fault(path: tuple[int, ...], positions: Mapping[int, int]) -> Fault:
    shown = " → ".join(str(number) for number in path)
    message = f"The operations wait for each other in a circle: {shown}."
    return Fault("cycle", f"operations[{positions[path[0]]}]", message, {"path": list(path)})
