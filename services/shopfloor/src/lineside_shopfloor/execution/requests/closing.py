"""Work orders that end by a person's hand: called off, or closed with what was made.

Lanes and tracks go with them in the same transaction (RULES 6, 12, 14).
"""

from collections.abc import Mapping
from decimal import Decimal

from lineside_chassis.requests import Requests
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.problems import Problem
from lineside_contracts.shopfloor import (
    CANCEL_WORK_ORDER,
    COMPLETE_WORK_ORDER,
    CancelWorkOrder,
    CompleteWorkOrder,
    WorkOrder,
    WorkOrderStatus,
)
from lineside_shopfloor.execution.domain import pieces
from lineside_shopfloor.execution.requests import located
from lineside_shopfloor.execution.store import closing
from lineside_shopfloor.work_orders.domain import endings

_NOTHING: Mapping[int, Decimal] = {}


def register(requests: Requests) -> None:
    """Answer the requests that end work orders."""
    requests.answer(CANCEL_WORK_ORDER)(cancel_work_order)
    requests.answer(COMPLETE_WORK_ORDER)(complete_work_order)


async def cancel_work_order(uow: UnitOfWork, request: CancelWorkOrder) -> WorkOrder | Problem:
    """Call a work order off; of a running one somebody says what becomes of its pieces."""
    state = await located.for_change(uow, request.work_order_id, request.expected_version)
    in_process = pieces.work_in_process(state)
    is_decided = request.work_in_process is not None
    problem = endings.cancellation_problem(
        state.work_order, in_process=in_process, is_decided=is_decided
    )
    if problem is not None:
        return problem
    return await closing.close(
        uow,
        state,
        to=WorkOrderStatus.CANCELLED,
        reason=request.reason,
        scrap=in_process if request.work_in_process == "scrap" else _NOTHING,
    )


async def complete_work_order(uow: UnitOfWork, request: CompleteWorkOrder) -> WorkOrder | Problem:
    """End a work order with what was made; what follows it goes on with that."""
    state = await located.for_change(uow, request.work_order_id, request.expected_version)
    problem = endings.completion_problem(state.work_order, request)
    if problem is not None:
        return problem
    return await closing.close(
        uow,
        state,
        to=WorkOrderStatus.COMPLETED,
        reason=request.reason,
        stated_hours=request.stated_hours,
    )
