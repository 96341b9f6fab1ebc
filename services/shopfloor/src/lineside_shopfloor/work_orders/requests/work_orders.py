"""What people ask about work orders, and do to them."""

from uuid import UUID

from lineside_chassis import pages
from lineside_chassis.errors import Refused
from lineside_chassis.requests import Requests
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.endpoint import Page
from lineside_contracts.problems import Problem, ProblemCode
from lineside_contracts.shopfloor import (
    CANCEL_WORK_ORDER,
    CREATE_WORK_ORDER,
    GET_WORK_ORDER,
    LIST_WORK_ORDER_OPERATIONS,
    LIST_WORK_ORDERS,
    RELEASE_WORK_ORDER,
    UPDATE_WORK_ORDER,
    ActOnWorkOrder,
    CreateWorkOrder,
    GetWorkOrder,
    ListWorkOrders,
    UpdateWorkOrder,
    WorkOrder,
    WorkOrderOperations,
    WorkOrderStatus,
)
from lineside_shopfloor.places.domain.facts import Stamp
from lineside_shopfloor.places.requests import access
from lineside_shopfloor.places.store import places
from lineside_shopfloor.work_orders.domain import by_hand
from lineside_shopfloor.work_orders.domain.outcomes import Outcome
from lineside_shopfloor.work_orders.requests import naming
from lineside_shopfloor.work_orders.store import work_order_pages, work_orders


def register(requests: Requests) -> None:
    """Answer the requests about work orders."""
    requests.answer(LIST_WORK_ORDERS)(list_work_orders)
    requests.answer(GET_WORK_ORDER)(get_work_order)
    requests.answer(LIST_WORK_ORDER_OPERATIONS)(list_operations)
    requests.answer(CREATE_WORK_ORDER)(create_work_order)
    requests.answer(UPDATE_WORK_ORDER)(update_work_order)
    requests.answer(RELEASE_WORK_ORDER)(release_work_order)
    requests.answer(CANCEL_WORK_ORDER)(cancel_work_order)


async def list_work_orders(uow: UnitOfWork, request: ListWorkOrders) -> Page[WorkOrder]:
    """Page through work orders, the newest first; a search shows the best match first."""
    plants = access.shown_plants(uow, request.plant_code)
    if request.search is not None:
        return await _searched(uow, request, plants)
    cursor = pages.decode_cursor(request.cursor)
    before = _id_of(cursor[0]) if cursor else None
    found = await work_order_pages.newest(uow, request, plants=plants, before=before)
    return pages.page(found, limit=request.limit, key=lambda work_order: [work_order.id])


async def get_work_order(uow: UnitOfWork, request: GetWorkOrder) -> WorkOrder:
    """Find one work order."""
    return await _existing(uow, request.work_order_id)


async def list_operations(uow: UnitOfWork, request: GetWorkOrder) -> WorkOrderOperations:
    """List the operations of one work order."""
    work_order = await _existing(uow, request.work_order_id)
    return WorkOrderOperations(items=work_order.operations)


async def create_work_order(uow: UnitOfWork, request: CreateWorkOrder) -> WorkOrder | Problem:
    """Make a work order by hand."""
    access.require_plant(uow, request.plant_code)
    facts = await places.facts_of(uow, request.plant_code, request.department_code)
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
    work_order = await _for_change(uow, request.work_order_id, request.expected_version)
    facts = await places.facts_of(uow, work_order.plant_code or "", change.department_code)
    if change.sap_production_order not in {None, work_order.sap_production_order}:
        await naming.refuse_taken(uow, sap_number=change.sap_production_order)
    return _saved(uow, by_hand.change(work_order, change, facts=facts, stamp=_stamp(uow)))


async def release_work_order(uow: UnitOfWork, request: ActOnWorkOrder) -> WorkOrder | Problem:
    """Let a work order be worked on, whatever its predecessors."""
    return await _moved(uow, request, WorkOrderStatus.RELEASED)


async def cancel_work_order(uow: UnitOfWork, request: ActOnWorkOrder) -> WorkOrder | Problem:
    """Call a work order off."""
    return await _moved(uow, request, WorkOrderStatus.CANCELLED)


async def _moved(
    uow: UnitOfWork, request: ActOnWorkOrder, to: WorkOrderStatus
) -> WorkOrder | Problem:
    work_order = await _for_change(uow, request.work_order_id, request.expected_version)
    return _saved(uow, by_hand.move(work_order, to, stamp=_stamp(uow), reason=request.reason))


async def _searched(
    uow: UnitOfWork, request: ListWorkOrders, plants: list[str] | None
) -> Page[WorkOrder]:
    cursor = pages.decode_cursor(request.cursor, length=2)
    after = (_score_of(cursor[0]), _id_of(cursor[1])) if cursor else None
    found = await work_order_pages.best(uow, request, plants=plants, after=after)
    page = pages.page(found, limit=request.limit, key=lambda one: [one.score, one.work_order.id])
    return Page[WorkOrder](
        items=tuple(one.work_order for one in page.items), next_cursor=page.next_cursor
    )


async def _existing(uow: UnitOfWork, work_order_id: UUID, *, for_update: bool = False) -> WorkOrder:
    work_order = await work_orders.one(uow, work_order_id, for_update=for_update)
    if work_order is None:
        raise Refused(
            Problem(
                code=ProblemCode.NOT_FOUND,
                detail="There is no such work order.",
                facts={"work_order_id": str(work_order_id)},
            )
        )
    access.require_plant(uow, work_order.plant_code)
    return work_order


async def _for_change(
    uow: UnitOfWork, work_order_id: UUID, expected_version: int | None
) -> WorkOrder:
    """Lock a work order, if it still is what the person saw."""
    work_order = await _existing(uow, work_order_id, for_update=True)
    if expected_version is None or expected_version == work_order.version:
        return work_order
    raise Refused(
        Problem(
            code=ProblemCode.VERSION_CONFLICT,
            detail=f"It is at version {work_order.version}, not {expected_version}.",
            facts={"expected_version": expected_version, "current_version": work_order.version},
        )
    )


def _saved(uow: UnitOfWork, outcome: Outcome | Problem) -> WorkOrder | Problem:
    if isinstance(outcome, Problem):
        return outcome
    work_orders.save(uow, [outcome])
    return outcome.work_order


def _stamp(uow: UnitOfWork) -> Stamp:
    return Stamp(at=uow.now, by=uow.actor)


def _id_of(value: object) -> UUID:
    try:
        return UUID(str(value))
    except ValueError:
        raise _foreign_cursor() from None


def _score_of(value: object) -> int:
    if isinstance(value, int):
        return value
    raise _foreign_cursor()


def _foreign_cursor() -> Refused:
    detail = "This cursor is not valid here; start again without one."
    return Refused(Problem(code=ProblemCode.INVALID_CURSOR, detail=detail))
