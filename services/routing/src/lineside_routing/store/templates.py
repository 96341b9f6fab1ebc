"""Active templates, parsed once: they never change, so a process keeps those it used last."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, and_, select

from lineside_chassis.tables import one_of
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.routing import RoutingOperation
from lineside_contracts.values import OperationType
from lineside_routing import tables
from lineside_routing.domain import templates
from lineside_routing.domain.catalogue import Resolution
from lineside_routing.domain.selection import RoutingKey
from lineside_routing.domain.templates import Step, Template

Place = tuple[UUID, UUID, int]
"""Tenant, routing and aggregate version: what is under it never changes."""

_templates, _operations = tables.routing_templates, tables.routing_operations


class TemplateCache:
    """The templates used last, as many as their operations allow."""

    def __init__(self, *, max_operations: int) -> None:
        self._max_operations = max_operations
        self._operation_count = 0
        self._templates: OrderedDict[Place, Template] = OrderedDict()

    async def load(
        self, uow: UnitOfWork, keys: Iterable[RoutingKey]
    ) -> Mapping[RoutingKey, Template]:
        """Get templates, from memory where they are; one without a valid graph is left out."""
        found = {key: self._kept(_place(uow, key)) for key in keys}
        missing = [key for key, kept in found.items() if kept is None]
        if missing:
            read = await read_templates(uow, [key.routing_id for key in missing])
            for key in missing:
                found[key] = read.get(key.routing_id)
                self._keep(_place(uow, key), found[key])
        return {key: template for key, template in found.items() if template is not None}

    def _kept(self, place: Place) -> Template | None:
        if place in self._templates:
            self._templates.move_to_end(place)
        return self._templates.get(place)

    def _keep(self, place: Place, template: Template | None) -> None:
        if template is None or place in self._templates:
            return
        self._templates[place] = template
        self._operation_count += len(template.steps)
        while self._operation_count > self._max_operations and len(self._templates) > 1:
            _, forgotten = self._templates.popitem(last=False)
            self._operation_count -= len(forgotten.steps)


async def read_templates(uow: UnitOfWork, routing_ids: Sequence[UUID]) -> Mapping[UUID, Template]:
    """Load activated template versions, by id."""
    same_routing = and_(
        _operations.c.tenant_id == _templates.c.tenant_id,
        _operations.c.routing_id == _templates.c.id,
    )
    query = (
        select(_operations, _templates.c.routing_code, _templates.c.routing_version)
        .join(_templates, same_routing)
        .where(
            one_of(_operations.c.routing_id, routing_ids), _operations.c.operation_name.isnot(None)
        )
        .order_by(_operations.c.routing_id, _operations.c.sequence_number)
    )
    rows = (await uow.connection.execute(query)).mappings().all()
    grouped = groupby(rows, key=lambda row: row["routing_id"])
    read = {routing_id: _template(list(group)) for routing_id, group in grouped}
    return {routing_id: template for routing_id, template in read.items() if template}


def resolution_columns(resolution: Resolution) -> dict[str, Any]:
    """What activation writes beside an operation."""
    return {
        "operation_name": resolution.operation_name,
        "operation_type": resolution.operation_type,
        "planned_setup_minutes": resolution.setup_minutes,
        "planned_run_seconds_per_unit": resolution.run_seconds_per_unit,
        "planned_work_center_code": resolution.work_center_code,
        "planned_unit_decimals": resolution.unit_decimals,
        "plant_code": resolution.plant_code,
        "department_code": resolution.department_code,
    }


def _place(uow: UnitOfWork, key: RoutingKey) -> Place:
    return uow.tenant_id, key.routing_id, key.version


def _template(rows: Sequence[RowMapping]) -> Template | None:
    first = rows[0]
    return templates.template(
        routing_id=first["routing_id"],
        routing_code=first["routing_code"],
        routing_version=first["routing_version"],
        steps=[Step(RoutingOperation.model_validate(dict(row)), _resolution(row)) for row in rows],
    )


def _resolution(row: RowMapping) -> Resolution:
    return Resolution(
        operation_name=row["operation_name"],
        operation_type=OperationType(row["operation_type"]),
        setup_minutes=row["planned_setup_minutes"],
        run_seconds_per_unit=row["planned_run_seconds_per_unit"],
        work_center_code=row["planned_work_center_code"],
        plant_code=row["plant_code"],
        department_code=row["department_code"],
        unit_decimals=row["planned_unit_decimals"],
    )
