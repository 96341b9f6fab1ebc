"""The reverse pass: from the target quantity back to what each operation must take in (SPEC 6).

From the ends to the starts: the input of each successor is converted to own units, the largest
counts, it is rounded up once to the output; the output divided by the yield is rounded up, and
make-ready is added to the input. All of it in whole numbers (`operation_factors`), prepared once
for a routing and used for every order; decimals are written last.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from lineside_manufacturing import operation_factors, quantities, rounding_ledger, topology
from lineside_manufacturing.faults import Fault
from lineside_manufacturing.operation_factors import Factors, LedgerEntry, LedgerKind, Scale
from lineside_manufacturing.operation_quantities import OperationQuantities, operation_faults
from lineside_manufacturing.rounding_ledger import Levels, Plain
from lineside_manufacturing.routing_graph import RoutingGraph

__all__ = [
    "InvalidOperation",
    "LedgerEntry",
    "LedgerKind",
    "OperationQuantities",
    "PlannedQuantities",
    "ReversePass",
    "operation_faults",
    "reverse_pass",
]

WARNED_ROUNDING = Fraction(1, 10)
"""Share of an input above which rounding alone is worth a warning (RULES 3)."""

UNWARNED_STEPS = 30
"""Three roundings an operation, each below one step, stay below a tenth of such an input."""

_Demand = tuple[int, int, int | None]
"""Products as numerator and denominator, and the operation that asks for them (None: the order)."""

_NO_DEMAND: _Demand = (0, 1, None)


class InvalidOperation(ValueError):  # noqa: N818 - reads as what it is
    """An operation's numbers allow no reverse pass.

    Attributes:
        faults: All of them; paths start with the operation's position.
    """

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{fault.path}: {fault.message}" for fault in faults))
        self.faults = tuple(faults)


class PlannedQuantities(NamedTuple):
    """What one operation is planned to take in and hand on, in its own unit.

    `planned_input = planned_output + planned_scrap + planned_rework + planned_make_ready` always.

    Attributes:
        sequence_number: The operation.
        planned_output: Good pieces its successors (or the order) need.
        planned_input: Pieces to put in, make-ready included.
        planned_scrap: Pieces expected to be lost for good: all loss where no scrap percentage is
            given, else that share of the input, rounded half up, at most the loss.
        planned_rework: The rest of the yield's loss: pieces expected to be repaired.
        ledger: Why the input is above the plain target; see `rounding_ledger`.
        warnings: `rounding_above_ten_percent`, or nothing.
        planned_make_ready: Make-ready waste that `planned_scrap` does not already hold: 0 without
            a scrap percentage.
    """

    sequence_number: int
    planned_output: Decimal
    planned_input: Decimal
    planned_scrap: Decimal
    planned_rework: Decimal
    ledger: tuple[LedgerEntry, ...]
    warnings: tuple[Fault, ...]
    planned_make_ready: Decimal


class ReversePass:
    """The reverse pass of one routing: prepared once, it answers for any target."""

    def __init__(self, graph: RoutingGraph, operations: Sequence[OperationQuantities]) -> None:
        """Prepare the pass.

        Args:
            graph: The routing's graph.
            operations: One for each operation of the graph, in any order.

        Raises:
            InvalidOperation: If `operation_faults` finds anything.
            ValueError: If operations and graph do not match.
        """
        _check(graph, operations)
        factors = {o.sequence_number: operation_factors.factors_of(o) for o in operations}
        scales = {scale: i for i, scale in enumerate({f.scale: None for f in factors.values()})}
        gates = topology.gates_of(graph.predecessors)
        waits_at = {number: i for i, waiting in enumerate(gates.values()) for number in waiting}
        opens: dict[int, list[int]] = {number: [] for number in graph.sequence_numbers}
        for index, waited_for in enumerate(gates):
            for number in waited_for:
                opens[number].append(index)
        order = tuple(reversed(graph.sequence_numbers))
        self._gate_count = len(gates)
        self._scales: tuple[Scale, ...] = tuple(scales)
        self._visits = tuple(
            _Visit(factors[n], tuple(opens[n]), waits_at[n], scales[factors[n].scale])
            for n in order
        )
        self._by_number = sorted(range(len(order)), key=order.__getitem__)

    def plan(self, target: Decimal) -> tuple[PlannedQuantities, ...]:
        """Compute every operation's quantities.

        Args:
            target: Good products wanted from every end, above 0.

        Returns:
            One result per operation, by ascending sequence number.

        Raises:
            ValueError: If the target is not positive.
        """
        wanted = quantities.exact(target)
        if wanted <= 0:
            raise ValueError(f"a target is above 0, not {target}")
        plains = [rounding_ledger.plain_of(scale, wanted) for scale in self._scales]
        order: _Demand = (wanted.numerator, wanted.denominator, None)
        asked = [_NO_DEMAND] * self._gate_count
        planned: list[PlannedQuantities] = []
        for factors, opens, gate, scale in self._visits:
            demand = _largest([asked[i] for i in opens]) if opens else order
            levels = _levels(factors, demand)
            taken = levels.good_input + factors.setup
            own: _Demand = (taken * factors.per_units, factors.products, factors.number)
            if _exceeds(own, asked[gate]):
                asked[gate] = own
            planned.append(_planned(factors, levels, taken, plains[scale]))
        return tuple([planned[i] for i in self._by_number])


class _Visit(NamedTuple):
    """An operation's turn: what it asks for is kept per gate, so that joins stay cheap."""

    factors: Factors
    opens: tuple[int, ...]
    gate: int
    scale: int


