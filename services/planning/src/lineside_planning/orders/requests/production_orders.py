"""Production orders for people: look, make, change, release, hold, cancel, close, decide.

Request → `store` (the order, under lock) → `domain` (may this be done?) → saved with its event.
"""

from collections.abc import Callable
from uuid import UUID

from lineside_chassis.requests import Requests
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts import planning
from lineside_contracts.endpoint import Page
from lineside_contracts.planning import (
    ActOnProductionOrder,
    CreateProductionOrder,
    GetProductionOrder,
    ListProductionOrders,
    ProductionOrder,
    ResolveException,
    UpdateProductionOrder,
)
from lineside_contracts.problems import Fault, Problem, ProblemCode
from lineside_planning.orders.domain import (
    facts as knowing,
    openings,
    person_actions,
    resolutions,
)
from lineside_planning.orders.domain.facts import ProjectFacts
from lineside_planning.orders.domain.openings import Birth, Goods
from lineside_planning.orders.domain.orders import PlannedOrder
from lineside_planning.orders.domain.sealing import Change
from lineside_planning.orders.store import facts, listing, orders, reservations

Decision = Callable[[PlannedOrder], PlannedOrder | Problem]


def register(requests: Requests) -> None:
    """Answer the requests about production orders."""
    requests.answer(planning.LIST_PRODUCTION_ORDERS)(list_orders)
    requests.answer(planning.GET_PRODUCTION_ORDER)(get_order)
    requests.answer(planning.CREATE_PRODUCTION_ORDER)(create_order)
    requests.answer(planning.UPDATE_PRODUCTION_ORDER)(update_order)
    requests.answer(planning.RELEASE_PRODUCTION_ORDER)(release_order)
    requests.answer(planning.HOLD_PRODUCTION_ORDER)(hold_order)
    requests.answer(planning.RESUME_PRODUCTION_ORDER)(resume_order)
    requests.answer(planning.CANCEL_PRODUCTION_ORDER)(cancel_order)
    requests.answer(planning.CLOSE_PRODUCTION_ORDER)(close_order)
    requests.answer(planning.RESOLVE_PRODUCTION_ORDER_EXCEPTION)(resolve_exception)


async def list_orders(uow: UnitOfWork, request: ListProductionOrders) -> Page[ProductionOrder]:
    """Page through the orders, newest first."""
    return await listing.page(uow, request, uow.context.plants)


async def get_order(uow: UnitOfWork, request: GetProductionOrder) -> ProductionOrder | Problem:
    """Read one order."""
    found = await orders.find(uow, request.production_order_id)
    if found is None:
        return _not_found(request.production_order_id)
    return _plant_problem(uow, found.plant_code) or found


async def create_order(
    uow: UnitOfWork, request: CreateProductionOrder
) -> ProductionOrder | Problem:
    """Make an order by hand, for a project or to stock."""
    project_number = request.project_number or knowing.STOCK_PROJECT_NUMBER
    about = await facts.load(
        uow, product_codes=[request.product_code], project_numbers=[project_number]
    )
    if problem := person_actions.starting_problem(about.tenant):
        return problem
    faults = person_actions.creation_faults(request, about)
    if faults:
        return _invalid(faults)
    product = about.products[request.product_code]
    if problem := _plant_problem(uow, product.plant_code):
        return problem
    series = knowing.number_series(about.tenant, product, uow.now)
    missing = [] if project_number in about.projects else [reservations.stock_project()]
    reserved = await reservations.reserve(uow, {series: 1}, missing)
    birth = Birth(
        id=uow.new_id(),
        number=reserved.next_number(series),
        project=(about.projects | reserved.projects)[project_number],
        actor=uow.actor,
        now=uow.now,
    )
    order = openings.open_by_hand(request, birth=birth, product=product)
    orders.add(uow, order)
    return order.state


async def update_order(
    uow: UnitOfWork, request: UpdateProductionOrder
) -> ProductionOrder | Problem:
    """Change quantity, due date or priority before work starts."""
    return await _decide(
        uow,
        request.production_order_id,
        lambda order: person_actions.change(order, request.change),
        expected_version=request.expected_version,
    )


async def release_order(
    uow: UnitOfWork, request: ActOnProductionOrder
) -> ProductionOrder | Problem:
    """Let work begin."""
    about = await facts.load(uow, product_codes=[], project_numbers=[])
    if problem := person_actions.starting_problem(about.tenant):
        return problem
    return await _act(uow, request, person_actions.release)


