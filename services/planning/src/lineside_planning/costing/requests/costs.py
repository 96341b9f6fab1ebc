"""Costs of one order, of many, and what a product should cost."""

from lineside_chassis import plant_access
from lineside_chassis.requests import Requests
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts import planning
from lineside_contracts.endpoint import Page
from lineside_contracts.planning import (
    GetProductCost,
    GetProductionCost,
    ListProductionCosts,
    ProductCost,
    ProductionCost,
)
from lineside_contracts.problems import Problem, ProblemCode
from lineside_planning.costing.domain import rollup
from lineside_planning.costing.store import costs, pages, structures

_COST_DECIMALS = 6


def register(requests: Requests) -> None:
    """Answer the requests about costs."""
    requests.answer(planning.GET_PRODUCTION_COST)(get_cost)
    requests.answer(planning.LIST_PRODUCTION_COSTS)(list_costs)
    requests.answer(planning.GET_PRODUCT_COST)(get_product_cost)


async def get_cost(uow: UnitOfWork, request: GetProductionCost) -> ProductionCost | Problem:
    """Read one order's costs, as they stand."""
    found = await costs.find(uow, request.production_order_id)
    if found is None:
        return Problem(
            code=ProblemCode.NOT_FOUND,
            detail=f"No costs are known of production order {request.production_order_id} yet.",
            facts={"production_order_id": str(request.production_order_id)},
        )
    plant_access.require(uow, [found])
    return found


async def list_costs(uow: UnitOfWork, request: ListProductionCosts) -> Page[ProductionCost]:
    """Page through the costs, newest order first."""
    return await pages.page(uow, request)


async def get_product_cost(uow: UnitOfWork, request: GetProductCost) -> ProductCost | Problem:
    """Cost a quantity of a product by its bills and routings."""
    basis, currency = await structures.load(uow, request.product_code, request.on)
    product = basis.structure.products.get(request.product_code)
    if product is None:
        return Problem(
            code=ProblemCode.NOT_FOUND,
            detail=f"There is no product {request.product_code}.",
            facts={"product_code": request.product_code},
        )
    rolled = rollup.roll_up(basis, product_code=request.product_code, quantity=request.quantity)
    return ProductCost(
        product_code=request.product_code,
        quantity=request.quantity,
        unit_code=product.unit_code,
        currency=currency,
        cost=rolled.cost,
        unit_cost=round(rolled.cost.total / request.quantity, _COST_DECIMALS),
        lines=rolled.lines,
        warnings=rolled.warnings,
    )
