"""Template versions: read, write, copy, delete, check, try out."""

from uuid import UUID

from lineside_chassis import pages
from lineside_chassis.requests import Requests
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.endpoint import Done, Page
from lineside_contracts.problems import Problem, ProblemCode
from lineside_contracts.routing import (
    COPY_ROUTING,
    CREATE_ROUTING,
    DELETE_ROUTING,
    GET_ROUTING,
    LIST_ROUTINGS,
    UPDATE_ROUTING,
    ActOnRouting,
    GetRouting,
    ListRoutings,
    Routing,
    RoutingFields,
    RoutingOperation,
    RoutingOperationFields,
    RoutingTemplateRetired,
    UpdateRouting,
)
from lineside_routing.domain import versions
from lineside_routing.requests import found
from lineside_routing.store import expansions, routings


def register(requests: Requests) -> None:
    """Answer these requests."""
    requests.answer(LIST_ROUTINGS)(list_routings)
    requests.answer(GET_ROUTING)(get_routing)
    requests.answer(CREATE_ROUTING)(create_routing)
    requests.answer(UPDATE_ROUTING)(update_routing)
    requests.answer(COPY_ROUTING)(copy_routing)
    requests.answer(DELETE_ROUTING)(delete_routing)


async def list_routings(uow: UnitOfWork, request: ListRoutings) -> Page[Routing]:
    """Page through versions by code and version; operations come with one version alone."""
    after = pages.decode_cursor(request.cursor, length=2)
    rows = await routings.page(uow, request, after=after)
    return pages.page(rows, limit=request.limit, key=_place)


async def get_routing(uow: UnitOfWork, request: GetRouting) -> Routing:
    """Read one version with its operations."""
    return await found.routing(uow, request.routing_id)


async def create_routing(uow: UnitOfWork, request: RoutingFields) -> Routing | Problem:
    """Make version 1 of a new code, as a draft; it may be incomplete."""
    found.refuse_unstorable(request)
    await routings.take_turn(uow)
    if await routings.is_code_taken(uow, request.routing_code):
        return Problem(
            code=ProblemCode.CODE_TAKEN,
            detail=f"There is a routing {request.routing_code}; copy it to make a new version.",
            facts={"code": request.routing_code},
        )
    last = await routings.last_version(uow, request.routing_code)
    return new_version(uow, request, after=last)


async def update_routing(uow: UnitOfWork, request: UpdateRouting) -> Routing | Problem:
    """Replace a draft."""
    found.refuse_unstorable(request.fields, prefix="fields.")
    await routings.take_turn(uow)
    current = await found.routing(uow, request.routing_id)
    found.refuse(versions.not_draft(current))
    found.refuse(versions.stale(current, request.expected_version))
    if request.fields.routing_code != current.routing_code:
        return Problem(
            code=ProblemCode.VALIDATION_FAILED,
            detail=f"The code of routing {current.routing_code} stays.",
            facts={"path": "fields.routing_code"},
        )
    return await overwrite(uow, current, request.fields)


async def copy_routing(uow: UnitOfWork, request: ActOnRouting) -> Routing:
    """Make the next version of a code from any of its versions, as a draft."""
    await routings.take_turn(uow)
    current = await found.routing(uow, request.routing_id)
    found.refuse(versions.stale(current, request.expected_version))
    last = await routings.last_version(uow, current.routing_code)
    return new_version(uow, versions.fields_of(current), after=last)


async def delete_routing(uow: UnitOfWork, request: ActOnRouting) -> Done | Problem:
    """Delete a draft with its operations; hide an unused version; keep one that orders use."""
    await routings.take_turn(uow)
    current = await found.routing(uow, request.routing_id)
    found.refuse(versions.stale(current, request.expected_version))
    if versions.not_draft(current) is None:
        routings.remove(uow, current)
        return Done()
    count = await expansions.usage_count(uow, current.id)
    if count:
        return Problem(
            code=ProblemCode.IN_USE,
            detail=f"{count} orders are planned by this version; it can only be retired.",
            facts={"order_count": count},
        )
    _hide(uow, current)
    return Done()


def new_version(uow: UnitOfWork, fields: RoutingFields, *, after: int) -> Routing:
    """Register the version after a code's last one as a draft; the caller has its turn."""
    draft = next_version(uow, fields, after=after)
    routings.add(uow, draft)
    return draft


def next_version(uow: UnitOfWork, fields: RoutingFields, *, after: int) -> Routing:
    """Make the version after a code's last one, registering nothing."""
    return versions.drafted(
        fields,
        routing_id=uow.new_id(),
        routing_version=after + 1,
        operations=_with_ids(uow, fields),
        now=uow.now,
        by=uow.actor,
    )


async def overwrite(uow: UnitOfWork, current: Routing, fields: RoutingFields) -> Routing:
    """Register a draft's new content in the place of the old."""
    routings.clear(uow, current)
    await uow.flush()
    changed = rewritten(uow, current, fields)
    routings.fill(uow, changed)
    return changed


def rewritten(uow: UnitOfWork, current: Routing, fields: RoutingFields) -> Routing:
    """Make a draft's next state, registering nothing; operations keep their ids by number."""
    ids = {o.sequence_number: o.id for o in current.operations}
    return versions.changed(
        current,
        now=uow.now,
        by=uow.actor,
        operations=tuple(
            versions.with_id(operation, _pop(ids, operation) or uow.new_id())
            for operation in versions.in_sequence(fields.operations)
        ),
        **versions.header_of(fields),
    )


def _pop(ids: dict[int, UUID], operation: RoutingOperationFields) -> UUID | None:
    number = operation.sequence_number
    return ids.pop(number) if number in ids else None


def _with_ids(uow: UnitOfWork, fields: RoutingFields) -> tuple[RoutingOperation, ...]:
    ordered = versions.in_sequence(fields.operations)
    return tuple(versions.with_id(operation, uow.new_id()) for operation in ordered)


def _hide(uow: UnitOfWork, current: Routing) -> None:
    retired = versions.retired(current, now=uow.now, by=uow.actor)
    routings.change_header(uow, retired, deleted_at=uow.now, deleted_by=uow.actor)
    if versions.not_active(current) is None:
        uow.emit(RoutingTemplateRetired(routing_template=retired))


def _place(routing: Routing) -> tuple[str, int]:
    return routing.routing_code, routing.routing_version