async def hold_order(uow: UnitOfWork, request: ActOnProductionOrder) -> ProductionOrder | Problem:
    """Stop an order until somebody resumes it."""
    return await _act(uow, request, lambda order: person_actions.hold(order, reason=request.reason))


async def resume_order(uow: UnitOfWork, request: ActOnProductionOrder) -> ProductionOrder | Problem:
    """Lift a person's hold."""
    _, releases = await orders.lock_with_policy(uow, [request.production_order_id])
    return await _act(uow, request, lambda order: person_actions.resume(order, releases=releases))


async def cancel_order(uow: UnitOfWork, request: ActOnProductionOrder) -> ProductionOrder | Problem:
    """Call an order off."""
    return await _act(
        uow, request, lambda order: person_actions.cancel(order, reason=request.reason)
    )


async def close_order(uow: UnitOfWork, request: ActOnProductionOrder) -> ProductionOrder | Problem:
    """Close a completed order."""
    return await _act(uow, request, person_actions.close)


async def resolve_exception(
    uow: UnitOfWork, request: ResolveException
) -> ProductionOrder | Problem:
    """Decide on something that planning could not decide by itself."""
    order = (await orders.lock(uow, [request.production_order_id])).get(request.production_order_id)
    if order is None:
        return _not_found(request.production_order_id)
    problem = _plant_problem(uow, order.state.plant_code)
    problem = problem or person_actions.check_version(order, request.expected_version)
    if problem:
        return problem
    after = resolutions.resolve(order, request, by=uow.actor, at=uow.now)
    if isinstance(after, Problem):
        return after
    goods = resolutions.missing_goods(after.state, request)
    if goods is None:
        return orders.change(uow, Change(order, after, request.reason))
    number = await _open_top_up(uow, after, goods)
    return orders.change(uow, Change(order, after, f"{request.reason} ({number})"))


async def _open_top_up(uow: UnitOfWork, short: PlannedOrder, goods: Goods) -> str:
    """Make what is missing in an order of its own; tells its number."""
    project_number = short.state.project_number
    about = await facts.load(
        uow, product_codes=[goods.product_code], project_numbers=[project_number]
    )
    product = about.products.get(goods.product_code)
    series = knowing.number_series(about.tenant, product, uow.now)
    reserved = await reservations.reserve(uow, {series: 1}, [])
    birth = Birth(
        id=uow.new_id(),
        number=reserved.next_number(series),
        project=ProjectFacts(short.state.project_id, project_number, short.state.project_name),
        actor=uow.actor,
        now=uow.now,
    )
    opened = openings.open_top_up(short, goods, birth=birth, product=product)
    orders.add(uow, opened)
    return opened.state.production_order_number


async def _act(
    uow: UnitOfWork, request: ActOnProductionOrder, decision: Decision
) -> ProductionOrder | Problem:
    return await _decide(
        uow,
        request.production_order_id,
        decision,
        expected_version=request.expected_version,
        reason=request.reason,
    )


async def _decide(
    uow: UnitOfWork,
    order_id: UUID,
    decision: Decision,
    *,
    expected_version: int | None,
    reason: str | None = None,
) -> ProductionOrder | Problem:
    order = (await orders.lock(uow, [order_id])).get(order_id)
    if order is None:
        return _not_found(order_id)
    problem = _plant_problem(uow, order.state.plant_code)
    problem = problem or person_actions.check_version(order, expected_version)
    if problem:
        return problem
    after = decision(order)
    if isinstance(after, Problem):
        return after
    return orders.change(uow, Change(order, after, reason))


def _plant_problem(uow: UnitOfWork, plant_code: str | None) -> Problem | None:
    """Refuse what lies outside the plants a person is limited to."""
    plants = uow.context.plants
    if plants is None or plant_code in plants:
        return None
    return Problem(
        code=ProblemCode.PLANT_FORBIDDEN,
        detail=f"The order belongs to plant {plant_code or '(none yet)'}, which is not yours.",
        facts={"plant_code": plant_code},
    )


def _not_found(order_id: UUID) -> Problem:
    return Problem(
        code=ProblemCode.NOT_FOUND,
        detail=f"There is no production order {order_id}.",
        facts={"production_order_id": str(order_id)},
    )


def _invalid(faults: tuple[Fault, ...]) -> Problem:
    detail = "; ".join(fault.message for fault in faults)
    return Problem(code=ProblemCode.VALIDATION_FAILED, detail=detail, faults=faults)
