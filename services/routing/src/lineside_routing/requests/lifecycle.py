"""Validate, activate, retire: which version orders are planned by."""

from lineside_chassis.requests import Requests
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.problems import Fault, Problem, ProblemCode
from lineside_contracts.routing import (
    ACTIVATE_ROUTING,
    RETIRE_ROUTING,
    VALIDATE_ROUTING,
    ActOnRouting,
    Routing,
    RoutingStatus,
    RoutingTemplateActivated,
    RoutingTemplateRetired,
    RoutingValidation,
)
from lineside_routing.domain import versions
from lineside_routing.domain.catalogue import Resolution
from lineside_routing.requests import found
from lineside_routing.store import routings


def register(requests: Requests) -> None:
    """Answer these requests."""
    requests.answer(VALIDATE_ROUTING)(validate_routing)
    requests.answer(ACTIVATE_ROUTING)(activate_routing)
    requests.answer(RETIRE_ROUTING)(retire_routing)


async def validate_routing(uow: UnitOfWork, request: ActOnRouting) -> RoutingValidation:
    """Say everything that keeps a version from being activated."""
    current = await found.routing(uow, request.routing_id)
    examined = await found.examined(uow, current)
    return RoutingValidation(
        is_valid=not examined.faults, faults=examined.faults, warnings=examined.warnings
    )


async def activate_routing(uow: UnitOfWork, request: ActOnRouting) -> Routing | Problem:
    """Put a draft to use; the version of its code that was active is retired with it."""
    await routings.take_turn(uow)
    current = await found.routing(uow, request.routing_id)
    if current.status is RoutingStatus.ACTIVE:
        return current
    found.refuse(versions.not_draft(current))
    found.refuse(versions.stale(current, request.expected_version))
    examined = await found.examined(uow, current)
    if examined.faults:
        return invalid(current, examined.faults)
    before = await routings.active_version(uow, current.routing_code)
    if before is not None:
        retire(uow, before)
        await uow.flush()  # the unique indexes know one active version at any moment
    return activate(uow, current, examined.resolutions)


async def retire_routing(uow: UnitOfWork, request: ActOnRouting) -> Routing:
    """Take the active version out of use; orders planned by it keep their runs."""
    await routings.take_turn(uow)
    current = await found.routing(uow, request.routing_id)
    found.refuse(versions.not_active(current))
    found.refuse(versions.stale(current, request.expected_version))
    return retire(uow, current)


def activate(
    uow: UnitOfWork, draft: Routing, resolutions: tuple[Resolution | None, ...]
) -> Routing:
    """Register an activation; the caller has its turn, found it valid and retired the other."""
    active = versions.activated(draft, now=uow.now, by=uow.actor)
    active = versions.resolved(active, resolutions)
    routings.change_header(uow, active)
    routings.save_resolutions(uow, active, resolutions)
    uow.emit(RoutingTemplateActivated(routing_template=active))
    return active


def add_active(
    uow: UnitOfWork, active: Routing, resolutions: tuple[Resolution | None, ...]
) -> None:
    """Register a version that is active from the first, under the same conditions."""
    routings.add(uow, active, resolutions=resolutions)
    uow.emit(RoutingTemplateActivated(routing_template=versions.resolved(active, resolutions)))


def retire(uow: UnitOfWork, active: Routing) -> Routing:
    """Register that a version is used for new orders no more."""
    retired = versions.retired(active, now=uow.now, by=uow.actor)
    routings.change_header(uow, retired, retired_at=uow.now)
    uow.emit(RoutingTemplateRetired(routing_template=retired))
    return retired


def invalid(routing: Routing, faults: tuple[Fault, ...]) -> Problem:
    """Refuse a version with everything that is wrong with it."""
    count = f"{len(faults)} fault{'s' if len(faults) > 1 else ''}"
    name = f"{routing.routing_code} version {routing.routing_version}"
    return Problem(
        code=ProblemCode.ROUTING_INVALID, detail=f"Routing {name} has {count}.", faults=faults
    )
