"""The answer about an order, as everybody reads it, and what of it others act on."""

from datetime import datetime

from lineside_contracts.planning import CapacityPlan, CapacityStatus, RunPlan
from lineside_manufacturing import quantities, time_spans
from lineside_planning.capacity.domain import utilization
from lineside_planning.capacity.domain.checking import Check
from lineside_planning.capacity.domain.orders import OrderState, Said
from lineside_planning.capacity.domain.plants import PlantDays
from lineside_planning.capacity.domain.tasks import Task

_MINUTE_DECIMALS = 4


def answer(order: OrderState, found: Check, *, version: int, now: datetime) -> CapacityPlan:
    """Write what was found.

    Args:
        order: Which; its due date is known.
        found: By its check.
        version: Of the answer.
        now: When it was checked.

    Returns:
        The whole answer.
    """
    if order.due_date is None:
        raise ValueError("an order without a due date was checked")
    return CapacityPlan(
        id=order.id,
        version=version,
        production_order_number=order.production_order_number,
        product_code=order.product_code,
        plant_code=order.plant_code,
        due_date=order.due_date,
        due_at=time_spans.instant_of(found.due),
        planning_version=order.expanded_planning_version,
        expansion_version=order.expansion_version,
        order_version=order.order_version,
        status=CapacityStatus.FEASIBLE if found.is_feasible else CapacityStatus.INFEASIBLE,
        is_feasible=found.is_feasible,
        reasons=found.reasons,
        warnings=found.warnings,
        work_centers=tuple([utilization.load_of(use) for use in found.uses]),
        runs=tuple(run_plans(found)),
        materials_available_on=order.materials_on,
        estimated_completion_at=instant(found.completes),
        checked_at=now,
    )


def instant(moment: int | None) -> datetime | None:
    """A moment as everybody reads it."""
    return None if moment is None else time_spans.instant_of(moment)


def run_plans(found: Check) -> list[RunPlan]:
    """Write what was found about the runs, by sequence number."""
    return [
        run_plan(task, found)
        for task in sorted(found.left.ordered, key=lambda task: task.number)
        if task.number in found.planned
    ]


def run_plan(task: Task, found: Check) -> RunPlan:
    """Write what was found about one run."""
    run, number = task.run, task.number
    planned = found.planned[number]
    estimated = found.estimated[number] if found.estimated is not None else None
    instant_of = time_spans.instant_of
    return RunPlan(
        sequence_number=number,
        operation_name=run.operation_name,
        work_center_code=run.work_center_code,
        required_minutes=run.required_minutes,
        remaining_minutes=quantities.trimmed(task.ticks, _MINUTE_DECIMALS),
        planned_start_at=instant_of(planned.start),
        planned_end_at=instant_of(planned.end),
        estimated_start_at=instant_of(estimated.start) if estimated else None,
        estimated_end_at=instant_of(estimated.end) if estimated else None,
        alternate_work_center_code=found.sooner_at.get(number),
    )


def said_by(order: OrderState, found: Check, plant: PlantDays) -> Said:
    """What others act on: when it differs from what was said last, the answer is published."""
    if order.due_date is None:
        raise ValueError("an order without a due date was checked")
    completes = found.completes
    return Said(
        is_feasible=found.is_feasible,
        reasons=tuple(sorted({fault.code for fault in found.reasons})),
        completes_on=None if completes is None else plant.working_date_of(completes),
        due_date=order.due_date,
        planning_version=order.expanded_planning_version,
        expansion_version=order.expansion_version,
        materials_available_on=order.materials_on,
    )
