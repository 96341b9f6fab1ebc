"""The life of a template version: draft → active → retired; only drafts may be edited."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from lineside_contracts.problems import Problem, ProblemCode
from lineside_contracts.routing import (
    Routing,
    RoutingFields,
    RoutingOperation,
    RoutingOperationFields,
    RoutingStatus,
)
from lineside_contracts.values import Actor
from lineside_routing.domain import unchecked
from lineside_routing.domain.catalogue import Resolution

_OPERATION_FIELDS = tuple(RoutingOperationFields.model_fields)
_WRITTEN, _STORED = set(RoutingOperationFields.model_fields), set(RoutingOperation.model_fields)
_UNPLANNED = {
    name: None
    for name in RoutingOperation.model_fields
    if name != "id" and name not in _OPERATION_FIELDS
}
"""What only activation knows of an operation."""

ALLOWED: Mapping[RoutingStatus, tuple[RoutingStatus, ...]] = {
    RoutingStatus.DRAFT: (RoutingStatus.ACTIVE,),
    RoutingStatus.ACTIVE: (RoutingStatus.RETIRED,),
    RoutingStatus.RETIRED: (),
}


def stale(routing: Routing, expected_version: int | None) -> Problem | None:
    """Refuse a change that was decided on another version than the present one."""
    if expected_version is None or expected_version == routing.version:
        return None
    return Problem(
        code=ProblemCode.VERSION_CONFLICT,
        detail=f"Routing {_name(routing)} was changed in the meantime; read it again and repeat.",
        facts={"expected_version": expected_version, "version": routing.version},
    )


def not_draft(routing: Routing) -> Problem | None:
    """Refuse to edit what orders may have been expanded by."""
    if routing.status is RoutingStatus.DRAFT:
        return None
    return Problem(
        code=ProblemCode.ROUTING_NOT_DRAFT,
        detail=f"Routing {_name(routing)} is {routing.status} and never changes; copy it instead.",
        facts={"status": routing.status, "routing_version": routing.routing_version},
    )


def not_active(routing: Routing) -> Problem | None:
    """Refuse to retire what is not active."""
    if routing.status is RoutingStatus.ACTIVE:
        return None
    return Problem(
        code=ProblemCode.INVALID_STATUS_TRANSITION,
        detail=f"Routing {_name(routing)} is {routing.status}; only an active one is retired.",
        facts={
            "from": routing.status,
            "to": RoutingStatus.RETIRED,
            "allowed": list(ALLOWED[routing.status]),
        },
    )


def changed(routing: Routing, *, now: datetime, by: Actor, **values: Any) -> Routing:
    """The next state of a template."""
    return routing.model_copy(
        update={"version": routing.version + 1, "updated_at": now, "updated_by": by, **values}
    )


def activated(routing: Routing, *, now: datetime, by: Actor) -> Routing:
    """The state of a draft that is found valid and put to use."""
    return changed(routing, now=now, by=by, status=RoutingStatus.ACTIVE, activated_at=now)


def retired(routing: Routing, *, now: datetime, by: Actor) -> Routing:
    """The state of a version that is used for new orders no more."""
    return changed(routing, now=now, by=by, status=RoutingStatus.RETIRED)


def resolved(routing: Routing, resolutions: Sequence[Resolution | None]) -> Routing:
    """A version with what activation copied from the catalogue, for those who plan by it."""
    operations = tuple(
        operation.model_copy(update=_planned(operation, resolution)) if resolution else operation
        for operation, resolution in zip(routing.operations, resolutions, strict=True)
    )
    return routing.model_copy(update={"operations": operations})


def _planned(operation: RoutingOperation, resolution: Resolution) -> dict[str, Any]:
    return {
        "planned_setup_minutes": resolution.setup_minutes,
        "planned_run_seconds_per_unit": resolution.run_seconds_per_unit,
        "planned_work_center_code": resolution.work_center_code,
        "planned_unit_code": operation.unit_code,
        "planned_unit_decimals": resolution.unit_decimals,
    }


def drafted(
    fields: RoutingFields,
    *,
    routing_id: UUID,
    routing_version: int,
    operations: tuple[RoutingOperation, ...],
    now: datetime,
    by: Actor,
) -> Routing:
    """A new draft."""
    return Routing(
        id=routing_id,
        version=1,
        routing_version=routing_version,
        status=RoutingStatus.DRAFT,
        operations=operations,
        created_at=now,
        created_by=by,
        updated_at=now,
        updated_by=by,
        **header_of(fields),
    )


def header_of(fields: RoutingFields) -> dict[str, Any]:
    """What a person writes of a template besides its operations."""
    return {
        name: getattr(fields, name) for name in RoutingFields.model_fields if name != "operations"
    }


def fields_of(routing: Routing) -> RoutingFields:
    """A stored template as a person would write it."""
    header = {
        name: getattr(routing, name) for name in RoutingFields.model_fields if name != "operations"
    }
    return RoutingFields(operations=tuple(map(bare, routing.operations)), **header)


def bare(operation: RoutingOperationFields) -> RoutingOperationFields:
    """An operation without the id it is stored under."""
    values = {name: getattr(operation, name) for name in _OPERATION_FIELDS}
    return unchecked.made(RoutingOperationFields, values, _WRITTEN)


def with_id(operation: RoutingOperationFields, operation_id: UUID) -> RoutingOperation:
    """An operation with the id it is stored under."""
    values = {name: getattr(operation, name) for name in _OPERATION_FIELDS}
    return unchecked.made(RoutingOperation, {**values, "id": operation_id, **_UNPLANNED}, _STORED)


def in_sequence(
    operations: tuple[RoutingOperationFields, ...],
) -> tuple[RoutingOperationFields, ...]:
    """Operations as they are stored and answered: by sequence number, equals as written."""
    return tuple(sorted(operations, key=lambda operation: operation.sequence_number))


def _name(routing: Routing) -> str:
    return f"{routing.routing_code} version {routing.routing_version}"
