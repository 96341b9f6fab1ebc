"""The time-phased plan of one product in one plant, every number explained."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal

from lineside_chassis.requests import Requests
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts import planning
from lineside_contracts.planning import GetMrpItem, MrpBucket, MrpItem
from lineside_contracts.problems import Problem
from lineside_manufacturing import quantities
from lineside_planning.mrp.domain import explanations
from lineside_planning.mrp.domain.explanations import BucketRow
from lineside_planning.mrp.requests import access
from lineside_planning.mrp.store import item_plans, naming
from lineside_planning.mrp.store.item_plans import LoadedItem


def register(requests: Requests) -> None:
    """Answer the request about an item."""
    requests.answer(planning.GET_MRP_ITEM)(get_item)


async def get_item(uow: UnitOfWork, request: GetMrpItem) -> MrpItem | Problem:
    """Lay out the plan of one product."""
    loaded = await item_plans.load(uow, request.product_code, request.plant_code)
    if loaded is None:
        facts = {"product_code": request.product_code}
        return access.not_found("planned product", request.product_code, **facts)
    access.require_plant(uow, loaded.plant_code)
    item, decimals = loaded.wave.inputs.item, loaded.product.unit_decimals
    return MrpItem(
        product_code=request.product_code,
        product_name=loaded.product.product_name,
        plant_code=loaded.plant_code,
        unit_code=loaded.product.unit_code,
        low_level_code=loaded.wave.inputs.code,
        on_hand=loaded.on_hand,
        safety_stock=quantities.decimal_of(item.safety_stock if item else 0, decimals),
        lot_sizing=loaded.product.lots.lot_sizing,
        lead_time_days=item.lead_time_days if item else 0,
        planning_date=loaded.dates.today,
        buckets=tuple(_buckets(loaded, is_weekly=request.bucket == "week")),
        planned_orders=loaded.planned_orders,
        pegs=tuple(naming.peg(peg, loaded.names, decimals) for peg in loaded.wave.kept.pegs),
        exceptions=loaded.exceptions,
    )


def _buckets(loaded: LoadedItem, *, is_weekly: bool) -> Iterator[MrpBucket]:
    """Rows of the MRP table, by day or by week; a week begins on Monday."""
    inputs, today = loaded.wave.inputs, loaded.dates.today
    rows = explanations.buckets_of(inputs, loaded.wave.kept, loaded.dates)
    by_start: dict[date, list[BucketRow]] = {}
    for row in rows:
        by_start.setdefault(_start(row.on, is_weekly=is_weekly), []).append(row)
    releases: dict[date, int] = {}
    for order in loaded.wave.kept.orders:
        start = _start(max(order.starts_on, today), is_weekly=is_weekly)
        releases[start] = releases.get(start, 0) + order.quantity
    projected = inputs.stock
    for start in sorted({*by_start, *releases}):
        own = by_start.get(start, [])
        projected = own[-1].closing if own else projected
        figures = _bucket(loaded, start, own, projected=projected, released=releases.get(start, 0))
        told = tuple(sentence for row in own for sentence in _told(loaded, row, rows))
        yield figures.model_copy(update={"explanation": told})


def _bucket(
    loaded: LoadedItem, start: date, rows: Sequence[BucketRow], *, projected: int, released: int
) -> MrpBucket:
    def said(steps: int) -> Decimal:
        return quantities.decimal_of(steps, loaded.product.unit_decimals)

    return MrpBucket(
        starts_on=start,
        gross_requirement=said(sum(row.needed for row in rows)),
        scheduled_receipts=said(sum(row.receipts for row in rows)),
        projected_on_hand=said(projected),
        net_requirement=said(sum(row.missing for row in rows)),
        planned_receipts=said(sum(row.planned for row in rows)),
        planned_releases=said(released),
    )


def _told(loaded: LoadedItem, row: BucketRow, rows: Sequence[BucketRow]) -> Iterator[str]:
    """How each number came about: the shortage, what made it up, what was added, the dates."""
    inputs = loaded.wave.inputs
    told = dict.fromkeys(explanations.explain_bucket(row, inputs, rows))
    for order in loaded.wave.kept.orders:
        if order.need_on == row.on:
            told |= dict.fromkeys(explanations.explain_order(order, inputs, rows))
    return (naming.in_words(sentence, loaded.names) for sentence in told)


def _start(day: date, *, is_weekly: bool) -> date:
    return day - timedelta(days=day.weekday()) if is_weekly else day
