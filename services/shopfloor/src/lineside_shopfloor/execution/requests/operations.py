"""The operations of a work order as the floor sees them now, and what people do to them."""

from uuid import UUID

from lineside_chassis.errors import Refused
from lineside_chassis.requests import Requests
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.problems import Problem, ProblemCode
from lineside_contracts.shopfloor import (
    ADD_OPERATION,
    COMPLETE_OPERATION,
    LIST_WORK_ORDER_OPERATIONS,
    UPDATE_OPERATION,
    AddOperation,
    CompleteOperation,
    GetWorkOrder,
    OperationView,
    UpdateOperation,
    WorkOrderOperations,
)
from lineside_shopfloor.execution.domain import operation_views
from lineside_shopfloor.execution.requests import located
from lineside_shopfloor.execution.store import closing
from lineside_shopfloor.places.domain.facts import Stamp
from lineside_shopfloor.work_orders.domain import added_operations, operation_changes
from lineside_shopfloor.work_orders.domain.outcomes import Outcome
from lineside_shopfloor.work_orders.requests import finding
from lineside_shopfloor.work_orders.store import work_orders


def register(requests: Requests) -> None:
    """Answer the requests about operations."""
    requests.answer(LIST_WORK_ORDER_OPERATIONS)(list_operations)
    requests.answer(ADD_OPERATION)(add_operation)
    requests.answer(UPDATE_OPERATION)(update_operation)
    requests.answer(COMPLETE_OPERATION)(complete_operation)


async def list_operations(uow: UnitOfWork, request: GetWorkOrder) -> WorkOrderOperations:
    """List the operations of one work order, with the pieces that are there for each."""
    state = await located.existing(uow, request.work_order_id)
    return WorkOrderOperations(items=operation_views.of(state))


async def add_operation(uow: UnitOfWork, request: AddOperation) -> OperationView | Problem:
    """Add an operation to a work order that has not started.

    All work orders of its production order are locked: their operations share their numbers.
    """
    seen = await finding.existing(uow, request.work_order_id)
    siblings = []
    if seen.production_order_id is not None:
        of_order = await work_orders.of_orders(uow, [seen.production_order_id])
        siblings = [w for w in of_order[seen.production_order_id] if w.id != seen.id]
    work_order = await finding.for_change(uow, request.work_order_id, request.expected_version)
    new_id = uow.new_id()
    added = added_operations.add(
        work_order, request, siblings=siblings, stamp=_stamp(uow), new_id=new_id
    )
    return await _answered(uow, added, operation_id=new_id)


async def update_operation(uow: UnitOfWork, request: UpdateOperation) -> OperationView | Problem:
    """Change an operation, against the version of its work order."""
    work_order_id = await _work_order_of(uow, request.operation_id)
    work_order = await finding.for_change(uow, work_order_id, request.expected_version)
    changed = operation_changes.change(
        work_order, request.operation_id, request.change, stamp=_stamp(uow)
    )
    return await _answered(uow, changed, operation_id=request.operation_id)


async def complete_operation(
    uow: UnitOfWork, request: CompleteOperation
) -> OperationView | Problem:
    """Say that nothing more comes of an operation; those before it are complete."""
    work_order_id = await _work_order_of(uow, request.operation_id)
    state = await located.for_change(uow, work_order_id, request.expected_version)
    operation = operation_changes.one_of(state.work_order, request.operation_id)
    if problem := operation_changes.completion_problem(state.work_order, operation):
        return problem
    completed = await closing.complete_operation(
        uow,
        state,
        operation_number=operation.operation_number,
        stated_hours=request.stated_hours,
        notes=request.notes,
    )
    if isinstance(completed, Problem):
        return completed
    return await _view(uow, work_order_id, request.operation_id)


async def _answered(
    uow: UnitOfWork, outcome: Outcome | Problem, *, operation_id: UUID
) -> OperationView | Problem:
    if isinstance(outcome, Problem):
        return outcome
    work_orders.save(uow, [outcome])
    return await _view(uow, outcome.work_order.id, operation_id)


async def _view(uow: UnitOfWork, work_order_id: UUID, operation_id: UUID) -> OperationView:
    """Read an operation back as everybody will see it."""
    await uow.flush()
    state = await located.existing(uow, work_order_id)
    return next(view for view in operation_views.of(state) if view.id == operation_id)


async def _work_order_of(uow: UnitOfWork, operation_id: UUID) -> UUID:
    found = await work_orders.of_operation(uow, operation_id)
    if found is None:
        raise Refused(
            Problem(
                code=ProblemCode.NOT_FOUND,
                detail="There is no such operation.",
                facts={"operation_id": str(operation_id)},
            )
        )
    return found


def _stamp(uow: UnitOfWork) -> Stamp:
    return Stamp(at=uow.now, by=uow.actor)
