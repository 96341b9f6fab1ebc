"""Materials' and capacity's answers in: orders wait, return, are released, and get children.

Answers of both kinds about one order come in one batch; whatever they and its parent's needs make
of the order is one change, one event. Needs are taken before answers, parents before children: an
answer to what a child was before means nothing any more.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from lineside_chassis.consumers import Consumer
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.envelope import Envelope, Received
from lineside_contracts.planning import CapacityChecked, ChildNeed, MaterialPlan, MaterialPlanned
from lineside_planning.orders.domain import children, facts as knowing, openings, readiness
from lineside_planning.orders.domain.facts import ProjectFacts
from lineside_planning.orders.domain.openings import Birth
from lineside_planning.orders.domain.orders import PlannedOrder
from lineside_planning.orders.domain.sealing import Change
from lineside_planning.orders.store import facts, orders, reservations

PLANNING_READINESS = "planning-readiness"


@dataclass(frozen=True, slots=True)
class _Opening:
    """A child order to be made, for whom, and what told of the need."""

    parent: PlannedOrder
    need: ChildNeed
    cause: Envelope


@dataclass(slots=True)
class _Desk:
    """The orders of a batch as they are by now, and what changed them last."""

    before: Mapping[UUID, PlannedOrder]
    after: dict[UUID, PlannedOrder]
    family: Mapping[UUID, Sequence[UUID]]
    causes: dict[UUID, Envelope] = field(default_factory=dict)
    reasons: dict[UUID, str | None] = field(default_factory=dict)
    openings: list[_Opening] = field(default_factory=list)

    def put(self, order: PlannedOrder, cause: Envelope, reason: str | None = None) -> None:
        """Lay down an order as it is after a decision."""
        order_id = order.state.id
        if order != self.after[order_id]:
            self.after[order_id] = order
            self.causes[order_id] = cause
            self.reasons[order_id] = reason or self.reasons.get(order_id)

    def children_of(self, order_id: UUID) -> list[PlannedOrder]:
        """Every child an order ever had, oldest first."""
        return [self.after[child_id] for child_id in self.family.get(order_id, ())]


def consumer() -> Consumer:
    """Build the consumer of materials' and capacity's answers."""
    consumer = Consumer(PLANNING_READINESS)
    consumer.on_batch(MaterialPlanned, CapacityChecked)(on_answers)
    return consumer


async def on_answers(uow: UnitOfWork, events: Sequence[Received[Any]]) -> None:
    """Take the newest answers into the orders they are about, and serve their needs."""
    plans = [event for event in events if isinstance(event.payload, MaterialPlanned)]
    checks = [event for event in events if isinstance(event.payload, CapacityChecked)]
    ids = {event.payload.state.id for event in events}
    needed = {need.id for event in plans for need in event.payload.material_plan.children}
    parents = [event.payload.material_plan.id for event in plans]
    known, releases = await orders.lock_families(uow, list(ids | needed), parent_ids=parents)
    desk = _Desk(before=known, after=dict(known), family=_family(known))
    for event in sorted(plans, key=lambda event: _level(known, event.payload.material_plan.id)):
        _take_materials(desk, event)
    for event in checks:
        plan = event.payload.capacity_plan
        if (order := desk.after.get(plan.id)) is not None:
            desk.put(readiness.take_capacity(order, plan), event.envelope)
    for event in events:
        if (order := desk.after.get(event.payload.state.id)) is not None:
            desk.put(readiness.release_if_ready(order, releases=releases), event.envelope)
    await _open_children(uow, desk)
    for order_id, order in desk.after.items():
        change = Change(known[order_id], order, desk.reasons.get(order_id))
        if change.before is not change.after:
            orders.change(uow, change, caused_by=desk.causes[order_id])


def _take_materials(desk: _Desk, event: Received[MaterialPlanned]) -> None:
    plan: MaterialPlan = event.payload.material_plan
    order = desk.after.get(plan.id)
    if order is None or not readiness.is_news_of_materials(order, plan):
        return
    means = children.reconcile(order, plan.children, desk.children_of(plan.id))
    for change in means.changes:
        desk.put(change.after, event.envelope, change.reason)
    parent = readiness.take_materials(means.parent, plan)
    desk.put(parent, event.envelope)
    desk.openings += [_Opening(parent, need, event.envelope) for need in means.openings]


def _family(known: Mapping[UUID, PlannedOrder]) -> dict[UUID, list[UUID]]:
    family: dict[UUID, list[UUID]] = {}
    for order_id, order in known.items():
        if order.state.parent_order_id is not None:
            family.setdefault(order.state.parent_order_id, []).append(order_id)
    return family


def _level(known: Mapping[UUID, PlannedOrder], order_id: UUID) -> int:
    return known[order_id].state.level if order_id in known else 0


async def _open_children(uow: UnitOfWork, desk: _Desk) -> None:
    free = [opening for opening in desk.openings if opening.need.id not in desk.before]
    if not free:
        return
    codes = [opening.need.product_code for opening in free]
    about = await facts.load(uow, product_codes=codes, project_numbers=[])
    series = [
        knowing.number_series(about.tenant, about.products.get(code), uow.now) for code in codes
    ]
    reserved = await reservations.reserve(uow, Counter(series), [])
    for opening, counter in zip(free, series, strict=True):
        parent = opening.parent.state
        birth = Birth(
            id=opening.need.id,
            number=reserved.next_number(counter),
            project=ProjectFacts(parent.project_id, parent.project_number, parent.project_name),
            actor=uow.actor_of(opening.cause),
            now=uow.now,
        )
        product = about.products.get(opening.need.product_code)
        order = openings.open_for_parent(opening.parent, opening.need, birth=birth, product=product)
        orders.add(uow, order, caused_by=opening.cause)
