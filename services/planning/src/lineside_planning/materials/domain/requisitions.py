"""Requisitions follow what has to be bought: one per part, plant and need date while open.

Pegs say for whom; the sum is rounded up once to the vendor's unit, minimum and multiple (RULES 22).
Nobody needs it any more: it is cancelled. Ordered ones are left alone.
"""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from lineside_contracts.problems import Fault
from lineside_contracts.values import Actor
from lineside_manufacturing import purchasing, quantities
from lineside_manufacturing.calendars import NoWorkingTime
from lineside_planning.master_data.domain.material_facts import ProductFacts, VendorTerms
from lineside_planning.materials.domain.bench import (
    NOTHING,
    Bench,
    Peg,
    Plan,
    Requirement,
    Requisition,
)
from lineside_planning.materials.domain.movements import PoolKey

_COST_DECIMALS = 6


class Slot(NamedTuple):
    """What is consolidated: one part in one plant on one day."""

    pool: PoolKey
    needed_on: date


class FirmedNeed(NamedTuple):
    """A planned order of a bought part that somebody firmed."""

    planned_order_id: UUID
    pool: PoolKey
    needed_on: date
    quantity: Decimal


def follow(bench: Bench, actor_of: Callable[[PoolKey], Actor]) -> list[Requisition]:
    """Make the open requisitions what the requirements on the bench want bought.

    Args:
        bench: With the open requisitions of every day concerned.
        actor_of: On whose behalf a pool's documents change.

    Returns:
        Those that are new; they have no number yet.
    """
    slots = {
        Slot(r.pool_key, r.needed_on): r for r in bench.requisitions.values() if r.status == "open"
    }
    touched: dict[UUID, Requisition] = {
        r.id: r for r in bench.requisitions.values() if bench.revises and r.status == "open"
    }
    made: list[Requisition] = []
    for plan, requirement in _buyers(bench):
        slot = Slot(requirement.pool_key, requirement.needed_on)
        _leave(bench, requirement, slot, touched)
        if requirement.replenish and slot not in slots:
            slots[slot] = _open(bench, slot, actor_of(slot.pool))
            made.append(slots[slot])
        if requirement.replenish:
            _peg(bench, slots[slot], plan, requirement, touched)
    for requisition in touched.values():
        revise(bench, requisition)
    return made


def firm(bench: Bench, need: FirmedNeed, actor: Actor) -> Requisition | None:
    """Raise what MRP proposed and a person firmed; it joins the requisition of its day.

    Returns:
        The requisition where it is new.
    """
    slot = Slot(need.pool, need.needed_on)
    for requisition in bench.requisitions.values():
        if any(peg.planned_order_id == need.planned_order_id for peg in requisition.pegs):
            return None
    joined = [
        r
        for r in bench.requisitions.values()
        if r.status == "open" and Slot(r.pool_key, r.needed_on) == slot
    ]
    requisition = joined[0] if joined else _open(bench, slot, actor)
    peg = Peg(
        bench.new_id(), requisition.id, None, None, None, need.planned_order_id, need.quantity
    )
    requisition.pegs.append(peg)
    revise(bench, requisition)
    return None if joined else requisition


def revise(bench: Bench, requisition: Requisition) -> None:
    """Compute quantity, vendor and dates of an open requisition from its pegs."""
    if requisition.status != "open":
        return
    requisition.quantity_needed = sum((peg.quantity for peg in requisition.pegs), NOTHING)
    if not requisition.pegs:
        requisition.status = "cancelled"
        requisition.quantity = NOTHING
        requisition.purchase_quantity = None
        requisition.explanation = ("Nobody needs it any more.",)
        return
    product = bench.facts.products.get(requisition.product_code)
    terms = bench.facts.vendors.get(requisition.product_code)
    _set_terms(requisition, product, terms)
    _set_dates(bench, requisition)


def vendor_warnings(bench: Bench, requirement: Requirement) -> list[Fault]:
    """Name what is missing to buy a component well."""
    code = requirement.component_code
    terms = bench.facts.vendors.get(code)
    facts = {"component_code": code}
    if terms is None:
        message = f"Nobody sells {code}: its requisition has no vendor."
        return [Fault(code="no_vendor", message=message, facts=facts)]
    if terms.is_unit_unknown:
        message = f"{terms.purchase_unit_code} of {code} has no factor: it is bought unrounded."
        return [Fault(code="unknown_purchase_unit", message=message, facts=facts)]
    return []


def earliest_arrival(bench: Bench, requisition: Requisition) -> date:
    """When the goods can be there if they are ordered by the date, or today where that is past."""
    if not requisition.is_late:
        return requisition.arrive_on
    calendar = bench.places.plant(requisition.plant_code).calendar
    today = calendar.local_date(bench.now)
    try:
        return calendar.working_day_on_or_after(today + timedelta(days=requisition.lead_time_days))
    except (NoWorkingTime, OverflowError):
        return requisition.arrive_on


