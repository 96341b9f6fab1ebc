"""Receipts as people read them: one, and pages of them, soonest first."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, Select, select, tuple_

from lineside_chassis import pages, plant_access
from lineside_chassis.errors import Refused
from lineside_chassis.tables import one_of
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.endpoint import Page
from lineside_contracts.planning import ListReceipts, Receipt
from lineside_contracts.problems import Problem, ProblemCode
from lineside_planning.materials.store import cursors
from lineside_planning.materials.tables import receipts as table

_FIELDS = tuple(Receipt.model_fields)


async def find(uow: UnitOfWork, receipt_id: UUID) -> Receipt | None:
    """Read one receipt."""
    rows = await uow.connection.execute(select(table).where(table.c.id == receipt_id))
    row = rows.mappings().one_or_none()
    return receipt(row) if row else None


async def page(uow: UnitOfWork, request: ListReceipts) -> Page[Receipt]:
    """Read one page of receipts, by the day they are expected.

    Raises:
        Refused: The cursor is none of ours.
    """
    query = plant_access.visible(uow, select(table), table.c.plant_code)
    for name in ("product_code", "plant_code", "status"):
        if (wanted := getattr(request, name)) is not None:
            query = query.where(table.c[name] == wanted)
    if request.expected_before is not None:
        query = query.where(table.c.expected_on < request.expected_before)
    query = _after(query, request.cursor).order_by(table.c.expected_on, table.c.id)
    rows = await uow.connection.execute(query.limit(request.limit + 1))
    found = [receipt(row) for row in rows.mappings()]
    return pages.page(found, limit=request.limit, key=lambda r: [r.expected_on, r.id])


async def taken_numbers(uow: UnitOfWork, numbers: Sequence[str]) -> set[tuple[str, str]]:
    """Tell which receipts there are of some numbers: number and product, as people entered them."""
    query = select(table.c.receipt_number, table.c.product_code).where(
        one_of(table.c.receipt_number, numbers), table.c.requisition_id.is_(None)
    )
    return {(row[0], row[1]) for row in await uow.connection.execute(query)}


def receipt(row: RowMapping) -> Receipt:
    """Read the public state from its row."""
    return Receipt.model_validate({name: row[name] for name in _FIELDS})


def _after(query: Select[Any], cursor: str | None) -> Select[Any]:
    after = pages.decode_cursor(cursor, length=2)
    if after is None:
        return query
    key = tuple_(table.c.expected_on, table.c.id)
    return query.where(key > tuple_(_day(after[0]), cursors.read_id(after[1])))


def _day(value: Any) -> Any:
    try:
        return table.c.expected_on.type.python_type.fromisoformat(value)
    except (ValueError, TypeError):
        detail = "This cursor is not one of this list; start again without one."
        raise Refused(Problem(code=ProblemCode.INVALID_CURSOR, detail=detail)) from None
