"""People at work orders: who may be put where, when they leave, and what their work costs.

Labour cost = hours times hourly rate times workers, by allocation. Hours are those stated at the
release, else the time that passed; the rate is the allocation's own, else that of its role.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from lineside_contracts.problems import Fault, Problem, ProblemCode
from lineside_contracts.shopfloor import (
    AllocateManpower,
    LabourCost,
    LabourCostLine,
    ManpowerAllocation,
    ManpowerChange,
    ReleaseManpower,
    WorkOrder,
)
from lineside_manufacturing import quantities
from lineside_shopfloor.places.domain.facts import Stamp
from lineside_shopfloor.work_orders.domain import by_hand, transitions

AHEAD = timedelta(seconds=60)
"""How far a device's clock may run ahead of ours."""

HOUR_DECIMALS = 4
COST_DECIMALS = 2
_HOUR = timedelta(hours=1)


class Allocation(ManpowerAllocation):
    """An allocation as it is stored; its own rate is shown to those who may see costs alone."""

    hourly_rate: Decimal | None = None

    def shown(self) -> ManpowerAllocation:
        """Say it without its rate."""
        return ManpowerAllocation.model_validate(self.model_dump(exclude={"hourly_rate"}))


def allocate(
    work_order: WorkOrder,
    request: AllocateManpower,
    *,
    active: Sequence[Allocation],
    stamp: Stamp,
    new_id: UUID,
) -> Allocation | Problem:
    """Put somebody at a work order.

    Args:
        work_order: Locked.
        request: Who, as what, since when.
        active: Who is at this work order now.
        stamp: When, and who says so.
        new_id: Of the allocation.
    """
    since = request.allocated_at or stamp.at
    if transitions.is_final(work_order.status):
        return _over(work_order)
    if since > stamp.at + AHEAD:
        return in_future("allocated_at", since, stamp)
    if faults := tuple(_unknown_operation(work_order, request.operation_number)):
        return by_hand.invalid(faults)
    there = (request.user_id, request.operation_number)
    known = next((a for a in active if (a.user_id, a.operation_number) == there), None)
    if known is not None:
        return _there_already(known)
    is_own = request.user_id == stamp.by.id
    return Allocation(
        **request.model_dump(exclude={"user_name", "allocated_at"}),
        id=new_id,
        version=1,
        work_order_number=work_order.work_order_number,
        plant_code=work_order.plant_code,
        user_name=request.user_name or (stamp.by.name if is_own else request.user_id),
        allocated_at=since,
        allocated_by=stamp.by,
        has_own_rate=request.hourly_rate is not None,
        created_at=stamp.at,
        created_by=stamp.by,
        updated_at=stamp.at,
        updated_by=stamp.by,
    )


def release(
    allocation: Allocation, request: ReleaseManpower, *, stamp: Stamp
) -> Allocation | Problem:
    """End an allocation, with the hours of each worker where somebody states them."""
    if allocation.released_at is not None:
        return _released_already(allocation)
    until = request.released_at or max(stamp.at, allocation.allocated_at)
    if until > stamp.at + AHEAD:
        return in_future("released_at", until, stamp)
    if until < allocation.allocated_at:
        message = f"It began at {allocation.allocated_at.isoformat()}: it cannot end before."
        return by_hand.invalid([Fault(code="inverted_times", path="released_at", message=message)])
    fields: dict[str, Any] = {"released_at": until, "released_by": stamp.by}
    given = {"hours_worked": request.hours_worked, "notes": request.notes}
    return _changed(allocation, fields | _present(given), stamp)


def change(
    allocation: Allocation, wanted: ManpowerChange, *, work_order: WorkOrder, stamp: Stamp
) -> Allocation | Problem:
    """Correct an allocation; fields that are absent (or null) stay."""
    fields = _present({name: getattr(wanted, name) for name in ManpowerChange.model_fields})
    faults = [*_unknown_operation(work_order, wanted.operation_number, prefix="change.")]
    if wanted.hours_worked is not None and allocation.released_at is None:
        message = "Hours are stated when somebody leaves: release the allocation with them."
        faults.append(Fault(code="not_released", path="change.hours_worked", message=message))
    if faults:
        return by_hand.invalid(faults)
    return _changed(allocation, fields, stamp)


