"""Stock for people: pools, the journal, miscounts, where lots came from and went to."""

from lineside_chassis import plant_access
from lineside_chassis.requests import Requests
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts import planning
from lineside_contracts.endpoint import Page
from lineside_contracts.planning import (
    Discrepancy,
    Genealogy,
    GetGenealogy,
    GetStock,
    ListDiscrepancies,
    ListStock,
    ListStockMovements,
    Stock,
    StockMovement,
)
from lineside_contracts.problems import Problem, ProblemCode
from lineside_planning.materials.store import genealogy, stock_pages
from lineside_planning.materials.store.genealogy import Lot


def register(requests: Requests) -> None:
    """Answer the questions about stock."""
    requests.answer(planning.LIST_STOCK)(list_stock)
    requests.answer(planning.GET_STOCK)(get_stock)
    requests.answer(planning.LIST_STOCK_MOVEMENTS)(list_movements)
    requests.answer(planning.LIST_DISCREPANCIES)(list_discrepancies)
    requests.answer(planning.GET_GENEALOGY)(get_genealogy)


async def list_stock(uow: UnitOfWork, request: ListStock) -> Page[Stock]:
    """Page through the pools, by product and plant."""
    return await stock_pages.page(uow, request)


async def get_stock(uow: UnitOfWork, request: GetStock) -> Stock | Problem:
    """Read one pool with what lies where."""
    plant_access.require(uow, [request])
    found = await stock_pages.find(
        uow, product_code=request.product_code, plant_code=request.plant_code
    )
    return found or _not_found(request)


async def list_movements(uow: UnitOfWork, request: ListStockMovements) -> Page[StockMovement]:
    """Page through the journal, newest first."""
    return await stock_pages.movements(uow, request)


async def list_discrepancies(uow: UnitOfWork, request: ListDiscrepancies) -> Page[Discrepancy]:
    """Page through miscounts, newest first."""
    return await stock_pages.discrepancies(uow, request)


async def get_genealogy(uow: UnitOfWork, request: GetGenealogy) -> Genealogy:
    """Follow a lot to the ends, up or down; a lot nobody knows has no links."""
    follow = genealogy.up if request.direction == "up" else genealogy.down
    return Genealogy(
        product_code=request.product_code,
        lot_number=request.lot_number,
        direction=request.direction,
        links=tuple(await follow(uow, Lot(request.product_code, request.lot_number))),
    )


def _not_found(request: GetStock) -> Problem:
    facts = {"product_code": request.product_code, "plant_code": request.plant_code}
    return Problem(
        code=ProblemCode.NOT_FOUND,
        detail=f"No stock of {request.product_code} was ever recorded in {request.plant_code}.",
        facts=facts,
    )
