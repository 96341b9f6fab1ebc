"""Validate, activate, retire: which versions are planned by."""

from lineside_chassis.requests import Requests
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.planning import (
    ACTIVATE_BOM,
    RETIRE_BOM,
    VALIDATE_BOM,
    ActOnBom,
    Bom,
    BomStatus,
    BomValidation,
)
from lineside_contracts.problems import Problem
from lineside_planning.master_data.domain import boms as versions
from lineside_planning.master_data.requests.boms import found
from lineside_planning.master_data.store import boms


def register(requests: Requests) -> None:
    """Answer these requests."""
    requests.answer(VALIDATE_BOM)(validate_bom)
    requests.answer(ACTIVATE_BOM)(activate_bom)
    requests.answer(RETIRE_BOM)(retire_bom)


async def validate_bom(uow: UnitOfWork, request: ActOnBom) -> BomValidation:
    """Say everything that keeps a version from being activated."""
    current = await found.bom(uow, request.bom_id)
    examined = await found.examined(uow, current)
    return BomValidation(
        is_valid=not examined.faults, faults=examined.faults, warnings=examined.warnings
    )


async def activate_bom(uow: UnitOfWork, request: ActOnBom) -> Bom | Problem:
    """Put a draft to use, beside versions that hold at other times."""
    await boms.take_turn(uow)
    current = await found.bom(uow, request.bom_id)
    if current.status is BomStatus.ACTIVE:
        return current
    found.refuse(versions.not_draft(current))
    found.refuse(versions.stale(current, request.expected_version))
    examined = await found.examined(uow, current)
    if examined.faults:
        return found.invalid(current, examined.faults)
    active = versions.activated(current, now=uow.now, by=uow.actor)
    boms.change_header(uow, active)
    return active


async def retire_bom(uow: UnitOfWork, request: ActOnBom) -> Bom:
    """Take an active version out of use; what was planned by it stays."""
    await boms.take_turn(uow)
    current = await found.bom(uow, request.bom_id)
    found.refuse(versions.not_active(current))
    found.refuse(versions.stale(current, request.expected_version))
    retired = versions.retired(current, now=uow.now, by=uow.actor)
    boms.change_header(uow, retired)
    return retired
