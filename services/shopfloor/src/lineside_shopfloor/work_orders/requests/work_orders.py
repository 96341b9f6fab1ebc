"""What people ask about work orders, and do to them."""

from lineside_chassis import pages
from lineside_chassis.requests import Requests
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.endpoint import Page
from lineside_contracts.problems import Problem
from lineside_contracts.shopfloor import (
    CREATE_WORK_ORDER,
    GET_WORK_ORDER,
    LIST_WORK_ORDERS,
    RELEASE_WORK_ORDER,
    UPDATE_WORK_ORDER,
    ActOnWorkOrder,
    CreateWorkOrder,
    GetWorkOrder,
    ListWorkOrders,
    UpdateWorkOrder,
    WorkOrder,
    WorkOrderStatus,
)
from lineside_shopfloor.places.domain.facts import Stamp
from lineside_shopfloor.places.requests import access
from lineside_shopfloor.places.store import places
from lineside_shopfloor.work_orders.domain import by_hand
from lineside_shopfloor.work_orders.domain.outcomes import Outcome
from lineside_shopfloor.work_orders.requests import finding, naming
from lineside_shopfloor.work_orders.store import work_order_pages, work_orders


def register(requests: Requests) -> None:
    """Answer the requests about work orders."""
    requests.answer(LIST_WORK_ORDERS)(list_work_orders)
    requests.answer(GET_WORK_ORDER)(get_work_order)
    requests.answer(CREATE_WORK_ORDER)(create_work_order)
    requests.answer(UPDATE_WORK_ORDER)(update_work_order)
    requests.answer(RELEASE_WORK_ORDER)(release_work_order)


async def list_work_orders(uow: UnitOfWork, request: ListWorkOrders) -> Page[WorkOrder]:
    """Page through work orders, the newest first; a search shows the best match first."""
    plants = access.shown_plants(uow, request.plant_code)
    if request.search is not None:
        return await _searched(uow, request, plants)
    cursor = pages.decode_cursor(request.cursor)
    before = finding.id_of(cursor[0]) if cursor else None
    found = await work_order_pages.newest(uow, request, plants=plants, before=before)
    return pages.page(found, limit=request.limit, key=lambda work_order: [work_order.id])


async def get_work_order(uow: UnitOfWork, request: GetWorkOrder) -> WorkOrder:
    """Find one work order."""
    return await finding.existing(uow, request.work_order_id)


async def create_work_order(uow: UnitOfWork, request: CreateWorkOrder) -> WorkOrder | Problem:
    """Make a work order by hand."""
    access.require_plant(uow, request.plant_code)
    facts = await places.facts_of(
        uow, request.plant_code, request.department_code, product_code=request.product_code
    )
    if faults := by_hand.creation_faults(request, facts):
        return by_hand.invalid(faults)
    await naming.refuse_taken(
        uow, number=request.work_order_number, sap_number=request.sap_production_order
    )
    project = await places.project_of(uow, request.project_number)
    number = await naming.number_for(uow, request, facts)
    made = by_hand.make(
        request,
        number=number,
        project=project,
        facts=facts,
        stamp=_stamp(uow),
        new_id=uow.new_id,
    )
    return _saved(uow, made)


async def update_work_order(uow: UnitOfWork, request: UpdateWorkOrder) -> WorkOrder | Problem:
    """Change what a person may change."""
    change = request.change
    work_order = await finding.for_change(uow, request.work_order_id, request.expected_version)
    facts = await places.facts_of(uow, work_order.plant_code or "", change.department_code)
    if change.sap_production_order not in {None, work_order.sap_production_order}:
        await naming.refuse_taken(uow, sap_number=change.sap_production_order)
    return _saved(uow, by_hand.change(work_order, change, facts=facts, stamp=_stamp(uow)))


async def release_work_order(uow: UnitOfWork, request: ActOnWorkOrder) -> WorkOrder | Problem:
    """Let a work order be worked on, whatever its predecessors."""
    work_order = await finding.for_change(uow, request.work_order_id, request.expected_version)
    to = WorkOrderStatus.RELEASED
    return _saved(uow, by_hand.move(work_order, to, stamp=_stamp(uow), reason=request.reason))


async def _searched(
    uow: UnitOfWork, request: ListWorkOrders, plants: list[str] | None
) -> Page[WorkOrder]:
    cursor = pages.decode_cursor(request.cursor, length=2)
    after = (_score_of(cursor[0]), finding.id_of(cursor[1])) if cursor else None
    found = await work_order_pages.best(uow, request, plants=plants, after=after)
    page = pages.page(found, limit=request.limit, key=lambda one: [one.score, one.work_order.id])
    return Page[WorkOrder](
        items=tuple(one.work_order for one in page.items), next_cursor=page.next_cursor
    )


def _saved(uow: UnitOfWork, outcome: Outcome | Problem) -> WorkOrder | Problem:
    if isinstance(outcome, Problem):
        return outcome
    work_orders.save(uow, [outcome])
    return outcome.work_order


def _stamp(uow: UnitOfWork) -> Stamp:
    return Stamp(at=uow.now, by=uow.actor)


def _score_of(value: object) -> int:
    if isinstance(value, int):
        return value
    raise finding.foreign_cursor()
