"""What a quantity takes: previews, the runs of an order, and which products have a routing."""

from decimal import Decimal

from lineside_chassis.requests import Requests
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.problems import Problem, ProblemCode
from lineside_contracts.routing import (
    GET_EXPANSION,
    GET_ROUTING_COVERAGE,
    PREVIEW_EXPANSION,
    Expansion,
    ExpansionPreview,
    GetExpansion,
    GetRoutingCoverage,
    PreviewExpansion,
    Routing,
    RoutingCoverage,
    RoutingStatus,
)
from lineside_routing.domain import expansion, templates
from lineside_routing.domain.expansion import Expanded, Target
from lineside_routing.domain.templates import Step, Template
from lineside_routing.requests import found, lifecycle
from lineside_routing.store import expansions, projections, templates as stored

_PIECES = ("EA", 0, None)
"""What is counted where no product says otherwise."""


def register(requests: Requests) -> None:
    """Answer these requests."""
    requests.answer(PREVIEW_EXPANSION)(preview_expansion)
    requests.answer(GET_EXPANSION)(get_expansion)
    requests.answer(GET_ROUTING_COVERAGE)(get_routing_coverage)


async def preview_expansion(
    uow: UnitOfWork, request: PreviewExpansion
) -> ExpansionPreview | Problem:
    """Expand a quantity by any version, as an order would be; nothing is stored."""
    routing = await found.routing(uow, request.routing_id)
    template = await _template(uow, routing)
    if isinstance(template, Problem):
        return template
    target = await _target(uow, routing, request.quantity)
    outcome = expansion.expand(template, target, lambda _: uow.new_id())
    if not isinstance(outcome, Expanded):
        return lifecycle.invalid(routing, outcome)
    return ExpansionPreview(
        routing_id=routing.id,
        routing_code=routing.routing_code,
        routing_version=routing.routing_version,
        quantity=request.quantity,
        runs=outcome.runs,
        warnings=outcome.warnings,
    )


async def get_expansion(uow: UnitOfWork, request: GetExpansion) -> Expansion | Problem:
    """Read the runs of a production order, with their ledgers."""
    read = await expansions.read(uow, request.production_order_id)
    plants = uow.context.plants
    if read is None or (plants is not None and read.plant_code not in {*plants, None}):
        detail = f"Production order {request.production_order_id} was not expanded."
        return Problem(code=ProblemCode.NOT_FOUND, detail=detail)
    return read


async def get_routing_coverage(uow: UnitOfWork, request: GetRoutingCoverage) -> RoutingCoverage:
    """Tell which active products have an active routing."""
    del request
    return await projections.coverage(uow)


async def _template(uow: UnitOfWork, routing: Routing) -> Template | Problem:
    """What was activated, or what a draft would mean today."""
    if routing.status is not RoutingStatus.DRAFT:
        return (await stored.read_templates(uow, [routing.id]))[routing.id]
    examined = await found.examined(uow, routing)
    drawn = templates.template(
        routing_id=routing.id,
        routing_code=routing.routing_code,
        routing_version=routing.routing_version,
        steps=[
            Step(operation, resolution)
            for operation, resolution in zip(routing.operations, examined.resolutions, strict=True)
            if resolution is not None
        ],
    )
    if examined.faults or drawn is None:
        return lifecycle.invalid(routing, examined.faults)
    return drawn


async def _target(uow: UnitOfWork, routing: Routing, quantity: Decimal) -> Target:
    unit_code, decimals, plant = await projections.unit_of(uow, routing.product_code) or _PIECES
    return Target(quantity, unit_code, decimals, plant)
