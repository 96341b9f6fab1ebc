"""Pages of work orders: newest first, or by how well they match what somebody typed.

Filters use the indexes that begin with their column. Text search goes through the function
`search_work_orders` (migrations/versions/0007_search_work_orders.sql): row-level security would
keep text operators away from the indexes, as they are not leakproof, and read the whole table.
The function belongs to a role of its own and names the tenant itself. It asks for whole words
first, then prefixes, and only where neither is found for what mistyped words may have been meant
for: those are looked up among the tenant's words and numbers, not its work orders. Each question
takes the `MOST_FOUND` newest candidates, so that it takes milliseconds at a million work orders.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Date,
    Integer,
    Select,
    Text,
    TextClause,
    Uuid,
    cast,
    func,
    literal,
    select,
    text,
    tuple_,
)

from lineside_chassis.tables import one_of
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.shopfloor import ListWorkOrders, WorkOrder
from lineside_shopfloor import tables
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
    "product_code",
    "department_code",
    "sap_production_order",
    "assigned_to",
)
_ACTIVE = text("work_orders.status IN ('planned', 'released', 'in_progress')")
"""In words, as the partial index says it: only then is it used."""

_OVER = text("work_orders.status IN ('completed', 'cancelled')")


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
    query = query.where(*_conditions(request))
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


def _conditions(request: ListWorkOrders) -> Iterator[ColumnElement[bool] | TextClause]:
    c = _WORK_ORDERS.c
    for name in _FILTERS:
        if (value := getattr(request, name)) is not None:
            yield c[name] == value
    if request.due_from is not None:
        yield c.due_date >= request.due_from
    if request.due_until is not None:
        yield c.due_date <= request.due_until
    if request.is_active is not None:
        yield _ACTIVE if request.is_active else _OVER
    if request.lane_id is not None:
        yield c.id == func.any(_on_lane(request.lane_id))


def _on_lane(lane_id: UUID | None) -> ColumnElement[Any]:
    """The work orders on a lane now, as an array: few, and looked up first."""
    held = tables.lane_assignments.c
    ids = select(held.work_order_id).where(held.lane_id == lane_id, held.released_at.is_(None))
    return func.array(ids.scalar_subquery())


def _with_scores(page: Any) -> Select[Any]:
    return (
        work_orders.with_operations(_WORK_ORDERS)
        .add_columns(page.c.score)
        .join(page, page.c.work_order_id == _WORK_ORDERS.c.id)
        .order_by(page.c.score.desc(), _WORK_ORDERS.c.id.desc(), work_orders.operation_number())
    )


def _matches(request: ListWorkOrders, plants: Sequence[str] | None) -> Any:
    def words(value: Any) -> Any:
        return cast(literal(value), Text)

    return func.search_work_orders(
        words(request.search),
        words(request.status),
        words(request.priority),
        words(request.operation_type),
        cast(literal(list(plants) if plants is not None else None, ARRAY(Text)), ARRAY(Text)),
        words(request.project_number),
        cast(literal(request.production_order_id), Uuid),
        words(request.sales_order_number),
        words(request.product_code),
        words(request.department_code),
        words(request.sap_production_order),
        cast(literal(request.assigned_to), Uuid),
        cast(_on_lane(request.lane_id) if request.lane_id else literal(None), ARRAY(Uuid)),
        cast(literal(request.due_from), Date),
        cast(literal(request.due_until), Date),
        cast(literal(request.is_active), Boolean),
        cast(literal(MOST_FOUND), Integer),
    ).table_valued("work_order_id", "score", name="found")
