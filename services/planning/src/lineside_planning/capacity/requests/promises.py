"""Capable to promise: when could we deliver? Read, computed, answered; nothing is written."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from time import perf_counter

from lineside_chassis.requests import Requests
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts import planning
from lineside_contracts.planning import AskPromise, Promise
from lineside_contracts.problems import Fault, Problem, ProblemCode
from lineside_planning.capacity.domain import promise_answers, promise_needs, promising
from lineside_planning.capacity.domain.centers import Center
from lineside_planning.capacity.domain.promise_needs import Needs, PromiseFacts, Wanted
from lineside_planning.capacity.store import placing, supplies
from lineside_planning.capacity.store.placing import Floor
from lineside_planning.master_data.domain.material_facts import MaterialFacts
from lineside_planning.master_data.domain.routings import RoutingFacts
from lineside_planning.master_data.store import materials_facts, routings


def register(requests: Requests) -> None:
    """Answer what could be delivered when."""
    requests.answer(planning.ASK_PROMISE)(ask_promise)


async def ask_promise(uow: UnitOfWork, request: AskPromise) -> Promise | Problem:
    """Find the earliest date for a quantity, and whether a requested one holds."""
    begun = perf_counter()
    materials = await materials_facts.load_structures(uow, [request.product_code])
    product = materials.products.get(request.product_code)
    if product is None:
        return _unknown(request.product_code)
    plants = uow.context.plants
    plant_code = request.plant_code or product.plant_code
    if plants is not None and plant_code not in plants:
        return _forbidden(plant_code)
    promised = await _promise(uow, request, materials, plant_code)
    if isinstance(promised, Fault):
        return Problem(
            code=ProblemCode.NO_PROMISE_POSSIBLE, detail=promised.message, faults=(promised,)
        )
    took = Decimal(round((perf_counter() - begun) * 1000, 1)).quantize(Decimal("0.1"))
    return promised.model_copy(update={"computed_in_ms": took})


async def _promise(
    uow: UnitOfWork, request: AskPromise, materials: MaterialFacts, plant_code: str | None
) -> Promise | Fault:
    made_by = await routings.load_active(uow, _categories(materials))
    floor = await placing.load(uow, _codes(made_by.values()), [plant_code], to_change=False)
    plant = floor.plant(plant_code)
    free = await supplies.load(uow, materials.products, {plant_code or "", ""})
    facts = PromiseFacts(
        materials=materials,
        routings=made_by,
        stock=supplies.in_stock(free),
        receipts=promise_needs.receipts_of(supplies.expected(free)),
    )
    wanted = Wanted(request.product_code, request.quantity, plant.date_of(floor.now))
    needs = promise_needs.needs_of(wanted, facts, plant)
    if isinstance(needs, Fault):
        return needs
    _settle(floor, needs, plant_code)

    def centers_of(codes: Iterable[str], of_plant: str | None) -> Mapping[str, Center]:
        return floor.centers_of(codes, plant_code=of_plant or plant_code)

    outcome = promising.promise(needs, centers_of, plant, now=floor.now)
    if isinstance(outcome, Fault):
        return outcome
    return promise_answers.promise(request, needs, outcome, plant, now=floor.now)


def _settle(floor: Floor, needs: Needs, plant_code: str | None) -> None:
    for item in needs.items:
        if item.routing is not None:
            of_plant = item.product.plant_code if item.product else None
            floor.centers_of(_codes([item.routing]), plant_code=of_plant or plant_code)
    floor.settle()


def _categories(materials: MaterialFacts) -> dict[str, str | None]:
    return {
        code: product.product_category
        for code, product in materials.products.items()
        if product.make_or_buy == "make"
    }


def _codes(made_by: Iterable[RoutingFacts]) -> set[str]:
    codes: set[str] = set()
    for routing in made_by:
        for operation in routing.operations:
            codes.update(operation.alternates)
            if operation.work_center_code:
                codes.add(operation.work_center_code)
    return codes


def _unknown(product_code: str) -> Problem:
    return Problem(
        code=ProblemCode.NOT_FOUND,
        detail=f"There is no product {product_code}.",
        facts={"product_code": product_code},
    )


def _forbidden(plant_code: str | None) -> Problem:
    return Problem(
        code=ProblemCode.PLANT_FORBIDDEN,
        detail=f"It would be made in plant {plant_code or '(none)'}, which is not yours.",
        facts={"plant_code": plant_code},
    )
