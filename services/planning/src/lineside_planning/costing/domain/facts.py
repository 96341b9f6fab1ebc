"""What costing keeps of a production order: quantities, times and rates, no amounts of its own.

Amounts follow from these facts (`statement`), so that whatever arrives late or twice leads to the
same costs. Rates are kept as they were when the order was planned: they are its standard.
"""

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from lineside_contracts.planning import ProductionOrderStatus

ENDED = frozenset(
    {
        ProductionOrderStatus.COMPLETED,
        ProductionOrderStatus.CLOSED,
        ProductionOrderStatus.CANCELLED,
    }
)

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class MaterialFacts:
    """One requirement: what should go in at which price, what did at which.

    Attributes:
        needed: In the component's unit, for the whole order; negative: a by-product.
        standard_cost: Money per unit when it was planned; None where the product has none.
        issued: What went in, returns taken off.
        issued_value: What that has cost.
    """

    requirement_id: UUID
    component_code: str
    sequence_number: int
    unit_code: str
    needed: Decimal
    is_fixed: bool = False
    standard_cost: Decimal | None = None
    issued: Decimal = _ZERO
    issued_value: Decimal = _ZERO


@dataclass(frozen=True, slots=True)
class OperationFacts:
    """One run: what time it should take at which rates, what it took.

    Attributes:
        setup_minutes, run_minutes: Planned, on one unit; run for the whole planned input.
        crew_size: People at it.
        machine_rate, overhead_rate, labour_rate: Money per hour when it was planned.
        reported: Pieces processed: good, scrap and rework.
        machine_minutes, labour_minutes: Worked, as logged.
        machine_value, labour_value, overhead_value: What they cost at the rates of their day.
    """

    sequence_number: int
    name: str
    work_center_code: str | None
    setup_minutes: Decimal
    run_minutes: Decimal
    crew_size: Decimal
    planned_input: Decimal
    machine_rate: Decimal | None = None
    overhead_rate: Decimal | None = None
    labour_rate: Decimal | None = None
    reported: Decimal = _ZERO
    machine_minutes: Decimal = _ZERO
    labour_minutes: Decimal = _ZERO
    machine_value: Decimal = _ZERO
    labour_value: Decimal = _ZERO
    overhead_value: Decimal = _ZERO


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """A production order as costing knows it; versions say how new each part is.

    Attributes:
        good: Finished good pieces.
        log_versions: The newest log applied of each work order.
    """

    id: UUID
    number: str = ""
    product_code: str = ""
    project_number: str = ""
    plant_code: str | None = None
    quantity: Decimal = _ZERO
    unit_code: str = ""
    status: ProductionOrderStatus = ProductionOrderStatus.PLANNED
    good: Decimal = _ZERO
    order_version: int = 0
    expansion_version: int = 0
    plan_version: int = 0
    planned_expansion_version: int = 0
    operations: tuple[OperationFacts, ...] = ()
    materials: tuple[MaterialFacts, ...] = ()
    log_versions: dict[UUID, int] = field(default_factory=dict)

    @property
    def is_planned(self) -> bool:
        """Whether runs and materials of the same expansion are known."""
        return 0 < self.expansion_version == self.planned_expansion_version

    def having(self, **changes: Any) -> "OrderFacts":
        """Take over changed facts."""
        return replace(self, **changes)
