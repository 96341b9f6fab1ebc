"""A routing template ready to be expanded: its operations, looked up, and their graph."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from uuid import UUID

from lineside_contracts.routing import RoutingOperation, RoutingOperationFields
from lineside_manufacturing.operation_quantities import OperationQuantities
from lineside_manufacturing.routing_graph import GraphOperation, RoutingGraph, build_graph
from lineside_routing.domain.catalogue import Resolution


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
    def said(self) -> Mapping[str, Any]:
        """What every run of it says alike; left out is what the product decides."""
        operation, resolution = self.operation, self.resolution
        values: dict[str, Any] = {
            "sequence_number": operation.sequence_number,
            "operation_code": operation.operation_code,
            "operation_name": resolution.operation_name,
            "operation_type": resolution.operation_type,
            "work_center_code": resolution.work_center_code,
            "alternate_work_center_codes": operation.alternate_work_center_codes,
            "department_code": resolution.department_code,
            "units_per_product": operation.units_per_product,
            "yield_percentage": operation.yield_percentage,
            "setup_minutes": resolution.setup_minutes,
            "run_seconds_per_unit": resolution.run_seconds_per_unit,
            "crew_size": operation.crew_size,
            "wait_minutes": operation.wait_minutes,
            "transfer_batch_quantity": operation.transfer_batch_quantity,
            "predecessor_sequence_numbers": self.predecessors,
            "description": operation.description,
        }
        own = {
            "unit_code": operation.unit_code,
            "unit_decimals": resolution.unit_decimals,
            "plant_code": resolution.plant_code,
        }
        return values | {name: value for name, value in own.items() if value is not None}


@dataclass(frozen=True)
class Template:
    """A valid template version; `steps` ascend by sequence number."""

    routing_id: UUID
    routing_code: str
    routing_version: int
    steps: tuple[Step, ...]
    graph: RoutingGraph

    def quantities(self, product_decimals: int) -> tuple[OperationQuantities, ...]:
        """What the reverse pass needs; operations without a unit count in the product's."""
        return tuple(
            quantities_of(
                step.operation,
                product_decimals
                if step.resolution.unit_decimals is None
                else step.resolution.unit_decimals,
            )
            for step in self.steps
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
