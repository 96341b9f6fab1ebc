"""Pick: people hand material out to orders, and bring it back."""

from decimal import Decimal

from lineside_chassis import plant_access
from lineside_chassis.requests import Requests
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts import planning
from lineside_contracts.planning import IssueMaterial, MaterialPlan
from lineside_contracts.problems import Problem
from lineside_planning.materials.domain import allocation, issuing, states
from lineside_planning.materials.domain.bench import Requirement
from lineside_planning.materials.domain.consumption import Stores
from lineside_planning.materials.domain.issuing import Pick
from lineside_planning.materials.domain.movements import PoolKey
from lineside_planning.materials.requests import problems
from lineside_planning.materials.store import bench as benches, movements, saving, stock_facts
from lineside_planning.materials.store.bench import Wanted


def register(requests: Requests) -> None:
    """Answer picks."""
    requests.answer(planning.ISSUE_MATERIAL)(issue_material)


async def issue_material(uow: UnitOfWork, request: IssueMaterial) -> MaterialPlan | Problem:
    """Hand material out to an order; below zero it comes back."""
    order_id = request.production_order_id
    arriving: dict[PoolKey, Decimal] | None = {} if request.quantity > 0 else None
    bench = await benches.load(uow, Wanted(orders=[order_id], balances=True, arriving=arriving))
    plan = bench.plans.get(order_id)
    if plan is None:
        return problems.not_found("material plan of", order_id, name="production_order_id")
    plant_access.require(uow, [plan])
    requirement = issuing.find(plan, request)
    if isinstance(requirement, Problem):
        return requirement
    known = await stock_facts.load(
        uow, location_codes=[request.location_code] if request.location_code else []
    )
    pick = Pick(request, known.locations.get(request.location_code or ""))
    if problem := issuing.problem_of(bench, plan, requirement, pick):
        return problem
    stores = await _stores(uow, request, requirement)
    issuing.issue(bench, plan, requirement, pick, stores=stores, by=uow.actor)
    allocation.serve(bench, [requirement.pool_key])
    await saving.save(uow, bench)
    return states.material_plan(plan)


async def _stores(uow: UnitOfWork, request: IssueMaterial, requirement: Requirement) -> Stores:
    """Look up where goods go that come back."""
    if request.quantity > 0:
        return Stores()
    used = await movements.load_used(uow, [requirement.order_id])
    defaults = await stock_facts.default_locations(uow, [requirement.plant_code])
    return Stores(used, {code: place.location_code for code, place in defaults.items()})
