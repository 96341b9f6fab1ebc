"""A routing template ready to be expanded: its operations, looked up, and their graph."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any
from uuid import UUID

from lineside_contracts.routing import ProductionRun, RoutingOperation, RoutingOperationFields
from lineside_manufacturing import durations, routing_plans
from lineside_manufacturing.durations import RunTime
from lineside_manufacturing.operation_quantities import OperationQuantities
from lineside_manufacturing.routing_graph import GraphOperation, RoutingGraph, build_graph
from lineside_manufacturing.routing_plans import RoutingPlan
from lineside_routing.domain.catalogue import Resolution

KINDS_KEPT = 2
"""Products of one routing mostly count alike; more kinds than these are prepared again."""


@dataclass(frozen=True)
class Step:
    """One operation of a template with what it means.

    Attributes:
        predecessors: Sequence numbers directly before it; drawn when the template is built.
    """

    operation: RoutingOperation
    resolution: Resolution
    predecessors: tuple[int, ...] = ()

    @cached_property
    def run_time(self) -> RunTime:
        """How long it runs, for any input."""
        return durations.run_time(
            run_seconds_per_unit=self.resolution.run_seconds_per_unit,
            time_basis=self.operation.time_basis,
            batch_size=self.operation.batch_size,
        )

    def decimals(self, product_decimals: int) -> int:
        """Decimals of the unit it counts in: its own, or else the product's."""
        own = self.resolution.unit_decimals
        return product_decimals if own is None else own

    def run(self, target: "Counted") -> ProductionRun:
        """What all its runs say alike; id, quantities, time and ledger are each order's own."""
        operation, resolution = self.operation, self.resolution
        return ProductionRun(
            id=operation.id,
            sequence_number=operation.sequence_number,
            operation_code=operation.operation_code,
            operation_name=resolution.operation_name,
            operation_type=resolution.operation_type,
            work_center_code=resolution.work_center_code,
            alternate_work_center_codes=operation.alternate_work_center_codes,
            plant_code=resolution.plant_code or target.plant_code,
            department_code=resolution.department_code,
            unit_code=operation.unit_code or target.unit_code,
            unit_decimals=self.decimals(target.unit_decimals),
            units_per_product=operation.units_per_product,
            yield_percentage=operation.yield_percentage,
            planned_input=Decimal(0),
            planned_output=Decimal(0),
            planned_scrap=Decimal(0),
            setup_minutes=resolution.setup_minutes,
            run_minutes=Decimal(0),
            run_seconds_per_unit=resolution.run_seconds_per_unit,
            crew_size=operation.crew_size,
            wait_minutes=operation.wait_minutes,
            transfer_batch_quantity=operation.transfer_batch_quantity,
            setup_scrap_quantity=operation.setup_scrap_quantity,
            time_basis=operation.time_basis,
            batch_size=operation.batch_size,
            predecessor_sequence_numbers=self.predecessors,
            ledger=(),
            description=operation.description,
        )


@dataclass(frozen=True, slots=True)
class Counted:
    """What a product decides of its runs: its unit, and where nobody else says so, the plant."""

    unit_code: str
    unit_decimals: int
    plant_code: str | None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A template ready for orders of one kind.

    Attributes:
        plan: Its quantities and times, for any target.
        runs: For each step the fields of a run, with what all its runs say alike.
    """

    plan: RoutingPlan
    runs: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class Template:
    """A valid template version; `steps` ascend by sequence number."""

    routing_id: UUID
    routing_code: str
    routing_version: int
    steps: tuple[Step, ...]
    graph: RoutingGraph

    @cached_property
    def plant_code(self) -> str | None:
        """The plant of its last operation (RULES 26), where its work center has one."""
        last = self.graph.ends[-1]
        return next(
            step.resolution.plant_code
            for step in self.steps
            if step.operation.sequence_number == last
        )

    @cached_property
    def prepared(self) -> Callable[[Counted], Prepared]:
        """What all orders of one kind share, kept for the kinds asked for last."""
        return lru_cache(maxsize=KINDS_KEPT)(self._prepare)

    def _prepare(self, counted: Counted) -> Prepared:
        operations = [
            quantities_of(step.operation, step.decimals(counted.unit_decimals))
            for step in self.steps
        ]
        return Prepared(
            plan=routing_plans.routing_plan(
                self.graph, operations, [step.run_time for step in self.steps]
            ),
            runs=tuple(vars(step.run(counted)) for step in self.steps),
        )


def graph_operations(operations: Sequence[RoutingOperationFields]) -> list[GraphOperation]:
    """The hints from which the graph of a template is drawn."""
    return [
        GraphOperation(o.sequence_number, o.predecessor_sequence_number, o.is_concurrent)
        for o in operations
    ]


def quantities_of(operation: RoutingOperationFields, decimals: int) -> OperationQuantities:
    """What an operation does to quantities, in a unit of so many decimals."""
    return OperationQuantities(
        sequence_number=operation.sequence_number,
        yield_percentage=operation.yield_percentage,
        setup_scrap_quantity=operation.setup_scrap_quantity,
        units_per_product=operation.units_per_product,
        decimals=decimals,
        scrap_percentage=operation.scrap_percentage,
    )


def template(
    *, routing_id: UUID, routing_code: str, routing_version: int, steps: Sequence[Step]
) -> Template | None:
    """Build a template from a version that was found valid; None where its graph is not."""
    ordered = sorted(steps, key=lambda step: step.operation.sequence_number)
    graph = build_graph(graph_operations([step.operation for step in ordered]))
    if not isinstance(graph, RoutingGraph):
        return None
    drawn = tuple(
        replace(step, predecessors=graph.predecessors[step.operation.sequence_number])
        for step in ordered
    )
    return Template(routing_id, routing_code, routing_version, drawn, graph)