def reverse_pass(
    graph: RoutingGraph, operations: Sequence[OperationQuantities], target: Decimal
) -> tuple[PlannedQuantities, ...]:
    """Compute every operation's quantities for one target; `ReversePass` serves many.

    Args:
        graph: The routing's graph.
        operations: One for each operation of the graph, in any order.
        target: Good products wanted from every end, above 0.

    Returns:
        One result per operation, by ascending sequence number.

    Raises:
        InvalidOperation: If `operation_faults` finds anything.
        ValueError: If the target is not positive, or operations and graph do not match.
    """
    return ReversePass(graph, operations).plan(target)


def _check(graph: RoutingGraph, operations: Sequence[OperationQuantities]) -> None:
    numbers = {operation.sequence_number for operation in operations}
    if len(numbers) != len(operations) or numbers != graph.predecessors.keys():
        raise ValueError("the graph and the operations have different sequence numbers")
    faults = [
        fault.under(f"operations[{index}]")
        for index, operation in enumerate(operations)
        for fault in operation_faults(operation)
    ]
    if faults:
        raise InvalidOperation(faults)


def _exceeds(demand: _Demand, other: _Demand) -> bool:
    return demand[0] * other[1] > other[0] * demand[1]


def _largest(demands: Sequence[_Demand]) -> _Demand:
    """The largest demand; among equal ones that of the highest sequence number."""
    largest = demands[0]
    for demand in demands[1:]:
        is_tie = demand[0] * largest[1] == largest[0] * demand[1]
        if _exceeds(demand, largest) or (is_tie and (demand[2] or 0) > (largest[2] or 0)):
            largest = demand
    return largest


def _levels(factors: Factors, demand: _Demand) -> Levels:
    products, parts, needed_by = demand
    need, need_parts = products * factors.units, parts * factors.per_units
    output = -(-need * factors.power // need_parts)
    loaded = output * factors.loss
    return Levels(need, need_parts, needed_by, output, loaded, -(-loaded // factors.kept))


def _planned(factors: Factors, levels: Levels, taken: int, plain: Plain) -> PlannedQuantities:
    decimals, written = factors.decimals, quantities.decimal_of
    scrap, rework, make_ready = _fates(factors, taken, taken - levels.output)
    put_in = written(taken, decimals)
    return PlannedQuantities(
        factors.number,
        written(levels.output, decimals),
        put_in,
        scrap,
        rework,
        rounding_ledger.ledger(factors, levels, plain),
        () if levels.good_input >= UNWARNED_STEPS else _warnings(factors, levels, put_in),
        make_ready,
    )


def _fates(factors: Factors, taken: int, loss: int) -> tuple[Decimal, Decimal, Decimal]:
    """Scrap, rework and make-ready apart, of what is not handed on."""
    decimals, written = factors.decimals, quantities.decimal_of
    if factors.scrap is None:
        return written(loss, decimals), factors.nothing, factors.nothing
    share, parts = factors.scrap
    scrap = min(loss, quantities.half_up(share * taken, parts))
    rework = max(0, loss - factors.setup - scrap)
    rest = loss - scrap - rework
    return written(scrap, decimals), written(rework, decimals), written(rest, decimals)


def _warnings(factors: Factors, levels: Levels, planned_input: Decimal) -> tuple[Fault, ...]:
    rounding = rounding_ledger.rounding_share(factors, levels)
    if rounding <= WARNED_ROUNDING * Fraction(planned_input):
        return ()
    number, shown = factors.number, quantities.readable(rounding)
    message = f"Rounding alone is {shown} of the {planned_input} that operation {number} takes in."
    facts = {
        "sequence_number": number,
        "rounding": str(quantities.as_decimal(rounding)),
        "planned_input": str(planned_input),
    }
    return (Fault("rounding_above_ten_percent", "planned_input", message, facts),)
