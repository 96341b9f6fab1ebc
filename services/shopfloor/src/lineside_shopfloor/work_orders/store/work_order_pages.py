"""Pages of work orders: newest first, or by how well they match what somebody typed.

Filters use the indexes that begin with their column. Text search goes through the function
`search_work_orders` (migrations/versions/0001_search_work_orders.sql): row-level security would
keep text operators away from the indexes, as they are not leakproof, and read the whole table.
The function belongs to a role of its own and names the tenant itself. It asks for whole words
first, then prefixes, and only where neither is found for what mistyped words may have been meant
for: those are looked up among the tenant's words and numbers, not its work orders. Each question
takes the `MOST_FOUND` newest candidates, so that it takes milliseconds at a million work orders.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Integer,
    Select,
    Text,
    Uuid,
    cast,
    func,
    literal,
    select,
    tuple_,
)

from lineside_chassis.tables import one_of
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.shopfloor import ListWorkOrders, WorkOrder
from lineside_shopfloor.work_orders.store import work_orders

MOST_FOUND = 200
"""A search ranks so many of a kind at most, the newest; who looks further types another word."""

_WORK_ORDERS = work_orders.WORK_ORDERS
_FILTERS = (
    "status",
    "priority",
    "operation_type",
    "project_number",
    "production_order_id",
    "sales_order_number",
)


@dataclass(frozen=True, slots=True)
class Found:
    """A work order of a search, and how well it matches."""

    work_order: WorkOrder
    score: int


async def newest(
    uow: UnitOfWork, request: ListWorkOrders, *, plants: Sequence[str] | None, before: UUID | None
) -> list[WorkOrder]:
    """Load one row more than a page has, the newest first.

    Args:
        uow: The transaction.
        request: Filters and the page's length.
        plants: Codes of the plants to show; None for all.
        before: Id of the last row seen.
    """
    c = _WORK_ORDERS.c
    query = select(_WORK_ORDERS).order_by(c.id.desc()).limit(request.limit + 1)
    for name in _FILTERS:
        if (value := getattr(request, name)) is not None:
            query = query.where(c[name] == value)
    if plants is not None:
        query = query.where(one_of(c.plant_code, plants))
    if before is not None:
        query = query.where(c.id < before)
    page = query.subquery("page")
    shown = work_orders.with_operations(page).order_by(
        page.c.id.desc(), work_orders.operation_number()
    )
    return work_orders.assembled((await uow.connection.execute(shown)).all())


async def best(
    uow: UnitOfWork,
    request: ListWorkOrders,
    *,
    plants: Sequence[str] | None,
    after: tuple[int, UUID] | None,
) -> list[Found]:
    """Load one row more than a page has, the best match first, the newest of equal ones.

    Args:
        uow: The transaction.
        request: What was typed, filters and the page's length.
        plants: Codes of the plants to show; None for all.
        after: Score and id of the last row seen.
    """
    found = _matches(request, plants)
    c = found.c
    query = select(c.work_order_id, c.score).order_by(c.score.desc(), c.work_order_id.desc())
    if after is not None:
        query = query.where(tuple_(c.score, c.work_order_id) < after)
    page = query.limit(request.limit + 1).subquery("page")
    shown = _with_scores(page)
    rows = (await uow.connection.execute(shown)).all()
    scores = {row[0]: row.score for row in rows}
    return [Found(w, scores[w.id]) for w in work_orders.assembled(rows)]


def _with_scores(page: Any) -> Select[Any]:
    return (
        work_orders.with_operations(_WORK_ORDERS)
        .add_columns(page.c.score)
        .join(page, page.c.work_order_id == _WORK_ORDERS.c.id)
        .order_by(page.c.score.desc(), _WORK_ORDERS.c.id.desc(), work_orders.operation_number())
    )


def _matches(request: ListWorkOrders, plants: Sequence[str] | None) -> Any:
    def text(value: Any) -> Any:
        return cast(literal(value), Text)

    return func.search_work_orders(
        text(request.search),
        text(request.status),
        text(request.priority),
        text(request.operation_type),
        cast(literal(list(plants) if plants is not None else None, ARRAY(Text)), ARRAY(Text)),
        text(request.project_number),
        cast(literal(request.production_order_id), Uuid),
        text(request.sales_order_number),
        cast(literal(MOST_FOUND), Integer),
    ).table_valued("work_order_id", "score", name="found")
