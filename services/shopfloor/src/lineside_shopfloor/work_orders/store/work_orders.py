"""Work orders with their operations: locked for a decision, and stored after it.

A work order and its operations come in one statement, a row per operation.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import FromClause, Join, Row, Select, Table, and_, or_, select

from lineside_chassis.tables import one_of
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.envelope import Envelope
from lineside_contracts.shopfloor import WorkOrder
from lineside_shopfloor import tables
from lineside_shopfloor.work_orders.domain.operations import FloorOperation
from lineside_shopfloor.work_orders.domain.outcomes import Outcome

WORK_ORDERS: Table = tables.work_orders
_OPERATIONS = tables.work_order_operations
_SEEN = tables.work_orders.alias("seen")
_COUNTED = frozenset({"version", "updated_at", "updated_by"})
_PROGRESS = frozenset(
    {
        "status",
        "cancel_reason",
        "completion_reason",
        "quantity_completed",
        "stated_hours",
        "actual_start_date",
        "actual_start_at",
        "actual_end_date",
        "actual_end_at",
    }
)
"""What the floor itself changes as work goes on."""

_REPORTED = frozenset(
    {
        "id",
        "status",
        "good_quantity",
        "scrap_quantity",
        "rework_quantity",
        "rework_in_quantity",
        "rework_out_quantity",
        "input_added_quantity",
        "actual_setup_minutes",
        "actual_run_minutes",
        "actual_labour_minutes",
        "actual_hours",
        "stated_hours",
        "completed_by",
        "completed_at",
        "completion_count",
    }
)
"""What reports change of an operation."""

_NUMBERS = ("work_order_number", "sap_production_order")

FIELDS = tuple(name for name in WorkOrder.model_fields if name != "operations")
"""Columns of a work order that are fields of its state."""

OPERATION_FIELDS = tuple(FloorOperation.model_fields)
"""Columns of an operation that are fields of its state on the floor."""


async def of_orders(uow: UnitOfWork, order_ids: Sequence[UUID]) -> dict[UUID, list[WorkOrder]]:
    """Lock and load every work order of some production orders, by production order."""
    by_order: dict[UUID, list[WorkOrder]] = {order_id: [] for order_id in order_ids}
    if not order_ids:
        return by_order
    query = with_operations(WORK_ORDERS).where(
        one_of(WORK_ORDERS.c.production_order_id, list(order_ids))
    )
    for work_order in await _load_locked(uow, query):
        if work_order.production_order_id is not None:
            by_order[work_order.production_order_id].append(work_order)
    return by_order


async def one(
    uow: UnitOfWork, work_order_id: UUID, *, for_update: bool = False
) -> WorkOrder | None:
    """Load one work order, locked where it is to be changed."""
    query = with_operations(WORK_ORDERS).where(WORK_ORDERS.c.id == work_order_id)
    found = await (_load_locked(uow, query) if for_update else _load(uow, query))
    return found[0] if found else None


async def of_operation(uow: UnitOfWork, operation_id: UUID) -> UUID | None:
    """Tell to which work order an operation belongs; that never changes."""
    query = select(_OPERATIONS.c.work_order_id).where(_OPERATIONS.c.id == operation_id)
    found: UUID | None = (await uow.connection.execute(query)).scalar()
    return found


async def taken(
    uow: UnitOfWork, *, number: str | None = None, sap_number: str | None = None
) -> dict[str, UUID]:
    """Tell which of two numbers belong to work orders, by column, and to which."""
    wanted = dict(zip(_NUMBERS, (number, sap_number), strict=True))
    columns = [WORK_ORDERS.c[name] for name in _NUMBERS]
    if number is None and sap_number is None:
        return {}
    query = select(WORK_ORDERS.c.id, *columns).where(
        or_(*(WORK_ORDERS.c[name] == value for name, value in wanted.items() if value is not None))
    )
    rows = (await uow.connection.execute(query)).all()
    return {
        name: row.id
        for row in rows
        for name, value in wanted.items()
        if value is not None and getattr(row, name) == value
    }


def save(
    uow: UnitOfWork, outcomes: Sequence[Outcome], *, caused_by: Envelope | None = None
) -> None:
    """Store what became of work orders, and say it."""
    stepped = [outcome for outcome in outcomes if outcome.events]
    uow.insert(WORK_ORDERS, [_row(o.work_order, FIELDS) for o in stepped if o.is_new])
    for outcome in stepped:
        if not outcome.is_new:
            uow.update(WORK_ORDERS, [_row(outcome.work_order, _written(outcome))])
        if outcome.is_new or "operations" in outcome.touched:
            uow.upsert(_OPERATIONS, _operation_rows(outcome.work_order), key=("id",))
        left = [{"id": operation_id} for operation_id in outcome.left_operation_ids]
        uow.delete(_OPERATIONS, left, key=("id",))
        for event in outcome.events:
            uow.emit(event, caused_by=caused_by)


def save_progress(
    uow: UnitOfWork, outcome: Outcome, before: WorkOrder, *, log_version: int
) -> None:
    """Store what reports changed of a work order, and say it: progress, and changed operations.

    Args:
        uow: Where.
        outcome: The work order after the reports.
        before: As it was loaded.
        log_version: How many logs it has had.
    """
    counted = {"id": before.id, "log_version": log_version}
    if outcome.events:
        written = _row(outcome.work_order, {"id", *_COUNTED, *_PROGRESS})
        uow.update(WORK_ORDERS, [{**written, **counted}])
    else:
        uow.update(WORK_ORDERS, [counted])
    known = {operation.id: operation for operation in before.operations}
    changed = [o for o in outcome.work_order.operations if o != known.get(o.id)]
    uow.update(_OPERATIONS, [o.model_dump(mode="json", include=set(_REPORTED)) for o in changed])
    for event in outcome.events:
        uow.emit(event)


def with_operations(source: FromClause) -> Select[Any]:
    """Select work orders, as rows for `assembled`, from their table or a page of it."""
    joined: Join = source.outerjoin(
        _OPERATIONS,
        and_(
            _OPERATIONS.c.tenant_id == source.c.tenant_id,
            _OPERATIONS.c.work_order_id == source.c.id,
        ),
    )
    return select(
        *(source.c[name] for name in FIELDS),
        *(_OPERATIONS.c[name].label(f"operation_{name}") for name in OPERATION_FIELDS),
    ).select_from(joined)


def operation_number() -> Any:
    """The column operations are ordered by, within their work order."""
    return _OPERATIONS.c.operation_number


def assembled(rows: Iterable[Row[Any]]) -> list[WorkOrder]:
    """Put work orders together from rows in which those of each stand side by side."""
    return [_work_order(list(own)) for _, own in groupby(rows, key=lambda row: row[0])]


def _work_order(rows: Sequence[Row[Any]]) -> WorkOrder:
    width = len(FIELDS)
    operations = tuple(
        FloorOperation.model_validate(
            dict(zip(OPERATION_FIELDS, row[width : width + len(OPERATION_FIELDS)], strict=True))
        )
        for row in rows
        if row[width] is not None
    )
    fields = dict(zip(FIELDS, rows[0][:width], strict=True))
    return WorkOrder.model_validate({**fields, "operations": operations})


async def _load(uow: UnitOfWork, query: Select[Any]) -> list[WorkOrder]:
    return assembled((await uow.connection.execute(query)).all())


async def _load_locked(uow: UnitOfWork, query: Select[Any]) -> list[WorkOrder]:
    """Lock work orders and load them; asked again where one changed while we waited for its lock.

    PostgreSQL then looks at the locked row anew, but joins the operations its statement began
    with. The version of the row as the statement began tells.
    """
    locked = (
        query.join(
            _SEEN,
            and_(_SEEN.c.tenant_id == WORK_ORDERS.c.tenant_id, _SEEN.c.id == WORK_ORDERS.c.id),
        )
        .add_columns(_SEEN.c.version.label("seen_version"))
        .order_by(WORK_ORDERS.c.id, operation_number())
        .with_for_update(of=WORK_ORDERS, key_share=True)
    )
    rows = (await uow.connection.execute(locked)).all()
    if any(row.version != row.seen_version for row in rows):
        rows = (await uow.connection.execute(locked)).all()
    return assembled(rows)


def _written(outcome: Outcome) -> Iterable[str]:
    """Choose one of two shapes, so that a batch is few statements and a status costs little.

    Status and progress leave alone what the search columns are made of.
    """
    if outcome.touched <= _PROGRESS | {"operations"}:
        return {"id", *_COUNTED, *_PROGRESS}
    return FIELDS


def _row(work_order: WorkOrder, names: Iterable[str]) -> dict[str, Any]:
    return work_order.model_dump(mode="json", include=set(names))


def _operation_rows(work_order: WorkOrder) -> list[dict[str, Any]]:
    return [
        {"work_order_id": work_order.id, **operation.model_dump(mode="json")}
        for operation in work_order.operations
    ]
