"""One item with everything a planner asks about it."""

from collections import defaultdict
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlalchemy import select

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.planning import MrpException, Peg, PlannedOrder
from lineside_planning.master_data.domain.material_facts import ProductFacts
from lineside_planning.mrp.domain.dates import PlanningDates
from lineside_planning.mrp.domain.net_change import WaveItem
from lineside_planning.mrp.store import (
    item_keys,
    naming,
    planning,
    plans,
    proposal_pegs,
    proposals,
    reading,
)
from lineside_planning.mrp.store.naming import Names
from lineside_planning.mrp.tables import mrp_exceptions, mrp_items


@dataclass(frozen=True, slots=True)
class LoadedItem:
    """An item as it is planned.

    Attributes:
        wave: Its facts and its plan.
        names: What stands behind the ids in both.
    """

    plant_code: str
    product: ProductFacts
    on_hand: Decimal
    wave: WaveItem
    dates: PlanningDates
    names: Names
    planned_orders: tuple[PlannedOrder, ...]
    exceptions: tuple[MrpException, ...]


async def load(uow: UnitOfWork, product_code: str, plant_code: str | None) -> LoadedItem | None:
    """Load one item.

    Args:
        uow: The unit of work.
        product_code: The product.
        plant_code: The plant; None: the product's own.

    Returns:
        The item, or None where the product is not known.
    """
    state = await planning.read(uow)
    if state is None:
        return None
    plant = plant_code or await _home(uow, product_code)
    dates = await plans.load_dates(uow, state)
    key = item_keys.text_of(product_code, plant)
    facts = await reading.wave(uow, [key], dates, with_pairs=True)
    product = facts.products.get(product_code)
    if product is None:
        return None
    wave = await _with_pairs(uow, facts.wave_item(key))
    names = await naming.load(uow, _ids(wave))
    return LoadedItem(
        plant_code=plant,
        product=product,
        on_hand=facts.on_hand(key),
        wave=wave,
        dates=dates,
        names=names,
        planned_orders=await _planned_orders(uow, wave, names, product.unit_decimals),
        exceptions=await _exceptions(uow, product_code, plant, names),
    )


async def _with_pairs(uow: UnitOfWork, wave: WaveItem) -> WaveItem:
    """Show pairs among the pegs, which planning leaves out."""
    found = await proposal_pegs.pegs_of(uow, {item_keys.parse(wave.inputs.key)})
    return replace(wave, kept=replace(wave.kept, pegs=tuple(own.peg for own in found)))


async def _home(uow: UnitOfWork, product_code: str) -> str:
    query = select(mrp_items.c.plant_code).where(mrp_items.c.product_code == product_code)
    return await uow.connection.scalar(query) or ""


def _ids(wave: WaveItem) -> set[str]:
    return {
        *naming.ids_of(wave.kept.pegs),
        *(demand.id for demand in wave.inputs.demands),
        *(requirement.order_id for requirement in wave.inputs.requirements),
        *(message.reference for message in wave.kept.messages),
    }


async def _planned_orders(
    uow: UnitOfWork, wave: WaveItem, names: Names, decimals: int
) -> tuple[PlannedOrder, ...]:
    pegs: defaultdict[str, list[Peg]] = defaultdict(list)
    for peg in wave.kept.pegs:
        pegs[peg.supply_id].append(naming.peg(peg, names, decimals))
    rows = await proposals.rows_of_item(uow, item_keys.parse(wave.inputs.key))
    return tuple(proposals.planned_order(row, pegs[row["plan_key"]]) for row in rows)


async def _exceptions(
    uow: UnitOfWork, product_code: str, plant_code: str, names: Names
) -> tuple[MrpException, ...]:
    own = mrp_exceptions.c
    query = select(mrp_exceptions).where(
        own.product_code == product_code, own.plant_code == plant_code
    )
    ordered = query.order_by(own.from_date, own.kind, own.reference, own.ordinal)
    rows = (await uow.connection.execute(ordered)).mappings()
    return tuple(proposals.exception(dict(row), names) for row in rows)
