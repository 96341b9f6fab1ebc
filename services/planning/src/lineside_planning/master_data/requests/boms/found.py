"""Loading what a request names, or refusing it."""

from uuid import UUID

from lineside_chassis.errors import Refused
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.planning import Bom, BomFields
from lineside_contracts.problems import Fault, Problem, ProblemCode
from lineside_planning.master_data.domain import bom_checks, boms as versions
from lineside_planning.master_data.domain.bom_checks import BomContext, Examined, Rival
from lineside_planning.master_data.store import boms, lookups


async def bom(uow: UnitOfWork, bom_id: UUID) -> Bom:
    """Load a version.

    Raises:
        Refused: There is none of this id.
    """
    found = await boms.get(uow, bom_id)
    if found is None:
        detail = f"There is no bill of material {bom_id}."
        raise Refused(Problem(code=ProblemCode.NOT_FOUND, detail=detail))
    return found


async def examined(uow: UnitOfWork, draft: Bom) -> Examined:
    """Examine a version against everything stored."""
    active = await boms.active_of(uow, [draft.product_code])
    others = [other for other in active if other.id != draft.id]
    components = {line.component_code for line in draft.lines}
    products = await boms.components(uow, {draft.product_code, *components})
    own = {code: product for code, product in products.items() if code == draft.product_code}
    context = BomContext(
        products=products,
        own_units=await lookups.own_unit_codes(
            uow, sorted({line.unit_code for line in draft.lines if line.unit_code})
        ),
        rivals={draft.product_code: [rival(other) for other in others]},
        components=await boms.components_below(uow, components),
        operations=await boms.operations(uow, own),
    )
    return bom_checks.examine(versions.fields_of(draft), context)


def rival(other: Bom) -> Rival:
    """An active version, as others of its product meet it."""
    return Rival(f"Version {other.bom_version}", versions.span_of(other))


def refuse(problem: Problem | None) -> None:
    """Go on where nothing speaks against it.

    Raises:
        Refused: Something does.
    """
    if problem is not None:
        raise Refused(problem)


def refuse_unstorable(fields: BomFields, *, prefix: str = "") -> None:
    """Refuse numbers that no draft can hold.

    Raises:
        Refused: There are some.
    """
    faults = tuple(
        fault.model_copy(update={"path": f"{prefix}{fault.path}"})
        for fault in bom_checks.unstorable_faults(fields)
    )
    if faults:
        detail = "Some numbers are far out of range."
        raise Refused(Problem(code=ProblemCode.VALIDATION_FAILED, detail=detail, faults=faults))


def invalid(draft: Bom, faults: tuple[Fault, ...]) -> Problem:
    """Refuse a version with everything that is wrong with it."""
    count = f"{len(faults)} fault{'s' if len(faults) > 1 else ''}"
    return Problem(
        code=ProblemCode.BOM_INVALID,
        detail=f"{versions.name_of(draft)} has {count}.",
        faults=faults,
    )
