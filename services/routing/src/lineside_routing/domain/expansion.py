"""From a template and a quantity to production runs: the same function for orders and previews."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from lineside_contracts.problems import Fault
from lineside_contracts.routing import LedgerEntry, ProductionRun
from lineside_contracts.values import MAX_QUANTITY
from lineside_manufacturing.reverse_pass import LedgerKind, PlannedQuantities
from lineside_routing.domain import unchecked, validation
from lineside_routing.domain.templates import Counted, Template

MAX_UNIT_DECIMALS = 6

_RUN_FIELDS = set(ProductionRun.model_fields)
_ENTRY_FIELDS = set(LedgerEntry.model_fields)


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be made: so many products, in their unit; `plant_code` is their default plant."""

    quantity: Decimal
    unit_code: str
    unit_decimals: int
    plant_code: str | None

    @property
    def counted(self) -> Counted:
        """What its runs take from the product."""
        return Counted(self.unit_code, self.unit_decimals, self.plant_code)


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
    prepared = template.prepared(target.counted)
    planned = prepared.plan.plan(target.quantity)
    too_large = _too_large(planned)
    if too_large:
        return too_large
    runs = tuple(
        [
            _run(alike, quantity, minutes, run_id(quantity.sequence_number))
            for alike, quantity, minutes in zip(
                prepared.runs, planned, prepared.plan.minutes(planned), strict=True
            )
        ]
    )
    return Expanded(runs, template.plant_code or target.plant_code, _warnings(planned))


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
    alike: Mapping[str, Any], planned: PlannedQuantities, run_minutes: Decimal, run_id: UUID
) -> ProductionRun:
    """Complete what all runs of an operation say alike."""
    values = {
        **alike,
        "id": run_id,
        "planned_input": planned.planned_input,
        "planned_output": planned.planned_output,
        "planned_scrap": planned.planned_scrap,
        "run_minutes": run_minutes,
        "ledger": tuple([_entry(*entry) for entry in planned.ledger]),
    }
    return unchecked.made(ProductionRun, values, _RUN_FIELDS)


def _entry(kind: LedgerKind, quantity: Decimal, explanation: str) -> LedgerEntry:
    values = {"kind": kind, "quantity": quantity, "explanation": explanation}
    return unchecked.made(LedgerEntry, values, _ENTRY_FIELDS)


def _warnings(planned: Sequence[PlannedQuantities]) -> tuple[Fault, ...]:
    return tuple(
        validation.translated(warning.under(f"operations[{index}]"))
        for index, quantity in enumerate(planned)
        for warning in quantity.warnings
    )
