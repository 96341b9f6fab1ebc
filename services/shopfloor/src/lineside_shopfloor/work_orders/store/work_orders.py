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
_COUNTED = frozenset({"version", "updated_at", "updated_by"})
_STATUS = frozenset({"status", "cancel_reason"})
_NUMBERS = ("work_order_number", "sap_production_order")

_FIELDS = tuple(name for name in WorkOrder.model_fields if name != "operations")
_OPERATION_FIELDS = tuple(FloorOperation.model_fields)


async def of_orders(uow: UnitOfWork, order_ids: Sequence[UUID]) -> dict[UUID, list[WorkOrder]]:
    """Lock and load every work order of some production orders, by production order."""
    by_order: dict[UUID, list[WorkOrder]] = {order_id: [] for order_id in order_ids}
    if not order_ids:
        return by_order
    query = _locked(with_operations(WORK_ORDERS)).where(
        one_of(WORK_ORDERS.c.production_order_id, list(order_ids))
    )
    for work_order in await _load(uow, query):
        if work_order.production_order_id is not None:
            by_order[work_order.production_order_id].append(work_order)
    return by_order


async def one(
    uow: UnitOfWork, work_order_id: UUID, *, for_update: bool = False
) -> WorkOrder | None:
    """Load one work order, locked where it is to be changed."""
    query = with_operations(WORK_ORDERS).where(WORK_ORDERS.c.id == work_order_id)
    found = await _load(uow, _locked(query) if for_update else query)
    return found[0] if found else None


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
    uow.insert(WORK_ORDERS, [_row(o.work_order, _FIELDS) for o in stepped if o.is_new])
    for outcome in stepped:
        if not outcome.is_new:
            uow.update(WORK_ORDERS, [_row(outcome.work_order, _written(outcome))])
        if outcome.is_new or "operations" in outcome.touched:
            uow.upsert(_OPERATIONS, _operation_rows(outcome.work_order), key=("id",))
        left = [{"id": operation_id} for operation_id in outcome.left_operation_ids]
        uow.delete(_OPERATIONS, left, key=("id",))
        for event in outcome.events:
            uow.emit(event, caused_by=caused_by)


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
        *(source.c[name] for name in _FIELDS),
        *(_OPERATIONS.c[name].label(f"operation_{name}") for name in _OPERATION_FIELDS),
    ).select_from(joined)


def operation_number() -> Any:
    """The column operations are ordered by, within their work order."""
    return _OPERATIONS.c.operation_number


def assembled(rows: Iterable[Row[Any]]) -> list[WorkOrder]:
    """Put work orders together from rows in which those of each stand side by side."""
    return [_work_order(list(own)) for _, own in groupby(rows, key=lambda row: row[0])]


def _work_order(rows: Sequence[Row[Any]]) -> WorkOrder:
    width = len(_FIELDS)
    operations = tuple(
        FloorOperation.model_validate(
            dict(zip(_OPERATION_FIELDS, row[width : width + len(_OPERATION_FIELDS)], strict=True))
        )
        for row in rows
        if row[width] is not None
    )
    fields = dict(zip(_FIELDS, rows[0][:width], strict=True))
    return WorkOrder.model_validate({**fields, "operations": operations})


def _locked(query: Select[Any]) -> Select[Any]:
    return query.order_by(WORK_ORDERS.c.id, operation_number()).with_for_update(of=WORK_ORDERS)


async def _load(uow: UnitOfWork, query: Select[Any]) -> list[WorkOrder]:
    return assembled((await uow.connection.execute(query)).all())


def _written(outcome: Outcome) -> Iterable[str]:
    """Choose one of two shapes, so that a batch is few statements and a status costs little.

    A changed status leaves alone what the search columns are made of.
    """
    if outcome.touched <= _STATUS | {"operations"}:
        return {"id", *_COUNTED, *_STATUS}
    return _FIELDS


def _row(work_order: WorkOrder, names: Iterable[str]) -> dict[str, Any]:
    return work_order.model_dump(mode="json", include=set(names))


def _operation_rows(work_order: WorkOrder) -> list[dict[str, Any]]:
    return [
        {"work_order_id": work_order.id, **operation.model_dump(mode="json")}
        for operation in work_order.operations
    ]
