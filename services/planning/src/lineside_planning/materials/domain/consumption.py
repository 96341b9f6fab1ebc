"""What reports from the floor take out of stock: backflush and by-products (RULES 9, 18, 21).

Picked lines are handed out by people and left alone here; by-products arise with what is reported,
however the work center issues its materials.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from lineside_contracts.planning import (
    ComponentLot,
    MaterialConsumed,
    MaterialPlan,
    MovementKind,
)
from lineside_planning.materials.domain import backflush, taking
from lineside_planning.materials.domain.backflush import Report, Usage
from lineside_planning.materials.domain.bench import Announcement, Bench, Plan, Requirement
from lineside_planning.materials.domain.floor import Step
from lineside_planning.materials.domain.movements import Movement, Occasion, Place, PoolKey, Spot

UsedPlaces = Mapping[UUID, Mapping[Place, Decimal]]
"""What the journal took for a requirement before this transaction, the last taken first."""

Method = Literal["backflush", "pick", "by_product"]

CORRECTION = "correction of what was reported"


@dataclass(frozen=True, slots=True)
class Stores:
    """Where stock goes that comes out of orders.

    Attributes:
        used: Where it came from.
        defaults: The default location of each plant.
    """

    used: UsedPlaces = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)


def follow(bench: Bench, plan: Plan, step: Step, *, stores: Stores) -> set[PoolKey]:
    """Post what a report used, and bring back what a correction takes away.

    Args:
        bench: With the plan's pools and their balances.
        plan: Of the order reported on.
        step: What is reported so far.
        stores: Where stock goes that comes back or arises.

    Returns:
        The pools that changed.
    """
    changed: set[PoolKey] = set()
    for requirement in plan.requirements:
        quantity = due(requirement, step.reports)
        if quantity:
            _post(bench, plan, requirement, quantity, step=step, stores=stores)
            changed.add(requirement.pool_key)
    return changed


def due(requirement: Requirement, reports: Iterable[Report]) -> Decimal:
    """Tell what is still to be posted for a requirement; picked lines never are.

    Args:
        requirement: One of the order's.
        reports: Everything reported of the order.

    Returns:
        Above zero is to be used, below zero comes back (or arises).
    """
    if not is_backflushed(requirement):
        return Decimal(0)
    return backflush.to_post(
        usage_of(requirement),
        processed=backflush.processed_at(reports, requirement.sequence_number),
        posted=requirement.issued,
    )


def is_backflushed(requirement: Requirement) -> bool:
    """Tell whether reports post it; by-products always are."""
    return is_by_product(requirement) or requirement.issue_method == "backflush"


def is_by_product(requirement: Requirement) -> bool:
    """Tell whether it is received and not used."""
    return requirement.exact_need < 0


def usage_of(requirement: Requirement) -> Usage:
    """Say how a requirement is used up."""
    return Usage(
        exact_need=requirement.exact_need,
        planned_input=requirement.planned_input,
        decimals=requirement.decimals,
        is_fixed=requirement.is_fixed,
    )


def places_used(
    bench: Bench, requirement: Requirement, *, stores: Stores
) -> list[tuple[Spot, Decimal]]:
    """Where stock goes that comes back: where it was taken from, the last first, else the default.

    Args:
        bench: With what this transaction took already.
        requirement: What it was used for.
        stores: What was taken before, and the default locations.
    """
    used: defaultdict[Place, Decimal] = defaultdict(Decimal)
    for movement in reversed(bench.room.movements):
        if movement.occasion.requirement_id == requirement.id:
            used[movement.place] -= movement.quantity
    for place, quantity in stores.used.get(requirement.id, {}).items():
        used[place] += quantity
    spots = [(Spot(place), quantity) for place, quantity in used.items() if quantity > 0]
    return [*spots, default_spot(requirement.plant_code, stores)]


def default_spot(plant_code: str, stores: Stores) -> tuple[Spot, Decimal]:
    """The default location of a plant, without lot; it takes whatever is left."""
    return (Spot(Place(stores.defaults[plant_code])), Decimal(0))


def consumed(
    requirement: Requirement,
    quantity: Decimal,
    *,
    movements: Sequence[Movement],
    method: Method,
    happened_at: datetime,
) -> Announcement:
    """Prepare the event that tells of one posting.

    Args:
        requirement: What it was for.
        quantity: Above zero into the order, below zero out of it.
        movements: What the journal says: lots and locations.
        method: backflush, pick or by_product.
        happened_at: When.
    """
    lots = tuple(
        ComponentLot(
            lot_number=movement.place.lot_number or None,
            location_code=movement.place.location_code,
            quantity=-movement.quantity,
        )
        for movement in movements
    )

    def announce(plan: MaterialPlan) -> MaterialConsumed:
        return MaterialConsumed.model_construct(
            material_plan=plan,
            requirement_id=requirement.id,
            component_code=requirement.component_code,
            quantity=quantity,
            unit_code=requirement.unit_code,
            issue_method=method,
            lots=lots,
            happened_at=happened_at,
        )

    return announce


def _post(
    bench: Bench,
    plan: Plan,
    requirement: Requirement,
    quantity: Decimal,
    *,
    step: Step,
    stores: Stores,
) -> None:
    arises = is_by_product(requirement)
    occasion = Occasion(
        kind=MovementKind.BY_PRODUCT if arises else MovementKind.BACKFLUSH,
        happened_at=step.happened_at,
        recorded_by=step.recorded_by,
        reason=CORRECTION if (quantity > 0) == arises else None,
        production_order_id=plan.id,
        production_order_number=plan.number,
        requirement_id=requirement.id,
        output_lot_number=step.output_lot_number,
    )
    if quantity > 0:
        posted = taking.use(bench, requirement, quantity, occasion=occasion)
    else:
        spots = (
            [default_spot(requirement.plant_code, stores)]
            if arises
            else places_used(bench, requirement, stores=stores)
        )
        posted = taking.give_back(bench, requirement, -quantity, occasion=occasion, spots=spots)
    tell = consumed(
        requirement,
        quantity,
        movements=posted,
        method="by_product" if arises else "backflush",
        happened_at=step.happened_at,
    )
    bench.announcements.append((plan.id, tell))
