"""Sub-assemblies: from what a parent order needs made to its child orders (SPEC 5, RULES 17).

A material plan lists all children its order needs, so planning compares that list with the child
orders there are, as it does with the lines of a sales order. A cancelled order stays cancelled for
everybody, so its id is never used again: a person's cancellation stands while the need is the
same, and a need that changes after it comes with a new id.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from lineside_contracts.planning import ChildNeed, ProductionOrderStatus as Status
from lineside_contracts.problems import Fault
from lineside_planning.orders.domain import asks, openings, orders
from lineside_planning.orders.domain.orders import PlannedOrder
from lineside_planning.orders.domain.sealing import Change

MAX_LEVEL = 50
"""Deeper than any product is built; a bill of material that calls itself ends here."""

CHILD_NEED_CHANGED = "child_need_changed"
CHILD_NEED_GONE = "child_need_gone"
CHILD_CANCELLED = "child_cancelled"
TOO_DEEP = "bom_too_deep"
NEED_GONE_REASON = "The order it was made for no longer needs it."

_PARENT = "parent_order"


@dataclass(frozen=True, slots=True)
class Children:
    """What a parent's needs mean: orders to open, orders to change, and notes on the parent."""

    openings: tuple[ChildNeed, ...]
    changes: tuple[Change, ...]
    parent: PlannedOrder


def reconcile(
    parent: PlannedOrder, needs: Sequence[ChildNeed], known: Sequence[PlannedOrder]
) -> Children:
    """Compare what a parent needs made with the child orders there are.

    Args:
        parent: The order; a finished one needs nothing any more.
        needs: All it needs made.
        known: Every child order it ever had.
    """
    wanted = {} if parent.state.status in orders.FINAL else {need.id: need for need in needs}
    by_id = {child.state.id: child for child in known}
    stopped = [n for n in wanted.values() if _is_stopped(parent, n, by_id)]
    new = [n for n in wanted.values() if n.id not in by_id and n not in stopped]
    is_too_deep = bool(new) and parent.state.level >= MAX_LEVEL
    changes = [
        Change(child, _serve(child, parent, wanted[child.state.id]))
        if child.state.id in wanted
        else Change(child, _let_go(child), NEED_GONE_REASON)
        for child in known
    ]
    noted = orders.with_exceptions(
        parent, tuple(_cancelled_note(n) for n in stopped), code=CHILD_CANCELLED
    )
    notes = tuple(_depth_note(need) for need in new) if is_too_deep else ()
    return Children(
        openings=() if is_too_deep else tuple(new),
        changes=tuple(change for change in changes if change.before != change.after),
        parent=orders.with_exceptions(noted, notes, code=TOO_DEEP),
    )


def _is_stopped(parent: PlannedOrder, need: ChildNeed, by_id: Mapping[UUID, PlannedOrder]) -> bool:
    """Tell whether a need stays unserved, since its order was cancelled."""
    same = by_id.get(need.id)
    if same is not None:
        return same.state.status is Status.CANCELLED
    ask = openings.ask_of_need(parent, need)
    return any(
        child.cancelled_by == "person"
        and child.requirement_id == need.requirement_id
        and child.ask == ask
        for child in by_id.values()
    )


def _serve(child: PlannedOrder, parent: PlannedOrder, need: ChildNeed) -> PlannedOrder:
    """Let a child follow its need while it has not started; afterwards a person decides."""
    if child.state.status in orders.FINAL:
        return child
    ask = openings.ask_of_need(parent, need)
    back = orders.with_exceptions(child, (), code=CHILD_NEED_GONE)
    if child.ask == ask:
        return back
    asked = replace(back, ask=ask)
    if orders.standing(child) in orders.UNSTARTED:
        fields = asks.changed_fields(child.ask, ask) - {"product_code"}
        return asks.replan_if(asks.take_over(asked, ask, fields), fields)
    note = Fault(
        code=CHILD_NEED_CHANGED,
        path=_PARENT,
        message="Its parent order needs it otherwise since work has started: decide whether"
        " to follow.",
        facts=asks.facts_of(child, ask),
    )
    notes = (note,) if asks.differences(child, ask) else ()
    return orders.with_exceptions(asked, notes, code=CHILD_NEED_CHANGED)


def _let_go(child: PlannedOrder) -> PlannedOrder:
    if child.state.status in orders.FINAL:
        return child
    if orders.standing(child) in orders.UNSTARTED:
        return orders.cancel(child, by="parent")
    note = Fault(
        code=CHILD_NEED_GONE,
        path=_PARENT,
        message=f"{NEED_GONE_REASON} Work has started: decide what becomes of it.",
        facts={"quantity_ordered": f"{child.state.quantity_ordered:f}"},
    )
    return orders.with_exception(child, note)


def _cancelled_note(need: ChildNeed) -> Fault:
    return Fault(
        code=CHILD_CANCELLED,
        path=f"children[{need.product_code}]",
        message=f"{need.quantity:f} {need.unit_code} of {need.product_code} are needed, but the"
        " order that makes them was cancelled.",
        facts=_facts(need),
    )


def _depth_note(need: ChildNeed) -> Fault:
    return Fault(
        code=TOO_DEEP,
        path=f"children[{need.product_code}]",
        message=f"{need.product_code} would be made {MAX_LEVEL + 1} levels below an order:"
        " check the bills of material.",
        facts=_facts(need),
    )


def _facts(need: ChildNeed) -> dict[str, str]:
    return {
        "production_order_id": str(need.id),
        "product_code": need.product_code,
        "quantity": f"{need.quantity:f}",
        "due_date": need.due_date.isoformat(),
    }
