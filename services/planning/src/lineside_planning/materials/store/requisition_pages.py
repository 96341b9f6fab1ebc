"""Requisitions read: one, a page of them, and which were raised for firmed proposals."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.dialects.postgresql import TEXT, aggregate_order_by
from sqlalchemy.sql.expression import cast

from lineside_chassis import pages, plant_access
from lineside_chassis.errors import Refused
from lineside_chassis.tables import one_of
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.endpoint import Page
from lineside_contracts.planning import ListRequisitions, PurchaseRequisition
from lineside_contracts.problems import Problem, ProblemCode
from lineside_planning.materials.domain import documents
from lineside_planning.materials.store import bench_rows, cursors
from lineside_planning.materials.tables import purchase_requisitions as table, requisition_pegs

_PEGS = (
    select(
        func.json_agg(
            aggregate_order_by(
                func.json_build_array(
                    requisition_pegs.c.id,
                    requisition_pegs.c.production_order_id,
                    requisition_pegs.c.production_order_number,
                    requisition_pegs.c.requirement_id,
                    requisition_pegs.c.planned_order_id,
                    cast(requisition_pegs.c.quantity, TEXT),
                ),
                requisition_pegs.c.id,
            )
        )
    )
    .where(requisition_pegs.c.requisition_id == table.c.id)
    .scalar_subquery()
    .label("pegs")
)
_EQUAL = ("status", "product_code", "vendor_code", "plant_code")


async def find(uow: UnitOfWork, requisition_id: UUID) -> PurchaseRequisition | None:
    """Read one requisition."""
    query = select(table, _PEGS).where(table.c.id == requisition_id)
    row = (await uow.connection.execute(query)).mappings().one_or_none()
    return documents.purchase_requisition(bench_rows.requisition(row)) if row else None


async def page(uow: UnitOfWork, request: ListRequisitions) -> Page[PurchaseRequisition]:
    """Read one page of requisitions, by the day they have to be ordered.

    Raises:
        Refused: The cursor is none of ours.
    """
    query = plant_access.visible(uow, select(table, _PEGS), table.c.plant_code)
    for name in _EQUAL:
        if (wanted := getattr(request, name)) is not None:
            query = query.where(table.c[name] == wanted)
    if request.order_by_before is not None:
        query = query.where(table.c.order_by < request.order_by_before)
    query = _after(query, request.cursor).order_by(table.c.order_by, table.c.id)
    rows = await uow.connection.execute(query.limit(request.limit + 1))
    found = [documents.purchase_requisition(bench_rows.requisition(row)) for row in rows.mappings()]
    return pages.page(found, limit=request.limit, key=lambda r: [r.order_by, r.id])


async def of_planned_orders(uow: UnitOfWork, ids: Sequence[UUID]) -> list[UUID]:
    """Which requisitions were raised for some proposals already."""
    query = select(requisition_pegs.c.requisition_id).where(
        one_of(requisition_pegs.c.planned_order_id, ids)
    )
    return [row[0] for row in await uow.connection.execute(query)]


def _after(query: Select[Any], cursor: str | None) -> Select[Any]:
    after = pages.decode_cursor(cursor, length=2)
    if after is None:
        return query
    key = tuple_(table.c.order_by, table.c.id)
    return query.where(key > tuple_(read_day(after[0]), cursors.read_id(after[1])))


def read_day(value: Any) -> date:
    """Read a day from a cursor.

    Raises:
        Refused: It is none.
    """
    try:
        return date.fromisoformat(value)
    except (ValueError, TypeError):
        detail = "This cursor is not one of this list; start again without one."
        raise Refused(Problem(code=ProblemCode.INVALID_CURSOR, detail=detail)) from None
