"""MRP with its database: events followed one by one, and a whole regeneration.

    python -m benchmarks.mrp_service [--families 200] [--orders 5000] [--rounds 5] [--routed]
        [--json FILE]

The factory of `benchmarks.mrp` (2,800 items, 5,000 orders) told through the real handlers: products
and bills, stock and receipts, production orders. Then, in transactions as the consumers open them:
one order changed, one pool of stock, one receipt; and a run: snapshot, computed in its process,
saved. With `--routed` the materials of every order are known, as after its routing; otherwise every
order is exploded, which is the most there is to plan. Wall time includes PostgreSQL on the same
machine; every figure is a median.
"""

import argparse
import asyncio
import json
import random
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from rich.console import Console
from rich.table import Table

from benchmarks import mrp
from lineside_chassis import metrics
from lineside_chassis.clock import SYSTEM_CLOCK, FixedClock
from lineside_chassis.database import Database
from lineside_chassis.unit_of_work import Context
from lineside_contracts.envelope import Envelope, EventPayload, Received
from lineside_contracts.planning import (
    Bom,
    BomChanged,
    MaterialPlan,
    MaterialPlanned,
    Product,
    ProductChanged,
    ProductionOrder,
    ProductionOrderCreated,
    Receipt,
    ReceiptChanged,
    Stock,
    StockChanged,
)
from lineside_planning.mrp.handlers import changes, master
from lineside_planning.mrp.jobs import working
from lineside_planning.mrp.jobs.working import Progress
from lineside_planning.mrp.store import planning, regeneration
from lineside_planning.mrp.store.plans import DatesByTenant
from lineside_testkit import builders, servers
from lineside_testkit.harness import Harness

BATCH = 200
SERVICE = "mrp-benchmark"
GOALS = {
    "an order changed": 50,
    "materials planned": 50,
    "stock changed": 50,
    "a receipt changed": 50,
}
QUIET = {"planning": {"mrp_poll_seconds": 1e6, "mrp_check_seconds": 0}}
"""The service beside us is there for its tables only."""
CONSOLE = Console()


@dataclass(frozen=True)
class Timing:
    """Milliseconds of one kind of thing, and the statements of one."""

    name: str
    median_ms: float
    most_ms: float
    our_processor_ms: float
    statements: int
    count: int


