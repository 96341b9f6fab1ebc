"""Loading what a request names, or refusing it."""

from uuid import UUID

from lineside_chassis.errors import Refused
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.problems import Fault, Problem, ProblemCode
from lineside_contracts.routing import Routing, RoutingFields
from lineside_routing.domain import catalogue as resolving, importing, validation
from lineside_routing.domain.validation import Examined, Rival
from lineside_routing.store import catalogue, routings


async def routing(uow: UnitOfWork, routing_id: UUID) -> Routing:
    """Load a template version.

    Raises:
        Refused: There is none of this id.
    """
    found = await routings.get(uow, routing_id)
    if found is None:
        detail = f"There is no routing {routing_id}."
        raise Refused(Problem(code=ProblemCode.NOT_FOUND, detail=detail))
    return found


async def examined(uow: UnitOfWork, draft: Routing) -> Examined:
    """Examine a version against everything stored."""
    known = await catalogue.catalogue(uow, resolving.references(draft.operations))
    return validation.examine(draft, known, rival=await _rival(uow, draft))


async def _rival(uow: UnitOfWork, draft: Routing) -> Rival | None:
    field, code = importing.target_of(draft)
    if code is None:
        return None
    is_product = field == "product_code"
    active = await catalogue.rivals(
        uow,
        product_codes=[code] if is_product else [],
        categories=[] if is_product else [code],
    )
    found = active.get((field, code))
    return found if found and found.routing_code != draft.routing_code else None


def refuse(problem: Problem | None) -> None:
    """Go on where nothing speaks against it.

    Raises:
        Refused: Something does.
    """
    if problem is not None:
        raise Refused(problem)


def refuse_unstorable(fields: RoutingFields, *, prefix: str = "") -> None:
    """Refuse numbers that no draft can hold.

    Raises:
        Refused: There are some.
    """
    faults = validation.unstorable_faults(fields.operations)
    if faults:
        raise Refused(
            Problem(
                code=ProblemCode.VALIDATION_FAILED,
                detail="Some numbers are far out of range.",
                faults=tuple(_below(fault, prefix) for fault in faults),
            )
        )


def _below(fault: Fault, prefix: str) -> Fault:
    return fault.model_copy(update={"path": f"{prefix}{fault.path}"})
