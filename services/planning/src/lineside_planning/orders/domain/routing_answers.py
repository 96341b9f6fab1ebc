"""What routing answered, and what it means for a production order.

An answer names the planning version it is for; one for an older version, or an older answer for the
same, means nothing any more.
"""

from dataclasses import replace

from lineside_contracts.planning import ProductionOrderStatus as Status
from lineside_contracts.problems import Fault
from lineside_contracts.routing import Expansion, ProductionRun
from lineside_manufacturing import grouping
from lineside_manufacturing.grouping import GroupableRun
from lineside_planning.orders.domain import orders, readiness
from lineside_planning.orders.domain.orders import PlannedOrder

REPLAN_REFUSED = "replan_refused"

_NOT_ROUTINGS = frozenset({orders.UNKNOWN_PRODUCT, orders.MATERIAL_SHORTAGE})


def is_outdated(order: PlannedOrder, answer: Expansion) -> bool:
    """Tell whether an answer comes too late to matter."""
    state = order.state
    return (
        answer.order.planning_version < state.planning_version
        or answer.version <= state.expansion_version
        or state.status in orders.FINAL
    )


def expanded(order: PlannedOrder, answer: Expansion) -> PlannedOrder:
    """Take over the runs of an order: it is routed, and returns where nothing else holds it.

    A shortage of materials goes on holding it until materials have answered this expansion.
    """
    routed = _record_routing(order, answer)
    if orders.standing(routed) is Status.PLANNED:
        routed = orders.advance(routed, Status.ROUTED)
    if orders.standing(routed) not in orders.UNSTARTED:
        return routed
    return orders.wait_or_return(routed, _own_faults(order))


def failed(order: PlannedOrder, answer: Expansion) -> PlannedOrder:
    """Hold an order that cannot be expanded for now; work that has started goes on."""
    noted = order.having(expansion_version=answer.version)
    faults = answer.faults or (
        Fault(code=orders.ROUTING_FAILED, message="No valid routing was found."),
    )
    if orders.standing(order) not in orders.UNSTARTED:
        message = orders.reason_of(faults)
        exception = Fault(code=orders.ROUTING_FAILED, path="routing", message=message)
        return orders.with_exception(noted, exception)
    return orders.wait_or_return(noted, (*_own_faults(order), *faults))


def is_kept_by_floor(order: PlannedOrder, planning_version: int) -> bool:
    """Tell whether the floor goes on with the work orders it had before a planning version."""
    return any(
        exception.code == REPLAN_REFUSED
        and exception.facts.get("planning_version") == planning_version
        for exception in order.state.exceptions
    )


def count_work_orders(runs: tuple[ProductionRun, ...]) -> int:
    """Count the work orders the floor makes of an order's runs (RULES 10).

    Raises:
        ValueError: If the runs name predecessors that are not there, or wait in a circle.
    """
    groupable = [
        GroupableRun(
            sequence_number=run.sequence_number,
            operation_type=run.operation_type,
            plant_code=run.plant_code or "",
            units_per_product=run.units_per_product,
            lane_eligibility=_lane_eligibility(run),
        )
        for run in runs
    ]
    graph = {run.sequence_number: run.predecessor_sequence_numbers for run in runs}
    return len(grouping.group_runs(graph, groupable))


def _record_routing(order: PlannedOrder, answer: Expansion) -> PlannedOrder:
    state = order.state
    is_kept = is_kept_by_floor(order, answer.order.planning_version)
    count = state.work_order_count if is_kept else count_work_orders(answer.runs)
    routed = order.having(
        routing_id=answer.routing_id,
        routing_code=answer.routing_code,
        routing_version=answer.routing_version,
        plant_code=_last_plant(answer) or state.plant_code,
        expansion_version=answer.version,
        work_order_count=count,
    )
    settled = orders.without_exception(routed, code=orders.ROUTING_FAILED, path="routing")
    settled = orders.with_exceptions(settled, (), code=orders.ALL_WORK_CANCELLED)
    return replace(
        readiness.forget_older_answers(settled, answer.version),
        previous_work_order_count=state.work_order_count or count,
        expanded_planning_version=answer.order.planning_version,
    )


def _own_faults(order: PlannedOrder) -> tuple[Fault, ...]:
    """What routing has no say in."""
    return tuple(fault for fault in order.state.faults if fault.code in _NOT_ROUTINGS)


def _last_plant(answer: Expansion) -> str | None:
    last = max(answer.runs, key=lambda run: run.sequence_number, default=None)
    return answer.plant_code or (last.plant_code if last else None)


def _lane_eligibility(run: ProductionRun) -> str:
    return "\n".join((run.work_center_code or "", *sorted(run.alternate_work_center_codes)))