def cost_of(
    work_order: WorkOrder,
    allocations: Sequence[Allocation],
    *,
    rates: Mapping[str, Decimal],
    now: datetime,
) -> LabourCost:
    """Add up what the people at a work order cost.

    Args:
        work_order: Where it is over, so is the work of those who were never released.
        allocations: All of its own.
        rates: What an hour of each role costs.
        now: Until when the work of those who are still there counts.
    """
    lines = tuple(_line(a, rates, until=_until(a, work_order, now)) for a in allocations)
    hours = sum((line.hours * line.worker_count for line in lines), Decimal(0))
    costs = [line.cost for line in lines if line.cost is not None]
    without = sorted({line.role.value for line in lines if line.cost is None})
    return LabourCost(
        work_order_id=work_order.id,
        work_order_number=work_order.work_order_number,
        as_of=now,
        total_hours=hours,
        total_cost=sum(costs, Decimal(0)),
        roles_without_rate=tuple(without),
        lines=lines,
    )


def in_future(path: str, given: datetime, stamp: Stamp) -> Problem:
    """Refuse what has not happened yet."""
    return Problem(
        code=ProblemCode.HAPPENED_IN_FUTURE,
        detail=f"{path} {given.isoformat()} is still to come.",
        facts={path: given.isoformat(), "now": stamp.at.isoformat()},
    )


def _line(
    allocation: Allocation, rates: Mapping[str, Decimal], *, until: datetime
) -> LabourCostLine:
    stated = allocation.hours_worked
    hours = _hours(until - allocation.allocated_at) if stated is None else stated
    own, of_role = allocation.hourly_rate, rates.get(allocation.role)
    rate = of_role if own is None else own
    return LabourCostLine(
        manpower_allocation_id=allocation.id,
        user_id=allocation.user_id,
        user_name=allocation.user_name,
        role=allocation.role,
        operation_number=allocation.operation_number,
        worker_count=allocation.worker_count,
        hours=hours,
        hours_from="elapsed" if stated is None else "stated",
        is_released=allocation.released_at is not None,
        hourly_rate=rate,
        rate_from="none" if rate is None else "role" if own is None else "allocation",
        cost=None if rate is None else _cost(hours, rate, allocation.worker_count),
    )


def _until(allocation: Allocation, work_order: WorkOrder, now: datetime) -> datetime:
    """When somebody left: at the latest when the work was over."""
    is_over = transitions.is_final(work_order.status)
    over_at = (work_order.actual_end_at or work_order.updated_at) if is_over else now
    return max(allocation.released_at or over_at, allocation.allocated_at)


def _hours(elapsed: timedelta) -> Decimal:
    microsecond = timedelta(microseconds=1)
    return quantities.round_half_up(Fraction(elapsed // microsecond, _HOUR // microsecond), 4)


def _cost(hours: Decimal, rate: Decimal, workers: int) -> Decimal:
    exact = quantities.exact(hours) * quantities.exact(rate) * workers
    return quantities.round_half_up(exact, COST_DECIMALS)


def _changed(allocation: Allocation, fields: Mapping[str, Any], stamp: Stamp) -> Allocation:
    different = {name: v for name, v in fields.items() if getattr(allocation, name) != v}
    if not different:
        return allocation
    own_rate = different.get("hourly_rate", allocation.hourly_rate)
    counted = {
        "has_own_rate": own_rate is not None,
        "version": allocation.version + 1,
        "updated_at": stamp.at,
        "updated_by": stamp.by,
    }
    return allocation.model_copy(update={**different, **counted})


def _present(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _unknown_operation(
    work_order: WorkOrder, number: int | None, *, prefix: str = ""
) -> Iterator[Fault]:
    numbers = [operation.operation_number for operation in work_order.operations]
    if number is not None and number not in numbers:
        yield Fault(
            code="unknown_operation",
            path=f"{prefix}operation_number",
            message=f"{work_order.work_order_number} has no operation {number}.",
            facts={"operation_numbers": numbers},
        )


def _over(work_order: WorkOrder) -> Problem:
    return Problem(
        code=ProblemCode.WORK_ORDER_FINAL,
        detail=f"{work_order.work_order_number} is {work_order.status}: nobody works on it.",
        facts={"status": work_order.status.value},
    )


def _there_already(known: Allocation) -> Problem:
    return Problem(
        code=ProblemCode.ALREADY_ASSIGNED,
        detail=f"{known.user_name} is at {known.work_order_number} already.",
        facts={"user_id": known.user_id, "manpower_allocation_id": str(known.id)},
    )


def _released_already(allocation: Allocation) -> Problem:
    return Problem(
        code=ProblemCode.INVALID_STATUS_TRANSITION,
        detail=f"{allocation.user_name} was released at {allocation.released_at}.",
        facts={"from": "released", "to": "released", "allowed": []},
    )
