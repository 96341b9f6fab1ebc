"""News of orders in: their own changes, their runs, their materials, the floor's progress.

All of them come through one handler, so that a batch loads each order and each work center once.
A change of status may bring a new due date or priority with it (orders say one event per change),
so it is read as well; what makes no difference to a load is only remembered.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial, reduce
from typing import Any
from uuid import UUID

from lineside_chassis.consumers import Consumer
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.envelope import Envelope, Received
from lineside_contracts.planning import (
    MaterialConsumed,
    MaterialPlanned,
    ProductionOrderCancelled,
    ProductionOrderChanged,
    ProductionOrderCompleted,
    ProductionOrderReleased,
    ProductionOrderStatusChanged,
    ReceiptChanged,
    StockChanged,
)
from lineside_contracts.predictions import DeliveryPredictionUpdated
from lineside_contracts.routing import RoutingExpanded, RoutingFailed
from lineside_contracts.shopfloor import ProductionLogRecorded, WorkOrderStatusChanged
from lineside_planning.capacity.domain import orders as knowing
from lineside_planning.capacity.domain.orders import OrderState
from lineside_planning.capacity.handlers import checking
from lineside_planning.capacity.handlers.checking import Change
from lineside_planning.capacity.store import plans, supplies

PLANNING_CAPACITY = "planning-capacity"

_LOADING_FIELDS = frozenset({"due_date", "priority", "plant_code", "quantity_ordered"})

Learn = Callable[[OrderState], OrderState]


def consumer() -> Consumer:
    """Build the consumer of everything that changes an order's load."""
    consumer = Consumer(PLANNING_CAPACITY)
    consumer.on_batch(*_READERS)(on_order_news)
    consumer.on_batch(StockChanged)(on_stock_changed)
    consumer.on_batch(ReceiptChanged)(on_receipt_changed)
    consumer.on_batch(DeliveryPredictionUpdated)(on_delivery_prediction_updated)
    return consumer


async def on_order_news(uow: UnitOfWork, events: Sequence[Received[Any]]) -> None:
    """Load, place anew or take off the orders that some events are about.

    A plan of materials is about the orders it asks to be made as well: whose children they are is
    written into their own rows, and their estimates are read from there.
    """
    gathered: dict[UUID, _News] = {}
    for event in events:
        for order_id, learn in _READERS[type(event.payload)](event.payload):
            gathered.setdefault(order_id, _News(event.envelope)).add(learn, event.envelope)
    if not gathered:
        return
    known = await plans.lock(uow, gathered)
    changes = []
    for order_id, news in gathered.items():
        before = known.get(order_id) or OrderState(order_id)
        after = reduce(lambda state, learn: learn(state), news.learn, before)
        changes.append(Change(before, after, news.cause, is_new=order_id not in known))
    await checking.save(uow, changes, known=known)


async def on_stock_changed(uow: UnitOfWork, events: Sequence[Received[StockChanged]]) -> None:
    """Keep what lies in stock, for promises."""
    supplies.keep_stock(uow, [event.payload.stock for event in events])


async def on_receipt_changed(uow: UnitOfWork, events: Sequence[Received[ReceiptChanged]]) -> None:
    """Keep what is on its way and nobody's yet, for promises."""
    supplies.keep_receipts(uow, [event.payload.receipt for event in events])


async def on_delivery_prediction_updated(
    uow: UnitOfWork, events: Sequence[Received[DeliveryPredictionUpdated]]
) -> None:
    """Keep when each order will really be ready, for what is promised."""
    supplies.keep_predictions(uow, [event.payload for event in events])


@dataclass(slots=True)
class _News:
    """What some events say of one order; the last of them counts as the cause."""

    cause: Envelope
    learn: list[Learn] = field(default_factory=list)

    def add(self, learn: Learn, cause: Envelope) -> None:
        """Take one more."""
        self.learn.append(learn)
        self.cause = cause


Reading = Sequence[tuple[UUID, Learn]]
"""Which orders an event is about, and what it says of each."""


def _order(payload: Any) -> Reading:
    order = payload.production_order
    return [(order.id, partial(knowing.with_order, order=order))]


def _changed(payload: ProductionOrderChanged) -> Reading:
    return _order(payload) if _LOADING_FIELDS & set(payload.changed_fields) else ()


def _expansion(payload: Any) -> Reading:
    learn = partial(knowing.with_expansion, expansion=payload.expansion)
    return [(payload.expansion.id, learn)]


def _materials(payload: MaterialPlanned | MaterialConsumed) -> Reading:
    plan = payload.material_plan
    made_for = partial(knowing.with_parent, parent_id=plan.id)
    children = [(child.id, made_for) for child in plan.children if child.id != plan.id]
    return [(plan.id, partial(knowing.with_materials, plan=plan)), *children]


def _work_order(payload: WorkOrderStatusChanged) -> Reading:
    work_order = payload.work_order
    if not knowing.tells_of_runs(work_order):
        return ()
    order_id = work_order.production_order_id
    if order_id is None:
        return ()
    return [(order_id, partial(knowing.with_work_order, work_order=work_order))]


def _log(payload: ProductionLogRecorded) -> Reading:
    log = payload.production_log
    if log.production_order_id is None:
        return ()
    return [(log.production_order_id, partial(knowing.with_log, log=log))]


_READERS: dict[type[Any], Callable[[Any], Reading]] = {
    RoutingExpanded: _expansion,
    RoutingFailed: _expansion,
    ProductionOrderChanged: _changed,
    ProductionOrderStatusChanged: _order,
    ProductionOrderReleased: _order,
    ProductionOrderCancelled: _order,
    ProductionOrderCompleted: _order,
    MaterialPlanned: _materials,
    MaterialConsumed: _materials,
    WorkOrderStatusChanged: _work_order,
    ProductionLogRecorded: _log,
}
