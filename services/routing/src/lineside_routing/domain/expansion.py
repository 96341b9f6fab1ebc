"""From a template and a quantity to production runs: the same function for orders and previews."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from lineside_contracts.problems import Fault
from lineside_contracts.routing import ProductionRun
from lineside_contracts.values import MAX_QUANTITY
from lineside_manufacturing import durations, quantities, reverse_pass
from lineside_manufacturing.reverse_pass import PlannedQuantities
from lineside_routing.domain import validation
from lineside_routing.domain.templates import Step, Template

MAX_UNIT_DECIMALS = 6
MINUTE_DECIMALS = 4
"""Decimals of planned minutes, as in the contract's `Minutes`."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be made: so many products, in their unit; `plant_code` is their default plant."""

    quantity: Decimal
    unit_code: str
    unit_decimals: int
    plant_code: str | None


@dataclass(frozen=True)
class Expanded:
    """The runs by ascending sequence number, and the plant of the last operation."""

    runs: tuple[ProductionRun, ...]
    plant_code: str | None
    warnings: tuple[Fault, ...]


def expand(
    template: Template, target: Target, run_id: Callable[[int], UUID]
) -> Expanded | tuple[Fault, ...]:
    """Plan the runs that make a quantity, all or nothing.

    Args:
        template: The routing.
        target: What is to be made.
        run_id: The id of the run of a sequence number.

    Returns:
        One run for each operation, or why there are none.
    """
    unusable = tuple(_target_faults(target))
    if unusable:
        return unusable
    planned = reverse_pass.reverse_pass(
        template.graph, template.quantities(target.unit_decimals), target.quantity
    )
    too_large = _too_large(planned)
    if too_large:
        return too_large
    runs = tuple(
        _run(step, quantity, target, run_id)
        for step, quantity in zip(template.steps, planned, strict=True)
    )
    return Expanded(runs, _last_plant(template, target), _warnings(planned))


def _target_faults(target: Target) -> Iterator[Fault]:
    """An event may carry numbers that no order should have."""
    if not 0 < target.quantity <= MAX_QUANTITY:
        yield Fault(
            code="quantity_out_of_range",
            path="quantity_ordered",
            message=f"A quantity is above 0 and at most {MAX_QUANTITY:,f}.",
        )
    if not 0 <= target.unit_decimals <= MAX_UNIT_DECIMALS:
        yield Fault(
            code="decimals_out_of_range",
            path="unit_decimals",
            message=f"A unit has 0 to {MAX_UNIT_DECIMALS} decimals.",
        )


def _too_large(planned: Sequence[PlannedQuantities]) -> tuple[Fault, ...]:
    return tuple(
        Fault(
            code="quantity_too_large",
            path=f"operations[{index}].planned_input",
            message=(
                f"Operation {quantity.sequence_number} would take in {quantity.planned_input:.6g}, "
                f"more than {MAX_QUANTITY:.6g}."
            ),
            facts={"sequence_number": quantity.sequence_number},
        )
        for index, quantity in enumerate(planned)
        if quantity.planned_input > MAX_QUANTITY
    )


def _run(
    step: Step, planned: PlannedQuantities, target: Target, run_id: Callable[[int], UUID]
) -> ProductionRun:
    return ProductionRun.model_validate(
        {
            "unit_code": target.unit_code,
            "unit_decimals": target.unit_decimals,
            "plant_code": target.plant_code,
            **step.said,
            "id": run_id(step.operation.sequence_number),
            "planned_input": planned.planned_input,
            "planned_output": planned.planned_output,
            "planned_scrap": planned.planned_scrap,
            "run_minutes": _run_minutes(step, planned.planned_input),
            "ledger": [vars(entry) for entry in planned.ledger],
        }
    )


def _run_minutes(step: Step, planned_input: Decimal) -> Decimal:
    minutes = durations.run_minutes(
        run_seconds_per_unit=step.resolution.run_seconds_per_unit,
        planned_input=planned_input,
        time_basis=step.operation.time_basis,
        batch_size=step.operation.batch_size,
    )
    return quantities.as_decimal(minutes, MINUTE_DECIMALS)


def _last_plant(template: Template, target: Target) -> str | None:
    """The plant of an order is that of its last operation (RULES 26)."""
    last = template.graph.ends[-1]
    plants = {s.operation.sequence_number: s.resolution.plant_code for s in template.steps}
    return plants[last] or target.plant_code


def _warnings(planned: Sequence[PlannedQuantities]) -> tuple[Fault, ...]:
    return tuple(
        validation.translated(warning.under(f"operations[{index}]"))
        for index, quantity in enumerate(planned)
        for warning in quantity.warnings
    )
