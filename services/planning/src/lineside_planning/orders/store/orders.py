"""Production orders: loaded under their row locks, saved together with their events."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, Select, bindparam, func, or_, select, text
from sqlalchemy.dialects.postgresql import ARRAY, TEXT, UUID as PG_UUID
from sqlalchemy.sql.expression import any_

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.envelope import Envelope
from lineside_contracts.planning import ProductionOrder
from lineside_contracts.values import Priority
from lineside_planning.master_data.tables import tenants
from lineside_planning.orders.domain import sealing
from lineside_planning.orders.domain.orders import Answer, Ask, PlannedOrder
from lineside_planning.orders.domain.sealing import Change
from lineside_planning.orders.tables import production_orders as table

_IDS = bindparam("ids", type_=ARRAY(PG_UUID))
_CODES = bindparam("codes", type_=ARRAY(TEXT))
_STATE_FIELDS = tuple(ProductionOrder.model_fields)

_LOCKED: Select[Any] = select(table).order_by(table.c.id).with_for_update()
_BY_ID = _LOCKED.where(table.c.id == any_(_IDS))
_RELEASE_POLICY = (
    select(tenants.c.release_policy)
    .where(tenants.c.id == func.current_tenant(), tenants.c.status == "active")
    .scalar_subquery()
    .label("release_policy")
)
_BY_ID_WITH_POLICY = _BY_ID.add_columns(_RELEASE_POLICY).with_for_update(of=table)
_OF_SALES_ORDERS = _LOCKED.where(
    table.c.sales_order_number == any_(_CODES), table.c.sales_order_id == any_(_IDS)
)
_FAMILIES = (
    _LOCKED.where(
        or_(
            table.c.id == any_(_IDS),
            table.c.parent_order_id == any_(bindparam("parent_ids", type_=ARRAY(PG_UUID))),
        )
    )
    .add_columns(_RELEASE_POLICY)
    .with_for_update(of=table)
)
_HELD_FOR_PRODUCTS = _LOCKED.where(
    table.c.status == text("'on_hold'"), table.c.product_code == any_(_CODES)
)


async def lock(uow: UnitOfWork, ids: Sequence[UUID]) -> dict[UUID, PlannedOrder]:
    """Load orders by id and keep others from changing them."""
    rows = await uow.connection.execute(_BY_ID, {"ids": list(ids)})
    return {row["id"]: planned_order(row) for row in rows.mappings()}


async def lock_with_policy(
    uow: UnitOfWork, ids: Sequence[UUID]
) -> tuple[dict[UUID, PlannedOrder], bool]:
    """Load orders by id under lock, and whether the tenant releases orders by itself."""
    rows = (await uow.connection.execute(_BY_ID_WITH_POLICY, {"ids": list(ids)})).mappings().all()
    return {row["id"]: planned_order(row) for row in rows}, _releases(rows)


async def lock_families(
    uow: UnitOfWork, ids: Sequence[UUID], *, parent_ids: Sequence[UUID]
) -> tuple[dict[UUID, PlannedOrder], bool]:
    """Load orders by id, and all children of some, oldest first; and the tenant's policy."""
    wanted = {"ids": list(ids), "parent_ids": list(parent_ids)}
    rows = (await uow.connection.execute(_FAMILIES, wanted)).mappings().all()
    return {row["id"]: planned_order(row) for row in rows}, _releases(rows)


async def lock_of_sales_orders(
    uow: UnitOfWork, numbers_by_id: Mapping[UUID, str]
) -> list[PlannedOrder]:
    """Load every order of some sales orders, oldest first, under lock."""
    rows = await uow.connection.execute(
        _OF_SALES_ORDERS,
        {"ids": list(numbers_by_id), "codes": list(numbers_by_id.values())},
    )
    return [planned_order(row) for row in rows.mappings()]


