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
from lineside_planning.orders.domain import orders
from lineside_planning.orders.domain.orders import PlannedOrder

ROUTING_FAILED = "routing_failed"
REPLAN_REFUSED = "replan_refused"


def is_outdated(order: PlannedOrder, answer: Expansion) -> bool:
    """Tell whether an answer comes too late to matter."""
    state = order.state
    return (
        answer.order.planning_version < state.planning_version
        or answer.version <= state.expansion_version
        or state.status in orders.FINAL
    )


def expanded(order: PlannedOrder, answer: Expansion, *, release: bool) -> PlannedOrder:
    """Take over the runs of an order: it is routed, and a system's hold ends.

    Args:
        order: As it is.
        answer: Routing's expansion.
        release: Whether the tenant releases orders by itself once they are routed.
    """
    routed = _record_routing(order, answer)
    if orders.standing(routed) is Status.PLANNED:
        routed = orders.advance(routed, Status.ROUTED)
    if orders.is_held_by_system(routed) and not routed.state.faults:
        routed = orders.lift(routed)
    return release_if(routed, release=release)


def failed(order: PlannedOrder, answer: Expansion) -> PlannedOrder:
    """Hold an order that cannot be expanded for now; work that has started goes on."""
    noted = order.having(expansion_version=answer.version)
    faults = answer.faults or (Fault(code=ROUTING_FAILED, message="No valid routing was found."),)
    if orders.standing(order) not in orders.UNSTARTED:
        exception = Fault(code=ROUTING_FAILED, path="routing", message=orders.reason_of(faults))
        return orders.with_exception(noted, exception)
    faulty = noted.having(faults=(*_own_faults(order), *faults))
    return orders.hold(faulty, by="system", reason=orders.reason_of(faulty.state.faults))


def release_if(order: PlannedOrder, *, release: bool) -> PlannedOrder:
    """Release a routed order where the tenant's policy says so."""
    if release and order.state.status is Status.ROUTED:
        return order.having(status=Status.RELEASED)
    return order


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
    kept_by_floor = any(
        exception.code == REPLAN_REFUSED
        and exception.facts.get("planning_version") == answer.order.planning_version
        for exception in state.exceptions
    )
    count = state.work_order_count if kept_by_floor else count_work_orders(answer.runs)
    routed = order.having(
        routing_id=answer.routing_id,
        routing_code=answer.routing_code,
        routing_version=answer.routing_version,
        plant_code=_last_plant(answer) or state.plant_code,
        expansion_version=answer.version,
        work_order_count=count,
        faults=_own_faults(order),
    )
    settled = orders.without_exception(routed, code=ROUTING_FAILED, path="routing")
    return replace(settled, previous_work_order_count=state.work_order_count or count)


def _own_faults(order: PlannedOrder) -> tuple[Fault, ...]:
    return tuple(fault for fault in order.state.faults if fault.code == orders.UNKNOWN_PRODUCT)


def _last_plant(answer: Expansion) -> str | None:
    last = max(answer.runs, key=lambda run: run.sequence_number, default=None)
    return answer.plant_code or (last.plant_code if last else None)


def _lane_eligibility(run: ProductionRun) -> str:
    return "\n".join((run.work_center_code or "", *sorted(run.alternate_work_center_codes)))
