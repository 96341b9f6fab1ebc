"""Planned orders and exception messages for people: list, look, make firm.

A proposal made firm stays in the plan as a firm supply; what others make of it (a production order
to stock, a requisition) has its id and takes its place when it is told of (RULES 17).
"""

from lineside_chassis.errors import Refused
from lineside_chassis.requests import Requests
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts import planning
from lineside_contracts.endpoint import Page
from lineside_contracts.planning import (
    GetPlannedOrder,
    ListMrpExceptions,
    ListPlannedOrders,
    MrpException,
    PlannedOrder,
    PlannedOrderFirmed,
)
from lineside_contracts.problems import Problem, ProblemCode
from lineside_planning.mrp.requests import access
from lineside_planning.mrp.store import (
    planning as planning_state,
    plans,
    proposal_pegs,
    proposals,
)


def register(requests: Requests) -> None:
    """Answer the requests about planned orders and exceptions."""
    requests.answer(planning.LIST_PLANNED_ORDERS)(list_planned_orders)
    requests.answer(planning.GET_PLANNED_ORDER)(get_planned_order)
    requests.answer(planning.FIRM_PLANNED_ORDER)(firm_planned_order)
    requests.answer(planning.LIST_MRP_EXCEPTIONS)(list_exceptions)


async def list_planned_orders(uow: UnitOfWork, request: ListPlannedOrders) -> Page[PlannedOrder]:
    """Page through the proposals, soonest release first."""
    return await proposals.page_of_orders(uow, request, uow.context.plants)


async def list_exceptions(uow: UnitOfWork, request: ListMrpExceptions) -> Page[MrpException]:
    """Page through the exception messages, soonest first."""
    return await proposals.page_of_exceptions(uow, request, uow.context.plants)


async def get_planned_order(uow: UnitOfWork, request: GetPlannedOrder) -> PlannedOrder:
    """Read one proposal with whom it serves."""
    return await _read(uow, request, locked=False)


async def firm_planned_order(uow: UnitOfWork, request: GetPlannedOrder) -> PlannedOrder | Problem:
    """Make a proposal real."""
    state = await planning_state.lock(uow)
    proposal = await _read(uow, request, locked=True)
    if proposal.status == proposals.FIRMED:
        return Problem(
            code=ProblemCode.ALREADY_FIRMED,
            detail="This planned order was made firm already.",
            facts={"planned_order_id": str(proposal.id)},
        )
    row = await proposals.find_order(uow, proposal.id)
    if row is not None:
        proposals.firm(uow, row)
    pool = (proposal.product_code, proposal.plant_code)
    await plans.net_change(uow, state, {pool}, await plans.load_dates(uow, state))
    firmed = proposal.model_copy(update={"status": proposals.FIRMED})
    uow.emit(PlannedOrderFirmed(planned_order=firmed))
    return firmed


async def _read(uow: UnitOfWork, request: GetPlannedOrder, *, locked: bool) -> PlannedOrder:
    """Read a planned order.

    Raises:
        Refused: There is none, or it is of another plant.
    """
    own = request.planned_order_id
    row = await proposals.find_order(uow, own, locked=locked)
    if row is None:
        raise Refused(access.not_found("planned order", own, planned_order_id=str(own)))
    access.require_plant(uow, row["plant_code"])
    return proposals.planned_order(row, await proposal_pegs.load(uow, row))
