"""Versions of bills: read, write, copy, delete."""

from lineside_chassis import pages
from lineside_chassis.errors import Refused
from lineside_chassis.requests import Requests
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.endpoint import Done, Page
from lineside_contracts.planning import (
    COPY_BOM,
    CREATE_BOM,
    DELETE_BOM,
    GET_BOM,
    LIST_BOMS,
    UPDATE_BOM,
    ActOnBom,
    Bom,
    BomFields,
    GetBom,
    ListBoms,
    UpdateBom,
)
from lineside_contracts.problems import Fault, Problem, ProblemCode
from lineside_planning.master_data.domain import boms as versions
from lineside_planning.master_data.requests.boms import found
from lineside_planning.master_data.store import boms


def register(requests: Requests) -> None:
    """Answer these requests."""
    requests.answer(LIST_BOMS)(list_boms)
    requests.answer(GET_BOM)(get_bom)
    requests.answer(CREATE_BOM)(create_bom)
    requests.answer(UPDATE_BOM)(update_bom)
    requests.answer(COPY_BOM)(copy_bom)
    requests.answer(DELETE_BOM)(delete_bom)


async def list_boms(uow: UnitOfWork, request: ListBoms) -> Page[Bom]:
    """Page through versions by product and version; where a component is used, with its lines."""
    after = pages.decode_cursor(request.cursor, length=2)
    rows = await boms.page(uow, request, after=after)
    return pages.page(rows, limit=request.limit, key=_place)


async def get_bom(uow: UnitOfWork, request: GetBom) -> Bom:
    """Read one version with its lines."""
    return await found.bom(uow, request.bom_id)


async def create_bom(uow: UnitOfWork, request: BomFields) -> Bom:
    """Make the next version of a product's bill, as a draft; it may be incomplete."""
    found.refuse_unstorable(request)
    await boms.take_turn(uow)
    return await _new_version(uow, request)


async def update_bom(uow: UnitOfWork, request: UpdateBom) -> Bom:
    """Replace a draft."""
    found.refuse_unstorable(request.fields, prefix="fields.")
    await boms.take_turn(uow)
    current = await found.bom(uow, request.bom_id)
    found.refuse(versions.not_draft(current))
    found.refuse(versions.stale(current, request.expected_version))
    if request.fields.product_code != current.product_code:
        raise Refused(_other_product(current))
    if request.fields == versions.fields_of(current):
        return current
    return await _overwrite(uow, current, request.fields)


async def copy_bom(uow: UnitOfWork, request: ActOnBom) -> Bom:
    """Make the next version of a bill from any of its versions, as a draft."""
    await boms.take_turn(uow)
    current = await found.bom(uow, request.bom_id)
    found.refuse(versions.stale(current, request.expected_version))
    return await _new_version(uow, versions.fields_of(current))


async def delete_bom(uow: UnitOfWork, request: ActOnBom) -> Done:
    """Delete a draft with its lines; what was active once stays, for what was planned by it."""
    await boms.take_turn(uow)
    current = await found.bom(uow, request.bom_id)
    found.refuse(versions.not_draft(current))
    found.refuse(versions.stale(current, request.expected_version))
    boms.clear(uow, current)
    boms.change_header(uow, versions.deleted(current, now=uow.now, by=uow.actor))
    return Done()


async def _new_version(uow: UnitOfWork, fields: BomFields) -> Bom:
    last = await boms.last_versions(uow, [fields.product_code])
    draft = versions.drafted(
        fields,
        bom_id=uow.new_id(),
        bom_version=last.get(fields.product_code, 0) + 1,
        new_id=uow.new_id,
        now=uow.now,
        by=uow.actor,
    )
    boms.add(uow, draft)
    return draft


async def _overwrite(uow: UnitOfWork, current: Bom, fields: BomFields) -> Bom:
    lines = tuple(versions.with_id(line, uow.new_id()) for line in versions.in_order(fields.lines))
    boms.clear(uow, current)
    await uow.flush()
    changed = versions.changed(
        current, now=uow.now, by=uow.actor, lines=lines, **versions.header_of(fields)
    )
    boms.fill(uow, changed)
    return changed


def _other_product(current: Bom) -> Problem:
    message = f"The product of {versions.name_of(current)} stays."
    fault = Fault(code="product_fixed", path="fields.product_code", message=message)
    return Problem(code=ProblemCode.VALIDATION_FAILED, detail=message, faults=(fault,))


def _place(bom: Bom) -> tuple[str, int]:
    return bom.product_code, bom.bom_version
