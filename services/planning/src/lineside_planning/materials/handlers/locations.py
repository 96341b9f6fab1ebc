"""Stock locations in: what lies at a location that is blocked now serves nobody any more.

stock_location.changed → balances there that count otherwise → pools follow, allocations that lost
their stock are given up, what became free serves whoever waits → stock.changed.
"""

from collections.abc import Sequence

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.envelope import Received
from lineside_contracts.planning import MovementKind, StockLocationChanged
from lineside_planning.materials.domain import allocation, blocking
from lineside_planning.materials.domain.movements import Occasion
from lineside_planning.materials.store import bench as benches, movements, saving
from lineside_planning.materials.store.bench import Wanted


async def on_stock_locations_changed(
    uow: UnitOfWork, events: Sequence[Received[StockLocationChanged]]
) -> None:
    """Block what lies at blocked locations, and free what lies at others."""
    locations = {
        event.payload.stock_location.location_code: event.payload.stock_location
        for event in events
        if not event.payload.stock_location.deleted
    }
    nettable = {code: location.is_nettable for code, location in locations.items()}
    keys = await movements.pools_otherwise(uow, nettable)
    if not keys:
        return
    bench = await benches.load(uow, Wanted(pools=keys, balances=True, holders=True))
    cause = events[-1].envelope
    occasion = Occasion(
        kind=MovementKind.ADJUSTMENT,
        happened_at=cause.occurred_at,
        recorded_by=uow.actor_of(cause),
        reason="the location is planned with, or not, from now on",
    )
    blocking.follow(bench, nettable, occasion=occasion)
    allocation.serve(bench, keys)
    await saving.save(uow, bench, cause=cause)