async def lock_held_for_products(uow: UnitOfWork, codes: Sequence[str]) -> list[PlannedOrder]:
    """Load the orders on hold for some products, under lock."""
    rows = await uow.connection.execute(_HELD_FOR_PRODUCTS, {"codes": list(codes)})
    return [planned_order(row) for row in rows.mappings()]


async def find(uow: UnitOfWork, order_id: UUID) -> ProductionOrder | None:
    """Read one order as everybody sees it."""
    rows = await uow.connection.execute(select(table).where(table.c.id == order_id))
    row = rows.mappings().one_or_none()
    return production_order(row) if row else None


def add(uow: UnitOfWork, order: PlannedOrder, *, caused_by: Envelope | None = None) -> None:
    """Save a new order and tell of it."""
    sealed = sealing.created(order)
    uow.insert(table, [row_of(sealed.order)])
    uow.emit(sealed.event, caused_by=caused_by)


def change(
    uow: UnitOfWork, decided: Change, *, caused_by: Envelope | None = None
) -> ProductionOrder:
    """Save what was decided about an order and tell of it; nothing where nothing changed."""
    sealed = sealing.seal(decided, actor=uow.actor_of(caused_by), now=uow.now)
    if sealed is not None:
        uow.update(table, [row_of(sealed.order)], expect_version=True)
        uow.emit(sealed.event, caused_by=caused_by)
        return sealed.order.state
    if decided.before != decided.after:
        uow.update(table, [row_of(decided.after)])
    return decided.after.state


def _releases(rows: Sequence[RowMapping]) -> bool:
    """A suspended tenant starts nothing by itself."""
    return any(row["release_policy"] == "automatic" for row in rows)


def row_of(order: PlannedOrder) -> dict[str, Any]:
    """Write an order as its row."""
    ask = order.ask
    return {
        **dict(order.state),
        "confirmation_count": order.confirmation_count,
        "asked_product_code": ask.product_code if ask else None,
        "asked_quantity": ask.quantity if ask else None,
        "asked_due_date": ask.due_date if ask else None,
        "asked_priority": ask.priority if ask else None,
        "cancelled_by": order.cancelled_by,
        "previous_work_order_count": order.previous_work_order_count,
        "expanded_planning_version": order.expanded_planning_version,
        "requirement_id": order.requirement_id,
        **_answer_columns("materials", order.materials),
        **_answer_columns("capacity", order.capacity),
        "resolutions": list(order.resolutions),
    }


def production_order(row: RowMapping) -> ProductionOrder:
    """Read the public state from its row."""
    return ProductionOrder.model_validate({name: row[name] for name in _STATE_FIELDS})


def planned_order(row: RowMapping) -> PlannedOrder:
    """Read an order from its row."""
    return PlannedOrder(
        state=production_order(row),
        ask=_ask(row),
        confirmation_count=row["confirmation_count"],
        cancelled_by=row["cancelled_by"],
        previous_work_order_count=row["previous_work_order_count"],
        expanded_planning_version=row["expanded_planning_version"],
        requirement_id=row["requirement_id"],
        materials=_answer(row, "materials"),
        capacity=_answer(row, "capacity"),
        resolutions=tuple(row["resolutions"]),
    )


def _answer(row: RowMapping, of: str) -> Answer:
    return Answer(
        version=row[f"{of}_version"],
        expansion_version=row[f"{of}_expansion_version"],
        due_date=row[f"{of}_due_date"],
    )


def _answer_columns(of: str, answer: Answer) -> dict[str, Any]:
    return {
        f"{of}_version": answer.version,
        f"{of}_expansion_version": answer.expansion_version,
        f"{of}_due_date": answer.due_date,
    }


def _ask(row: RowMapping) -> Ask | None:
    if row["asked_product_code"] is None:
        return None
    return Ask(
        product_code=row["asked_product_code"],
        quantity=row["asked_quantity"],
        due_date=row["asked_due_date"],
        priority=Priority(row["asked_priority"]),
    )
