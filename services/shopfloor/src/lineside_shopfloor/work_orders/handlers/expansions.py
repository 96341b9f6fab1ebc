"""Expansions become work orders: consumer `shopfloor-work-orders`.

A batch costs the same few statements whatever its size: claim the orders' states (with the tenant's
rules and plants), load the working times of the places they name, load work orders where an
expansion was applied before, reserve numbers where work orders are new, and one write.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from lineside_chassis.consumers import Consumer
from lineside_chassis.errors import Poison
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.envelope import Envelope, Received
from lineside_contracts.routing import Expansion, RoutingExpanded
from lineside_contracts.shopfloor import WorkOrder
from lineside_shopfloor.lanes.store import freeing
from lineside_shopfloor.places.domain.facts import Facts, Stamp
from lineside_shopfloor.places.store import working_times
from lineside_shopfloor.work_orders.domain import numbers as numbering, outcomes, replanning
from lineside_shopfloor.work_orders.domain.numbers import Series
from lineside_shopfloor.work_orders.domain.outcomes import Outcome
from lineside_shopfloor.work_orders.domain.replanning import Ignored, Refused, Replan
from lineside_shopfloor.work_orders.handlers import stamps
from lineside_shopfloor.work_orders.store import numbers, order_states, work_orders
from lineside_shopfloor.work_orders.store.order_states import Claimed

WORK_ORDERS = "shopfloor-work-orders"
"""The durable's name: its place in the stream, never changed."""


@dataclass(frozen=True, slots=True)
class Decided:
    """An expansion and what it leads to."""

    event: Received[RoutingExpanded]
    decision: Replan | Refused


def consumer() -> Consumer:
    """Build the consumer."""
    expansions = Consumer(WORK_ORDERS)
    expansions.on_batch(RoutingExpanded)(on_routing_expanded)
    return expansions


async def on_routing_expanded(uow: UnitOfWork, events: list[Received[RoutingExpanded]]) -> None:
    """Make, change and cancel work orders as the expansions ask.

    Raises:
        Poison: An expansion's runs are no valid graph.
    """
    expansions = [event.payload.expansion for event in events]
    claimed = await order_states.claim(
        uow, [expansion.id for expansion in expansions], department_codes=_departments(expansions)
    )
    claimed = replace(claimed, facts=await _with_times(uow, claimed, expansions))
    known = [order_id for order_id, state in claimed.states.items() if state.expansion_version]
    existing = await work_orders.of_orders(uow, known)
    decided = list(_decided(uow, events, claimed=claimed, existing=existing))
    numbers_of = await _numbered(uow, decided, facts=claimed.facts)
    cancelled: dict[UUID, Envelope] = {}
    for one in decided:
        become = _carried_out(uow, one, numbers_of=numbers_of, facts=claimed.facts)
        work_orders.save(uow, become, caused_by=one.event.envelope)
        cancelled |= dict.fromkeys(outcomes.cancelled_ids(become), one.event.envelope)
    reasons = dict.fromkeys(cancelled, replanning.VANISHED_REASON)
    await freeing.free_all(uow, reasons, caused_by=cancelled)
    order_states.save(uow, [one.decision.state for one in decided])


def _departments(expansions: Sequence[Expansion]) -> list[str]:
    codes = {run.department_code for expansion in expansions for run in expansion.runs}
    return sorted(code for code in codes if code is not None)


async def _with_times(uow: UnitOfWork, claimed: Claimed, expansions: Sequence[Expansion]) -> Facts:
    return await working_times.with_times(
        uow,
        claimed.facts,
        work_center_codes=[run.work_center_code for e in expansions for run in e.runs],
        plant_codes=[e.plant_code or claimed.states[e.id].plant_code for e in expansions],
    )


def _decided(
    uow: UnitOfWork,
    events: Sequence[Received[RoutingExpanded]],
    *,
    claimed: Claimed,
    existing: Mapping[UUID, Sequence[WorkOrder]],
) -> Iterator[Decided]:
    for event in events:
        expansion = event.payload.expansion
        try:
            decision = replanning.decide(
                claimed.states[expansion.id],
                expansion,
                existing.get(expansion.id, ()),
                facts=claimed.facts,
                now=uow.now,
            )
        except ValueError as error:
            raise Poison(f"the runs of this expansion are no graph: {error}") from error
        if not isinstance(decision, Ignored):
            yield Decided(event, decision)


async def _numbered(
    uow: UnitOfWork, decided: Sequence[Decided], *, facts: Facts
) -> Mapping[Series, Iterator[str]]:
    """Reserve the numbers of all new work orders at once, by series."""
    counts = Counter(
        _series(uow, one.decision, position, facts=facts)
        for one in decided
        if isinstance(one.decision, Replan)
        for position in one.decision.made
    )
    if not counts:
        return {}
    lasts = await numbers.reserve(uow, counts)
    return {s: numbering.written(s, lasts[s], reserved) for s, reserved in counts.items()}


def _carried_out(
    uow: UnitOfWork, one: Decided, *, numbers_of: Mapping[Series, Iterator[str]], facts: Facts
) -> list[Outcome]:
    stamp = stamps.of(uow, one.event.envelope)
    decision = one.decision
    if isinstance(decision, Refused):
        return [_refused(decision, one.event.payload.expansion, stamp)]
    given = {p: next(numbers_of[_series(uow, decision, p, facts=facts)]) for p in decision.made}
    return replanning.carry_out(decision, given, facts=facts, stamp=stamp, new_id=uow.new_id)


def _refused(decision: Refused, expansion: Expansion, stamp: Stamp) -> Outcome:
    return outcomes.replan_refused(
        decision.started,
        production_order_id=expansion.id,
        planning_version=expansion.order.planning_version,
        stamp=stamp,
    )


def _series(uow: UnitOfWork, replan: Replan, position: int, *, facts: Facts) -> Series:
    zone = facts.zone_of(replan.wanted[position].fields["plant_code"])
    return numbering.series_at(facts.rules.work_order_prefix, uow.now, zone)
