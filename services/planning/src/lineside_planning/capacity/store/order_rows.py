"""Orders as their rows hold them: JSON documents to domain values and back."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from lineside_contracts.values import Priority
from lineside_planning.capacity.domain.material_dates import Estimate, MaterialDate
from lineside_planning.capacity.domain.orders import OrderState, RunNews, Said
from lineside_planning.capacity.domain.tasks import Progress, Run


def row_of(order: OrderState) -> dict[str, Any]:
    """Write what is known of an order, without what its last check found besides."""
    return {
        "id": order.id,
        "version": order.version,
        "order_version": order.order_version,
        "production_order_number": order.production_order_number,
        "product_code": order.product_code,
        "plant_code": order.plant_code,
        "due_date": order.due_date,
        "priority": order.priority,
        "is_over": order.is_over,
        "planning_version": order.planning_version,
        "expansion_version": order.expansion_version,
        "expanded_planning_version": order.expanded_planning_version,
        "runs": order.runs,
        "material_version": order.material_version,
        "materials": order.materials,
        "materials_available_on": order.materials_available_on,
        "allocated": order.allocated,
        "news": order.news,
        "placed": order.placed,
        "said": order.said,
        "estimated_completion_at": order.completes_at,
        "parent_id": order.parent_id,
    }


_PLAIN = (
    "id",
    "version",
    "order_version",
    "production_order_number",
    "product_code",
    "plant_code",
    "due_date",
    "is_over",
    "planning_version",
    "expansion_version",
    "expanded_planning_version",
    "material_version",
    "materials_available_on",
    "parent_id",
)


def state_of(row: RowMapping) -> OrderState:
    """Read an order."""
    return OrderState(
        **{name: row[name] for name in _PLAIN},
        priority=Priority(row["priority"]),
        runs=tuple([_run(stored) for stored in row["runs"]]),
        materials=tuple([_material(stored) for stored in row["materials"]]),
        allocated=row["allocated"],
        news={run_id: _news(stored) for run_id, stored in row["news"].items()},
        placed={code: [(d, a) for d, a in takes] for code, takes in row["placed"].items()},
        said=_said(row["said"]) if row["said"] else None,
        completes_at=row["estimated_completion_at"],
    )


def _run(stored: Mapping[str, Any]) -> Run:
    return Run(
        sequence_number=stored["sequence_number"],
        operation_name=stored["operation_name"],
        work_center_code=stored["work_center_code"],
        setup_minutes=Decimal(stored["setup_minutes"]),
        run_minutes=Decimal(stored["run_minutes"]),
        run_id=stored["run_id"],
        alternates=tuple(stored["alternates"]),
        predecessors=tuple(stored["predecessors"]),
        wait_minutes=Decimal(stored["wait_minutes"]),
        planned_input=Decimal(stored["planned_input"]),
        planned_output=Decimal(stored["planned_output"]),
        units_per_product=Fraction(stored["units_per_product"]),
        unit_decimals=stored["unit_decimals"],
        transfer_batch_quantity=_decimal(stored["transfer_batch_quantity"]),
        setup_scrap_quantity=Decimal(stored["setup_scrap_quantity"]),
        time_basis=stored["time_basis"],
        batch_size=_decimal(stored["batch_size"]),
        is_finished=stored["is_finished"],
    )


def _decimal(stored: str | None) -> Decimal | None:
    return None if stored is None else Decimal(stored)


def _day(stored: str | None) -> date | None:
    return None if stored is None else date.fromisoformat(stored)


def _material(stored: Mapping[str, Any]) -> MaterialDate:
    child_id, made = stored["child_id"], stored["made"]
    return MaterialDate(
        sequence_number=stored["sequence_number"],
        component_code=stored["component_code"],
        needed_on=date.fromisoformat(stored["needed_on"]),
        available_on=_day(stored["available_on"]),
        child_id=None if child_id is None else UUID(child_id),
        rest_on=_day(stored["rest_on"]),
        made=None if made is None else Estimate(_day(made["on"]), _instant(made["at"])),
    )


def _instant(stored: str | None) -> datetime | None:
    return None if stored is None else datetime.fromisoformat(stored)


def _news(stored: Mapping[str, Any]) -> RunNews:
    done = stored["progress"]
    return RunNews(
        log_version=stored["log_version"],
        progress=Progress(Decimal(done["done_quantity"]), done["is_finished"]),
        cancelled_in=stored["cancelled_in"],
    )


def _said(stored: Mapping[str, Any]) -> Said:
    return Said(
        is_feasible=stored["is_feasible"],
        reasons=tuple(stored["reasons"]),
        completes_on=_day(stored["completes_on"]),
        due_date=date.fromisoformat(stored["due_date"]),
        planning_version=stored["planning_version"],
        expansion_version=stored["expansion_version"],
        materials_available_on=_day(stored["materials_available_on"]),
    )
