"""Capacity, lead time and promise of an order, and the days of a work center.

Answers are computed when they are asked for, on the load as it stands now; nothing is written, and
what was published about the order stays what it is until its own news change it.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from lineside_chassis.requests import Requests
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts import planning
from lineside_contracts.planning import (
    CapacityPlan,
    GetWorkCenterLoad,
    LeadTime,
    OfOrder,
    OrderPromise,
    WorkCenterDays,
)
from lineside_contracts.problems import Fault, Problem, ProblemCode
from lineside_planning.capacity.domain import (
    answers,
    center_days,
    checking,
    lead_times,
    order_promises,
)
from lineside_planning.capacity.domain.checking import Check
from lineside_planning.capacity.domain.orders import OrderState
from lineside_planning.capacity.domain.plants import PlantDays
from lineside_planning.capacity.store import loads, placing, plans, supplies

SHOWN_DAYS = 28
MOST_DAYS = 400


def register(requests: Requests) -> None:
    """Answer the questions about what is loaded."""
    requests.answer(planning.GET_CAPACITY)(get_capacity)
    requests.answer(planning.GET_LEAD_TIME)(get_lead_time)
    requests.answer(planning.GET_ORDER_PROMISE)(get_order_promise)
    requests.answer(planning.GET_WORK_CENTER_LOAD)(get_work_center_load)


@dataclass(frozen=True, slots=True)
class Checked:
    """An order as it stands now."""

    order: OrderState
    found: Check
    plant: PlantDays
    now: int


async def get_capacity(uow: UnitOfWork, request: OfOrder) -> CapacityPlan | Problem:
    """Say whether an order fits, when it will be done, and how each number was computed."""
    checked = await _checked(uow, request)
    if isinstance(checked, Problem):
        return checked
    order = checked.order
    return answers.answer(order, checked.found, version=order.version, now=uow.now)


async def get_lead_time(uow: UnitOfWork, request: OfOrder) -> LeadTime | Problem:
    """Say how long an order takes from now, and where the time goes."""
    checked = await _checked(uow, request)
    if isinstance(checked, Problem):
        return checked
    found = lead_times.lead_time(checked.order, checked.found, checked.plant, now=checked.now)
    return found or _no_date(checked)


async def get_order_promise(uow: UnitOfWork, request: OfOrder) -> OrderPromise | Problem:
    """Say what is promised for an order, and why (RULES 32)."""
    checked = await _checked(uow, request)
    if isinstance(checked, Problem):
        return checked
    predicted = await supplies.predicted_on(uow, checked.order.id)
    promise = order_promises.order_promise(
        checked.order, checked.found, checked.plant, predicted_on=predicted
    )
    return promise or _no_date(checked)


async def get_work_center_load(
    uow: UnitOfWork, request: GetWorkCenterLoad
) -> WorkCenterDays | Problem:
    """Say who takes a work center's time, day by day."""
    code = request.work_center_code
    floor = await placing.load(uow, [code], [], to_change=False)
    center = floor.center(code, plant_code=None)
    if not center.facts.is_known:
        return _not_found(f"There is no work center {code}.", work_center_code=code)
    if problem := _plant_problem(uow, center.facts.plant_code):
        return problem
    today = floor.plant(center.facts.plant_code).date_of(floor.now)
    first = request.from_date or today
    last = request.to_date or first + timedelta(days=SHOWN_DAYS - 1)
    if fault := _range_fault(first, last):
        return Problem(code=ProblemCode.VALIDATION_FAILED, detail=fault.message, faults=(fault,))
    shares = await loads.shares(uow, code, first=first, last=last)
    return center_days.center_days(center, shares, first=first, last=last)


async def _checked(uow: UnitOfWork, request: OfOrder) -> Checked | Problem:
    order_id = request.production_order_id
    order = await plans.find(uow, order_id)
    if order is None or not order.is_planned:
        detail = f"Production order {order_id} has no runs to be loaded."
        return _not_found(detail, production_order_id=str(order_id))
    if problem := _plant_problem(uow, order.plant_code):
        return problem
    codes = {code for run in order.runs for code in (run.center_code, *run.alternates)}
    floor = await placing.load(uow, codes | set(order.placed), [order.plant_code], to_change=False)
    floor.give_back(order)
    known = floor.centers_of(codes, plant_code=order.plant_code)
    floor.settle()
    plant = floor.plant(order.plant_code)
    found = checking.check(order, known, plant, now=floor.now)
    return Checked(order, found, plant, floor.now)


def _range_fault(first: date, last: date) -> Fault | None:
    days = (last - first).days + 1
    if 1 <= days <= MOST_DAYS:
        return None
    return Fault(
        code="date_range",
        path="to_date",
        message=f"From {first} to {last} are {days} days: between 1 and {MOST_DAYS} are shown.",
    )


def _plant_problem(uow: UnitOfWork, plant_code: str | None) -> Problem | None:
    """Refuse what lies outside the plants a person is limited to."""
    plants = uow.context.plants
    if plants is None or plant_code in plants:
        return None
    return Problem(
        code=ProblemCode.PLANT_FORBIDDEN,
        detail=f"It belongs to plant {plant_code or '(none yet)'}, which is not yours.",
        facts={"plant_code": plant_code},
    )


def _not_found(detail: str, **facts: Any) -> Problem:
    return Problem(code=ProblemCode.NOT_FOUND, detail=detail, facts=facts)


def _no_date(checked: Checked) -> Problem:
    reasons = checked.found.reasons
    return Problem(
        code=ProblemCode.NO_PROMISE_POSSIBLE,
        detail="; ".join(reason.message for reason in reasons),
        faults=reasons,
    )
