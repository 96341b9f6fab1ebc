"""An order's plan follows what is needed of it: up, down, moved, cancelled, finished.

Requirements keep their ids where component and operation stay; what they hold is kept as far as it
is still needed, the rest is given back for others. Serving comes after, for all orders at once.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction

from lineside_contracts.problems import Fault
from lineside_planning.materials.domain import allocation, requisitions
from lineside_planning.materials.domain.bench import NOTHING, Bench, Plan, Requirement, Supply
from lineside_planning.materials.domain.needs import Need
from lineside_planning.materials.domain.orders import OrderFacts

MAX_LEVEL = 50
"""An order this deep below its sales order gets no children: it is a mistake in the bills."""


def follow(
    bench: Bench, order: OrderFacts, needs: Sequence[Need], warnings: Iterable[Fault]
) -> Plan:
    """Make an order's plan what its needs say; what lacks is not served yet.

    Args:
        bench: With the order's plan, where there is one, and all pools concerned.
        order: As it is now.
        needs: Of its components.
        warnings: What was met while computing them.
    """
    plan = bench.plans.get(order.id)
    if plan is None:
        plan = bench.plans[order.id] = _new(bench, order)
    _take_over(plan, order)
    plan.planned_at = bench.now
    known = {requirement.key: requirement for requirement in plan.requirements}
    kept = []
    for need in needs:
        supply = supply_of(need, order)
        before = known.pop(need.key, None)
        if before is None:
            kept.append(_required(bench, order, need, supply))
        else:
            _change(bench, before, need, supply)
            kept.append(before)
    plan.requirements = kept
    for vanished in known.values():
        _drop(bench, plan, vanished)
    plan.warnings = (*warnings, *_supply_warnings(bench, plan, order))
    return plan


def renew_children(plan: Plan) -> None:
    """Let children that a person called off be asked for anew, under new ids."""
    for requirement in plan.requirements:
        if requirement.child_status == "cancelled":
            _forget_child(requirement)


def finish(bench: Bench, order: OrderFacts) -> None:
    """Give back what a cancelled, completed or closed order holds and waits for.

    What was issued stays as it is; a cancelled order shows nothing else any more.
    """
    plan = bench.plans.get(order.id)
    if plan is None:
        return
    _take_over(plan, order)
    plan.warnings = ()
    for requirement in list(plan.requirements):
        allocation.release_all(bench, requirement)
        requirement.is_closed = True
        if order.status == "cancelled" and not requirement.issued:
            plan.requirements.remove(requirement)
            plan.removed.append(requirement)


def supply_of(need: Need, order: OrderFacts) -> Supply:
    """What raises more of a component (RULES 17)."""
    if need.exact < 0 or need.is_phantom_stock:
        return "none"
    if need.component.make_or_buy == "buy":
        return "buy"
    if need.component.supply_policy == "make_to_stock" or order.level >= MAX_LEVEL:
        return "stock"
    return "make"


def _new(bench: Bench, order: OrderFacts) -> Plan:
    return Plan(
        id=order.id,
        version=0,
        number=order.number,
        product_code=order.product_code,
        quantity=order.quantity,
        priority=order.priority,
        due_date=order.due_date,
        plant_code=order.plant_code,
        order_status=order.status,
        planning_version=order.planning_version,
        expansion_version=order.expansion_version,
        order_version=order.order_version,
        planned_at=bench.now,
    )


def _take_over(plan: Plan, order: OrderFacts) -> None:
    plan.number, plan.product_code, plan.quantity = order.number, order.product_code, order.quantity
    plan.priority, plan.due_date, plan.plant_code = (
        order.priority,
        order.due_date,
        order.plant_code,
    )
    plan.order_status, plan.order_version = order.status, order.order_version
    plan.planning_version = order.planning_version
    plan.expansion_version = order.expansion_version
    plan.parent_order_id, plan.sales_order_id = order.parent_order_id, order.sales_order_id


def _required(bench: Bench, order: OrderFacts, need: Need, supply: Supply) -> Requirement:
    consumer, component = need.consumer, need.component
    return Requirement(
        id=bench.new_id(),
        order_id=order.id,
        component_code=component.product_code,
        component_name=component.product_name,
        plant_code=consumer.plant_code,
        unit_code=component.unit_code,
        decimals=component.unit_decimals,
        sequence_number=consumer.sequence_number,
        work_center_code=consumer.work_center_code,
        issue_method=consumer.issue_method,
        make_or_buy=component.make_or_buy,
        supply=supply,
        needed=need.quantity,
        exact_need=need.exact,
        planned_input=consumer.planned_input,
        needed_on=consumer.needed_on,
        needed_at=consumer.needed_at,
        is_fixed=need.is_fixed,
        bom_line_id=need.bom_line_id,
        quantity_per=quantity_per(need),
        explanation=need.explanation,
        growth=max(NOTHING, need.quantity),
    )


def quantity_per(need: Need) -> Fraction | None:
    """Of a component in one finished product, or in the order where fixed; None: a by-product."""
    if need.exact < 0:
        return None
    if need.is_fixed or not need.consumer.products:
        return need.exact
    return need.exact / need.consumer.products


def _change(bench: Bench, requirement: Requirement, need: Need, supply: Supply) -> None:
    consumer, component = need.consumer, need.component
    before = requirement.remaining
    if requirement.plant_code != consumer.plant_code or requirement.supply != supply:
        allocation.release_all(bench, requirement)
        before = NOTHING
    is_moved = requirement.needed_on != consumer.needed_on
    requirement.is_closed = False
    requirement.component_name = component.product_name
    requirement.plant_code = consumer.plant_code
    requirement.unit_code, requirement.decimals = component.unit_code, component.unit_decimals
    requirement.work_center_code = consumer.work_center_code
    requirement.issue_method = consumer.issue_method
    requirement.make_or_buy, requirement.supply = component.make_or_buy, supply
    requirement.needed, requirement.exact_need = need.quantity, need.exact
    requirement.planned_input = consumer.planned_input
    requirement.needed_on, requirement.needed_at = consumer.needed_on, consumer.needed_at
    requirement.is_fixed, requirement.bom_line_id = need.is_fixed, need.bom_line_id
    requirement.quantity_per = quantity_per(need)
    requirement.explanation = need.explanation
    grown = requirement.remaining - before
    if (grown or is_moved) and requirement.child_status == "cancelled":
        _forget_child(requirement)
    requirement.growth = max(NOTHING, grown)
    requirement.replenish -= min(requirement.replenish, max(NOTHING, -grown))
    allocation.release_excess(bench, requirement)


def _forget_child(requirement: Requirement) -> None:
    requirement.child_order_id = requirement.child_status = None
    requirement.child_quantity = NOTHING


def _drop(bench: Bench, plan: Plan, requirement: Requirement) -> None:
    """A component that is no longer needed: what was issued of it stays on record."""
    allocation.release_all(bench, requirement)
    if requirement.issued:
        requirement.needed = requirement.issued
        plan.requirements.append(requirement)
    else:
        plan.removed.append(requirement)


def _supply_warnings(bench: Bench, plan: Plan, order: OrderFacts) -> list[Fault]:
    found = []
    for requirement in plan.requirements:
        if requirement.supply == "none":
            continue
        if not bench.pools[requirement.pool_key].is_recorded:
            found.append(_no_record(requirement))
        if requirement.supply == "buy":
            found += requisitions.vendor_warnings(bench, requirement)
        if requirement.make_or_buy == "make" and order.level >= MAX_LEVEL:
            found.append(_too_deep(requirement))
    return found


def _no_record(requirement: Requirement) -> Fault:
    where = requirement.plant_code or "(no plant)"
    message = f"{requirement.component_code} has no inventory record in {where}: it counts as zero."
    facts = {"component_code": requirement.component_code, "plant_code": requirement.plant_code}
    return Fault(code="no_inventory_record", message=message, facts=facts)


def _too_deep(requirement: Requirement) -> Fault:
    message = f"{requirement.component_code} lies {MAX_LEVEL} levels deep: no order is made for it."
    facts = {"component_code": requirement.component_code}
    return Fault(code="too_deep", message=message, facts=facts)
