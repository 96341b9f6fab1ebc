"""An expansion meets the work orders there are: what is kept, made, cancelled or refused.

A group keeps the work order with which it shares most operations, and so its number; the version of
the expansion and the state of the production order decide whether anything happens at all.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from lineside_contracts.routing import Expansion, ProductionRun
from lineside_contracts.shopfloor import OperationStatus, WorkOrder, WorkOrderStatus
from lineside_shopfloor.places.domain.facts import Facts, Stamp
from lineside_shopfloor.work_orders.domain import (
    added_operations,
    operations,
    order_states,
    outcomes,
    planning,
    releasing,
    transitions,
)
from lineside_shopfloor.work_orders.domain.dates import Due
from lineside_shopfloor.work_orders.domain.operations import FloorOperation
from lineside_shopfloor.work_orders.domain.order_states import OrderState
from lineside_shopfloor.work_orders.domain.outcomes import NewId, Outcome
from lineside_shopfloor.work_orders.domain.planning import WantedWorkOrder

_SET_BY_PEOPLE = frozenset({"description", "department_id", "department_code"})
VANISHED_REASON = "The order's routing no longer asks for it."


@dataclass(frozen=True, slots=True)
class Ignored:
    """Nothing happens: an older or known expansion, or one of a cancelled order."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Work has started: the floor keeps what it has.

    Attributes:
        state: Of the production order, with this expansion noted.
        started: The work order that says so.
    """

    state: OrderState
    started: WorkOrder


@dataclass(frozen=True, slots=True)
class Replan:
    """What is to become of the production order's work orders.

    Attributes:
        state: Of the production order, following this expansion.
        wanted: The work orders there are to be, in topological order.
        kept: By position in `wanted`, the work order that stays.
        vanished: Unstarted work orders that no group keeps.
        order_changes: Which of priority and due date the order itself changed; otherwise a kept
            work order stays as a person may have set it.
    """

    state: OrderState
    wanted: tuple[WantedWorkOrder, ...]
    kept: Mapping[int, WorkOrder]
    vanished: tuple[WorkOrder, ...]
    order_changes: frozenset[str]

    @property
    def made(self) -> tuple[int, ...]:
        """Positions in `wanted` of the work orders that are new and need a number."""
        return tuple(p for p in range(len(self.wanted)) if p not in self.kept)


def decide(
    state: OrderState,
    expansion: Expansion,
    existing: Sequence[WorkOrder],
    *,
    facts: Facts,
    now: datetime,
) -> Ignored | Refused | Replan:
    """Judge an expansion against what the floor has.

    Args:
        state: Of its production order, locked.
        expansion: As it came.
        existing: Every work order of the production order, locked.
        facts: Plants, departments and working times known by their codes.
        now: No work is planned before it.

    Raises:
        ValueError: The expansion's runs are no valid graph.
    """
    if state.is_cancelled or expansion.version <= state.expansion_version:
        return Ignored()
    started = [w for w in existing if w.status in transitions.STARTED]
    if started:
        noted = replace(state, expansion_version=expansion.version)
        return Refused(noted, min(started, key=lambda w: w.id))
    followed = order_states.after_expansion(state, expansion)
    wanted = planning.wanted_work_orders(
        expansion,
        priority=followed.priority or expansion.order.priority,
        due=Due(followed.due_date or expansion.order.due_date, followed.plant_code),
        facts=facts,
        now=now,
    )
    free = [w for w in existing if w.status in transitions.NOT_STARTED]
    kept = matched([w.operation_numbers for w in wanted], free)
    kept_ids = {work_order.id for work_order in kept.values()}
    return Replan(
        state=followed,
        wanted=wanted,
        kept=kept,
        vanished=tuple(w for w in free if w.id not in kept_ids),
        order_changes=order_states.changes(state, followed),
    )


def matched(groups: Sequence[frozenset[int]], free: Sequence[WorkOrder]) -> dict[int, WorkOrder]:
    """Pair groups with the work orders they share operations with, most shared first.

    Args:
        groups: Operation numbers of each group; no number is in two of them.
        free: Work orders that may be kept.

    Returns:
        By position of the group; no work order is paired twice.
    """
    holder = {o.operation_number: i for i, w in enumerate(free) for o in w.operations}
    shared = Counter(
        (position, holder[number])
        for position, group in enumerate(groups)
        for number in group
        if number in holder
    )
    paired: dict[int, int] = {}
    taken: set[int] = set()
    for position, index in sorted(shared, key=lambda pair: (-shared[pair], pair)):
        if position not in paired and index not in taken:
            paired[position] = index
            taken.add(index)
    return {position: free[index] for position, index in sorted(paired.items())}


def carry_out(
    replan: Replan, numbers: Mapping[int, str], *, facts: Facts, stamp: Stamp, new_id: NewId
) -> list[Outcome]:
    """Make, keep and cancel work orders as planned, and release them where the order is released.

    Args:
        replan: The decision.
        numbers: By position, the number of each new work order.
        facts: For the tenant's release policy.
        stamp: When, and on whose behalf.
        new_id: Makes ids of work orders and operations.
    """
    ids = [
        replan.kept[position].id if position in replan.kept else new_id()
        for position in range(len(replan.wanted))
    ]
    followed = {p for wanted in replan.wanted for p in wanted.predecessors}
    numbered = frozenset(n for wanted in replan.wanted for n in wanted.operation_numbers)
    there: list[Outcome] = []
    for position, wanted in enumerate(replan.wanted):
        before = tuple(ids[p] for p in wanted.predecessors)
        kept = replan.kept.get(position)
        if kept is None:
            identity = {
                "id": ids[position],
                "work_order_number": numbers[position],
                "predecessor_work_order_ids": before,
            }
            made = _made(wanted, identity, stamp=stamp, new_id=new_id)
            there.append(outcomes.created(made))
        else:
            fields = _kept_fields(wanted, kept, order_changes=replan.order_changes, new_id=new_id)
            fields["operations"] = added_operations.kept_by_hand(
                fields["operations"], kept, taken=numbered, is_followed=position in followed
            )
            fields["predecessor_work_order_ids"] = before
            there.append(outcomes.changed(Outcome(kept), fields, stamp=stamp))
    if replan.state.is_released:
        all_at_once = facts.rules.releases_all_at_once
        there = releasing.with_ready_released(there, stamp=stamp, all_at_once=all_at_once)
    return there + [
        outcomes.moved(Outcome(w), WorkOrderStatus.CANCELLED, stamp=stamp, reason=VANISHED_REASON)
        for w in replan.vanished
    ]


def _made(
    wanted: WantedWorkOrder, identity: Mapping[str, Any], *, stamp: Stamp, new_id: NewId
) -> WorkOrder:
    return WorkOrder(
        **wanted.fields,
        **identity,
        version=1,
        status=WorkOrderStatus.PLANNED,
        operations=tuple(_operation(run, None, new_id=new_id) for run in wanted.runs),
        created_at=stamp.at,
        created_by=stamp.by,
        updated_at=stamp.at,
        updated_by=stamp.by,
    )


def _kept_fields(
    wanted: WantedWorkOrder, kept: WorkOrder, *, order_changes: frozenset[str], new_id: NewId
) -> dict[str, Any]:
    """Say what an expansion changes of a work order: not what people set on it."""
    known = {o.operation_number: o for o in operations.operations_of(kept) if o.run_id}
    left_alone = order_states.FOLLOWED_FIELDS - order_changes
    if known.keys() == wanted.operation_numbers:
        left_alone |= _SET_BY_PEOPLE
    planned = tuple(
        _operation(run, known.get(run.sequence_number), new_id=new_id) for run in wanted.runs
    )
    fields = {name: value for name, value in wanted.fields.items() if name not in left_alone}
    return fields | {"operations": planned}


def _operation(
    run: ProductionRun, known: FloorOperation | None, *, new_id: NewId
) -> FloorOperation:
    fields = planning.operation_fields(run)
    if known is not None:
        return known.model_copy(update=fields)
    return FloorOperation(**fields, id=new_id(), status=OperationStatus.PENDING)
