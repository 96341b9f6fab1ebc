"""Master data in: bills, products and vendors' terms that changed; orders that use them follow.

The orders are planned anew in transactions of their own, a bounded number at a time; doing it twice
does no harm, so an interrupted round simply begins again.
"""

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from lineside_chassis.consumers import Consumer
from lineside_chassis.database import Database
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts import streams
from lineside_contracts.envelope import Envelope, Received
from lineside_contracts.planning import (
    BomChanged,
    ProductChanged,
    StockLocationChanged,
    VendorProductChanged,
)
from lineside_planning.materials.handlers import locations
from lineside_planning.materials.store import bench as benches, orders, replanning, touched
from lineside_planning.materials.store.bench import Wanted
from lineside_planning.materials.store.replanning import Work

PLANNING_MATERIALS_MASTER = "planning-materials-master"

CHUNK = 100
"""Orders per transaction: their pools are locked for so long."""


def consumer(database: Database) -> Consumer:
    """Build the consumer of master data."""
    consumer = Consumer(PLANNING_MATERIALS_MASTER, stream=streams.MASTER_DATA)

    @consumer.on_batch(BomChanged)
    async def on_bom_changed(uow: UnitOfWork, events: list[Received[BomChanged]]) -> None:
        codes = sorted({event.payload.bom.product_code for event in events})
        await _replan_all(uow, database, events[-1].envelope, _making(codes))

    @consumer.on_batch(ProductChanged)
    async def on_product_changed(uow: UnitOfWork, events: list[Received[ProductChanged]]) -> None:
        codes = sorted({event.payload.product.product_code for event in events})
        await _replan_all(uow, database, events[-1].envelope, _using(codes))

    @consumer.on_batch(VendorProductChanged)
    async def on_vendor_product_changed(
        uow: UnitOfWork, events: list[Received[VendorProductChanged]]
    ) -> None:
        codes = sorted({event.payload.vendor_product.product_code for event in events})
        cause = events[-1].envelope
        await _replan_all(uow, database, cause, _buying(codes))
        await _revise_all(uow, database, cause, codes)

    consumer.on_batch(StockLocationChanged)(locations.on_stock_locations_changed)
    return consumer


NextIds = Callable[[UnitOfWork, UUID | None], Awaitable[Sequence[UUID]]]


def _making(codes: Sequence[str]) -> NextIds:
    async def next_ids(unit: UnitOfWork, after: UUID | None) -> Sequence[UUID]:
        return await touched.orders_making(unit, codes, after=after, limit=CHUNK)

    return next_ids


def _using(codes: Sequence[str]) -> NextIds:
    async def next_ids(unit: UnitOfWork, after: UUID | None) -> Sequence[UUID]:
        return await touched.orders_using(unit, codes, after=after, limit=CHUNK)

    return next_ids


def _buying(codes: Sequence[str]) -> NextIds:
    async def next_ids(unit: UnitOfWork, after: UUID | None) -> Sequence[UUID]:
        return await touched.orders_buying(unit, codes, after=after, limit=CHUNK)

    return next_ids


async def _replan_all(
    uow: UnitOfWork, database: Database, cause: Envelope, next_ids: NextIds
) -> None:
    after: UUID | None = None
    while True:
        async with database.unit_of_work(uow.context) as unit:
            ids = await next_ids(unit, after)
            if ids:
                known = await orders.lock(unit, ids)
                due = [o for o in known.values() if o.is_planned and not o.is_final]
                causes = dict.fromkeys(known, cause)
                await replanning.replan(unit, Work(orders=due, causes=causes, revises=True))
        if len(ids) < CHUNK:
            return
        after = ids[-1]


async def _revise_all(
    uow: UnitOfWork, database: Database, cause: Envelope, codes: Sequence[str]
) -> None:
    """Requisitions that no order waits for follow the vendor as well."""
    after: UUID | None = None
    while True:
        async with database.unit_of_work(uow.context) as unit:
            ids = await touched.open_requisitions(unit, codes, after=after, limit=CHUNK)
            if ids:
                bench = await benches.load(unit, Wanted(requisitions=ids, waiting=False))
                bench.revises = True
                await benches.save(unit, bench, cause=cause)
        if len(ids) < CHUNK:
            return
        after = ids[-1]
