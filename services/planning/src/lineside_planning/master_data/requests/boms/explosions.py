"""What a quantity takes, all levels down."""

from datetime import date

from lineside_chassis.requests import Requests
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.planning import EXPLODE_BOM, BomExplosion, ExplodeBom
from lineside_contracts.problems import Problem, ProblemCode
from lineside_planning.master_data.domain import explosions
from lineside_planning.master_data.store import calendars, materials_facts


def register(requests: Requests) -> None:
    """Answer this request."""
    requests.answer(EXPLODE_BOM)(explode_bom)


async def explode_bom(uow: UnitOfWork, request: ExplodeBom) -> BomExplosion | Problem:
    """Take a quantity apart by the bills that hold on a day; nothing is netted or stored."""
    facts = await materials_facts.load_structures(uow, [request.product_code])
    product = facts.products.get(request.product_code)
    if product is None:
        detail = f"There is no product {request.product_code}."
        return Problem(code=ProblemCode.NOT_FOUND, detail=detail)
    on = request.on or await _today(uow, product.plant_code)
    return explosions.explode(request, facts, on=on)


async def _today(uow: UnitOfWork, plant_code: str | None) -> date:
    places = await calendars.load(uow, plant_codes=[plant_code])
    return places.plant(plant_code).calendar.local_date(uow.now)
