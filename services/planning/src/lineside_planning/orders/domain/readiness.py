"""What materials and capacity answered, and what it means for an order (SPEC 5, RULES 16).

An answer names the planning version and expansion it is for. One for an older version means
nothing; one for an expansion that this service has not taken in yet is kept and counts as soon as
it has. An order is released by itself once the newest answers allow it, whichever came last.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal

from lineside_contracts.planning import (
    CapacityPlan,
    CapacityStatus,
    MaterialPlan,
    MaterialRequirement,
    MaterialsStatus,
    ProductionOrderStatus as Status,
)
from lineside_contracts.problems import Fault
from lineside_planning.orders.domain import orders
from lineside_planning.orders.domain.orders import Answer, PlannedOrder

COVERED = frozenset({MaterialsStatus.COVERED, MaterialsStatus.EXPECTED})
"""Nothing is missing: all of it is allocated, or comes in time."""


def is_news_of_materials(order: PlannedOrder, plan: MaterialPlan) -> bool:
    """Tell whether a material plan matters; of a finished order any newer one does."""
    if plan.version <= order.materials.version:
        return False
    return order.state.status in orders.FINAL or _is_current(order, plan)


def take_materials(order: PlannedOrder, plan: MaterialPlan) -> PlannedOrder:
    """Take over what materials say of an order; what is missing holds it or is noted.

    Args:
        order: As it is.
        plan: News of its materials.
    """
    taken = replace(order, materials=_mark(plan))
    if order.state.status in orders.FINAL:
        return taken
    told = taken.having(materials_status=plan.status, materials_available_on=plan.available_on)
    missing = shortages(plan) if plan.status is MaterialsStatus.SHORT else ()
    if orders.standing(order) not in orders.UNSTARTED:
        return orders.with_exceptions(told, missing, code=orders.MATERIAL_SHORTAGE)
    others = tuple(f for f in order.state.faults if f.code != orders.MATERIAL_SHORTAGE)
    faults = (*others, *missing)
    if not faults and orders.is_replanning(told):
        return told.having(faults=())
    return orders.wait_or_return(told, faults)


def take_capacity(order: PlannedOrder, plan: CapacityPlan) -> PlannedOrder:
    """Take over whether an order fits and when it would be done."""
    if plan.version <= order.capacity.version or order.state.status in orders.FINAL:
        return order
    if not _is_current(order, plan):
        return order
    return replace(order, capacity=_mark(plan)).having(
        capacity_status=plan.status, estimated_completion_at=plan.estimated_completion_at
    )


def release_if_ready(order: PlannedOrder, *, releases: bool) -> PlannedOrder:
    """Release a routed order whose materials and capacity allow it.

    Args:
        order: With its newest answers.
        releases: Whether the tenant releases orders by itself.
    """
    if releases and is_ready(order):
        return order.having(status=Status.RELEASED)
    return order


def is_ready(order: PlannedOrder) -> bool:
    """Tell whether an order is routed, its materials are covered and its capacity is feasible."""
    state = order.state
    return (
        state.status is Status.ROUTED
        and not orders.is_replanning(order)
        and not orders.has_exception(order, orders.ALL_WORK_CANCELLED)
        and state.materials_status in COVERED
        and state.capacity_status is CapacityStatus.FEASIBLE
        and all(_is_newest(order, answer) for answer in (order.materials, order.capacity))
    )


def forget_older_answers(order: PlannedOrder, expansion_version: int) -> PlannedOrder:
    """Wait for new answers where the ones there are were for an older expansion."""
    kept = order
    if order.materials.expansion_version < expansion_version:
        kept = kept.having(materials_status=MaterialsStatus.UNKNOWN, materials_available_on=None)
    if order.capacity.expansion_version < expansion_version:
        kept = kept.having(capacity_status=CapacityStatus.UNKNOWN, estimated_completion_at=None)
    return kept


def shortages(plan: MaterialPlan) -> tuple[Fault, ...]:
    """Name what is physically missing: one fault per component."""
    missing: dict[str, list[MaterialRequirement]] = {}
    for requirement in plan.requirements:
        if requirement.short_quantity > 0:
            missing.setdefault(requirement.component_code, []).append(requirement)
    if not missing:
        message = "Materials are missing."
        return (Fault(code=orders.MATERIAL_SHORTAGE, path="materials", message=message),)
    return tuple(_shortage(code, missing[code]) for code in sorted(missing))


def _shortage(component_code: str, requirements: list[MaterialRequirement]) -> Fault:
    needed = sum((r.needed_quantity for r in requirements), Decimal(0))
    short = sum((r.short_quantity for r in requirements), Decimal(0))
    needed_on = min(r.needed_on for r in requirements)
    available_on = _last(r.available_on for r in requirements)
    unit = requirements[0].unit_code
    expected = f"expected on {available_on}" if available_on else "not expected on any day yet"
    return Fault(
        code=orders.MATERIAL_SHORTAGE,
        path=f"materials[{component_code}]",
        message=f"{short:f} {unit} of {component_code} are missing on {needed_on}, {expected}.",
        facts={
            "component_code": component_code,
            "needed": f"{needed:f}",
            "short": f"{short:f}",
            "unit": unit,
            "needed_on": needed_on.isoformat(),
            "available_on": available_on.isoformat() if available_on else None,
        },
    )


def _last(days: Iterable[date | None]) -> date | None:
    """The latest day; none where nobody knows one of them."""
    known = list(days)
    return None if None in known else max(day for day in known if day is not None)


def _is_current(order: PlannedOrder, plan: MaterialPlan | CapacityPlan) -> bool:
    state = order.state
    return (
        plan.planning_version == state.planning_version
        and plan.expansion_version >= state.expansion_version
    )


def _is_newest(order: PlannedOrder, answer: Answer) -> bool:
    state = order.state
    return (answer.expansion_version, answer.due_date) == (state.expansion_version, state.due_date)


def _mark(plan: MaterialPlan | CapacityPlan) -> Answer:
    return Answer(plan.version, plan.expansion_version, plan.due_date)
