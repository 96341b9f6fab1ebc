"""Sales orders in: their newest state becomes production orders.

NATS → `on_sales_orders` → `store` (what is applied, what there is, what is known) → `domain`
(reconcile, open) → orders and their events in one statement.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from lineside_chassis.consumers import Consumer
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.envelope import Envelope, Received
from lineside_contracts.sales import (
    SalesOrder,
    SalesOrderAmended,
    SalesOrderCancelled,
    SalesOrderConfirmed,
    SalesOrderLine,
)
from lineside_planning.orders.domain import facts as knowing, openings, sales_lines
from lineside_planning.orders.domain.facts import Facts, NumberSeries
from lineside_planning.orders.domain.openings import Birth
from lineside_planning.orders.domain.orders import PlannedOrder
from lineside_planning.orders.domain.sales_lines import Reconciliation
from lineside_planning.orders.store import facts, orders, reservations, sales_orders
from lineside_planning.orders.store.reservations import WantedProject

PLANNING_SALES = "planning-sales"


@dataclass(frozen=True, slots=True)
class _Decided:
    """A sales order's newest state, what told of it, and what it means."""

    sales_order: SalesOrder
    cause: Envelope
    means: Reconciliation


@dataclass(frozen=True, slots=True)
class _Opening:
    """A line that gets a production order, and the counter its number comes from."""

    sales_order: SalesOrder
    line: SalesOrderLine
    series: NumberSeries
    cause: Envelope


def consumer() -> Consumer:
    """Build the consumer of sales orders."""
    consumer = Consumer(PLANNING_SALES)
    consumer.on_batch(SalesOrderConfirmed, SalesOrderAmended, SalesOrderCancelled)(on_sales_orders)
    return consumer


async def on_sales_orders(uow: UnitOfWork, events: Sequence[Received[Any]]) -> None:
    """Make production orders follow the newest state of each sales order."""
    ids = [event.payload.sales_order.id for event in events]
    applied = await sales_orders.lock_applied_versions(uow, ids)
    news = [e for e in events if e.payload.sales_order.version > applied.get(e.payload.state.id, 0)]
    if not news:
        return
    states: list[SalesOrder] = [event.payload.sales_order for event in news]
    known = await _known_orders(uow, [state for state in states if state.id in applied])
    about = await _load_facts(uow, states)
    decided = [
        _Decided(
            state,
            event.envelope,
            sales_lines.reconcile(state, known.get(state.id, []), about.products),
        )
        for state, event in zip(states, news, strict=True)
    ]
    await _open_orders(uow, decided, about)
    for decision in decided:
        for change in decision.means.changes:
            orders.change(uow, change, caused_by=decision.cause)
        state = decision.sales_order
        sales_orders.apply(uow, state, is_new=state.id not in applied)


async def _known_orders(
    uow: UnitOfWork, states: Iterable[SalesOrder]
) -> dict[UUID, list[PlannedOrder]]:
    numbers = {state.id: state.order_number for state in states}
    known: dict[UUID, list[PlannedOrder]] = {}
    if numbers:
        for order in await orders.lock_of_sales_orders(uow, numbers):
            if order.state.sales_order_id is not None:
                known.setdefault(order.state.sales_order_id, []).append(order)
    return known


async def _load_facts(uow: UnitOfWork, states: Sequence[SalesOrder]) -> Facts:
    return await facts.load(
        uow,
        product_codes=[line.product_code for state in states for line in state.lines],
        project_numbers=[state.project_number for state in states],
    )


async def _open_orders(uow: UnitOfWork, decided: Sequence[_Decided], about: Facts) -> None:
    wanted = [
        _Opening(
            sales_order=decision.sales_order,
            line=line,
            series=knowing.number_series(
                about.tenant, about.products.get(line.product_code), uow.now
            ),
            cause=decision.cause,
        )
        for decision in decided
        for line in decision.means.openings
    ]
    if not wanted:
        return
    counts = Counter(opening.series for opening in wanted)
    reserved = await reservations.reserve(uow, counts, _missing_projects(wanted, about))
    projects = {**about.projects, **reserved.projects}
    for opening in wanted:
        birth = Birth(
            id=uow.new_id(),
            number=reserved.next_number(opening.series),
            project=projects[opening.sales_order.project_number],
            actor=uow.actor_of(opening.cause),
            now=uow.now,
        )
        product = about.products.get(opening.line.product_code)
        order = openings.open_for_line(
            opening.sales_order, opening.line, birth=birth, product=product
        )
        orders.add(uow, order, caused_by=opening.cause)


def _missing_projects(wanted: Iterable[_Opening], about: Facts) -> list[WantedProject]:
    missing = {
        opening.sales_order.project_number: WantedProject(
            project_number=opening.sales_order.project_number,
            project_name=opening.sales_order.project_name,
            customer_code=opening.sales_order.customer.code,
            customer_name=opening.sales_order.customer.name,
            caused_by=opening.cause,
        )
        for opening in wanted
        if opening.sales_order.project_number not in about.projects
    }
    return list(missing.values())
