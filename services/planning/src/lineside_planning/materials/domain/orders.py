"""What materials keeps of an order: facts folded from its events and its expansion, newest first.

Order events and expansions come in any order and more than once: each kind has its own version, and
a lower one means nothing. A cancelled order stays as its tombstone.
"""

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from lineside_contracts import values
from lineside_contracts.planning import ProductionOrder
from lineside_contracts.routing import Expansion, ProductionRun
from lineside_planning.materials.domain.bench import FINAL


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What materials needs of a run: what goes in where, and how long it takes."""

    sequence_number: int
    work_center_code: str | None
    plant_code: str | None
    unit_code: str
    unit_decimals: int
    units_per_product: Fraction
    planned_input: Decimal
    planned_output: Decimal
    setup_minutes: Decimal
    run_minutes: Decimal
    wait_minutes: Decimal
    transfer_batch_quantity: Decimal | None
    setup_scrap_quantity: Decimal
    time_basis: str
    batch_size: Decimal | None
    predecessors: tuple[int, ...]
    extra: tuple[tuple[str, Decimal], ...]
    """Why more goes in than the plain target: kind and quantity, from routing's ledger."""


class RunSheet:
    """The runs of an order, as they came or as they are stored; each form is made when asked for.

    Most events about an order change nothing of its runs, and never look at them.
    """

    __slots__ = ("_runs", "_stored")

    def __init__(
        self, *, runs: tuple[RunFacts, ...] | None = None, stored: list[list[Any]] | None = None
    ) -> None:
        self._runs, self._stored = runs, stored

    @property
    def runs(self) -> tuple[RunFacts, ...]:
        """Ready for arithmetic."""
        if self._runs is None:
            self._runs = loaded_runs(self._stored or [])
        return self._runs

    @property
    def stored(self) -> list[list[Any]]:
        """As their column holds them."""
        if self._stored is None:
            self._stored = stored_runs(self._runs or ())
        return self._stored


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """One production order as materials knows it.

    Attributes:
        order_version: Of the newest event of the order; 0 where only the expansion came.
        expansion_version: Of the newest expansion; 0 where none came.
        expansion_planning_version: Which planning version that expansion answers.
        is_planned: Whether it has a plan of its own.
    """

    id: UUID
    order_version: int
    expansion_version: int
    expansion_planning_version: int
    planning_version: int
    number: str
    product_code: str
    quantity: Decimal
    unit_code: str
    priority: str
    due_date: date
    plant_code: str | None
    status: str
    is_planned: bool = False
    level: int = 0
    parent_order_id: UUID | None = None
    sales_order_id: UUID | None = None
    run_sheet: RunSheet = field(default_factory=RunSheet, compare=False)

    @property
    def runs(self) -> tuple[RunFacts, ...]:
        """Its runs, of the newest expansion."""
        return self.run_sheet.runs

    @property
    def is_final(self) -> bool:
        """Whether it needs nothing any more."""
        return self.status in FINAL

    @property
    def is_expanded(self) -> bool:
        """Whether the runs known are those of what is to be made now."""
        return self.expansion_version > 0 and (
            self.expansion_planning_version >= self.planning_version
        )


_DECIDING = ("expansion_version", "product_code", "due_date", "priority", "plant_code", "level")


def is_due(before: OrderFacts | None, after: OrderFacts) -> bool:
    """Whether an order's plan has to follow what has become known of it."""
    if after.is_final:
        return after.is_planned and before is not None and not before.is_final
    if not after.is_expanded:
        return False
    if before is None or not before.is_planned or not before.is_expanded:
        return True
    return any(getattr(before, name) != getattr(after, name) for name in _DECIDING)


