"""Builders of what routing says, for unit and integration tests alike."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts.routing import Expansion, ExpansionOrder, ProductionRun
from lineside_contracts.shopfloor import CreateWorkOrder

MakeRun = Callable[..., ProductionRun]
MakeExpansion = Callable[..., Expansion]


def make_run(sequence_number: int, *, after: Sequence[int] = (), **over: Any) -> ProductionRun:
    values: dict[str, Any] = {
        "id": SYSTEM_CLOCK.new_id(),
        "sequence_number": sequence_number,
        "operation_code": f"OP{sequence_number}",
        "operation_name": f"Operation {sequence_number}",
        "operation_type": "fabrication",
        "work_center_code": "PRESS",
        "plant_code": "MAIN",
        "unit_code": "EA",
        "unit_decimals": 0,
        "units_per_product": "1",
        "yield_percentage": Decimal(100),
        "planned_input": Decimal(1000),
        "planned_output": Decimal(1000),
        "planned_scrap": Decimal(0),
        "setup_minutes": Decimal(30),
        "run_minutes": Decimal(60),
        "run_seconds_per_unit": Decimal("3.6"),
        "predecessor_sequence_numbers": tuple(after),
    }
    return ProductionRun.model_validate(values | over)


def make_expansion(
    runs: Sequence[ProductionRun], *, version: int = 1, order_id: UUID | None = None, **order: Any
) -> Expansion:
    production_order_id = order_id or SYSTEM_CLOCK.new_id()
    facts: dict[str, Any] = {
        "production_order_id": production_order_id,
        "production_order_number": "MO-2026-000001",
        "planning_version": version,
        "project_id": SYSTEM_CLOCK.new_id(),
        "project_number": "P-1001",
        "project_name": "Autumn campaign",
        "sales_order_number": "SO-1001",
        "product_code": "BROCHURE-A4",
        "product_name": "Brochure A4",
        "quantity": Decimal(1000),
        "unit_code": "EA",
        "priority": "medium",
        "due_date": date(2026, 12, 15),
    }
    return Expansion(
        id=production_order_id,
        version=version,
        order=ExpansionOrder.model_validate(facts | order),
        plant_code=runs[-1].plant_code if runs else None,
        runs=tuple(runs),
    )


@pytest.fixture(scope="session")
def run() -> MakeRun:
    return make_run


@pytest.fixture(scope="session")
def expansion() -> MakeExpansion:
    return make_expansion


@pytest.fixture(scope="session")
def brochure_runs() -> Callable[[], list[ProductionRun]]:
    """Printing and die cutting on one press, then folding and packing by hand: two work orders."""

    def runs() -> list[ProductionRun]:
        bench = {"operation_type": "assembly", "work_center_code": "BENCH"}
        return [
            make_run(10, operation_name="Printing", planned_output=Decimal(10153)),
            make_run(20, after=[10], operation_name="Die cutting", planned_output=Decimal(10051)),
            make_run(30, after=[20], operation_name="Folding", **bench),
            make_run(40, after=[30], operation_name="Packing", **bench),
        ]

    return runs


@pytest.fixture(scope="session")
def by_hand() -> Callable[..., CreateWorkOrder]:
    def make(**over: Any) -> CreateWorkOrder:
        values: dict[str, Any] = {
            "plant_code": "MAIN",
            "operation_type": "assembly",
            "description": "Repair the brochure rack",
            "quantity_ordered": "5",
        }
        return CreateWorkOrder.model_validate(values | over)

    return make
