"""Work orders follow their production order: its release, its cancellation, its dates."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from lineside_contracts.shopfloor import WorkOrder, WorkOrderStatus
from lineside_manufacturing import topology
from lineside_shopfloor.domain import (
    dates,
    order_states,
    outcomes,
    planning,
    releasing,
    transitions,
)
from lineside_shopfloor.domain.dates import Effort
from lineside_shopfloor.domain.facts import Facts, Stamp
from lineside_shopfloor.domain.order_states import OrderState
from lineside_shopfloor.domain.outcomes import Outcome


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
    over where the order changed them, and a released order releases what may be worked on.

    Args:
        before: As the floor knew it, locked.
        after: As it is now.
        work_orders: Every work order of it, locked.
        facts: Plants, and the tenant's release policy.
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
        _redated(work_orders, after.due_date, facts=facts, stamp=stamp)
        if "due_date" in changes
        else {}
    )
    followed = [
        Outcome(w)
        if transitions.is_final(w.status)
        else outcomes.changed(Outcome(w), {**taken_over, **redated.get(w.id, {})}, stamp=stamp)
        for w in work_orders
    ]
    if not after.is_released:
        return followed
    all_at_once = facts.rules.releases_all_at_once
    return releasing.with_ready_released(followed, stamp=stamp, all_at_once=all_at_once)


def _redated(
    work_orders: Sequence[WorkOrder], due_date: date | None, *, facts: Facts, stamp: Stamp
) -> Mapping[UUID, Mapping[str, Any]]:
    """Plan unstarted work orders anew for a due date."""
    if due_date is None:
        return {}
    ordered = _in_flow(work_orders)
    position_of = {w.id: position for position, w in enumerate(ordered)}
    efforts = [_effort(w, position_of, facts) for w in ordered]
    planned = dates.planned_backward(efforts, due_date=due_date, now=stamp.at)
    return {
        w.id: planning.date_fields(placed)
        for w, placed in zip(ordered, planned, strict=True)
        if w.status in transitions.NOT_STARTED
    }


def _in_flow(work_orders: Sequence[WorkOrder]) -> list[WorkOrder]:
    """Put each behind those it waits for; cancelled ones wait for nobody and nobody for them."""
    live = [w for w in work_orders if w.status is not WorkOrderStatus.CANCELLED]
    position_of = {w.id: position for position, w in enumerate(live)}
    graph = {
        position: [position_of[i] for i in w.predecessor_work_order_ids if i in position_of]
        for position, w in enumerate(live)
    }
    order, _cycles = topology.order(graph)
    return [live[position] for position in order]


def _effort(work_order: WorkOrder, position_of: Mapping[UUID, int], facts: Facts) -> Effort:
    operations = work_order.operations
    return Effort(
        work_minutes=sum((o.setup_minutes + o.run_minutes for o in operations), Decimal(0)),
        wait_minutes=sum((o.wait_minutes for o in operations), Decimal(0)),
        time_zone=facts.zone_of(work_order.plant_code),
        predecessors=tuple(
            position_of[i] for i in work_order.predecessor_work_order_ids if i in position_of
        ),
    )
