"""When the materials of an order are there: as materials say, and children as they are estimated.

Materials take what a child order makes to be there on the child's due date, which nobody can know
better without capacity. Here the child's own finite estimate takes its place as soon as there is
one; once the child is over, what materials say next counts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from lineside_contracts.planning import ChildNeed, MaterialPlan, MaterialRequirement
from lineside_contracts.problems import Fault
from lineside_manufacturing import time_spans
from lineside_planning.capacity.domain.plants import PlantDays


@dataclass(frozen=True, slots=True)
class Estimate:
    """When an order will be done, by its own check.

    Attributes:
        on: The working day by whose end it is done; None: nobody can tell.
        at: The instant of the same.
    """

    on: date | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class MaterialDate:
    """A component that is not there yet.

    Attributes:
        available_on: When materials expect all of it; None: nobody knows.
        child_id: The order that makes it, or a part of it.
        rest_on: When the last of what that order does not make is there; None: at once.
        made: When that order will be done; None before its first check.
    """

    sequence_number: int
    component_code: str
    needed_on: date
    available_on: date | None
    child_id: UUID | None = None
    rest_on: date | None = None
    made: Estimate | None = None

    @property
    def expected_on(self) -> date | None:
        """When all of it is there, as far as is known now; None: nobody knows."""
        if self.made is None or self.available_on is None or self.made.on is None:
            return self.available_on if self.made is None else None
        return self.made.on if self.rest_on is None else max(self.made.on, self.rest_on)

    @property
    def is_late(self) -> bool:
        """It comes after it is needed, or nobody knows when."""
        expected_on = self.expected_on
        return expected_on is None or expected_on > self.needed_on

    def arrivals(self, plant: PlantDays) -> Iterable[int]:
        """The instants that are known before which some of it is not there."""
        day = self.available_on if self.made is None else self.rest_on
        if day is not None:
            yield plant.midnight(day)
        if self.made is not None and self.made.at is not None:
            yield time_spans.microseconds_of(self.made.at)


def missing(plan: MaterialPlan, known: Iterable[MaterialDate]) -> tuple[MaterialDate, ...]:
    """Read what of a plan is not there yet.

    Args:
        plan: Of the materials.
        known: Of the plan before it: the estimates of its children stay until newer ones come.
    """
    children = {child.requirement_id: child for child in plan.children}
    made = {material.child_id: material.made for material in known if material.made is not None}
    return tuple(
        _material_date(need, children.get(need.id), made)
        for need in plan.requirements
        if need.available_on is not None or need.short_quantity > 0
    )


def _material_date(
    need: MaterialRequirement, child: ChildNeed | None, made: Mapping[UUID | None, Estimate | None]
) -> MaterialDate:
    number, code = need.sequence_number, need.component_code
    if child is None or need.from_child_order <= 0:
        return MaterialDate(number, code, need.needed_on, need.available_on)
    return MaterialDate(
        number,
        code,
        need.needed_on,
        need.available_on,
        child_id=child.id,
        rest_on=_rest_on(need, child),
        made=made.get(child.id),
    )


def _rest_on(need: MaterialRequirement, child: ChildNeed) -> date | None:
    """The plan tells one date for all: that of the rest where it is later than the child's.

    A rest that comes by then may come any day before: the latest of them is taken.
    """
    if need.available_on is None:
        return None
    others = need.allocated_from_receipts + need.from_requisition
    return need.available_on if others > 0 or need.available_on > child.due_date else None


def allocated(plan: MaterialPlan) -> dict[str, dict[str, Decimal]]:
    """Read what is reserved in stock, by component and plant."""
    found: dict[str, dict[str, Decimal]] = {}
    for need in plan.requirements:
        reserved = need.allocated_from_stock
        if reserved > 0:
            plants = found.setdefault(need.component_code, {})
            plants[need.plant_code] = plants.get(need.plant_code, Decimal(0)) + reserved
    return found


def last_on(materials: Iterable[MaterialDate]) -> date | None:
    """When the last material is expected; None: at once, or nobody knows."""
    days = [material.expected_on for material in materials]
    known = [day for day in days if day is not None]
    return max(known, default=None) if len(known) == len(days) else None


def arrivals_of(materials: Iterable[MaterialDate], plant: PlantDays) -> dict[int, int]:
    """When the last material of each run is there, as far as that is known."""
    arrivals: dict[int, int] = {}
    for material in materials:
        number = material.sequence_number
        for at in material.arrivals(plant):
            arrivals[number] = max(at, arrivals.get(number, at))
    return arrivals


def faults(materials: Iterable[MaterialDate]) -> tuple[Fault, ...]:
    """Materials that come too late, or of which nobody knows when they come."""
    return tuple(_fault(material) for material in materials if material.is_late)


def _fault(material: MaterialDate) -> Fault:
    expected_on = material.expected_on
    facts = {
        "component_code": material.component_code,
        "sequence_number": material.sequence_number,
        "needed_on": material.needed_on.isoformat(),
        "available_on": expected_on.isoformat() if expected_on else None,
    }
    if material.child_id is not None:
        facts["child_order_id"] = str(material.child_id)
    what = f"{material.component_code} is needed on {material.needed_on}"
    if expected_on is None:
        message = f"{what} and nobody knows when it comes; dates take it to be there."
        return Fault(code="materials_missing", path="materials", message=message, facts=facts)
    comes = "comes" if material.made is None else "its own order is done"
    message = f"{what} and {comes} on {expected_on}."
    return Fault(code="materials_late", path="materials", message=message, facts=facts)
