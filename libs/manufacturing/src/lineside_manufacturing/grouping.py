"""Which runs form one work order (RULES 10): runs in a plain row that one crew can carry through.

Shop floor calls it with the runs of `routing.expanded`; each group becomes a work order whose
operations are its runs, and the groups follow one another as the graph says.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from lineside_manufacturing import topology


@dataclass(frozen=True)
class GroupableRun:
    """What decides whether a run joins its predecessor's work order.

    Attributes:
        sequence_number: The run's operation.
        operation_type: Fabrication, machining, assembly, testing: a column of the catalogue.
        plant_code: Where it is done.
        units_per_product: Its units in one product, above 0; rows of other units count otherwise.
        lane_eligibility: Where it may be done, as a text compared for equality (a work center's
            code, with its alternates where there are any).
    """

    sequence_number: int
    operation_type: str
    plant_code: str
    units_per_product: Fraction
    lane_eligibility: str

    def goes_with(self, other: "GroupableRun") -> bool:
        """Say whether two neighbouring runs may share a work order.

        Args:
            other: The run before or after this one.

        Returns:
            True where type, plant, units and lanes are equal.

        Raises:
            Nothing.
        """
        return (
            self.operation_type == other.operation_type
            and self.plant_code == other.plant_code
            and self.units_per_product == other.units_per_product
            and self.lane_eligibility == other.lane_eligibility
        )


@dataclass(frozen=True)
class WorkOrderGroup:
    """The runs of one work order.

    Attributes:
        sequence_numbers: Its runs in the order they follow one another.
        predecessor_groups: Positions, in the answer of `group_runs`, of the groups its first run
            waits for, ascending and always below its own position.
    """

    sequence_numbers: tuple[int, ...]
    predecessor_groups: tuple[int, ...]


def group_runs(
    graph_predecessors: Mapping[int, Sequence[int]], runs: Sequence[GroupableRun]
) -> tuple[WorkOrderGroup, ...]:
    """Group the runs of a production order into work orders.

    Args:
        graph_predecessors: Sequence numbers directly before each run, as in
            `RoutingGraph.predecessors`.
        runs: One run per operation of the graph, in any order.

    Returns:
        The groups in topological order; every run is in exactly one.

    Raises:
        ValueError: If runs and graph do not match, or the graph has a cycle.
    """
    by_number = {run.sequence_number: run for run in runs}
    if len(by_number) != len(runs) or by_number.keys() != graph_predecessors.keys():
        raise ValueError("the graph and the runs have different sequence numbers")
    numbers, cycles = topology.order(graph_predecessors)
    if cycles:
        raise ValueError(f"the runs wait for each other in a circle: {cycles[0]}")
    successors = topology.successors_of(graph_predecessors)
    members: list[list[int]] = []
    group_of: dict[int, int] = {}
    for number in numbers:
        joined = _joined_run(number, graph_predecessors, successors)
        if joined is None or not by_number[number].goes_with(by_number[joined]):
            group_of[number] = len(members)
            members.append([number])
        else:
            group_of[number] = group_of[joined]
            members[group_of[joined]].append(number)
    return tuple(
        WorkOrderGroup(tuple(row), _groups_before(row[0], graph_predecessors, group_of))
        for row in members
    )


def _joined_run(
    number: int,
    predecessors: Mapping[int, Sequence[int]],
    successors: Mapping[int, Sequence[int]],
) -> int | None:
    """The sole predecessor that has this run as its sole successor."""
    before = predecessors[number]
    if len(before) == 1 and len(successors[before[0]]) == 1:
        return before[0]
    return None


def _groups_before(
    number: int, predecessors: Mapping[int, Sequence[int]], group_of: Mapping[int, int]
) -> tuple[int, ...]:
    return tuple(sorted({group_of[before] for before in predecessors[number]}))
