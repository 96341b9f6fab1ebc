"""A routing as numbers: what a quantity takes at each operation, and for how long.

Prepared once for a routing and the kind of product it makes, then asked for every order, preview
and promise. Who looked the operations up, and what else a run says, is the caller's matter.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from lineside_manufacturing.durations import RunTime
from lineside_manufacturing.operation_quantities import OperationQuantities
from lineside_manufacturing.reverse_pass import PlannedQuantities, ReversePass
from lineside_manufacturing.routing_graph import RoutingGraph

MINUTE_DECIMALS = 4
"""Decimals of planned minutes."""


@dataclass(frozen=True, slots=True)
class RoutingPlan:
    """A routing that answers for any target.

    Attributes:
        graph: Who waits for whom.
        reverse_pass: Its quantities.
        run_times: How long each operation runs, by ascending sequence number.
    """

    graph: RoutingGraph
    reverse_pass: ReversePass
    run_times: tuple[RunTime, ...]

    def plan(self, target: Decimal) -> tuple[PlannedQuantities, ...]:
        """Compute every operation's quantities.

        Args:
            target: Good products wanted, above 0.

        Returns:
            One result per operation, by ascending sequence number.

        Raises:
            ValueError: If the target is not positive.
        """
        return self.reverse_pass.plan(target)

    def minutes(self, planned: Sequence[PlannedQuantities]) -> tuple[Decimal, ...]:
        """Compute how long operations run on one parallel unit, setup apart.

        Args:
            planned: What `plan` answered.

        Returns:
            Minutes as people read them, by ascending sequence number.

        Raises:
            Nothing.
        """
        return tuple(
            [
                run_time.written(quantity.planned_input, MINUTE_DECIMALS)
                for run_time, quantity in zip(self.run_times, planned, strict=True)
            ]
        )


def routing_plan(
    graph: RoutingGraph,
    operations: Sequence[OperationQuantities],
    run_times: Sequence[RunTime],
) -> RoutingPlan:
    """Prepare a routing.

    Args:
        graph: Drawn from the routing's operations.
        operations: One for each operation of the graph, by ascending sequence number.
        run_times: Theirs, in the same order.

    Returns:
        What answers for any target.

    Raises:
        InvalidOperation: If `reverse_pass.operation_faults` finds anything.
        ValueError: If operations, run times and graph do not match.
    """
    if len(run_times) != len(operations):
        raise ValueError(f"{len(operations)} operations have {len(run_times)} run times")
    return RoutingPlan(graph, ReversePass(graph, operations), tuple(run_times))
