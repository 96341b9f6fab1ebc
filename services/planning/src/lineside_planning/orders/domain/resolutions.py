"""What a person decides about a planning exception: follow what was asked, or keep the order.

Taking over a new quantity asks routing and the floor anew: where work has gone too far, the floor
keeps what it has and says so (RULES 14).
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from lineside_contracts.planning import ProductionOrder, ResolveException
from lineside_contracts.problems import Fault, Problem, ProblemCode
from lineside_contracts.values import Actor
from lineside_planning.orders.domain import asks, children, floor_progress, orders, sales_lines
from lineside_planning.orders.domain.openings import Goods
from lineside_planning.orders.domain.orders import PlannedOrder

Decision = Callable[[PlannedOrder], PlannedOrder | Problem]

_MADE_LATER = frozenset({"top_up", "reschedule"})
_OF_SHORT = _MADE_LATER | {"accept"}


def resolve(
    order: PlannedOrder, request: ResolveException, *, by: Actor, at: datetime
) -> PlannedOrder | Problem:
    """Take an exception off an order, and do what a person decided about it.

    Args:
        order: As it is.
        request: Which exception, what to do, and why.
        by: Who decided.
        at: When.
    """
    named = (request.code, request.path)
    found = next((e for e in order.state.exceptions if (e.code, e.path) == named), None)
    if found is None:
        return _not_found(order, request)
    faults = tuple(_short_faults(found, request))
    if faults:
        detail = " ".join(fault.message for fault in faults)
        return Problem(code=ProblemCode.VALIDATION_FAILED, detail=detail, faults=faults)
    settled = orders.without_exception(order, code=found.code, path=found.path)
    decided = _decide(settled, found, follows=request.decision == "follow_sales")
    if isinstance(decided, Problem):
        return decided
    kept = (*order.resolutions, _record(request, by=by, at=at))
    return replace(decided, resolutions=kept)


def missing_goods(state: ProductionOrder, request: ResolveException) -> Goods | None:
    """Tell what a further order is to make of what an order ended short by; None: nothing.

    Args:
        state: Of the order, completed.
        request: What a person decided about it.
    """
    missing = state.quantity_ordered - state.quantity_completed
    if request.decision not in _MADE_LATER or missing <= 0:
        return None
    return Goods(
        product_code=state.product_code,
        quantity=missing,
        unit_code=state.unit_code,
        due_date=request.due_date or state.due_date,
        priority=state.priority,
    )


def _short_faults(found: Fault, request: ResolveException) -> Iterator[Fault]:
    """Find decisions that make no sense of this exception, and dates that are lacking or idle."""
    if request.decision in _OF_SHORT and found.code != floor_progress.SHORT_BY:
        message = f"{request.decision} answers an order that ended short, not {found.code}."
        yield Fault(code="not_short", path="decision", message=message)
    if request.decision == "reschedule" and request.due_date is None:
        message = "Say by when the rest is to be made."
        yield Fault(code="due_date_required", path="due_date", message=message)
    if request.decision != "reschedule" and request.due_date is not None:
        message = "A date belongs to the decision to reschedule."
        yield Fault(code="due_date_idle", path="due_date", message=message)


def _decide(order: PlannedOrder, found: Fault, *, follows: bool) -> PlannedOrder | Problem:
    if follows:
        return _FOLLOWING.get(found.code, _nothing_to_follow)(order)
    return _KEEPING[found.code](order) if found.code in _KEEPING else order


def _follow_ask(order: PlannedOrder) -> PlannedOrder | Problem:
    """Take over quantity, date and priority; another product cannot be made of what is begun."""
    if order.state.status in orders.FINAL or order.ask is None:
        return _too_late(order)
    fields = asks.differences(order, order.ask)
    if "product_code" in fields:
        detail = f"Work on {order.state.product_code} has started: it cannot become another product"
        return Problem(
            code=ProblemCode.ORDER_IN_PROGRESS,
            detail=f"{detail}; cancel the order, or keep it.",
            facts={"status": order.state.status, "product_code": order.ask.product_code},
        )
    return asks.replan_if(asks.take_over(order, order.ask, fields), fields)


def _cancel_for_sales(order: PlannedOrder) -> PlannedOrder | Problem:
    if orders.standing(order) in orders.FINAL:
        return _too_late(order)
    return orders.cancel(order, by="sales")


def _cancel_for_parent(order: PlannedOrder) -> PlannedOrder | Problem:
    if orders.standing(order) in orders.FINAL:
        return _too_late(order)
    return orders.cancel(order, by="parent")


_FOLLOWING: dict[str, Decision] = {
    sales_lines.AMEND_IN_PROGRESS: _follow_ask,
    sales_lines.CANCEL_IN_PROGRESS: _cancel_for_sales,
    children.CHILD_NEED_CHANGED: _follow_ask,
    children.CHILD_NEED_GONE: _cancel_for_parent,
}

_KEEPING: dict[str, Callable[[PlannedOrder], PlannedOrder]] = {
    orders.ALL_WORK_CANCELLED: orders.replan,
}
"""Keeping an order whose work was called off means to plan its work anew."""


def _nothing_to_follow(_order: PlannedOrder) -> Problem:
    detail = "Nobody asks for something else here: keep the order, or change it by hand."
    fault = Fault(code="nothing_to_follow", path="decision", message=detail)
    return Problem(code=ProblemCode.VALIDATION_FAILED, detail=detail, faults=(fault,))


def _too_late(order: PlannedOrder) -> Problem:
    status = order.state.status
    return Problem(
        code=ProblemCode.ORDER_IN_PROGRESS,
        detail=f"The order is {status} already: there is nothing left to follow with.",
        facts={"status": status},
    )


def _not_found(order: PlannedOrder, request: ResolveException) -> Problem:
    noted = [{"code": e.code, "path": e.path} for e in order.state.exceptions]
    return Problem(
        code=ProblemCode.EXCEPTION_NOT_FOUND,
        detail=f"The order has no exception {request.code} at {request.path or '(no path)'}.",
        facts={"exceptions": noted},
    )


def _record(request: ResolveException, *, by: Actor, at: datetime) -> dict[str, Any]:
    return {
        "code": request.code,
        "path": request.path,
        "decision": request.decision,
        "reason": request.reason,
        "decided_by": by.model_dump(mode="json"),
        "decided_at": at.isoformat(),
    }