class Factory:
    """The tenant under test and the hands on it."""

    def __init__(self, database: Database, tenant_id: UUID, rows: mrp.Rows) -> None:
        self.database, self.tenant_id, self.rows = database, tenant_id, rows
        self.dates = DatesByTenant()
        self.plant = "MAIN"
        self.orders: list[ProductionOrder] = []

    async def tell(self, payloads: Iterable[EventPayload], *, master_data: bool = False) -> None:
        """Have a batch of events followed in one transaction."""
        events = [Received(_envelope(self.tenant_id, each), each) for each in payloads]
        handler = master.follow if master_data else changes.follow
        async with self.database.consuming(
            Context.of_event(events[0].envelope),
            consumer=SERVICE,
            event_ids=[event.envelope.event_id for event in events],
        ) as (uow, _):
            uow.is_batch = len(events) > 1
            await handler(uow, events, self.dates)

    @asynccontextmanager
    async def unit(self) -> Any:
        """Open a unit of work of the tenant."""
        context = Context(tenant_id=self.tenant_id, correlation_id=SYSTEM_CLOCK.new_id())
        async with self.database.unit_of_work(context) as uow:
            yield uow


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mrp_service")
    parser.add_argument("--families", type=int, default=200)
    parser.add_argument("--orders", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--routed", action="store_true")
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    timings = asyncio.run(
        measure(chosen.families, chosen.orders, chosen.rounds, is_routed=chosen.routed)
    )
    CONSOLE.print(_table(timings, chosen.families, chosen.orders))
    if chosen.json:
        chosen.json.write_text(json.dumps([asdict(timing) for timing in timings], indent=1))


async def measure(families: int, orders: int, rounds: int, *, is_routed: bool) -> list[Timing]:
    """Start servers, tell the factory, and measure."""
    async with (
        servers.embedded("bench") as started,
        Harness.start(started, services=["planning"], settings=QUIET) as harness,
    ):
        url = harness.installation.database("planning").urls["app"]
        clock = FixedClock(SYSTEM_CLOCK.now().replace(year=2026, month=3, day=2))
        database = Database(url, service=SERVICE, clock=clock)
        rows = mrp.rows_of(families, orders)
        factory = Factory(database, harness.new_tenant(), rows)
        told = await _tell_all(factory)
        if is_routed:
            told.append(await _route_all(factory))
        await harness.owner_sql("planning", "ANALYZE")
        timings = [*told, *await _net_changes(factory, rounds), *await _runs(factory, rounds)]
        await database.close()
    return timings


async def _route_all(factory: Factory) -> Timing:
    planned = [MaterialPlanned(material_plan=_materials(factory, o)) for o in factory.orders]
    return await _batches(factory, "materials planned, 200 a batch", planned)


async def _tell_all(factory: Factory) -> list[Timing]:
    rows, plant = factory.rows, factory.plant
    products = [ProductChanged(product=_product(*item, plant=plant)) for item in rows.items]
    lines: dict[str, list[tuple[str, int]]] = {}
    for parent, component, quantity in rows.lines:
        lines.setdefault(_code(parent), []).append((_code(component), quantity))
    boms = [BomChanged(bom=_bom(code, own)) for code, own in lines.items()]
    lying = [
        StockChanged(stock=_stock(_code(key), n, plant), quantity_change=Decimal(n))
        for key, n in rows.stock.items()
    ]
    coming = [
        ReceiptChanged(receipt=_receipt(_code(key), on, n, plant))
        for _, key, on, n in rows.supplies
    ]
    factory.orders = [_order(_code(key), on, n, plant) for _, key, on, n in rows.demands]
    made = [ProductionOrderCreated(production_order=order) for order in factory.orders]
    return [
        await _batches(factory, "products, 200 a batch", products, master_data=True),
        await _batches(factory, "bills, 200 a batch", boms, master_data=True),
        await _batches(factory, "stock and receipts, 200 a batch", [*lying, *coming]),
        await _batches(factory, "orders, 200 a batch", made),
    ]


async def _batches(
    factory: Factory, name: str, payloads: Sequence[EventPayload], *, master_data: bool = False
) -> Timing:
    meter = _Meter()
    for begin in range(0, len(payloads), BATCH):
        with meter:
            await factory.tell(payloads[begin : begin + BATCH], master_data=master_data)
    return meter.timing(name)


async def _net_changes(factory: Factory, rounds: int) -> list[Timing]:
    rng = random.Random(1)  # noqa: S311 - the same changes every time
    plant = factory.plant
    finished = [_code(key) for key, *_ in factory.rows.items if key.startswith("FG")]
    raw = [_code(key) for key, *_ in factory.rows.items if key.startswith("RM")]

    def order() -> EventPayload:
        on = mrp.TODAY + timedelta(days=20 + rng.randrange(120))
        made = _order(rng.choice(finished), on, rng.randrange(1, 30), plant)
        return ProductionOrderCreated(production_order=made)

    def materials() -> EventPayload:
        order = rng.choice(factory.orders)
        version = rng.randrange(2, 10**6)
        return MaterialPlanned(material_plan=_materials(factory, order, version=version))

    def pool() -> EventPayload:
        lying = _stock(rng.choice(raw), rng.randrange(500), plant, version=rng.randrange(2, 10**6))
        return StockChanged(stock=lying, quantity_change=Decimal(1))

    def receipt() -> EventPayload:
        on = mrp.TODAY + timedelta(days=rng.randrange(60))
        coming = _receipt(rng.choice(raw), on, rng.randrange(1, 300), plant)
        return ReceiptChanged(receipt=coming)

    told = {
        "an order changed": order,
        "materials planned": materials,
        "stock changed": pool,
        "a receipt changed": receipt,
    }
    return [await _singles(factory, name, make, rounds * 20) for name, make in told.items()]


async def _singles(
    factory: Factory, name: str, make: Callable[[], EventPayload], count: int
) -> Timing:
    meter = _Meter()
    for _ in range(count):
        payload = make()
        with meter:
            await factory.tell([payload])
    return meter.timing(name)


async def _runs(factory: Factory, rounds: int) -> list[Timing]:
    """A run as the job does it; the last day's plan is moved, so that much has to be written."""
    parts = {name: _Meter() for name in ("load", "compute", "save", "whole run", "check")}
    for number in range(rounds):
        today = mrp.TODAY + timedelta(days=number + 1)
        with parts["whole run"]:
            await _run(factory, parts, today)
        with parts["check"]:
            async with factory.unit() as uow:
                taken = await regeneration.snapshot(uow, today=None)
            found = await working.compute(taken.question, Progress())
        if found.summary.changed_item_count:
            raise SystemExit(f"net change drifted: {found.summary.differences[:5]}")
    last = found.summary
    CONSOLE.print(
        f"{last.items_total:,} items, {last.planned_order_count:,} planned orders,"
        f" {last.exception_count:,} messages, question of {len(taken.question):,} bytes"
    )
    return [meter.timing(f"regeneration: {name}") for name, meter in parts.items()]


async def _run(factory: Factory, parts: dict[str, "_Meter"], today: date) -> None:
    async with factory.unit() as uow:
        state = await planning.lock(uow)
        await planning.begin_recording(uow, state)
    with parts["load"]:
        async with factory.unit() as uow:
            taken = await regeneration.snapshot(uow, today=today)
    with parts["compute"]:
        computed = await working.compute(taken.question, Progress())
    with parts["save"]:
        async with factory.unit() as uow:
            await regeneration.save(uow, taken, computed, planning_date=today)


class _Meter:
    """Measures blocks: wall, our own processor time, statements."""

    def __init__(self) -> None:
        self._counter = metrics.STATEMENTS.labels(SERVICE)
        self._walls: list[float] = []
        self._used: list[float] = []
        self._statements: list[float] = []

    def __enter__(self) -> None:
        self._begun = time.perf_counter(), time.process_time(), self._count()

    def __exit__(self, *_error: object) -> None:
        wall, used, count = self._begun
        self._walls.append((time.perf_counter() - wall) * 1000)
        self._used.append((time.process_time() - used) * 1000)
        self._statements.append(self._count() - count)

    def timing(self, name: str) -> Timing:
        """Say the medians."""
        return Timing(
            name,
            median_ms=round(statistics.median(self._walls), 1),
            most_ms=round(max(self._walls), 1),
            our_processor_ms=round(statistics.median(self._used), 1),
            statements=int(statistics.median(self._statements)),
            count=len(self._walls),
        )

    def _count(self) -> float:
        count: float = self._counter._value.get()  # noqa: SLF001 -- read, never written
        return count


def _table(timings: Sequence[Timing], families: int, orders: int) -> Table:
    table = Table(title=f"{families * mrp.PER_FAMILY:,} items, {orders:,} orders")
    for column in ("what", "median ms", "most ms", "our processor ms", "statements", "goal ms"):
        table.add_column(column, justify="left" if column == "what" else "right")
    for t in timings:
        figures = (t.median_ms, t.most_ms, t.our_processor_ms)
        goal = GOALS.get(t.name)
        table.add_row(t.name, *(f"{n:,.1f}" for n in figures), str(t.statements), str(goal or ""))
    return table


def _envelope(tenant_id: UUID, payload: EventPayload) -> Envelope:
    return Envelope(
        event_id=SYSTEM_CLOCK.new_id(),
        event_type=payload.EVENT.wire_name,
        tenant_id=tenant_id,
        aggregate_id=payload.state.id,
        aggregate_version=payload.state.version,
        occurred_at=builders.AT,
        source="benchmark",
        correlation_id=SYSTEM_CLOCK.new_id(),
    )


def _code(key: str) -> str:
    return key.partition("@")[0]


def _product(*item: Any, plant: str) -> Product:
    key, is_made, lead, safety, lot = item
    over: dict[str, Any] = {}
    if lot is not None:
        over = {
            "lot_sizing": lot.rule,
            "minimum_lot_quantity": lot.minimum,
            "lot_multiple_quantity": lot.multiple,
        }
    return builders.product(
        product_code=_code(key),
        product_name=_code(key),
        make_or_buy="make" if is_made else "buy",
        lead_time_days=lead,
        safety_stock_quantity=safety,
        plant_code=plant,
        **over,
    )


def _bom(code: str, lines: Sequence[tuple[str, int]]) -> Bom:
    return Bom.model_validate(
        {
            **_stamps(),
            "product_code": code,
            "bom_version": 1,
            "status": "active",
            "base_quantity": 1,
            "lines": [
                {
                    "id": SYSTEM_CLOCK.new_id(),
                    "line_number": number,
                    "component_code": component,
                    "quantity": quantity,
                }
                for number, (component, quantity) in enumerate(lines, 1)
            ],
        }
    )


def _stock(code: str, quantity: int, plant: str, *, version: int = 1) -> Stock:
    return Stock(
        id=SYSTEM_CLOCK.new_id(),
        version=version,
        product_code=code,
        plant_code=plant,
        unit_code="EA",
        quantity_on_hand=Decimal(quantity),
        quantity_allocated=Decimal(0),
        quantity_available=Decimal(quantity),
        updated_at=builders.AT,
    )


def _receipt(code: str, on: date, quantity: int, plant: str) -> Receipt:
    return Receipt.model_validate(
        {
            **_stamps(),
            "receipt_number": "PO-1",
            "product_code": code,
            "plant_code": plant,
            "unit_code": "EA",
            "quantity": quantity,
            "expected_on": on,
            "status": "open",
        }
    )


def _order(code: str, on: date, quantity: int, plant: str) -> ProductionOrder:
    return builders.production_order(
        product_code=code, due_date=on, quantity_ordered=Decimal(quantity), plant_code=plant
    )


def _materials(factory: Factory, order: ProductionOrder, *, version: int = 1) -> MaterialPlan:
    """Everything the order takes of its own bill, nothing of it allocated."""
    requirements = [
        {
            "id": SYSTEM_CLOCK.new_id(),
            "component_code": _code(component),
            "plant_code": factory.plant,
            "unit_code": "EA",
            "unit_decimals": 0,
            "sequence_number": 10,
            "make_or_buy": "buy",
            "needed_quantity": order.quantity_ordered * quantity,
            "needed_on": order.due_date - timedelta(days=3),
            "needed_at": builders.AT,
            "exact_quantity": order.quantity_ordered * quantity,
        }
        for parent, component, quantity in factory.rows.lines
        if _code(parent) == order.product_code
    ]
    return MaterialPlan.model_validate(
        {
            "id": order.id,
            "version": version,
            "production_order_number": order.production_order_number,
            "product_code": order.product_code,
            "quantity": order.quantity_ordered,
            "priority": order.priority,
            "due_date": order.due_date,
            "order_status": order.status,
            "planning_version": 1,
            "expansion_version": 1,
            "order_version": order.version,
            "status": "short",
            "requirements": requirements,
            "planned_at": builders.AT,
        }
    )


def _stamps() -> dict[str, Any]:
    return {
        "id": SYSTEM_CLOCK.new_id(),
        "version": 1,
        "created_at": builders.AT,
        "created_by": builders.ACTOR,
        "updated_at": builders.AT,
        "updated_by": builders.ACTOR,
    }


if __name__ == "__main__":
    main()
