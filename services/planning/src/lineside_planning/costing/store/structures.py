"""What a roll-up rests on, in four questions: bills, routings, rates, places."""

from datetime import date

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_planning.costing.domain.rollup import Basis
from lineside_planning.costing.store import rates
from lineside_planning.master_data.store import calendars, materials_facts, routings


async def load(uow: UnitOfWork, product_code: str, on: date | None) -> tuple[Basis, str]:
    """Load everything below a product, and the tenant's currency; `on` is today by default."""
    structure = await materials_facts.load_structures(uow, [product_code])
    made = {
        code: product.product_category
        for code, product in structure.products.items()
        if product.make_or_buy == "make"
    }
    by_product = await routings.load_active(uow, made)
    centers = {
        operation.work_center_code
        for routing in by_product.values()
        for operation in routing.operations
        if operation.work_center_code
    }
    today, currency = await rates.load(uow, work_centers=centers, products=list(structure.products))
    product = structure.products.get(product_code)
    day = on or await _today(uow, product.plant_code if product else None)
    return Basis(structure, by_product, today, day), currency


async def _today(uow: UnitOfWork, plant_code: str | None) -> date:
    places = await calendars.load(
        uow, work_center_codes=[], plant_codes=[plant_code] if plant_code else []
    )
    return places.plant(plant_code).calendar.local_date(uow.now)
