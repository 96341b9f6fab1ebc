"""What people ask about the people at work orders: put, release, list, correct, and the cost."""

from uuid import UUID

from lineside_chassis import pages
from lineside_chassis.errors import Refused
from lineside_chassis.requests import Requests
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.endpoint import Page
from lineside_contracts.problems import Problem, ProblemCode
from lineside_contracts.shopfloor import (
    ALLOCATE_MANPOWER,
    GET_LABOUR_COST,
    LIST_MANPOWER,
    RELEASE_MANPOWER,
    UPDATE_MANPOWER,
    AllocateManpower,
    GetLabourCost,
    LabourCost,
    ListManpower,
    ManpowerAllocation,
    ReleaseManpower,
    UpdateManpower,
)
from lineside_shopfloor.execution.domain import manpower as deciding
from lineside_shopfloor.execution.domain.manpower import Allocation
from lineside_shopfloor.execution.store import manpower
from lineside_shopfloor.places.domain.facts import Stamp
from lineside_shopfloor.places.requests import access
from lineside_shopfloor.work_orders.requests import finding


def register(requests: Requests) -> None:
    """Answer the requests about people."""
    requests.answer(ALLOCATE_MANPOWER)(allocate_manpower)
    requests.answer(LIST_MANPOWER)(list_manpower)
    requests.answer(RELEASE_MANPOWER)(release_manpower)
    requests.answer(UPDATE_MANPOWER)(update_manpower)
    requests.answer(GET_LABOUR_COST)(get_labour_cost)


async def allocate_manpower(
    uow: UnitOfWork, request: AllocateManpower
) -> ManpowerAllocation | Problem:
    """Put somebody at a work order; its lock lets nobody put them there twice."""
    work_order = await finding.existing(uow, request.work_order_id, for_update=True)
    active = await manpower.of_work_order(uow, work_order.id, only_active=True)
    made = deciding.allocate(
        work_order, request, active=active, stamp=_stamp(uow), new_id=uow.new_id()
    )
    if isinstance(made, Problem):
        return made
    manpower.add(uow, made)
    return made.shown()


async def list_manpower(uow: UnitOfWork, request: ListManpower) -> Page[ManpowerAllocation]:
    """Page through allocations, what was allocated last first."""
    plants = access.shown_plants(uow, request.plant_code)
    cursor = pages.decode_cursor(request.cursor)
    before = finding.id_of(cursor[0]) if cursor else None
    found = await manpower.page(uow, request, plants=plants, before=before)
    shown = [allocation.shown() for allocation in found]
    return pages.page(shown, limit=request.limit, key=lambda allocation: [allocation.id])


async def release_manpower(
    uow: UnitOfWork, request: ReleaseManpower
) -> ManpowerAllocation | Problem:
    """End an allocation."""
    allocation = await _for_change(uow, request.manpower_allocation_id, request.expected_version)
    return _saved(uow, allocation, deciding.release(allocation, request, stamp=_stamp(uow)))


async def update_manpower(uow: UnitOfWork, request: UpdateManpower) -> ManpowerAllocation | Problem:
    """Correct an allocation."""
    allocation = await _for_change(uow, request.manpower_allocation_id, request.expected_version)
    work_order = await finding.existing(uow, allocation.work_order_id)
    changed = deciding.change(allocation, request.change, work_order=work_order, stamp=_stamp(uow))
    return _saved(uow, allocation, changed)


async def get_labour_cost(uow: UnitOfWork, request: GetLabourCost) -> LabourCost:
    """Tell what the people at a work order cost so far."""
    work_order = await finding.existing(uow, request.work_order_id)
    allocations = await manpower.of_work_order(uow, work_order.id)
    rates = await manpower.rates(uow)
    return deciding.cost_of(work_order, allocations, rates=rates, now=uow.now)


async def _for_change(uow: UnitOfWork, allocation_id: UUID, expected: int | None) -> Allocation:
    allocation = await manpower.one(uow, allocation_id, for_update=True)
    if allocation is None:
        raise Refused(
            Problem(
                code=ProblemCode.NOT_FOUND,
                detail="There is no such allocation.",
                facts={"manpower_allocation_id": str(allocation_id)},
            )
        )
    access.require_plant(uow, allocation.plant_code)
    finding.require_version(allocation.version, expected)
    return allocation


def _saved(
    uow: UnitOfWork, before: Allocation, after: Allocation | Problem
) -> ManpowerAllocation | Problem:
    if isinstance(after, Problem):
        return after
    if after is not before:
        manpower.save(uow, after)
    return after.shown()


def _stamp(uow: UnitOfWork) -> Stamp:
    return Stamp(at=uow.now, by=uow.actor)
