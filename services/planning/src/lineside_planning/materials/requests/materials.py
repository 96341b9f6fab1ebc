"""An order's materials for people: read with reasons, plan anew, hand stock to another order."""

from uuid import UUID

from lineside_chassis import plant_access
from lineside_chassis.errors import Refused
from lineside_chassis.requests import Requests
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts import planning
from lineside_contracts.planning import (
    GetMaterials,
    MaterialPlan,
    MaterialsAnswer,
    MoveAllocation,
)
from lineside_contracts.problems import Problem, ProblemCode
from lineside_planning.materials.domain import allocation, explanations, ordering, states
from lineside_planning.materials.domain.bench import NOTHING, Bench, Plan
from lineside_planning.materials.requests import problems
from lineside_planning.materials.store import bench as benches, orders, plan_pages, replanning
from lineside_planning.materials.store.bench import Wanted
from lineside_planning.materials.store.replanning import Work


def register(requests: Requests) -> None:
    """Answer the requests about an order's materials."""
    requests.answer(planning.GET_MATERIALS)(get_materials)
    requests.answer(planning.REPLAN_MATERIALS)(replan_materials)
    requests.answer(planning.MOVE_ALLOCATION)(move_allocation)


async def get_materials(uow: UnitOfWork, request: GetMaterials) -> MaterialsAnswer | Problem:
    """Read an order's materials, and how every number came to be."""
    found = await plan_pages.find(uow, request.production_order_id)
    if found is None:
        return _not_planned(request.production_order_id)
    plan, documents = found
    plant_access.require(uow, [plan])
    return MaterialsAnswer(
        material_plan=states.material_plan(plan),
        explanations=explanations.explain(plan, documents),
    )


async def replan_materials(uow: UnitOfWork, request: GetMaterials) -> MaterialPlan | Problem:
    """Plan an order anew with what is known now; children that were called off are asked again."""
    order_id = request.production_order_id
    order = (await orders.lock(uow, [order_id])).get(order_id)
    if order is None or not order.is_planned:
        return _not_planned(order_id)
    plant_access.require(uow, [order])
    bench = await replanning.replan(uow, Work(orders=[order], causes={}, renews=True, revises=True))
    return states.material_plan(bench.plans[order_id])


async def move_allocation(uow: UnitOfWork, request: MoveAllocation) -> MaterialPlan | Problem:
    """Take stock from one order and give it to another; both plans follow."""
    asked = [request.from_production_order_id, request.to_production_order_id]
    bench = await benches.load(uow, Wanted(orders=asked, parents=False, arriving={}))
    giver, taker = (_plan(bench, order_id) for order_id in asked)
    plant_access.require(uow, [giver, taker])
    gives = ordering.stock_held(giver, request.component_code, request.plant_code)
    takes = ordering.stock_wanted(bench, taker, request.component_code, request.plant_code)
    held = sum((requirement.allocated_from_stock for requirement in gives), NOTHING)
    if request.quantity > held:
        return _too_little(request, held=str(held), number=giver.number)
    lacking = sum((ordering.wanted(bench, requirement) for requirement in takes), NOTHING)
    if request.quantity > lacking:
        return _not_required(request, lacking=str(lacking), number=taker.number)
    ordering.move(bench, takes=takes, gives=gives, quantity=request.quantity)
    told = f"{request.quantity} taken from {giver.number} for {taker.number}: {request.reason}"
    for requirement in (*gives, *takes):
        requirement.explanation += (f"{told} ({uow.actor.name})",)
    allocation.serve(bench, [requirement.pool_key for requirement in takes])
    await benches.save(uow, bench)
    return states.material_plan(taker)


def _plan(bench: Bench, order_id: UUID) -> Plan:
    plan = bench.plans.get(order_id)
    if plan is None:
        raise Refused(_not_planned(order_id))
    return plan


def _not_planned(order_id: UUID) -> Problem:
    return problems.not_found("material plan of order", order_id, name="production_order_id")


def _too_little(request: MoveAllocation, *, held: str, number: str) -> Problem:
    return Problem(
        code=ProblemCode.INSUFFICIENT_ALLOCATION,
        detail=f"{number} holds {held} of {request.component_code} in stock, not"
        f" {request.quantity}.",
        facts={"allocated": held, "attempting": str(request.quantity)},
    )


def _not_required(request: MoveAllocation, *, lacking: str, number: str) -> Problem:
    return Problem(
        code=ProblemCode.NOT_REQUIRED,
        detail=f"{number} lacks {lacking} of {request.component_code}, not {request.quantity}.",
        facts={"lacking": lacking, "attempting": str(request.quantity)},
    )
