"""Finished orders in: what they made becomes stock, for whom it was made (RULES 19).

production_order.completed (or closed, or completed short) → the order's goods into the default
location of its plant → for the parent's need, the customer, or free for whoever waits →
material.output_received. The quantity is what the order made in all, so that hearing it again
receives nothing twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.envelope import Envelope, Received
from lineside_contracts.planning import MovementKind, ProductionOrder, ProductionOrderStatus
from lineside_planning.materials.domain import allocation, floor, output
from lineside_planning.materials.domain.bench import NOTHING, Bench, Plan
from lineside_planning.materials.domain.floor import OutputLot
from lineside_planning.materials.domain.movements import Occasion, PoolKey
from lineside_planning.materials.domain.orders import OrderFacts
from lineside_planning.materials.domain.output import Output
from lineside_planning.materials.store import (
    bench as benches,
    floor_reports,
    orders,
    saving,
    stock_facts,
)
from lineside_planning.materials.store.bench import Wanted

FINISHED = frozenset({ProductionOrderStatus.COMPLETED, ProductionOrderStatus.CLOSED})


async def on_orders_finished(uow: UnitOfWork, events: Sequence[Received[Any]]) -> None:
    """Receive what finished orders made; events of other orders cost nothing."""
    finished = {
        event.payload.production_order.id: event
        for event in events
        if event.payload.production_order.status in FINISHED
    }
    if not finished:
        return
    made = {order_id: event.payload.production_order for order_id, event in finished.items()}
    causes = {order_id: event.envelope for order_id, event in finished.items()}
    bench = await _load(uow, made)
    changed = await _receive_all(uow, bench, made, causes)
    if changed:
        allocation.serve(bench, changed)
        await saving.save(uow, bench, causes=causes, cause=next(reversed(causes.values())))


async def _load(uow: UnitOfWork, made: Mapping[UUID, ProductionOrder]) -> Bench:
    """Lock the orders with their parents, and the pools their goods go to.

    Those who hold what is there are wanted only where an order made less than it said before.
    """
    arriving: dict[PoolKey, Decimal] = {}
    for order in made.values():
        key = output.pool_of(order.product_code, order.plant_code)
        arriving[key] = arriving.get(key, NOTHING) + order.quantity_completed
    wanted = Wanted(orders=list(made), pools=list(arriving), balances=True, arriving=arriving)
    bench = await benches.load(uow, wanted)
    falls = any(
        plan.id in made and made[plan.id].quantity_completed < plan.output_quantity
        for plan in bench.plans.values()
    )
    return await benches.load(uow, replace(wanted, holders=True)) if falls else bench


async def _receive_all(
    uow: UnitOfWork,
    bench: Bench,
    made: Mapping[UUID, ProductionOrder],
    causes: Mapping[UUID, Envelope],
) -> set[PoolKey]:
    lots = await floor_reports.load_lots(uow, list(made))
    facts = await orders.lock(uow, list(made)) if lots else {}
    plans = [bench.plans[order_id] for order_id in made if _is_received(bench, order_id)]
    defaults = await stock_facts.default_locations(
        uow, sorted({plan.plant_code or "" for plan in plans})
    )
    for plan in plans:
        order = made[plan.id]
        output.receive(
            bench,
            plan,
            Output(
                quantity=order.quantity_completed,
                order_version=order.version,
                location_code=defaults[plan.plant_code or ""].location_code,
                lots=_lots(plan, order, facts.get(plan.id), lots.get(plan.id, ())),
                occasion=_occasion(uow, plan, causes[plan.id]),
            ),
        )
    return {output.pool_key(plan) for plan in plans}


def _is_received(bench: Bench, order_id: UUID) -> bool:
    """Tell whether materials knows the order, and where its goods lie."""
    plan = bench.plans.get(order_id)
    return plan is not None and output.pool_key(plan) in bench.pools


def _lots(
    plan: Plan,
    order: ProductionOrder,
    facts: OrderFacts | None,
    told: Sequence[OutputLot],
) -> list[tuple[str, Decimal]]:
    """Share what is new out over the lots that the last operations reported."""
    ends = floor.end_units(facts.runs if facts is not None else ())
    return floor.lots_of_output(
        floor.finished(told, ends),
        already=plan.output_quantity,
        quantity=max(order.quantity_completed - plan.output_quantity, NOTHING),
    )


def _occasion(uow: UnitOfWork, plan: Plan, cause: Envelope) -> Occasion:
    return Occasion(
        kind=MovementKind.PRODUCTION,
        happened_at=cause.occurred_at,
        recorded_by=uow.actor_of(cause),
        production_order_id=plan.id,
        production_order_number=plan.number,
    )
