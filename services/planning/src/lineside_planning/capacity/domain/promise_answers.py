"""The answer to a wish: date, materials, work centers, and how each was found."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from lineside_contracts.planning import AskPromise, Promise, PromiseMaterial, RunPlan
from lineside_contracts.problems import Fault
from lineside_manufacturing import quantities, time_spans
from lineside_planning.capacity.domain import promising, utilization
from lineside_planning.capacity.domain.loading import Places
from lineside_planning.capacity.domain.plants import PlantDays
from lineside_planning.capacity.domain.promise_needs import Item, Needs
from lineside_planning.capacity.domain.promising import Made, Outcome

_NOTHING = Decimal(0)


def promise(
    asked: AskPromise, needs: Needs, outcome: Outcome, plant: PlantDays, *, now: int
) -> Promise:
    """Write the answer.

    Args:
        asked: What was asked.
        needs: What it takes; the product first.
        outcome: When it is there.
        plant: Whose days count.
        now: Microseconds since 1970.

    Returns:
        The promise; `computed_in_ms` is filled in by whoever has a clock.
    """
    product = needs.items[0]
    completes = outcome.there[product.code]
    earliest = plant.working_date_of(completes)
    due = plant.due(asked.requested_date or earliest)
    uses = promising.uses(outcome, due=due)
    reasons = _reasons(asked.requested_date, completes, plant, uses)
    return Promise(
        product_code=product.code,
        quantity=asked.quantity,
        unit_code=product.product.unit_code if product.product else "EA",
        plant_code=plant.plant_code,
        earliest_date=earliest,
        earliest_at=time_spans.instant_of(completes),
        requested_date=asked.requested_date,
        is_feasible=None if asked.requested_date is None else not reasons,
        reasons=reasons,
        materials=tuple(_material(item, outcome, plant) for item in _shown(needs)),
        work_centers=tuple(utilization.load_of(use) for use in uses),
        runs=_runs(product, outcome, due=due, now=now),
        explanation=tuple(_explained(needs, outcome, plant, earliest)),
        computed_in_ms=_NOTHING,
    )


def _reasons(
    requested: date | None,
    completes: int,
    plant: PlantDays,
    uses: Sequence[utilization.Use],
) -> tuple[Fault, ...]:
    if requested is None:
        return ()
    late = promising.date_fault(completes, requested, plant)
    overloads = [utilization.overload_fault(use) for use in uses if use.is_overloaded]
    return (*overloads, *([late] if late else []))


def _shown(needs: Needs) -> Sequence[Item]:
    """Components; the product itself only where it is bought."""
    product, *components = needs.items
    return components if product.is_made else needs.items


def _material(item: Item, outcome: Outcome, plant: PlantDays) -> PromiseMaterial:
    there = plant.date_of(outcome.there[item.code])
    return PromiseMaterial(
        component_code=item.code,
        level=item.level,
        needed_quantity=item.needed,
        from_stock=item.from_stock,
        from_receipts=sum((taken for _, taken in item.from_receipts), _NOTHING),
        to_buy=item.to_buy,
        to_make=item.to_make,
        unit_code=item.product.unit_code if item.product else "EA",
        available_on=there,
        explanation=_covered(item, there),
    )


def _covered(item: Item, there: date) -> str:
    parts = []
    if item.from_stock:
        parts.append(f"{item.from_stock} from stock")
    parts += [f"{taken} from a receipt on {on}" for on, taken in item.from_receipts]
    if item.to_buy:
        parts.append(f"{item.to_buy} bought, there on {item.buys_on}")
    if item.to_make:
        parts.append(f"{item.to_make} made by {there}")
    exact = quantities.readable(item.exact)
    needed = (
        f"{exact} rounded up to {item.needed}" if item.exact != item.needed else f"{item.needed}"
    )
    return f"Needed {needed}: {', '.join(parts) or 'nothing'}."


def _runs(product: Item, outcome: Outcome, *, due: int, now: int) -> tuple[RunPlan, ...]:
    made = next((made for made in outcome.made if made.item is product), None)
    if made is None:
        return ()
    planned = promising.planned_places(made, due=due, now=now)
    return tuple(
        _run(made, task.number, planned) for task in made.left.ordered if task.number in planned
    )


def _run(made: Made, number: int, planned: Places) -> RunPlan:
    task = next(task for task in made.left.ordered if task.number == number)
    instant_of, minutes = time_spans.instant_of, quantities.trimmed(task.ticks, 4)
    return RunPlan(
        sequence_number=number,
        operation_name=task.run.operation_name,
        work_center_code=task.run.work_center_code,
        required_minutes=minutes,
        remaining_minutes=minutes,
        planned_start_at=instant_of(planned[number].start),
        planned_end_at=instant_of(planned[number].end),
        estimated_start_at=instant_of(made.places[number].start),
        estimated_end_at=instant_of(made.places[number].end),
    )


def _explained(needs: Needs, outcome: Outcome, plant: PlantDays, earliest: date) -> Sequence[str]:
    product, *components = needs.items
    words: list[str] = []
    if outcome.made:
        made = ", ".join(f"{made.item.code} x {made.item.to_make}" for made in outcome.made)
        words.append(f"Made, the lowest level first, on what is free from now: {made}.")
    if components:
        last = max(components, key=lambda item: outcome.there[item.code])
        on = plant.date_of(outcome.there[last.code])
        words.append(f"The last material, {last.code}, is there on {on}.")
    words.append(f"{product.code} is done by {earliest}.")
    return [*words, *needs.remarks]
