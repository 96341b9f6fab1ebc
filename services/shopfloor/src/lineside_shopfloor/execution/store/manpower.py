"""Allocations of people, with the number and plant of their work orders; and labour rates."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, select

from lineside_chassis.tables import one_of
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.shopfloor import ListManpower, ManpowerRole
from lineside_shopfloor import tables
from lineside_shopfloor.execution.domain.manpower import Allocation

_ALLOCATIONS = tables.manpower_allocation
_RATES = tables.labour_rates
_FIELDS = tuple(n for n in Allocation.model_fields if n in _ALLOCATIONS.c)
_FILTERS = ("work_order_id", "user_id", "role")


async def one(
    uow: UnitOfWork, allocation_id: UUID, *, for_update: bool = False
) -> Allocation | None:
    """Load one allocation, locked where it is to be changed."""
    query = _selected().where(_ALLOCATIONS.c.id == allocation_id)
    locked = query.with_for_update(of=_ALLOCATIONS, key_share=True)
    found = await _load(uow, locked if for_update else query)
    return found[0] if found else None


async def of_work_order(
    uow: UnitOfWork, work_order_id: UUID, *, only_active: bool = False
) -> list[Allocation]:
    """Load the allocations of a work order, in the order they were made."""
    query = _selected().where(_ALLOCATIONS.c.work_order_id == work_order_id)
    if only_active:
        query = query.where(_ALLOCATIONS.c.released_at.is_(None))
    return await _load(uow, query.order_by(_ALLOCATIONS.c.id))


async def page(
    uow: UnitOfWork, request: ListManpower, *, plants: Sequence[str] | None, before: UUID | None
) -> list[Allocation]:
    """Load one row more than a page has, what was allocated last first.

    Args:
        uow: The transaction.
        request: Filters and the page's length.
        plants: Codes of the plants to show; None for all.
        before: Id of the last row seen.
    """
    c = _ALLOCATIONS.c
    query = _selected().order_by(c.id.desc()).limit(request.limit + 1)
    for name in _FILTERS:
        if (value := getattr(request, name)) is not None:
            query = query.where(c[name] == value)
    if request.is_active is not None:
        ended = c.released_at.is_(None) if request.is_active else c.released_at.is_not(None)
        query = query.where(ended)
    if plants is not None:
        query = query.where(one_of(tables.work_orders.c.plant_code, plants))
    if before is not None:
        query = query.where(c.id < before)
    return await _load(uow, query)


async def rates(uow: UnitOfWork) -> dict[str, Decimal]:
    """Load what an hour of each role costs, where it is known."""
    c = _RATES.c
    roles = one_of(c.role_code, [role.value for role in ManpowerRole])
    query = select(c.role_code, c.hourly_rate).where(roles, ~c.deleted)
    rows = (await uow.connection.execute(query)).all()
    return {row.role_code: row.hourly_rate for row in rows}


def add(uow: UnitOfWork, allocation: Allocation) -> None:
    """Store a new allocation."""
    uow.insert(_ALLOCATIONS, [_row(allocation)])


def save(uow: UnitOfWork, allocation: Allocation) -> None:
    """Store a changed allocation, if nobody else has changed it."""
    uow.update(_ALLOCATIONS, [_row(allocation)], expect_version=True)


def _selected() -> Select[Any]:
    orders = tables.work_orders
    joined = _ALLOCATIONS.join(
        orders,
        (orders.c.tenant_id == _ALLOCATIONS.c.tenant_id)
        & (orders.c.id == _ALLOCATIONS.c.work_order_id),
    )
    columns = [_ALLOCATIONS.c[name] for name in _FIELDS]
    return select(*columns, orders.c.work_order_number, orders.c.plant_code).select_from(joined)


async def _load(uow: UnitOfWork, query: Select[Any]) -> list[Allocation]:
    return [_allocation(row) for row in (await uow.connection.execute(query)).all()]


def _allocation(row: Row[Any]) -> Allocation:
    fields = {**row._asdict(), "has_own_rate": row.hourly_rate is not None}
    return Allocation.model_validate(fields)


def _row(allocation: Allocation) -> dict[str, Any]:
    return allocation.model_dump(mode="json", include=set(_FIELDS))
