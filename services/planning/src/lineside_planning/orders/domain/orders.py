"""A production order as planning keeps it, and the few ways its status moves.

A hold lies over an order like a cover: what floor, routing or sales do beneath it moves
`status_before_hold`, and lifting the hold shows where the order stands by then (RULES 23).
Every decision of this service takes a `PlannedOrder` and returns the one that follows; `seal` gives
it its version and the event that tells of it.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from lineside_contracts.envelope import EventPayload
from lineside_contracts.planning import (
    ProductionOrder,
    ProductionOrderCancelled,
    ProductionOrderChanged,
    ProductionOrderCreated,
    ProductionOrderReleased,
    ProductionOrderStatus as Status,
    ProductionOrderStatusChanged,
)
from lineside_contracts.problems import Fault
from lineside_contracts.values import Actor, Priority

UNKNOWN_PRODUCT = "unknown_product"
"""Fault of an order whose product planning does not know; it returns when the product appears."""

UNSTARTED = frozenset({Status.PLANNED, Status.ROUTED, Status.RELEASED})
FINAL = frozenset({Status.COMPLETED, Status.CLOSED, Status.CANCELLED})

_STAMPS = frozenset({"version", "updated_at", "updated_by"})


@dataclass(frozen=True, slots=True)
class SalesAsk:
    """What the sales system last asked for with one line.

    It is kept beside the order, so that an amendment of another line does not undo what a planner
    has changed on this one.
    """

    product_code: str
    quantity: Decimal
    due_date: date
    priority: Priority


@dataclass(frozen=True, slots=True)
class PlannedOrder:
    """A production order's public state and what planning alone needs to know.

    Attributes:
        state: What everybody reads.
        ask: What the sales line last asked for; None for orders made by hand.
        confirmation_count: Which confirmation of the sales order it was made for.
        cancelled_by: Who called it off.
        previous_work_order_count: Work orders of the expansion before the newest one.
    """

    state: ProductionOrder
    ask: SalesAsk | None = None
    confirmation_count: int | None = None
    cancelled_by: Literal["sales", "person"] | None = None
    previous_work_order_count: int = 0

    def having(self, **changes: Any) -> "PlannedOrder":
        """Take over changed fields of the state."""
        return replace(self, state=self.state.model_copy(update=changes))


@dataclass(frozen=True, slots=True)
class Change:
    """An order before and after a decision, with the reason people gave."""

    before: PlannedOrder
    after: PlannedOrder
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Sealed:
    """A change as it is stored and told."""

    order: PlannedOrder
    event: EventPayload


def standing(order: PlannedOrder) -> Status:
    """Tell where an order stands, holds lifted."""
    state = order.state
    return state.status_before_hold or Status.PLANNED if _held(order) else state.status


def is_held_by_system(order: PlannedOrder) -> bool:
    """Tell whether the order waits for something to be put right, and then returns by itself."""
    return _held(order) and order.state.held_by == "system"


def advance(order: PlannedOrder, status: Status) -> PlannedOrder:
    """Move an order on; under a hold it moves beneath it."""
    return order.having(**{"status_before_hold" if _held(order) else "status": status})


def hold(order: PlannedOrder, *, by: Literal["system", "person"], reason: str) -> PlannedOrder:
    """Stop an order; a person's hold takes over a system's, never the other way round."""
    if _held(order) and order.state.held_by == "person" and by == "system":
        return order
    return order.having(
        status=Status.ON_HOLD,
        status_before_hold=standing(order),
        held_by=by,
        hold_reason=reason,
    )


def lift(order: PlannedOrder) -> PlannedOrder:
    """Return an order to where it stands."""
    return order.having(
        status=standing(order), status_before_hold=None, held_by=None, hold_reason=None
    )


def cancel(order: PlannedOrder, *, by: Literal["sales", "person"]) -> PlannedOrder:
    """Call an order off for good."""
    lifted = lift(order).having(status=Status.CANCELLED)
    return replace(lifted, cancelled_by=by)


def with_exception(order: PlannedOrder, exception: Fault) -> PlannedOrder:
    """Note what a person must decide; one note per code and path, the newest."""
    others = without_exception(order, code=exception.code, path=exception.path)
    return others.having(exceptions=(*others.state.exceptions, exception))


def without_exception(order: PlannedOrder, *, code: str, path: str) -> PlannedOrder:
    """Take back a note that has become pointless."""
    kept = tuple(e for e in order.state.exceptions if (e.code, e.path) != (code, path))
    return order.having(exceptions=kept)


def waits_for_product(order: PlannedOrder) -> bool:
    """Tell whether the order's product is still unknown."""
    return any(fault.code == UNKNOWN_PRODUCT for fault in order.state.faults)


def reason_of(faults: tuple[Fault, ...]) -> str:
    """Say in one line why an order is held."""
    return "; ".join(fault.message for fault in faults)[:1000]


def changed_fields(before: ProductionOrder, after: ProductionOrder) -> tuple[str, ...]:
    """Name the fields that differ, stamps apart."""
    return tuple(
        name
        for name in ProductionOrder.model_fields
        if name not in _STAMPS and getattr(before, name) != getattr(after, name)
    )


def seal(change: Change, *, actor: Actor, now: datetime) -> Sealed | None:
    """Give a change its version and its one event.

    Returns:
        None where the public state did not change.
    """
    fields = changed_fields(change.before.state, change.after.state)
    if not fields:
        return None
    order = change.after.having(
        version=change.before.state.version + 1, updated_at=now, updated_by=actor
    )
    return Sealed(order, _event(change, order.state, fields))


def created(order: PlannedOrder) -> Sealed:
    """Tell of a new order."""
    return Sealed(order, ProductionOrderCreated(production_order=order.state))


def _event(change: Change, state: ProductionOrder, fields: tuple[str, ...]) -> EventPayload:
    old = change.before.state.status
    if old is state.status:
        return ProductionOrderChanged(production_order=state, changed_fields=fields)
    if state.status is Status.CANCELLED:
        return ProductionOrderCancelled(production_order=state, reason=change.reason)
    if state.status is Status.RELEASED and standing(change.before) is not Status.RELEASED:
        return ProductionOrderReleased(production_order=state)
    return ProductionOrderStatusChanged(
        production_order=state, old_status=old, new_status=state.status
    )


def _held(order: PlannedOrder) -> bool:
    return order.state.status is Status.ON_HOLD
