"""A production order as planning keeps it, and the few ways its status moves.

A hold lies over an order like a cover: what floor, routing or sales do beneath it moves
`status_before_hold`, and lifting the hold shows where the order stands by then (RULES 23).
Every decision of this service takes a `PlannedOrder` and returns the one that follows; `sealing`
gives it its version and the event that tells of it.
"""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from lineside_contracts.planning import (
    CapacityStatus,
    MaterialsStatus,
    ProductionOrder,
    ProductionOrderStatus as Status,
)
from lineside_contracts.problems import Fault
from lineside_contracts.values import Priority

UNKNOWN_PRODUCT = "unknown_product"
"""Fault of an order whose product planning does not know; it returns when the product appears."""

MATERIAL_SHORTAGE = "material_shortage"
"""Fault of an order that lacks a material; it goes when materials say that it is there."""

ROUTING_FAILED = "routing_failed"
ALL_WORK_CANCELLED = "all_work_cancelled"
"""Exception of an order whose every work order was cancelled before anything good was made."""

UNSTARTED = frozenset({Status.PLANNED, Status.ROUTED, Status.RELEASED})
FINAL = frozenset({Status.COMPLETED, Status.CLOSED, Status.CANCELLED})

CalledOffBy = Literal["sales", "person", "parent"]


@dataclass(frozen=True, slots=True)
class Ask:
    """What the sales line, or the parent order's need, last asked for.

    It is kept beside the order, so that an amendment of another line does not undo what a planner
    has changed on this one.
    """

    product_code: str
    quantity: Decimal
    due_date: date
    priority: Priority


@dataclass(frozen=True, slots=True)
class Answer:
    """Which answer of materials or capacity an order rests on.

    Attributes:
        version: The answer's own; 0 before the first.
        expansion_version: The expansion it is for.
        due_date: The due date it is for.
    """

    version: int = 0
    expansion_version: int = 0
    due_date: date | None = None


@dataclass(frozen=True, slots=True)
class PlannedOrder:
    """A production order's public state and what planning alone needs to know.

    Attributes:
        state: What everybody reads.
        ask: What sales line or parent last asked for; None for orders made by hand.
        confirmation_count: Which confirmation of the sales order it was made for.
        cancelled_by: Who called it off.
        previous_work_order_count: Work orders of the expansion before the newest one.
        expanded_planning_version: The planning version its runs are for; 0 before it has any.
        requirement_id: The requirement of its parent it was made for.
        materials: The newest answer of materials.
        capacity: The newest answer of capacity.
        resolutions: What people decided about its exceptions, oldest first.
    """

    state: ProductionOrder
    ask: Ask | None = None
    confirmation_count: int | None = None
    cancelled_by: CalledOffBy | None = None
    previous_work_order_count: int = 0
    expanded_planning_version: int = 0
    requirement_id: UUID | None = None
    materials: Answer = Answer()
    capacity: Answer = Answer()
    resolutions: tuple[dict[str, Any], ...] = ()

    def having(self, **changes: Any) -> "PlannedOrder":
        """Take over changed fields of the state."""
        return replace(self, state=self.state.model_copy(update=changes))


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


def wait_or_return(order: PlannedOrder, faults: tuple[Fault, ...]) -> PlannedOrder:
    """Hold an order while there are faults; with the last one the system's hold goes."""
    faulty = order.having(faults=faults)
    if faults:
        return hold(faulty, by="system", reason=reason_of(faults))
    return lift(faulty) if is_held_by_system(faulty) else faulty


def begin(order: PlannedOrder) -> PlannedOrder:
    """Let work have begun; what the order waited for becomes notes for a person."""
    begun = advance(order, Status.IN_PROGRESS)
    if is_held_by_system(begun):
        begun = lift(begun)
    faults = begun.state.faults
    shortages = tuple(fault for fault in faults if fault.code == MATERIAL_SHORTAGE)
    others = tuple(fault for fault in faults if fault.code != MATERIAL_SHORTAGE)
    noted = with_exceptions(begun.having(faults=()), shortages, code=MATERIAL_SHORTAGE)
    if not others:
        return noted
    note = Fault(code=ROUTING_FAILED, path="routing", message=reason_of(others))
    return with_exception(noted, note)


def replan(order: PlannedOrder) -> PlannedOrder:
    """Ask routing, materials and capacity anew; a shortage stays until materials have answered."""
    return order.having(
        planning_version=order.state.planning_version + 1,
        materials_status=MaterialsStatus.UNKNOWN,
        materials_available_on=None,
        capacity_status=CapacityStatus.UNKNOWN,
        estimated_completion_at=None,
    )


def is_replanning(order: PlannedOrder) -> bool:
    """Tell whether its runs are still those of an older product or quantity, or none."""
    return order.expanded_planning_version != order.state.planning_version


def cancel(order: PlannedOrder, *, by: CalledOffBy) -> PlannedOrder:
    """Call an order off for good."""
    lifted = lift(order).having(status=Status.CANCELLED)
    return replace(lifted, cancelled_by=by)


def has_exception(order: PlannedOrder, code: str) -> bool:
    """Tell whether a person must still decide on something."""
    return any(exception.code == code for exception in order.state.exceptions)


def with_exception(order: PlannedOrder, exception: Fault) -> PlannedOrder:
    """Note what a person must decide; one note per code and path, the newest."""
    others = without_exception(order, code=exception.code, path=exception.path)
    return others.having(exceptions=(*others.state.exceptions, exception))


def without_exception(order: PlannedOrder, *, code: str, path: str) -> PlannedOrder:
    """Take back a note that has become pointless."""
    kept = tuple(e for e in order.state.exceptions if (e.code, e.path) != (code, path))
    return order.having(exceptions=kept)


def with_exceptions(
    order: PlannedOrder, exceptions: tuple[Fault, ...], *, code: str
) -> PlannedOrder:
    """Let these be all the notes of a code."""
    kept = tuple(e for e in order.state.exceptions if e.code != code)
    return order.having(exceptions=(*kept, *exceptions))


def waits_for_product(order: PlannedOrder) -> bool:
    """Tell whether the order's product is still unknown."""
    return any(fault.code == UNKNOWN_PRODUCT for fault in order.state.faults)


def reason_of(faults: tuple[Fault, ...]) -> str:
    """Say in one line why an order is held."""
    return "; ".join(fault.message for fault in faults)[:1000]


def _held(order: PlannedOrder) -> bool:
    return order.state.status is Status.ON_HOLD