def follow_order(known: OrderFacts | None, order: ProductionOrder) -> OrderFacts | None:
    """Take an order's newest state in; None where it is old news."""
    if known is not None and known.order_version >= order.version:
        return None
    told: dict[str, Any] = {
        "order_version": order.version,
        "planning_version": order.planning_version,
        "number": order.production_order_number,
        "product_code": order.product_code,
        "quantity": order.quantity_ordered,
        "unit_code": order.unit_code,
        "priority": order.priority.value,
        "due_date": order.due_date,
        "plant_code": order.plant_code,
        "status": order.status.value,
        "level": order.level,
        "parent_order_id": order.parent_order_id,
        "sales_order_id": order.sales_order_id,
    }
    if known is None:
        return OrderFacts(id=order.id, expansion_version=0, expansion_planning_version=0, **told)
    return replace(known, **told)


def follow_expansion(known: OrderFacts | None, expansion: Expansion) -> OrderFacts | None:
    """Take an expansion in; None where it is old, or answers what is no longer asked."""
    about = expansion.order
    if known is not None and (
        known.expansion_version >= expansion.version
        or known.planning_version > about.planning_version
    ):
        return None
    told: dict[str, Any] = {
        "expansion_version": expansion.version,
        "expansion_planning_version": about.planning_version,
        "plant_code": expansion.plant_code or (known.plant_code if known else None),
        "run_sheet": RunSheet(runs=tuple(run_facts(run) for run in expansion.runs)),
    }
    if known is not None and known.order_version:
        return replace(known, **told)
    return OrderFacts(
        id=expansion.id,
        order_version=0,
        planning_version=about.planning_version,
        number=about.production_order_number,
        product_code=about.product_code,
        quantity=about.quantity,
        unit_code=about.unit_code,
        priority=about.priority.value,
        due_date=about.due_date,
        status="planned",
        sales_order_id=about.sales_order_id,
        **told,
    )


def run_facts(run: ProductionRun) -> RunFacts:
    """Keep what is needed of a run."""
    return RunFacts(
        sequence_number=run.sequence_number,
        work_center_code=run.work_center_code,
        plant_code=run.plant_code,
        unit_code=run.unit_code,
        unit_decimals=run.unit_decimals,
        units_per_product=run.units_per_product,
        planned_input=run.planned_input,
        planned_output=run.planned_output,
        setup_minutes=run.setup_minutes,
        run_minutes=run.run_minutes,
        wait_minutes=run.wait_minutes,
        transfer_batch_quantity=run.transfer_batch_quantity,
        setup_scrap_quantity=run.setup_scrap_quantity,
        time_basis=run.time_basis,
        batch_size=run.batch_size,
        predecessors=run.predecessor_sequence_numbers,
        extra=tuple((entry.kind, entry.quantity) for entry in run.ledger),
    )


def stored_runs(runs: tuple[RunFacts, ...]) -> list[list[Any]]:
    """Write runs for their JSON column: one array each, in the order of the fields."""
    return [[_stored(getattr(run, name)) for name in RunFacts.__slots__] for run in runs]


def loaded_runs(stored: list[list[Any]]) -> tuple[RunFacts, ...]:
    """Read runs back."""
    return tuple(_loaded_run(dict(zip(RunFacts.__slots__, row, strict=True))) for row in stored)


def _stored(value: Any) -> Any:
    match value:
        case Decimal():
            return str(value)
        case Fraction():
            return values.format_ratio(value)
        case tuple():
            return [_stored(part) for part in value]
        case _:
            return value


_DECIMALS = (
    "planned_input",
    "planned_output",
    "setup_minutes",
    "run_minutes",
    "wait_minutes",
    "transfer_batch_quantity",
    "setup_scrap_quantity",
    "batch_size",
)


def _loaded_run(row: dict[str, Any]) -> RunFacts:
    numbers = {name: None if row[name] is None else Decimal(row[name]) for name in _DECIMALS}
    return RunFacts(
        **{
            **row,
            **numbers,
            "units_per_product": Fraction(row["units_per_product"]),
            "predecessors": tuple(row["predecessors"]),
            "extra": tuple((kind, Decimal(quantity)) for kind, quantity in row["extra"]),
        }
    )
