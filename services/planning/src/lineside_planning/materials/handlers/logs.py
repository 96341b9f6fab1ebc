"""Reports from the floor in: what they used leaves stock, what a correction takes back returns.

production_log.recorded → floor reports (newest totals of each work order) → backflush → movements,
material.consumed. Totals are cumulative, so an event heard twice, late or out of order posts
nothing twice; the order's row lock keeps two replicas apart.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.envelope import Envelope, Received
from lineside_contracts.routing import RoutingExpanded
from lineside_contracts.shopfloor import ProductionLogRecorded, WorkOrderLog
from lineside_planning.materials.domain import allocation, consumption, floor
from lineside_planning.materials.domain.bench import Bench, Plan
from lineside_planning.materials.domain.consumption import Stores
from lineside_planning.materials.domain.floor import FloorReport, FloorSteps, Step
from lineside_planning.materials.domain.movements import PoolKey
from lineside_planning.materials.store import (
    bench as benches,
    floor_reports,
    movements,
    saving,
    stock_facts,
)
from lineside_planning.materials.store.bench import Wanted

Causes = Mapping[UUID, Envelope]


async def on_production_logs(
    uow: UnitOfWork, events: Sequence[Received[ProductionLogRecorded]]
) -> None:
    """Post what some logs used; register with `reduce=False`, since lots are told log by log."""
    told = [e for e in events if e.payload.production_log.production_order_id is not None]
    if not told:
        return
    logs = [event.payload.production_log for event in told]
    order_ids = sorted({order_id for log in logs if (order_id := log.production_order_id)})
    bench = await benches.load(
        uow, Wanted(orders=order_ids, balances=True, holders=False, arriving={})
    )
    stored = await floor_reports.load(uow, order_ids)
    walked = {
        order_id: floor.steps(stored.get(order_id, {}), _of_order(logs, order_id))
        for order_id in order_ids
    }
    _keep(uow, logs, walked)
    causes = {order_id: _last_about(told, order_id) for order_id in order_ids}
    await _post(uow, bench, walked, causes=causes)


async def on_expanded_late(uow: UnitOfWork, events: Sequence[Received[RoutingExpanded]]) -> None:
    """Post what was reported before the order's materials were known, or known otherwise."""
    order_ids = [event.payload.expansion.id for event in events]
    reported = await floor_reports.load(uow, order_ids)
    if not reported:
        return
    order_ids = list(reported)
    bench = await benches.load(
        uow, Wanted(orders=order_ids, balances=True, holders=False, arriving={})
    )
    stored = await floor_reports.load(uow, order_ids)
    causes = {event.payload.expansion.id: event.envelope for event in events}
    walked = {
        order_id: floor.standing(reports, at=uow.now, by=uow.actor_of(causes[order_id]))
        for order_id, reports in stored.items()
    }
    await _post(uow, bench, walked, causes=causes)


async def _post(
    uow: UnitOfWork, bench: Bench, walked: Mapping[UUID, FloorSteps], *, causes: Causes
) -> None:
    """Let materials follow what was reported, and tell of it; nothing where nothing is due."""
    if _takes_from_others(bench, walked):
        bench = await benches.load(uow, Wanted(orders=list(walked), balances=True, holders=True))
    known = [
        (bench.plans[order_id], found)
        for order_id, found in walked.items()
        if order_id in bench.plans
    ]
    stores = await _stores(uow, known)
    changed: set[PoolKey] = set()
    for plan, found in known:
        for step in found.steps:
            changed |= consumption.follow(bench, plan, step, stores=stores)
    if changed:
        allocation.serve(bench, changed)
        told = {order_id: causes[order_id] for order_id in walked}
        await saving.save(uow, bench, causes=told, cause=next(reversed(told.values())))


def _takes_from_others(bench: Bench, walked: Mapping[UUID, FloorSteps]) -> bool:
    """Tell whether more is due than orders hold and is free: then holders have to give way."""
    wanted: dict[PoolKey, Decimal] = {}
    for order_id, found in walked.items():
        plan = bench.plans.get(order_id)
        if plan is not None and found.steps:
            for requirement in plan.requirements:
                quantity = consumption.due(requirement, found.steps[-1].reports)
                lacking = quantity - requirement.allocated_from_stock
                if lacking > 0:
                    key = requirement.pool_key
                    wanted[key] = wanted.get(key, Decimal(0)) + lacking
    return any(lacking > bench.pools[key].free for key, lacking in wanted.items())


async def _stores(uow: UnitOfWork, known: Sequence[tuple[Plan, FloorSteps]]) -> Stores:
    """Look up where stock goes that comes back or arises; nothing is asked where none does."""
    falling = [plan for plan, found in known if _returns(plan, found)]
    arising = [p for p, _ in known if any(map(consumption.is_by_product, p.requirements))]
    if not falling and not arising:
        return Stores()
    plants = {r.plant_code for plan in [*falling, *arising] for r in plan.requirements}
    defaults = await stock_facts.default_locations(uow, sorted(plants))
    used = await movements.load_used(uow, [plan.id for plan in falling]) if falling else {}
    return Stores(used, {code: place.location_code for code, place in defaults.items()})


def _returns(plan: Plan, found: FloorSteps) -> bool:
    """Tell whether any step takes back what was posted."""
    if found.falls:
        return True
    last: Sequence[Step] = found.steps[-1:]
    return any(
        consumption.due(requirement, step.reports) < 0
        for step in last
        for requirement in plan.requirements
    )


def _keep(uow: UnitOfWork, logs: Sequence[WorkOrderLog], walked: Mapping[UUID, FloorSteps]) -> None:
    newest: list[FloorReport] = [r for found in walked.values() for r in found.reports]
    floor_reports.save(uow, newest)
    replaced = {log.corrects_log_id for log in logs if log.corrects_log_id is not None}
    counting = [log for log in logs if log.log_id not in replaced]
    lots = [(log, lot) for log in counting if (lot := floor.output_lot(log)) is not None]
    floor_reports.save_lots(uow, lots, replaced_log_ids=sorted(replaced))


def _last_about(events: Sequence[Received[ProductionLogRecorded]], order_id: UUID) -> Envelope:
    about = (
        e for e in reversed(events) if e.payload.production_log.production_order_id == order_id
    )
    return next(about).envelope


def _of_order(logs: Sequence[WorkOrderLog], order_id: UUID) -> list[WorkOrderLog]:
    return [log for log in logs if log.production_order_id == order_id]
