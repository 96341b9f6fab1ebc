"""Pick: a person hands material out to an order, or brings some back (SPEC 7, RULES 18)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from lineside_contracts.planning import IssueMaterial, MovementKind
from lineside_contracts.problems import Fault, Problem, ProblemCode
from lineside_contracts.values import Actor
from lineside_planning.materials.domain import consumption, stock_checks, taking
from lineside_planning.materials.domain.bench import FINAL, NOTHING, Bench, Plan, Requirement
from lineside_planning.materials.domain.consumption import Stores
from lineside_planning.materials.domain.movements import Movement, Occasion, Place, Spot
from lineside_planning.materials.domain.stock_checks import LocationFacts


@dataclass(frozen=True, slots=True)
class Pick:
    """What a person asks for, with the location as master data knows it.

    Attributes:
        location: None where it is unknown, or where any location will do.
    """

    request: IssueMaterial
    location: LocationFacts | None

    def wants(self, place: Place) -> bool:
        """Tell whether a place is one that was asked for."""
        asked = self.request
        return asked.location_code in {None, place.location_code} and (
            asked.lot_number in {None, place.lot_number}
        )


def find(plan: Plan, request: IssueMaterial) -> Requirement | Problem:
    """Find the need a person means.

    Returns:
        A problem where the order does not need it, needs it at several operations, or where
        reports post it.
    """
    code = request.component_code
    lines = [r for r in plan.requirements if r.component_code == code and r.exact_need > 0]
    if request.sequence_number is not None:
        lines = [r for r in lines if r.sequence_number == request.sequence_number]
    if not lines:
        return _not_required(plan, request)
    picked = [r for r in lines if r.issue_method == "pick"]
    if not picked:
        return _backflushed(plan, lines)
    if len(picked) > 1:
        return _ambiguous(code, picked)
    return picked[0]


def problem_of(bench: Bench, plan: Plan, requirement: Requirement, pick: Pick) -> Problem | None:
    """Tell why material cannot be handed out, or come back; None where it can."""
    faults = tuple(_faults(requirement, pick, now=bench.now))
    if faults:
        detail = "; ".join(fault.message for fault in faults)
        return Problem(code=ProblemCode.VALIDATION_FAILED, detail=detail, faults=faults)
    if pick.request.quantity < 0:
        return None
    if plan.order_status in FINAL:
        return _ended(plan)
    return _lacking(bench, requirement, pick)


def issue(
    bench: Bench,
    plan: Plan,
    requirement: Requirement,
    pick: Pick,
    *,
    stores: Stores,
    by: Actor,
) -> None:
    """Hand material out (what the order holds first, then what is free), or bring it back.

    Args:
        bench: With the pool and its balances; `problem_of` found nothing against it.
        plan: Of the order.
        requirement: What it is for.
        pick: What was asked for.
        stores: Where goods go that come back.
        by: Who does it.
    """
    quantity = pick.request.quantity
    occasion = Occasion(
        kind=MovementKind.ISSUE if quantity > 0 else MovementKind.RETURN,
        happened_at=pick.request.happened_at or bench.now,
        recorded_by=by,
        production_order_id=plan.id,
        production_order_number=plan.number,
        requirement_id=requirement.id,
    )
    posted: Sequence[Movement]
    if quantity > 0:
        posted = taking.use(bench, requirement, quantity, occasion=occasion, wanted=pick.wants)
    else:
        spots = _return_spots(bench, requirement, pick, stores=stores)
        posted = taking.give_back(bench, requirement, -quantity, occasion=occasion, spots=spots)
    tell = consumption.consumed(
        requirement,
        quantity,
        movements=posted,
        method="pick",
        happened_at=occasion.happened_at,
    )
    bench.announcements.append((plan.id, tell))


def _return_spots(
    bench: Bench, requirement: Requirement, pick: Pick, *, stores: Stores
) -> list[tuple[Spot, Decimal]]:
    if pick.location is None:
        return consumption.places_used(bench, requirement, stores=stores)
    place = Place(pick.location.location_code, pick.request.lot_number or "")
    return [(Spot(place, pick.location.is_nettable), NOTHING)]


def _faults(requirement: Requirement, pick: Pick, *, now: datetime) -> Iterator[Fault]:
    asked = pick.request
    if asked.quantity == 0:
        yield Fault(code="wrong_quantity", path="quantity", message="0 changes nothing.")
    if stock_checks.has_excess_decimals(asked.quantity, requirement.decimals):
        yield Fault(
            code="too_many_decimals",
            path="quantity",
            message=f"{requirement.component_code} is counted in {requirement.unit_code} with"
            f" {requirement.decimals} decimals; {asked.quantity} has more.",
            facts={"unit_code": requirement.unit_code, "unit_decimals": requirement.decimals},
        )
    if -asked.quantity > max(requirement.issued, NOTHING):
        yield Fault(
            code="more_than_issued",
            path="quantity",
            message=f"{requirement.issued} were handed out, {-asked.quantity} cannot come back.",
            facts={"issued": str(requirement.issued), "attempting": str(-asked.quantity)},
        )
    yield from _location_faults(requirement, pick)
    yield from stock_checks.time_faults(asked.happened_at, now=now)


def _location_faults(requirement: Requirement, pick: Pick) -> Iterator[Fault]:
    code, path = pick.request.location_code, "location_code"
    if code is None:
        return
    yield from stock_checks.location_faults(code, pick.location)
    location = pick.location
    if location is None:
        return
    if location.plant_code != requirement.plant_code:
        message = f"{code} belongs to plant {location.plant_code}, the need to another one."
        facts = {"plant_code": location.plant_code, "needed_in": requirement.plant_code}
        yield Fault(code="other_plant", path=path, message=message, facts=facts)
    if not location.is_nettable and pick.request.quantity > 0:
        message = f"What lies at {code} is blocked; bring it elsewhere first."
        yield Fault(code="blocked_location", path=path, message=message)


def _lacking(bench: Bench, requirement: Requirement, pick: Pick) -> Problem | None:
    pool = bench.pools[requirement.pool_key]
    held = requirement.allocated_from_stock
    there = sum((b.quantity for b in bench.room.nettable(pool) if pick.wants(b.place)), NOTHING)
    available = min(held + pool.free, there)
    quantity = pick.request.quantity
    if quantity <= available:
        return None
    others = pool.allocated - held
    return Problem(
        code=ProblemCode.INSUFFICIENT_STOCK,
        detail=f"{available} {pool.unit_code} of {pool.product_code} can be handed out, not"
        f" {quantity}: {pool.on_hand} lie in stock, {others} of it belong to other orders."
        " If you have it in your hand, count it first.",
        facts={
            "available": str(available),
            "on_hand": str(pool.on_hand),
            "lies_there": str(there),
            "allocated_to_others": str(others),
            "attempting": str(quantity),
        },
    )


def _not_required(plan: Plan, request: IssueMaterial) -> Problem:
    where = f" at operation {request.sequence_number}" if request.sequence_number else ""
    return Problem(
        code=ProblemCode.NOT_REQUIRED,
        detail=f"{plan.number} needs no {request.component_code}{where}.",
        facts={
            "component_code": request.component_code,
            "needed": sorted({r.component_code for r in plan.requirements if r.exact_need > 0}),
        },
    )


def _backflushed(plan: Plan, lines: Sequence[Requirement]) -> Problem:
    code = lines[0].component_code
    return Problem(
        code=ProblemCode.BACKFLUSHED,
        detail=f"{code} is taken out of stock by what is reported on {plan.number}; it is not"
        " picked.",
        facts={
            "component_code": code,
            "sequence_numbers": sorted(r.sequence_number for r in lines),
        },
    )


def _ambiguous(code: str, lines: Sequence[Requirement]) -> Problem:
    numbers = sorted(r.sequence_number for r in lines)
    fault = Fault(
        code="several_operations",
        path="sequence_number",
        message=f"Several operations need {code}; name one of {', '.join(map(str, numbers))}.",
        facts={"sequence_numbers": numbers},
    )
    return Problem(code=ProblemCode.VALIDATION_FAILED, detail=fault.message, faults=(fault,))


def _ended(plan: Plan) -> Problem:
    return Problem(
        code=ProblemCode.INVALID_STATUS_TRANSITION,
        detail=f"{plan.number} is {plan.order_status}: nothing is handed out to it any more.",
        facts={"from": plan.order_status, "to": "issued", "allowed": ["return"]},
    )
