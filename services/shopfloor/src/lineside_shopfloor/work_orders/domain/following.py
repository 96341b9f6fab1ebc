"""Work orders follow their production order: its release, its cancellation, its dates."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from lineside_contracts.shopfloor import OperationStatus, WorkOrder, WorkOrderStatus
from lineside_shopfloor.places.domain.facts import Facts, Stamp
from lineside_shopfloor.work_orders.domain import (
    dates,
    operations,
    order_states,
    outcomes,
    planning,
    releasing,
    transitions,
)
from lineside_shopfloor.work_orders.domain.dates import Due, Group
from lineside_shopfloor.work_orders.domain.operations import FloorOperation
from lineside_shopfloor.work_orders.domain.order_states import OrderState
from lineside_shopfloor.work_orders.domain.outcomes import Outcome

_DONE = frozenset({OperationStatus.COMPLETED, OperationStatus.CANCELLED})


def follow(
    before: OrderState,
    after: OrderState,
    work_orders: Sequence[WorkOrder],
    *,
    facts: Facts,
    stamp: Stamp,
) -> list[Outcome]:
    """Let the work orders of one production order follow its newest state.

    A cancelled order takes along what has not started. Otherwise priority and due date are taken
    over where the order changed them, and a released order releases what may be worked on, until
    it is over.

    Args:
        before: As the floor knew it, locked.
        after: As it is now.
        work_orders: Every work order of it, locked.
        facts: Plants, the tenant's release policy, and the times of its places
            where the order `is_redated`.
        stamp: When, and on whose behalf.
    """
    if after.is_cancelled:
        return [
            outcomes.moved(
                Outcome(w), WorkOrderStatus.CANCELLED, stamp=stamp, reason=after.cancel_reason
            )
            for w in work_orders
            if w.status in transitions.NOT_STARTED
        ]
    changes = order_states.changes(before, after)
    taken_over = {name: getattr(after, name) for name in changes}
    redated = (
        _redated(work_orders, after, facts=facts, stamp=stamp)
        if order_states.is_redated(before, after)
        else {}
    )
    followed = [
        Outcome(w)
        if transitions.is_final(w.status)
        else outcomes.changed(Outcome(w), {**taken_over, **redated.get(w.id, {})}, stamp=stamp)
        for w in work_orders
    ]
    if not after.releases_followers:
        return followed
    all_at_once = facts.rules.releases_all_at_once
    return releasing.with_ready_released(followed, stamp=stamp, all_at_once=all_at_once)


def with_followers_released(
    work_orders: Sequence[WorkOrder], *, facts: Facts, stamp: Stamp
) -> list[Outcome]:
    """Release the work orders of a released production order whose turn has come.

    Args:
        work_orders: Every work order of it, locked.
        facts: With the tenant's release policy.
        stamp: When, and on whose behalf.
    """
    all_at_once = facts.rules.releases_all_at_once
    there = [Outcome(work_order) for work_order in work_orders]
    return releasing.with_ready_released(there, stamp=stamp, all_at_once=all_at_once)


def concerns_work_orders(before: OrderState, after: OrderState) -> bool:
    """Whether a newer state of an order may change its work orders."""
    if not after.expansion_version:
        return False
    return (
        after.releases_followers or after.is_cancelled or bool(order_states.changes(before, after))
    )


def _redated(
    work_orders: Sequence[WorkOrder], order: OrderState, *, facts: Facts, stamp: Stamp
) -> Mapping[UUID, Mapping[str, Any]]:
    """Plan unstarted work orders anew for a due date, from their stored operations."""
    if order.due_date is None:
        return {}
    live = [w for w in work_orders if not transitions.is_final(w.status)]
    groups = [Group(_to_be_done(w), w.plant_code) for w in live]
    due = Due(order.due_date, order.plant_code)
    planned = dates.planned_backward(groups, due, facts=facts, now=stamp.at)
    return {
        w.id: planning.date_fields(placed)
        for w, placed in zip(live, planned, strict=True)
        if w.status in transitions.NOT_STARTED
    }


def _to_be_done(work_order: WorkOrder) -> list[FloorOperation]:
    return [o for o in operations.operations_of(work_order) if o.status not in _DONE]
