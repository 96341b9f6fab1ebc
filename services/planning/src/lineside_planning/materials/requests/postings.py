"""Stock moved by hand: counted, adjusted, scrapped, brought elsewhere."""

from collections.abc import Callable

from lineside_chassis import plant_access
from lineside_chassis.requests import Requests
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts import planning
from lineside_contracts.planning import MovementKind, PostStockMovement, Stock
from lineside_contracts.problems import Problem
from lineside_planning.materials.domain import allocation, counting, stock_checks, stock_states
from lineside_planning.materials.domain.bench import Bench, Pool
from lineside_planning.materials.domain.counting import HandPosting
from lineside_planning.materials.domain.movements import Occasion, Place, PoolKey, Spot
from lineside_planning.materials.domain.stock_checks import LocationFacts, PostingFacts
from lineside_planning.materials.requests import problems
from lineside_planning.materials.store import bench as benches, saving, stock_facts
from lineside_planning.materials.store.bench import Wanted

Posting = Callable[[Bench, Pool, HandPosting], None]


def register(requests: Requests) -> None:
    """Answer postings by hand."""
    requests.answer(planning.POST_STOCK_MOVEMENT)(post_movement)


async def post_movement(uow: UnitOfWork, request: PostStockMovement) -> Stock | Problem:
    """Post one movement, all faults at once; whoever it takes stock from is short again."""
    facts = await _facts(uow, request)
    plant_access.require(uow, [facts.location, facts.to_location])
    if facts.product is None or facts.location is None:
        return problems.invalid(stock_checks.posting_faults(request, facts, now=uow.now))
    key = PoolKey(request.product_code, facts.location.plant_code)
    bench = await _load(uow, key, request, facts.location)
    pool = bench.pools[key]
    posting = _posting(uow, request, facts.location, facts.to_location)
    there = bench.room.at(pool, posting.spot.place)
    known = PostingFacts(facts.product, facts.location, facts.to_location, there)
    if faults := stock_checks.posting_faults(request, known, now=uow.now):
        return problems.invalid(faults)
    _POSTINGS[request.kind](bench, pool, posting)
    allocation.serve(bench, [key])
    await saving.save(uow, bench)
    return stock_states.stock(bench, pool)


async def _load(
    uow: UnitOfWork, key: PoolKey, request: PostStockMovement, location: LocationFacts
) -> Bench:
    """Lock the pool with enough of those who wait, and all who hold where one must give way."""
    arriving = {key: abs(request.quantity)}
    bench = await benches.load(uow, Wanted(pools=[key], balances=True, arriving=arriving))
    there = bench.room.at(bench.pools[key], Place(location.location_code, request.lot_number or ""))
    pool = bench.pools[key]
    if pool.free >= counting.loss(request, there):
        return bench
    return await benches.load(uow, Wanted(pools=[key], balances=True, holders=True))


async def _facts(uow: UnitOfWork, request: PostStockMovement) -> PostingFacts:
    codes = [code for code in (request.location_code, request.to_location_code) if code]
    known = await stock_facts.load(uow, product_codes=[request.product_code], location_codes=codes)
    return PostingFacts(
        known.products.get(request.product_code),
        known.locations.get(request.location_code),
        known.locations.get(request.to_location_code or ""),
    )


def _posting(
    uow: UnitOfWork,
    request: PostStockMovement,
    location: LocationFacts,
    to_location: LocationFacts | None,
) -> HandPosting:
    lot = request.lot_number or ""
    return HandPosting(
        spot=Spot(Place(location.location_code, lot), location.is_nettable),
        quantity=-request.quantity if request.kind == "scrap" else request.quantity,
        occasion=Occasion(
            kind=MovementKind(request.kind),
            happened_at=request.happened_at or uow.now,
            recorded_by=uow.actor,
            reason=request.reason,
        ),
        to_spot=Spot(Place(to_location.location_code, lot), to_location.is_nettable)
        if to_location
        else None,
    )


_POSTINGS: dict[str, Posting] = {
    "count": counting.count,
    "adjustment": counting.adjust,
    "scrap": counting.adjust,
    "transfer": counting.transfer,
}
