"""Plans into their tables, and net change: waves are loaded, planned, written as differences."""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Mapping
from uuid import UUID

from sqlalchemy import Table, select, text

from lineside_chassis.tables import one_of
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_planning.mrp.domain.dates import PlanningDates
from lineside_planning.mrp.domain.facts import Settings
from lineside_planning.mrp.domain.net_change import NetChange
from lineside_planning.mrp.domain.plans import ItemPlan, PlanChange
from lineside_planning.mrp.store import item_keys, plan_rows, planning, reading
from lineside_planning.mrp.store.facts_rows import LoadedFacts
from lineside_planning.mrp.store.plan_rows import PLAN_KEYS, PlanWrites
from lineside_planning.mrp.store.planning import PlanningState
from lineside_planning.mrp.tables import (
    mrp_exceptions,
    mrp_items,
    mrp_requirements,
    pegging,
    planned_orders,
)

Pool = tuple[str, str]
"""Product and plant."""

TABLES: Mapping[str, Table] = {
    table.name: table for table in (planned_orders, mrp_requirements, pegging, mrp_exceptions)
}
"""The tables of a plan."""

_KEPT_TENANTS = 64

_PLANNED_POOLS = text("""
SELECT x.product_code, x.plant_code FROM pegging x
WHERE x.product_code = ANY(CAST(:products AS text[]))
UNION
SELECT i.product_code, COALESCE(i.plant_code, '') FROM mrp_items i
WHERE i.product_code = ANY(CAST(:products AS text[]))
UNION
SELECT s.product_code, s.plant_code FROM mrp_supplies s
WHERE s.product_code = ANY(CAST(:products AS text[])) AND s.pairing = 0
""")


class DatesByTenant:
    """Keeps the date arithmetic of tenants while their planning date and calendars hold."""

    def __init__(self) -> None:
        self._kept: OrderedDict[UUID, tuple[PlanningState, PlanningDates]] = OrderedDict()

    async def dates(self, uow: UnitOfWork, state: PlanningState) -> PlanningDates:
        """Give the dates of a tenant's plan.

        Args:
            uow: The unit of work that holds the tenant's turn.
            state: As it is committed, so that what is kept under it is true.

        Returns:
            The dates.
        """
        known = self._kept.get(uow.tenant_id)
        if known is None or not _holds(known[0], state):
            known = (state, await load_dates(uow, state))
            self._kept[uow.tenant_id] = known
        self._kept.move_to_end(uow.tenant_id)
        if len(self._kept) > _KEPT_TENANTS:
            self._kept.popitem(last=False)
        return known[1]


async def load_dates(uow: UnitOfWork, state: PlanningState) -> PlanningDates:
    """Load calendars and make the dates of a plan.

    Args:
        uow: The unit of work.
        state: The planning date.

    Returns:
        Fresh dates.
    """
    calendars = await reading.load_calendars(uow)
    return PlanningDates(Settings(today=state.planning_date, calendars=calendars))


async def net_change(
    uow: UnitOfWork, state: PlanningState, touched: Collection[Pool], dates: PlanningDates
) -> PlanningState:
    """Plan what was touched, and below it what that changes.

    Args:
        uow: The unit of work that holds the tenant's turn; what it registered is flushed.
        state: The state so far.
        touched: Items whose facts changed.
        dates: Of the plan.

    Returns:
        The state after it.
    """
    if not touched:
        return state
    await uow.flush()
    codes = await low_level_codes(uow, {product for product, _ in touched})
    waves = {item_keys.text_of(*pool): codes.get(pool[0], 0) for pool in touched}
    change = NetChange(dates, waves)
    facts: dict[str, LoadedFacts] = {}
    kept: dict[str, ItemPlan] = {}
    while change.wave:
        loaded = await reading.wave(uow, change.wave, dates)
        items = [loaded.wave_item(key) for key in change.wave]
        facts |= dict.fromkeys(change.wave, loaded)
        kept |= {item.inputs.key: item.kept for item in items}
        change.plan(items)
    settled = [each for key in facts for each in _settled(kept[key], change, facts[key])]
    decimals = {
        each.after.item: facts[each.after.item].decimals(each.after.item) for each in settled
    }
    save(uow, plan_rows.writes(settled, decimals))
    return planning.count_change(uow, state, [item_keys.parse(key) for key in facts])


def _settled(kept: ItemPlan, change: NetChange, facts: LoadedFacts) -> Iterator[PlanChange]:
    """What has to be written of an item, also where only its home has changed."""
    changed = change.changes.get(kept.item)
    after = facts.settled(changed.after if changed else kept)
    if changed or after != kept:
        yield PlanChange(kept, after)


def save(uow: UnitOfWork, writes: PlanWrites) -> None:
    """Register the rows of changed plans.

    Args:
        uow: The unit of work.
        writes: Rows to delete and to put; deletions go first.
    """
    for name, rows in writes.deletes.items():
        uow.delete(TABLES[name], rows, key=PLAN_KEYS[name])
    for name, rows in writes.upserts.items():
        uow.upsert(TABLES[name], rows, key=PLAN_KEYS[name])


async def low_level_codes(uow: UnitOfWork, products: Iterable[str]) -> dict[str, int]:
    """Tell the low-level codes of products.

    Args:
        uow: The unit of work.
        products: Their codes.

    Returns:
        The code of each that is known.
    """
    table = mrp_items.c
    query = select(table.product_code, table.low_level_code).where(
        one_of(table.product_code, list(products))
    )
    rows = await uow.connection.execute(query)
    return {row.product_code: row.low_level_code for row in rows}


async def pools_of(uow: UnitOfWork, products: Collection[str]) -> set[Pool]:
    """Tell in which plants products are planned: at home, and wherever their plan is not empty.

    An item without any row has no need, so nothing but its safety stock, at home, could change; or
    it was unknown so far, and what was coming of it was not looked at.

    Args:
        uow: The unit of work; what it registered about products is flushed.
        products: Their codes.

    Returns:
        Product and plant of each.
    """
    if not products:
        return set()
    rows = await uow.connection.execute(_PLANNED_POOLS, {"products": list(products)})
    return {(row.product_code, row.plant_code) for row in rows}


def _holds(one: PlanningState, other: PlanningState) -> bool:
    return (one.planning_date, one.calendar_version) == (
        other.planning_date,
        other.calendar_version,
    )
