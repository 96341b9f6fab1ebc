"""What a person may do with a production order, and what they are told when they may not."""

from decimal import Decimal

from lineside_contracts.planning import (
    CreateProductionOrder,
    ProductionOrderChange,
    ProductionOrderStatus as Status,
)
from lineside_contracts.problems import Fault, Problem, ProblemCode
from lineside_planning.orders.domain import orders, readiness
from lineside_planning.orders.domain.facts import Facts, TenantFacts
from lineside_planning.orders.domain.orders import PlannedOrder

ALLOWED: dict[Status, tuple[Status, ...]] = {
    Status.PLANNED: (Status.ON_HOLD, Status.CANCELLED),
    Status.ROUTED: (Status.RELEASED, Status.ON_HOLD, Status.CANCELLED),
    Status.RELEASED: (Status.ON_HOLD, Status.CANCELLED),
    Status.IN_PROGRESS: (Status.ON_HOLD, Status.CANCELLED),
    Status.ON_HOLD: (Status.CANCELLED,),
    Status.COMPLETED: (Status.CLOSED,),
}
"""Where a person may take an order from each state; a hold is lifted by resuming."""


def check_version(order: PlannedOrder, expected: int | None) -> Problem | None:
    """Refuse a change that was decided on another version (SPEC 5)."""
    if expected is None or expected == order.state.version:
        return None
    return Problem(
        code=ProblemCode.VERSION_CONFLICT,
        detail="Somebody else changed the order in the meantime; read it again and repeat.",
        facts={"expected_version": expected, "current_version": order.state.version},
    )


def release(order: PlannedOrder) -> PlannedOrder | Problem:
    """Let work begin on a routed order; materials and capacity are the planner's own judgement."""
    called_off = tuple(e for e in order.state.exceptions if e.code == orders.ALL_WORK_CANCELLED)
    if order.state.status is not Status.ROUTED or called_off:
        problem = refuse_transition(order, Status.RELEASED)
        return problem.model_copy(update={"faults": (*problem.faults, *called_off)})
    return order.having(status=Status.RELEASED)


def close(order: PlannedOrder) -> PlannedOrder | Problem:
    """Close a completed order: nothing of it is expected any more."""
    if order.state.status is not Status.COMPLETED:
        problem = refuse_transition(order, Status.CLOSED)
        return problem.model_copy(update={"code": ProblemCode.ORDER_NOT_COMPLETED})
    return order.having(status=Status.CLOSED)


def hold(order: PlannedOrder, *, reason: str | None) -> PlannedOrder | Problem:
    """Hold an order until a person resumes it; a system's hold becomes the person's."""
    if order.state.status in orders.FINAL or order.state.held_by == "person":
        return refuse_transition(order, Status.ON_HOLD)
    return orders.hold(order, by="person", reason=reason or "Held by a planner.")


def resume(order: PlannedOrder, *, releases: bool) -> PlannedOrder | Problem:
    """Lift a person's hold; what the system still waits for holds the order on.

    Args:
        order: As it is.
        releases: Whether the tenant releases what is ready by itself.
    """
    if order.state.status is not Status.ON_HOLD or order.state.held_by == "system":
        return refuse_transition(order, orders.standing(order))
    if order.state.faults:
        reason = orders.reason_of(order.state.faults)
        return order.having(held_by="system", hold_reason=reason)
    return readiness.release_if_ready(orders.lift(order), releases=releases)


def cancel(order: PlannedOrder, *, reason: str | None) -> PlannedOrder | Problem:
    """Call an order off; once work has started, a reason must say what becomes of it."""
    if orders.standing(order) in orders.FINAL:
        return refuse_transition(order, Status.CANCELLED)
    if orders.standing(order) not in orders.UNSTARTED and not reason:
        return Problem(
            code=ProblemCode.ORDER_IN_PROGRESS,
            detail="Work has started: say in the reason what becomes of the work in process.",
            facts={"status": order.state.status},
        )
    return orders.cancel(order, by="person")


def starting_problem(tenant: TenantFacts) -> Problem | None:
    """Refuse to start something new for a suspended organisation; what has begun goes on."""
    if tenant.is_active:
        return None
    return Problem(
        code=ProblemCode.TENANT_SUSPENDED,
        detail="The organisation is suspended: nothing new is started.",
        facts={"tenant_status": "suspended"},
    )


def creation_faults(request: CreateProductionOrder, about: Facts) -> tuple[Fault, ...]:
    """Name everything that is wrong with an order made by hand."""
    faults = []
    product = about.products.get(request.product_code)
    if product is None:
        message = f"There is no product {request.product_code}."
        faults.append(Fault(code=orders.UNKNOWN_PRODUCT, path="product_code", message=message))
    elif fault := _decimals_fault(request.quantity, product.unit_decimals):
        faults.append(fault)
    if request.project_number and request.project_number not in about.projects:
        message = f"There is no project {request.project_number}."
        faults.append(Fault(code="unknown_project", path="project_number", message=message))
    return tuple(faults)


def change(order: PlannedOrder, wish: ProductionOrderChange) -> PlannedOrder | Problem:
    """Change quantity, due date or priority of an order that has not started."""
    standing = orders.standing(order)
    if standing not in orders.UNSTARTED:
        return Problem(
            code=ProblemCode.ORDER_IN_PROGRESS,
            detail=f"The order is {standing.value.replace('_', ' ')} and cannot be changed.",
            facts={"status": order.state.status},
        )
    state = order.state
    if wish.quantity and (fault := _decimals_fault(wish.quantity, state.unit_decimals)):
        return Problem(
            code=ProblemCode.VALIDATION_FAILED,
            detail=fault.message,
            faults=(fault.model_copy(update={"path": "change.quantity"}),),
        )
    quantity = state.quantity_ordered if wish.quantity is None else wish.quantity
    changed = order.having(
        quantity_ordered=quantity,
        due_date=wish.due_date or state.due_date,
        priority=wish.priority or state.priority,
    )
    return orders.replan(changed) if quantity != state.quantity_ordered else changed


def _decimals_fault(quantity: Decimal, decimals: int) -> Fault | None:
    if quantity == round(quantity, decimals):
        return None
    message = f"The quantity {quantity} has more than the {decimals} decimals of its unit."
    return Fault(code="too_many_decimals", path="quantity", message=message)


def refuse_transition(order: PlannedOrder, to: Status) -> Problem:
    """Refuse a status change and name what is allowed instead (RULES 39)."""
    state = order.state
    allowed = list(ALLOWED.get(state.status, ()))
    if state.status is Status.ON_HOLD and state.held_by == "person":
        allowed.insert(0, orders.standing(order))
    named = ", ".join(allowed) or "nothing"
    waits = f" It waits: {orders.reason_of(state.faults)}" if state.faults else ""
    return Problem(
        code=ProblemCode.INVALID_STATUS_TRANSITION,
        detail=f"An order that is {state.status} cannot become {to}; allowed: {named}.{waits}",
        faults=state.faults,
        facts={"from": state.status, "to": to, "allowed": allowed},
    )
