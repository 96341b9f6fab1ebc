"""The routings that products are made by, ready to be asked what a quantity takes.

A template is what routing said when it was activated: its operations carry what activation copied
from the catalogue. What a template does not say (one activated before templates said so) is named
in `unknown` and counts as nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property, lru_cache
from uuid import UUID

import orjson

from lineside_contracts.routing import RoutingOperation
from lineside_manufacturing import durations, routing_plans
from lineside_manufacturing.durations import RunTime, TimeBasis
from lineside_manufacturing.operation_quantities import OperationQuantities
from lineside_manufacturing.reverse_pass import InvalidOperation
from lineside_manufacturing.routing_graph import GraphOperation, RoutingGraph, build_graph
from lineside_manufacturing.routing_plans import RoutingPlan

KINDS_KEPT = 2
"""Products of one routing mostly count alike; more kinds than these are prepared again."""


@dataclass(frozen=True, slots=True)
class RoutingContent:
    """A stored template; two of the same id and version are the same.

    Attributes:
        operations: JSON as it is stored, read when a routing is built of it.
    """

    id: UUID
    version: int
    routing_code: str = field(compare=False)
    routing_version: int = field(compare=False)
    operations: str = field(compare=False)


@dataclass(frozen=True, slots=True)
class RoutedOperation:
    """One operation of a routing; minutes and seconds at 100 % on one parallel unit.

    Attributes:
        unit_decimals: Of its own unit; None where it counts in the product's.
        predecessors: Sequence numbers directly before it.
    """

    sequence_number: int
    operation_code: str
    work_center_code: str | None
    alternates: tuple[str, ...]
    setup_minutes: Decimal
    run_seconds_per_unit: Decimal
    time_basis: TimeBasis
    batch_size: Decimal | None
    crew_size: Decimal
    wait_minutes: Decimal
    transfer_batch_quantity: Decimal | None
    setup_scrap_quantity: Decimal
    units_per_product: Fraction
    yield_percentage: Decimal
    scrap_percentage: Decimal | None
    unit_code: str | None
    unit_decimals: int | None
    predecessors: tuple[int, ...]

    @property
    def run_time(self) -> RunTime:
        """How long it runs, for any input."""
        return durations.run_time(
            run_seconds_per_unit=self.run_seconds_per_unit,
            time_basis=self.time_basis,
            batch_size=self.batch_size,
        )

    def decimals(self, product_decimals: int) -> int:
        """Decimals of the unit it counts in."""
        return product_decimals if self.unit_decimals is None else self.unit_decimals

    def quantities(self, product_decimals: int) -> OperationQuantities:
        """What it does to quantities."""
        return OperationQuantities(
            sequence_number=self.sequence_number,
            yield_percentage=self.yield_percentage,
            setup_scrap_quantity=self.setup_scrap_quantity,
            units_per_product=self.units_per_product,
            decimals=self.decimals(product_decimals),
            scrap_percentage=self.scrap_percentage,
        )


@dataclass(frozen=True)
class RoutingFacts:
    """An active routing.

    Attributes:
        operations: By ascending sequence number.
        graph: None where the template has no valid one.
        unknown: What nobody told of it, in words.
    """

    id: UUID
    routing_code: str
    routing_version: int
    operations: tuple[RoutedOperation, ...]
    graph: RoutingGraph | None
    unknown: tuple[str, ...] = ()

    @cached_property
    def plan(self) -> Callable[[int], RoutingPlan | None]:
        """Its quantities and times, for a product whose unit has so many decimals.

        None where they cannot be computed.
        """
        return lru_cache(maxsize=KINDS_KEPT)(self._plan)

    def _plan(self, product_decimals: int) -> RoutingPlan | None:
        if self.graph is None:
            return None
        try:
            return routing_plans.routing_plan(
                self.graph,
                [operation.quantities(product_decimals) for operation in self.operations],
                [operation.run_time for operation in self.operations],
            )
        except InvalidOperation:
            return None


@lru_cache(maxsize=1024)
def routing_facts(content: RoutingContent) -> RoutingFacts:
    """Read a template, or give the one read before."""
    stored = [RoutingOperation.model_validate(row) for row in orjson.loads(content.operations)]
    ordered = sorted(stored, key=lambda operation: operation.sequence_number)
    graph = build_graph(
        [
            GraphOperation(o.sequence_number, o.predecessor_sequence_number, o.is_concurrent)
            for o in ordered
        ]
    )
    valid = graph if isinstance(graph, RoutingGraph) else None
    return RoutingFacts(
        id=content.id,
        routing_code=content.routing_code,
        routing_version=content.routing_version,
        operations=tuple(_operation(operation, valid) for operation in ordered),
        graph=valid,
        unknown=tuple(_unknown(content.routing_code, ordered, valid)),
    )


def _operation(operation: RoutingOperation, graph: RoutingGraph | None) -> RoutedOperation:
    number = operation.sequence_number
    decimals = operation.planned_unit_decimals
    return RoutedOperation(
        sequence_number=number,
        operation_code=operation.operation_code,
        work_center_code=operation.planned_work_center_code or operation.work_center_code,
        alternates=operation.alternate_work_center_codes,
        setup_minutes=_first(operation.planned_setup_minutes, operation.setup_time_minutes),
        run_seconds_per_unit=_first(
            operation.planned_run_seconds_per_unit, operation.run_time_per_unit_seconds
        ),
        time_basis=operation.time_basis,
        batch_size=operation.batch_size,
        crew_size=operation.crew_size,
        wait_minutes=operation.wait_minutes,
        transfer_batch_quantity=operation.transfer_batch_quantity,
        setup_scrap_quantity=operation.setup_scrap_quantity,
        units_per_product=operation.units_per_product,
        yield_percentage=operation.yield_percentage,
        scrap_percentage=operation.scrap_percentage,
        unit_code=operation.unit_code,
        unit_decimals=operation.unit_decimals if decimals is None else decimals,
        predecessors=graph.predecessors[number] if graph else (),
    )


def _first(*values: Decimal | None) -> Decimal:
    return next((value for value in values if value is not None), Decimal(0))


def _unknown(
    routing_code: str, operations: Sequence[RoutingOperation], graph: RoutingGraph | None
) -> list[str]:
    named = [
        f"{routing_code} does not say how long operation {operation.sequence_number} takes."
        for operation in operations
        if operation.planned_run_seconds_per_unit is None
        and operation.run_time_per_unit_seconds is None
    ]
    return named if graph else [*named, f"The operations of {routing_code} form no valid graph."]
