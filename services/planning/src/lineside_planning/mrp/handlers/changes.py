"""Orders, materials, stock and purchases in: the projection follows, and the plan with it.

NATS → `on_changes` → tenant's turn → what is kept → records, demands and supplies (pure) → saved →
what that touched is planned again, wave by wave, in the same transaction.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from lineside_chassis.consumers import Consumer
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.envelope import Received
from lineside_contracts.planning import (
    MaterialPlan,
    MaterialPlanned,
    ProductionOrder,
    ProductionOrderCancelled,
    ProductionOrderChanged,
    ProductionOrderCompleted,
    ProductionOrderCreated,
    ProductionOrderReleased,
    ProductionOrderStatusChanged,
    PurchaseRequisition,
    PurchaseRequisitionChanged,
    PurchaseRequisitionCreated,
    Receipt,
    ReceiptChanged,
    Stock,
    StockChanged,
)
from lineside_planning.mrp.handlers import demand_and_supply, records
from lineside_planning.mrp.handlers.pacing import Pace
from lineside_planning.mrp.store import planning, plans, sources
from lineside_planning.mrp.store.planning import PlanningState
from lineside_planning.mrp.store.plans import DatesByTenant, Pool
from lineside_planning.mrp.store.sources import (
    DemandRow,
    Known,
    OrderRecord,
    PurchaseRecord,
    SupplyRow,
)

PLANNING_MRP = "planning-mrp"

_TAKEN = (
    ProductionOrderCreated,
    ProductionOrderChanged,
    ProductionOrderStatusChanged,
    ProductionOrderReleased,
    ProductionOrderCancelled,
    ProductionOrderCompleted,
    MaterialPlanned,
    PurchaseRequisitionCreated,
    PurchaseRequisitionChanged,
    ReceiptChanged,
    StockChanged,
)


@dataclass(slots=True)
class News:
    """What a batch says, each thing once, at its newest."""

    orders: dict[UUID, ProductionOrder] = field(default_factory=dict)
    plans: dict[UUID, MaterialPlan] = field(default_factory=dict)
    purchases: dict[UUID, PurchaseRecord] = field(default_factory=dict)
    stock: dict[Pool, Stock] = field(default_factory=dict)

    @property
    def order_ids(self) -> set[UUID]:
        """Orders the batch tells of: themselves, their materials, or that they are children."""
        children = {child.id for plan in self.plans.values() for child in plan.children}
        return self.orders.keys() | self.plans.keys() | children

    @property
    def firmed_ids(self) -> set[UUID]:
        """Planned orders that have become requisitions."""
        pegs = (peg for purchase in self.purchases.values() for peg in purchase.pegs)
        return {peg.planned_order_id for peg in pegs if peg.planned_order_id is not None}


def consumer() -> Consumer:
    """Build the consumer of demands and supplies."""
    consumer = Consumer(PLANNING_MRP)
    dates, pace = DatesByTenant(), Pace()

    @consumer.on_batch(*_TAKEN)
    async def on_changes(uow: UnitOfWork, events: Sequence[Received[Any]]) -> None:
        async with pace.turn():
            await follow(uow, events, dates)

    return consumer


async def follow(uow: UnitOfWork, events: Sequence[Received[Any]], dates: DatesByTenant) -> None:
    """Keep what is said, and plan again what it touches.

    Args:
        uow: The unit of work.
        events: Of one tenant.
        dates: Kept from one batch to the next.
    """
    state = await planning.lock(uow)
    news = news_of(event.payload.state for event in events)
    touched = await take_in(uow, news, today=_horizon(state))
    if touched:
        await plans.net_change(uow, state, touched, await dates.dates(uow, state))


def news_of(states: Iterable[Any]) -> News:
    """Sort what a batch says by what it is about.

    Args:
        states: The states its events carry.

    Returns:
        The newest of each thing.
    """
    news = News()
    for state in states:
        match state:
            case ProductionOrder():
                _keep(news.orders, state.id, state)
            case MaterialPlan():
                _keep(news.plans, state.id, state)
            case PurchaseRequisition():
                _keep(news.purchases, state.id, records.of_requisition(state))
            case Receipt():
                _keep(news.purchases, state.id, records.of_receipt(state))
            case Stock():
                _keep(news.stock, (state.product_code, state.plant_code), state)
    return news


async def take_in(uow: UnitOfWork, news: News, *, today: date) -> set[Pool]:
    """Bring the projection up to date.

    Args:
        uow: The unit of work that holds the tenant's turn.
        news: What was said.
        today: What is made for somebody and due before it takes part in planning.

    Returns:
        Product and plant of what it touches.
    """
    known = await _load(uow, news)
    orders, purchases = _orders(news, known), _purchases(news, known)
    sources.keep_orders(uow, _new(orders, known.orders))
    sources.keep_purchases(uow, _new(purchases, known.purchases))
    demands, supplies = _derived(orders.values(), purchases)
    supplies += _still_only_firmed(news, known, orders)
    touched = sources.replace_rows(uow, known, demands, supplies, today=today)
    return touched | _take_stock(uow, news, known)


def _horizon(state: PlanningState) -> date:
    """The day of the plan; while a regeneration is under way it may be for a later one."""
    return date.max if state.is_recording else state.planning_date


async def _load(uow: UnitOfWork, news: News) -> Known:
    needed = (purchase.requisition_id for purchase in news.purchases.values())
    return await sources.load(
        uow,
        orders=news.order_ids,
        purchases={*news.purchases, *(own for own in needed if own is not None)},
        pools=news.stock,
        sources=news.order_ids | news.purchases.keys() | news.firmed_ids,
    )


def _orders(news: News, known: Known) -> dict[UUID, OrderRecord]:
    """Every order the batch tells of, as it is now known."""
    now = dict(known.orders)
    for own, order in news.orders.items():
        now[own] = records.with_order(now.get(own), order)
    for own, plan in news.plans.items():
        before = now.get(own)
        now[own] = records.with_materials(before, plan)
        if now[own] != before:
            for child in plan.children:
                now[child.id] = records.pegged(now.get(child.id), child.id, child.requirement_id)
    return now


def _purchases(news: News, known: Known) -> dict[UUID, PurchaseRecord]:
    now = dict(known.purchases)
    for own, purchase in news.purchases.items():
        if own not in now or purchase.version > now[own].version:
            now[own] = purchase
    return now


def _derived(
    orders: Iterable[OrderRecord], purchases: dict[UUID, PurchaseRecord]
) -> tuple[list[DemandRow], list[SupplyRow]]:
    demands: list[DemandRow] = []
    supplies: list[SupplyRow] = []
    for order in orders:
        demands += demand_and_supply.demands_of(order)
        supplies += demand_and_supply.supplies_of(order)
    for purchase in purchases.values():
        supplies += demand_and_supply.shares_of(purchase, purchases)
    return demands, supplies


def _still_only_firmed(
    news: News, known: Known, orders: dict[UUID, OrderRecord]
) -> list[SupplyRow]:
    """Firmed planned orders that nobody has told of yet stay in their place."""
    told = {own for own, order in orders.items() if order.status}
    told |= news.purchases.keys() | news.firmed_ids
    kind = demand_and_supply.PLANNED_ORDER
    return [row for row in known.supplies if row.kind == kind and row.source_id not in told]


def _take_stock(uow: UnitOfWork, news: News, known: Known) -> set[Pool]:
    pools = {pool: records.of_stock(stock) for pool, stock in news.stock.items()}
    newer = {
        pool: record
        for pool, record in pools.items()
        if pool not in known.stock or record.version > known.stock[pool].version
    }
    sources.keep_stock(uow, newer.values())
    return {
        pool
        for pool, record in newer.items()
        if pool not in known.stock or record.quantity_on_hand != known.stock[pool].quantity_on_hand
    }


def _new(now: dict[UUID, Any], known: Any) -> list[Any]:
    return [record for own, record in now.items() if known.get(own) != record]


def _keep(kept: dict[Any, Any], key: Any, state: Any) -> None:
    if key not in kept or state.version > kept[key].version:
        kept[key] = state
