"""The reverse pass: from the target quantity back to what each operation must take in (SPEC 6).

From the ends to the starts: the input of each successor is converted to own units, the largest
counts, it is rounded up once to the output; the output divided by the yield is rounded up, and
make-ready is added to the input. All of it in integers and fractions; decimals are written last.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from lineside_manufacturing import quantities, rounding_ledger, topology
from lineside_manufacturing.faults import Fault
from lineside_manufacturing.operation_quantities import OperationQuantities, operation_faults
from lineside_manufacturing.rounding_ledger import LedgerEntry, LedgerKind, Levels
from lineside_manufacturing.routing_graph import RoutingGraph

__all__ = [
    "InvalidOperation",
    "LedgerEntry",
    "LedgerKind",
    "OperationQuantities",
    "PlannedQuantities",
    "operation_faults",
    "reverse_pass",
]

WARNED_ROUNDING = Fraction(1, 10)
"""Share of an input above which rounding alone is worth a warning (RULES 3)."""

UNWARNED_STEPS = 30
"""Three roundings an operation, each below one step, stay below a tenth of such an input."""

_NO_DEMAND = (Fraction(0), 0)


class InvalidOperation(ValueError):  # noqa: N818 - reads as what it is
    """An operation's numbers allow no reverse pass.

    Attributes:
        faults: All of them; paths start with the operation's position.
    """

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{fault.path}: {fault.message}" for fault in faults))
        self.faults = tuple(faults)


@dataclass(frozen=True)
class PlannedQuantities:
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


def reverse_pass(
    graph: RoutingGraph, operations: Sequence[OperationQuantities], target: Decimal
) -> tuple[PlannedQuantities, ...]:
    """Compute every operation's quantities for a target.

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
    wanted = quantities.exact(target)
    if wanted <= 0:
        raise ValueError(f"a target is above 0, not {target}")
    by_number = _checked(graph, operations)
    demand = _Demand(graph, wanted)
    staircases: dict[int, Levels] = {}
    for number in reversed(graph.sequence_numbers):
        operation = by_number[number]
        levels = _levels(operation, wanted, *demand.of(number))
        staircases[number] = levels
        taken = levels.quantity(levels.good_input + levels.setup_steps)
        demand.add(number, taken / quantities.exact(operation.units_per_product))
    return tuple(_planned(by_number[number], staircases[number]) for number in sorted(staircases))


class _Demand:
    """What is asked of each operation, in products; kept per gate so that joins stay cheap."""

    def __init__(self, graph: RoutingGraph, target: Fraction) -> None:
        gates = topology.gates_of(graph.predecessors)
        self._target = target
        self._waits_at = {
            number: i for i, numbers in enumerate(gates.values()) for number in numbers
        }
        self._opens: dict[int, list[int]] = {number: [] for number in graph.sequence_numbers}
        for index, waited_for in enumerate(gates):
            for number in waited_for:
                self._opens[number].append(index)
        self._asked = [_NO_DEMAND] * len(gates)

    def of(self, number: int) -> tuple[Fraction, int | None]:
        """The largest demand and who makes it; the target and None for an end."""
        gates = self._opens[number]
        if not gates:
            return self._target, None
        return self._asked[gates[0]] if len(gates) == 1 else max(self._asked[i] for i in gates)

    def add(self, number: int, products: Fraction) -> None:
        """Let an operation ask its predecessors for what it takes in."""
        gate = self._waits_at[number]
        if products > self._asked[gate][0]:
            self._asked[gate] = (products, number)


def _checked(
    graph: RoutingGraph, operations: Sequence[OperationQuantities]
) -> Mapping[int, OperationQuantities]:
    by_number = {operation.sequence_number: operation for operation in operations}
    if len(by_number) != len(operations) or by_number.keys() != graph.predecessors.keys():
        raise ValueError("the graph and the operations have different sequence numbers")
    faults = [
        fault.under(f"operations[{index}]")
        for index, operation in enumerate(operations)
        for fault in operation_faults(operation)
    ]
    if faults:
        raise InvalidOperation(faults)
    return by_number


def _levels(
    op: OperationQuantities, target: Fraction, demand: Fraction, needed_by: int | None
) -> Levels:
    power = 10**op.decimals
    units = quantities.exact(op.units_per_product)
    need = demand * units
    output = _ceiling(need * power)
    percentage = quantities.exact(op.yield_percentage)
    unrounded = Fraction(output * 100 * percentage.denominator, percentage.numerator)
    setup = quantities.exact(op.setup_scrap_quantity)
    return Levels(
        decimals=op.decimals,
        plain=target * units,
        need=need,
        needed_by=needed_by,
        output=output,
        unrounded_input=unrounded,
        good_input=_ceiling(unrounded),
        setup=setup,
        setup_steps=_ceiling(setup * power),
        yield_percentage=op.yield_percentage,
    )


def _ceiling(value: Fraction) -> int:
    return -(-value.numerator // value.denominator)


def _planned(op: OperationQuantities, levels: Levels) -> PlannedQuantities:
    taken = levels.good_input + levels.setup_steps
    loss = taken - levels.output
    scrap = _scrap_steps(op.scrap_percentage, taken, loss)
    rework = max(0, loss - levels.setup_steps - scrap)
    output, put_in, scrapped, reworked, make_ready = _decimals(
        (levels.output, taken, scrap, rework, loss - scrap - rework), op.decimals
    )
    return PlannedQuantities(
        sequence_number=op.sequence_number,
        planned_output=output,
        planned_input=put_in,
        planned_scrap=scrapped,
        planned_rework=reworked,
        ledger=rounding_ledger.ledger(levels),
        warnings=_warnings(op.sequence_number, levels, put_in),
        planned_make_ready=make_ready,
    )


def _scrap_steps(percentage: Decimal | None, taken: int, loss: int) -> int:
    if percentage is None:
        return loss
    share = quantities.exact(percentage) * taken / 100
    return min(loss, int(quantities.round_half_up(share, 0)))


def _decimals(steps: Iterable[int], decimals: int) -> Iterable[Decimal]:
    return (quantities.decimal_of(step, decimals) for step in steps)


def _warnings(number: int, levels: Levels, planned_input: Decimal) -> tuple[Fault, ...]:
    if levels.good_input >= UNWARNED_STEPS:
        return ()
    rounding = rounding_ledger.rounding_quantity(levels)
    if rounding <= WARNED_ROUNDING * Fraction(planned_input):
        return ()
    shown = quantities.readable(rounding)
    message = f"Rounding alone is {shown} of the {planned_input} that operation {number} takes in."
    facts = {
        "sequence_number": number,
        "rounding": str(quantities.as_decimal(rounding)),
        "planned_input": str(planned_input),
    }
    return (Fault("rounding_above_ten_percent", "planned_input", message, facts),)