def _buyers(bench: Bench) -> Iterable[tuple[Plan, Requirement]]:
    for plan in bench.plans.values():
        for requirement in (*plan.requirements, *plan.removed):
            wants = requirement.replenish if requirement.supply == "buy" else NOTHING
            if requirement.pool_key in bench.pools and (wants or requirement.peg):
                yield plan, requirement


def _leave(
    bench: Bench, requirement: Requirement, slot: Slot, touched: dict[UUID, Requisition]
) -> None:
    """Take a peg off a requisition of another day, or one that is no longer wanted."""
    peg = requirement.peg
    if peg is None:
        return
    held = bench.requisitions[peg.requisition_id]
    wanted = requirement.replenish if requirement.supply == "buy" else NOTHING
    if wanted and Slot(held.pool_key, held.needed_on) == slot:
        return
    held.pegs = [other for other in held.pegs if other.id != peg.id]
    bench.removed_pegs.append(peg)
    requirement.peg = None
    touched[held.id] = held


def _peg(
    bench: Bench,
    requisition: Requisition,
    plan: Plan,
    requirement: Requirement,
    touched: dict[UUID, Requisition],
) -> None:
    peg = requirement.peg
    if peg is None:
        peg = requirement.peg = Peg(
            id=bench.new_id(),
            requisition_id=requisition.id,
            order_id=plan.id,
            order_number=plan.number,
            requirement_id=requirement.id,
            planned_order_id=None,
            quantity=NOTHING,
        )
        requisition.pegs.append(peg)
    if peg.quantity != requirement.replenish:
        peg.quantity = requirement.replenish
        touched[requisition.id] = requisition


def _open(bench: Bench, slot: Slot, actor: Actor) -> Requisition:
    pool = bench.pools[slot.pool]
    requisition = Requisition(
        id=bench.new_id(),
        number="",
        status="open",
        product_code=pool.product_code,
        product_name=pool.product_name,
        plant_code=pool.plant_code,
        needed_on=slot.needed_on,
        arrive_on=slot.needed_on,
        order_by=slot.needed_on,
        is_late=False,
        quantity_needed=NOTHING,
        quantity=NOTHING,
        unit_code=pool.unit_code,
        decimals=pool.decimals,
        lead_time_days=0,
        created_at=bench.now,
        created_by=actor,
        updated_at=bench.now,
        updated_by=actor,
    )
    bench.requisitions[requisition.id] = requisition
    return requisition


def _set_terms(
    requisition: Requisition, product: ProductFacts | None, terms: VendorTerms | None
) -> None:
    rounding = terms.rounding if terms else None
    bought = purchasing.purchase_quantity(
        requisition.quantity_needed, rounding=rounding, decimals=requisition.decimals
    )
    requisition.quantity = bought.stock_quantity
    requisition.purchase_quantity = bought.purchase_quantity
    requisition.purchase_unit_code = bought.purchase_unit
    requisition.vendor_code = terms.vendor_code if terms else None
    requisition.lead_time_days = (
        terms.lead_time_days if terms else (product.lead_time_days if product else 0)
    )
    requisition.unit_cost = _unit_cost(terms)
    sums = " + ".join(
        f"{quantities.readable(quantities.exact(peg.quantity))} for {peg.order_number or 'stock'}"
        for peg in requisition.pegs[:20]
    )
    more = f" + {len(requisition.pegs) - 20} more" if len(requisition.pegs) > 20 else ""  # noqa: PLR2004
    total = quantities.readable(quantities.exact(requisition.quantity_needed))
    requisition.explanation = (
        f"{sums}{more} = {total} {requisition.unit_code}",
        *(entry.explanation for entry in bought.ledger),
    )


def _unit_cost(terms: VendorTerms | None) -> Decimal | None:
    if terms is None or terms.price is None or terms.is_unit_unknown:
        return None
    if terms.rounding is None:
        return terms.price
    exact = quantities.exact(terms.price) / terms.rounding.factor
    return quantities.round_half_up(exact, _COST_DECIMALS)


def _set_dates(bench: Bench, requisition: Requisition) -> None:
    calendar = bench.places.plant(requisition.plant_code).calendar
    today = calendar.local_date(bench.now)
    lead = requisition.lead_time_days
    try:
        dates = purchasing.purchase_dates(
            requisition.needed_on, lead_time_days=lead, calendar=calendar, today=today
        )
    except (NoWorkingTime, OverflowError):
        requisition.arrive_on = requisition.order_by = requisition.needed_on
        requisition.is_late = requisition.needed_on < today
        return
    requisition.arrive_on, requisition.order_by = dates.arrives_on, dates.order_by
    requisition.is_late = dates.is_past
    requisition.explanation += (
        f"needed on {requisition.needed_on}, arrives on {dates.arrives_on}, {lead} calendar days"
        f" of lead time: order by {dates.order_by}" + (", which has passed" * dates.is_past),
    )
