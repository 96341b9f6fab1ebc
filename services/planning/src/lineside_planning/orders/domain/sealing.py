"""A decision becomes a version of the order and the one event that tells of it."""

from dataclasses import dataclass
from datetime import datetime

from lineside_contracts.envelope import EventPayload
from lineside_contracts.planning import (
    ProductionOrder,
    ProductionOrderAssessed,
    ProductionOrderCancelled,
    ProductionOrderChanged,
    ProductionOrderCompleted,
    ProductionOrderCreated,
    ProductionOrderReleased,
    ProductionOrderStatus as Status,
    ProductionOrderStatusChanged,
)
from lineside_contracts.values import Actor
from lineside_planning.orders.domain import orders
from lineside_planning.orders.domain.orders import PlannedOrder

_STAMPS = frozenset({"version", "updated_at", "updated_by"})
_JUDGED = frozenset(
    {
        "materials_status",
        "materials_available_on",
        "capacity_status",
        "estimated_completion_at",
    }
)


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
        return _change_event(state, fields, change.reason)
    if state.status is Status.CANCELLED:
        return ProductionOrderCancelled(production_order=state, reason=change.reason)
    if state.status is Status.RELEASED and orders.standing(change.before) is not Status.RELEASED:
        return ProductionOrderReleased(production_order=state)
    if state.status is Status.COMPLETED:
        return ProductionOrderCompleted(production_order=state)
    return ProductionOrderStatusChanged(
        production_order=state, old_status=old, new_status=state.status, reason=change.reason
    )


def _change_event(
    state: ProductionOrder, fields: tuple[str, ...], reason: str | None
) -> EventPayload:
    """A new judgement of materials and capacity wakes nobody who waits for real changes."""
    if _JUDGED.issuperset(fields):
        return ProductionOrderAssessed(production_order=state, reason=reason)
    return ProductionOrderChanged(production_order=state, changed_fields=fields, reason=reason)
