from collections.abc import AsyncIterator, Callable
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts.planning import ProductionOrder
from lineside_contracts.routing import Expansion, ExpansionOrder, ProductionRun
from lineside_contracts.shopfloor import WorkOrder
from lineside_testkit import builders
from lineside_testkit.harness import Harness
from lineside_testkit.servers import Servers

MakeRun = Callable[..., ProductionRun]
MakeExpansion = Callable[..., Expansion]
MakeWorkOrder = Callable[..., WorkOrder]


@pytest.fixture(scope="session")
async def harness(lineside_servers: Servers) -> AsyncIterator[Harness]:
    async with Harness.start(
        lineside_servers, services=["planning"], replicas={"planning": 2}
    ) as harness:
        yield harness


@pytest.fixture(scope="session")
def make_run() -> MakeRun:
    def make(sequence_number: int, **over: Any) -> ProductionRun:
        values = {
            "id": SYSTEM_CLOCK.new_id(),
            "sequence_number": sequence_number,
            "operation_code": f"OP{sequence_number}",
            "operation_name": f"Operation {sequence_number}",
            "operation_type": "fabrication",
            "work_center_code": "PRESS",
            "plant_code": builders.PLANT,
            "unit_code": "EA",
            "unit_decimals": 0,
            "units_per_product": Fraction(1),
            "yield_percentage": 100,
            "planned_input": 100,
            "planned_output": 100,
            "planned_scrap": 0,
            "setup_minutes": 0,
            "run_minutes": 10,
            "run_seconds_per_unit": 6,
        }
        return ProductionRun.model_validate(values | over)

    return make


@pytest.fixture(scope="session")
def make_expansion(make_run: MakeRun) -> MakeExpansion:
    def make(order: ProductionOrder, **over: Any) -> Expansion:
        facts = {
            name: getattr(order, name)
            for name in ExpansionOrder.model_fields
            if name not in {"production_order_id", "quantity", "planning_version"}
        }
        about = ExpansionOrder(
            production_order_id=order.id,
            quantity=order.quantity_ordered,
            planning_version=over.pop("planning_version", order.planning_version),
            **facts,
        )
        values: dict[str, Any] = {
            "id": order.id,
            "version": order.expansion_version + 1,
            "order": about,
            "routing_id": SYSTEM_CLOCK.new_id(),
            "routing_code": "R-BROCHURE",
            "routing_version": 1,
            "plant_code": builders.PLANT,
            "runs": (
                make_run(10),
                make_run(20, operation_type="assembly", predecessor_sequence_numbers=(10,)),
            ),
        }
        if over.get("faults"):
            values |= {
                "routing_id": None,
                "routing_code": None,
                "routing_version": None,
                "runs": (),
            }
        return Expansion(**(values | over))

    return make


@pytest.fixture(scope="session")
def make_work_order() -> MakeWorkOrder:
    def make(production_order_id: UUID | None, **over: Any) -> WorkOrder:
        units_per_product = over.pop("units_per_product", Fraction(1))
        operation = {
            "id": SYSTEM_CLOCK.new_id(),
            "operation_number": 10,
            "operation_name": "Printing",
            "status": "pending",
            "unit_code": "EA",
            "units_per_product": units_per_product,
            "planned_input": 100,
            "planned_output": 100,
            "planned_hours": 1,
        }
        values: dict[str, Any] = {
            "id": SYSTEM_CLOCK.new_id(),
            "version": 1,
            "work_order_number": "WO-2026-000001",
            "status": "planned",
            "priority": "medium",
            "operation_type": "fabrication",
            "production_order_id": production_order_id,
            "quantity_ordered": 100,
            "unit_code": "EA",
            "operations": [operation],
            "expansion_version": 1,
            "created_at": builders.AT,
            "created_by": builders.ACTOR,
            "updated_at": builders.AT,
            "updated_by": builders.ACTOR,
        }
        return WorkOrder.model_validate(values | over)

    return make
