"""Master data in: products, bills, vendors, plants, calendars, and the tenant's time zone.

NATS → `on_master_data` → tenant's turn → what is kept → saved → low-level codes below changed bills
→ what that touches is planned again. Calendars touch everything: a regeneration follows instead.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from lineside_chassis.consumers import Consumer
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts import streams
from lineside_contracts.envelope import Envelope, Received
from lineside_contracts.planning import (
    Bom,
    BomChanged,
    Calendar,
    CalendarChanged,
    Product,
    ProductChanged,
    Tenant,
    TenantChanged,
    Vendor,
    VendorChanged,
    VendorProduct,
    VendorProductChanged,
)
from lineside_contracts.shopfloor import Plant, PlantChanged
from lineside_planning.master_data.domain import checking
from lineside_planning.mrp.handlers.pacing import Pace
from lineside_planning.mrp.store import master, planning, plans, runs, structure
from lineside_planning.mrp.store.master import KnownMaster, KnownProduct
from lineside_planning.mrp.store.planning import PlanningState
from lineside_planning.mrp.store.plans import DatesByTenant, Pool

PLANNING_MRP_MASTER = "planning-mrp-master"

MOST_POOLS = 1000
"""More than this is planned by a regeneration, beside the consumers and not within them."""

_TAKEN = (
    ProductChanged,
    BomChanged,
    VendorChanged,
    VendorProductChanged,
    PlantChanged,
    CalendarChanged,
    TenantChanged,
)


@dataclass(slots=True)
class MasterNews:
    """What a batch says, each thing once, at its newest."""

    products: dict[str, Product] = field(default_factory=dict)
    boms: dict[UUID, Bom] = field(default_factory=dict)
    vendors: dict[str, Vendor] = field(default_factory=dict)
    vendor_products: dict[UUID, VendorProduct] = field(default_factory=dict)
    plants: dict[str, Plant] = field(default_factory=dict)
    calendars: dict[UUID, Calendar] = field(default_factory=dict)
    tenants: dict[UUID, Tenant] = field(default_factory=dict)


def consumer() -> Consumer:
    """Build the consumer of master data."""
    consumer = Consumer(PLANNING_MRP_MASTER, stream=streams.MASTER_DATA)
    dates, pace = DatesByTenant(), Pace()

    @consumer.on_batch(*_TAKEN)
    async def on_master_data(uow: UnitOfWork, events: Sequence[Received[Any]]) -> None:
        async with pace.turn():
            await follow(uow, events, dates)

    return consumer


async def follow(uow: UnitOfWork, events: Sequence[Received[Any]], dates: DatesByTenant) -> None:
    """Keep what is said, and plan again what it touches.

    Args:
        uow: The unit of work.
        events: Of one tenant.
        dates: Kept from one batch to the next; not used where calendars have just changed.
    """
    news, cause = news_of(event.payload.state for event in events), events[-1].envelope
    for tenant in news.tenants.values():
        await planning.keep_tenant(uow, _with_valid_zone(tenant))
    state = await planning.lock(uow)
    pools = await take_in(uow, news)
    changes_calendars = bool(news.plants or news.calendars)
    if changes_calendars:
        state = await _change_calendars(uow, state, news, caused_by=cause)
    if len(pools) > MOST_POOLS:
        reason = "Master data of many items changed."
        await runs.request_regeneration(uow, state, reason=reason, caused_by=cause)
    elif pools:
        load = plans.load_dates if changes_calendars else dates.dates
        await plans.net_change(uow, state, pools, await load(uow, state))


def news_of(states: Iterable[Any]) -> MasterNews:
    """Sort what a batch says by what it is about.

    Args:
        states: The states its events carry.

    Returns:
        The newest of each thing.
    """
    news = MasterNews()
    places: Mapping[type[Any], tuple[dict[Any, Any], str]] = {
        Product: (news.products, "product_code"),
        Bom: (news.boms, "id"),
        Vendor: (news.vendors, "vendor_code"),
        VendorProduct: (news.vendor_products, "id"),
        Plant: (news.plants, "plant_code"),
        Calendar: (news.calendars, "id"),
        Tenant: (news.tenants, "id"),
    }
    for state in states:
        kept, name = places[type(state)]
        key = getattr(state, name)
        if key not in kept or state.version > kept[key].version:
            kept[key] = state
    return news


async def take_in(uow: UnitOfWork, news: MasterNews) -> set[Pool]:
    """Bring products, bills and vendors up to date.

    Args:
        uow: The unit of work that holds the tenant's turn.
        news: What was said.

    Returns:
        Product and plant of what it touches.
    """
    known = await master.load(
        uow,
        products=news.products.values(),
        boms=news.boms.values(),
        vendor_products=news.vendor_products.values(),
        vendors=news.vendors.values(),
    )
    newer = _newer(news, known)
    _save(uow, news, newer, known)
    moved = _structure_seeds(newer, known)
    touched = _touched_products(newer, known)
    if not (moved or touched):
        return set()
    await uow.flush()
    touched |= await structure.renew(uow, moved)
    homes = {(code, known.products[code].plant_code) for code in touched & known.products.keys()}
    await uow.flush()
    return homes | await plans.pools_of(uow, touched)


def _newer(news: MasterNews, known: KnownMaster) -> MasterNews:
    """Leave out what is not newer than what is kept."""
    return MasterNews(
        products={
            code: product
            for code, product in news.products.items()
            if code not in known.products or product.version > known.products[code].version
        },
        boms={
            own: bom
            for own, bom in news.boms.items()
            if str(own) not in known.boms or bom.version > known.boms[str(own)].version
        },
        vendor_products=news.vendor_products,
        vendors=news.vendors,
    )


def _save(uow: UnitOfWork, news: MasterNews, newer: MasterNews, known: KnownMaster) -> None:
    master.keep_boms(uow, newer.boms.values(), known.boms)
    master.keep_products(uow, newer.products.values())
    master.keep_vendors(uow, news.vendors.values())
    master.keep_vendor_products(uow, news.vendor_products.values())
    master.keep_plants(uow, [_with_valid_zone(plant) for plant in news.plants.values()])
    master.keep_calendars(uow, news.calendars.values())


def _structure_seeds(newer: MasterNews, known: KnownMaster) -> set[str]:
    """Products from which low-level codes may move: changed bills, what was in them, newcomers."""
    seeds: set[str] = set()
    for own, bom in newer.boms.items():
        before = known.boms.get(str(own))
        seeds |= {bom.product_code, *(before.components if before else ())}
    return seeds | {code for code in newer.products if _became(newer, known, code)}


def _touched_products(newer: MasterNews, known: KnownMaster) -> set[str]:
    touched = {bom.product_code for bom in newer.boms.values()} | newer.products.keys()
    for code, product in newer.products.items():
        if _became(newer, known, code) or _measures_otherwise(product, known.products.get(code)):
            touched |= known.parents.get(code, frozenset())
    touched |= {own.product_code for own in newer.vendor_products.values()}
    touched |= {row[1] for row in known.vendor_products.values()}
    return touched | known.sold


def _became(newer: MasterNews, known: KnownMaster, code: str) -> bool:
    """Whether a product has become known, or is no more."""
    before = known.products.get(code)
    was_known = before is not None and before.is_known
    return was_known is newer.products[code].deleted


def _measures_otherwise(product: Product, before: KnownProduct | None) -> bool:
    """Whether lines that name the product mean another quantity now."""
    if before is None:
        return True
    conversions: Mapping[str, str] = product.model_dump(mode="json")["conversions"]
    measured = (product.unit_code, product.unit_decimals, conversions)
    return measured != (before.unit_code, before.unit_decimals, before.conversions)


async def _change_calendars(
    uow: UnitOfWork, state: PlanningState, news: MasterNews, *, caused_by: Envelope
) -> PlanningState:
    changed = replace(state, calendar_version=state.calendar_version + 1)
    named = [*news.plants, *(calendar.calendar_code for calendar in news.calendars.values())]
    reason = f"Working days changed: {', '.join(sorted(named)[:10])}."
    return await runs.request_regeneration(uow, changed, reason=reason, caused_by=caused_by)


def _with_valid_zone(state: Any) -> Any:
    if checking.is_time_zone(state.time_zone):
        return state
    return state.model_copy(update={"time_zone": "UTC"})
