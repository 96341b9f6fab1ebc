"""What is remembered of production orders, locked and loaded with the facts of the batch.

Expansions and events of one order are handled by two consumers and any number of replicas. Both
claim the order's row first, also where there is none yet: that row is the lock they meet at.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Row,
    Select,
    Uuid,
    bindparam,
    case,
    false,
    func,
    literal,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import insert

from lineside_chassis.tables import one_of
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.planning import ProductionOrderStatus
from lineside_contracts.values import Priority
from lineside_shopfloor import tables
from lineside_shopfloor.places.domain.facts import Facts, PlantFacts
from lineside_shopfloor.places.store import places
from lineside_shopfloor.work_orders.domain.order_states import OrderState

_STATES = tables.production_order_states
_SETTINGS = tables.tenant_settings
_COLUMNS = tuple(field.name for field in fields(OrderState))


@dataclass(frozen=True, slots=True)
class Claimed:
    """The states of some production orders, ours until the transaction ends, and the facts."""

    states: Mapping[UUID, OrderState]
    facts: Facts


async def claim(
    uow: UnitOfWork, order_ids: Sequence[UUID], *, department_codes: Sequence[str] = ()
) -> Claimed:
    """Lock and load the states of production orders, making those that are not there.

    One statement also brings the tenant's rules, its plants and the departments named.

    Args:
        uow: The transaction.
        order_ids: At least one; they are locked in order, so that nobody deadlocks.
        department_codes: Which departments' ids are wanted.
    """
    rows = (await uow.connection.execute(_claim(uow, order_ids, department_codes))).all()
    return Claimed(
        states={row.id: _state(row) for row in rows},
        facts=_facts(next(row for row in rows if row.is_first)),
    )


def save(uow: UnitOfWork, states: Sequence[OrderState]) -> None:
    """Store claimed states."""
    uow.update(_STATES, [asdict(state) for state in states])


def _claim(
    uow: UnitOfWork, order_ids: Sequence[UUID], department_codes: Sequence[str]
) -> Select[Any]:
    given = bindparam("order_ids", sorted(set(order_ids)), type_=ARRAY(Uuid))
    wanted = select(func.unnest(given).label("id")).subquery("wanted")
    new = {
        "tenant_id": literal(uow.tenant_id, Uuid),
        "id": wanted.c.id,
        "version": literal(0),
        "planning_version": literal(0),
        "is_released": false(),
        "expansion_version": literal(0),
    }
    claimed = (
        insert(_STATES)
        .from_select(list(new), select(*new.values()).order_by(wanted.c.id))
        .on_conflict_do_update(
            index_elements=["tenant_id", "id"], set_={"version": _STATES.c.version}
        )
        .returning(*(_STATES.c[name] for name in _COLUMNS))
        .cte("claimed")
    )
    is_first = func.row_number().over() == 1
    return select(
        claimed,
        is_first.label("is_first"),
        _SETTINGS.c.work_order_prefix,
        _SETTINGS.c.release_work_orders,
        _SETTINGS.c.time_zone,
        case((is_first, _plants())).label("plants"),
        case((is_first, _departments(department_codes))).label("departments"),
    ).select_from(claimed.outerjoin(_SETTINGS, true()))


def _plants() -> ColumnElement[Any]:
    plants = tables.plants
    row = func.json_build_array(
        plants.c.id, plants.c.plant_code, plants.c.plant_name, plants.c.time_zone
    )
    return select(func.json_agg(row)).where(~plants.c.deleted).scalar_subquery()


def _departments(codes: Sequence[str]) -> ColumnElement[Any]:
    departments = tables.departments
    return (
        select(func.json_object_agg(departments.c.department_code, departments.c.id))
        .where(one_of(departments.c.department_code, codes), ~departments.c.deleted)
        .scalar_subquery()
    )


def _state(row: Row[Any]) -> OrderState:
    values = {name: getattr(row, name) for name in _COLUMNS}
    status, priority = values.pop("status"), values.pop("priority")
    return OrderState(
        **values,
        status=ProductionOrderStatus(status) if status else None,
        priority=Priority(priority) if priority else None,
    )


def _facts(row: Row[Any]) -> Facts:
    plants = [PlantFacts(UUID(plant[0]), *plant[1:]) for plant in row.plants or ()]
    departments = row.departments or {}
    return Facts(
        rules=places.rules_of(row),
        plants={plant.plant_code: plant for plant in plants},
        department_ids={code: UUID(department_id) for code, department_id in departments.items()},
    )
