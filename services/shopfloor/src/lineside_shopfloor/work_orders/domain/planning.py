"""An expansion as the work orders it asks for (RULES 10), before any of them has a number or id."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from lineside_contracts.routing import Expansion, ProductionRun
from lineside_contracts.values import Priority
from lineside_manufacturing import quantities
from lineside_manufacturing.grouping import GroupableRun, group_runs
from lineside_shopfloor.places.domain.facts import Facts
from lineside_shopfloor.work_orders.domain import dates
from lineside_shopfloor.work_orders.domain.dates import Due, Group, PlannedDates

HOUR_DECIMALS = 4
_SECOND_DECIMALS = 6
_NAMES_SHOWN = 5
_MINUTES_PER_HOUR = 60
_SECONDS_PER_MINUTE = 60


@dataclass(frozen=True, slots=True)
class WantedWorkOrder:
    """One group of runs that is to be a work order.

    Attributes:
        runs: Its runs, in the order they follow one another.
        predecessors: Positions of the groups its first run waits for, all below its own.
        fields: What the work order says apart from its identity, status and operations.
    """

    runs: tuple[ProductionRun, ...]
    predecessors: tuple[int, ...]
    fields: Mapping[str, Any]

    @property
    def operation_numbers(self) -> frozenset[int]:
        """Its operations' numbers: the sequence numbers of its runs."""
        return frozenset(run.sequence_number for run in self.runs)


def wanted_work_orders(
    expansion: Expansion, *, priority: Priority, due: Due, facts: Facts, now: datetime
) -> tuple[WantedWorkOrder, ...]:
    """Group an expansion's runs into work orders, in topological order.

    Args:
        expansion: With at least one run.
        priority: Of the production order as it is now.
        due: Of the production order as it is now.
        facts: Plants, departments and working times known by their codes.
        now: No work is planned before it.

    Raises:
        ValueError: The runs are no valid graph: numbers twice, unknown predecessors or a cycle.
    """
    rows = _grouped(expansion.runs)
    groups = [Group(runs, runs[-1].plant_code) for runs, _ in rows]
    planned = dates.planned_backward(groups, due, facts=facts, now=now)
    return tuple(
        WantedWorkOrder(
            runs=runs,
            predecessors=before,
            fields={
                **_order_fields(expansion),
                **_group_fields(runs, expansion, facts),
                **date_fields(placed),
                "priority": priority,
                "due_date": due.on,
            },
        )
        for (runs, before), placed in zip(rows, planned, strict=True)
    )


def date_fields(planned: PlannedDates) -> dict[str, Any]:
    """Name planned dates as a work order does."""
    return {
        "planned_start_date": planned.start,
        "planned_start_at": planned.start_at,
        "planned_end_date": planned.end,
        "planned_end_at": planned.end_at,
    }


def planned_hours(setup_minutes: Decimal, run_minutes: Decimal) -> Decimal:
    """Give the hours of an operation, to four decimals."""
    minutes = quantities.exact(setup_minutes) + quantities.exact(run_minutes)
    return quantities.round_half_up(minutes / _MINUTES_PER_HOUR, HOUR_DECIMALS)


def run_seconds_per_unit(run_minutes: Decimal, quantity: Decimal) -> Decimal:
    """Give what one unit takes where people say how long all of them take, in seconds."""
    seconds = quantities.exact(run_minutes) * _SECONDS_PER_MINUTE
    return quantities.round_half_up(seconds / quantities.exact(quantity), _SECOND_DECIMALS)


def _grouped(
    runs: Sequence[ProductionRun],
) -> list[tuple[tuple[ProductionRun, ...], tuple[int, ...]]]:
    by_number = {run.sequence_number: run for run in runs}
    predecessors = {run.sequence_number: run.predecessor_sequence_numbers for run in runs}
    unknown = {p for before in predecessors.values() for p in before} - by_number.keys()
    if not runs or unknown:
        raise ValueError(f"runs wait for unknown ones: {sorted(unknown)}" if runs else "no runs")
    groups = group_runs(predecessors, [_groupable(run) for run in runs])
    return [
        (tuple(by_number[n] for n in group.sequence_numbers), group.predecessor_groups)
        for group in groups
    ]


def _groupable(run: ProductionRun) -> GroupableRun:
    alternates = sorted(run.alternate_work_center_codes)
    return GroupableRun(
        sequence_number=run.sequence_number,
        operation_type=run.operation_type,
        plant_code=run.plant_code or "",
        units_per_product=run.units_per_product,
        lane_eligibility="\n".join([run.work_center_code or "", *alternates]),
    )


def _order_fields(expansion: Expansion) -> dict[str, Any]:
    order = expansion.order
    return {
        "production_order_id": order.production_order_id,
        "production_order_number": order.production_order_number,
        "sales_order_number": order.sales_order_number,
        "project_id": order.project_id,
        "project_number": order.project_number,
        "project_name": order.project_name,
        "product_code": order.product_code,
        "product_name": order.product_name,
        "expansion_version": expansion.version,
    }


def _group_fields(
    runs: Sequence[ProductionRun], expansion: Expansion, facts: Facts
) -> dict[str, Any]:
    last = runs[-1]
    plant = facts.plants.get(last.plant_code or "")
    return {
        "operation_type": last.operation_type,
        "description": _description(runs, expansion),
        "plant_id": plant.id if plant else None,
        "plant_code": last.plant_code,
        "plant_name": plant.plant_name if plant else None,
        "department_id": facts.department_ids.get(last.department_code or ""),
        "department_code": last.department_code,
        "quantity_ordered": last.planned_output,
        "unit_code": last.unit_code,
    }


def _description(runs: Sequence[ProductionRun], expansion: Expansion) -> str:
    names = [run.operation_name for run in runs]
    if len(names) > _NAMES_SHOWN:
        names = [*names[: _NAMES_SHOWN - 2], "…", names[-1]]
    order = expansion.order
    return f"{', '.join(names)}: {order.product_name or order.product_code}"


def operation_fields(run: ProductionRun) -> dict[str, Any]:
    """Say a run as the operation it is on the floor, apart from identity and progress."""
    return {
        "operation_number": run.sequence_number,
        "operation_code": run.operation_code,
        "operation_name": run.operation_name,
        "description": run.description,
        "run_id": run.id,
        "work_center_code": run.work_center_code,
        "alternate_work_center_codes": run.alternate_work_center_codes,
        "unit_code": run.unit_code,
        "unit_decimals": run.unit_decimals,
        "units_per_product": run.units_per_product,
        "planned_input": run.planned_input,
        "planned_output": run.planned_output,
        "planned_scrap": run.planned_scrap,
        "setup_minutes": run.setup_minutes,
        "run_minutes": run.run_minutes,
        "run_seconds_per_unit": run.run_seconds_per_unit,
        "wait_minutes": run.wait_minutes,
        "crew_size": run.crew_size,
        "planned_hours": planned_hours(run.setup_minutes, run.run_minutes),
        "predecessor_operation_numbers": run.predecessor_sequence_numbers,
        "transfer_batch_quantity": run.transfer_batch_quantity,
        "setup_scrap_quantity": run.setup_scrap_quantity,
        "time_basis": run.time_basis,
        "batch_size": run.batch_size,
    }
