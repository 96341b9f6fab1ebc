"""What becomes of orders: loaded with what was produced for them, saved as it is told."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Text, and_, any_, cast, func, literal_column, or_, select

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.sales import SalesOrderStatus
from lineside_manufacturing import stored_calendars
from lineside_manufacturing.calendars import WorkingCalendar
from lineside_sales_bridge import tables
from lineside_sales_bridge.domain.bookings import BookedOrder
from lineside_sales_bridge.domain.fulfilment import ProducedOrder
from lineside_sales_bridge.store import orders, queries

_orders, _lines = tables.sales_orders, tables.sales_order_lines
_products, _plants, _calendars = tables.products, tables.plants, tables.calendars
_produced = tables.produced_orders


@dataclass(frozen=True, slots=True)
class WatchedOrder:
    """A confirmed order, what was produced for it, and the calendar its goods are ready by."""

    booked: BookedOrder
    produced: tuple[ProducedOrder, ...]
    calendar: WorkingCalendar


def _name(name: str) -> Any:
    return literal_column(f"'{name}'")


_PRODUCED_OF_ORDER = (
    select(
        func.json_agg(
            func.json_build_object(
                *(
                    part
                    for column in _produced.c
                    if column.name not in {"tenant_id", "sales_order_id"}
                    for part in (_name(column.name), cast(column, Text))
                )
            )
        )
    )
    .where(_produced.c.tenant_id == _orders.c.tenant_id, _produced.c.sales_order_id == _orders.c.id)
    .scalar_subquery()
    .label("produced")
)
_PLANT_OF_ORDER = (
    select(
        func.json_build_object(
            _name("zone"),
            _plants.c.time_zone,
            _name("shifts"),
            _calendars.c.shifts,
            _name("holidays"),
            _calendars.c.holidays,
        )
    )
    .select_from(
        _lines.join(
            _products,
            and_(
                _products.c.tenant_id == _lines.c.tenant_id,
                _products.c.product_code == _lines.c.product_code,
            ),
        )
        .join(
            _plants,
            and_(
                _plants.c.tenant_id == _products.c.tenant_id,
                _plants.c.plant_code == _products.c.plant_code,
            ),
        )
        .outerjoin(
            _calendars,
            and_(
                _calendars.c.tenant_id == _plants.c.tenant_id,
                _calendars.c.calendar_code == _plants.c.calendar_code,
                ~_calendars.c.deleted,
            ),
        )
    )
    .where(_lines.c.tenant_id == _orders.c.tenant_id, _lines.c.sales_order_id == _orders.c.id)
    .order_by(_lines.c.line_number)
    .limit(1)
    .scalar_subquery()
    .label("plant")
)


async def lock(uow: UnitOfWork, ids: Iterable[UUID]) -> None:
    """Let nobody else decide on some orders; what others decided is seen by the next load."""
    query = (
        select(_orders.c.id)
        .where(_orders.c.id == any_(queries.uuids("ids", ids)))
        .order_by(_orders.c.id)
        .with_for_update()
    )
    await uow.connection.execute(query)


async def load(
    uow: UnitOfWork, ids: Iterable[UUID], *, unpromised: Iterable[UUID] = ()
) -> list[WatchedOrder]:
    """Load those of some orders that are confirmed.

    They are not locked; whoever changes them states the version expected.

    Args:
        uow: Where it is loaded in.
        ids: Orders.
        unpromised: Further orders, if their revision in force was not promised yet.
    """
    query = select(_orders, orders.LINES_OF_ORDER, _PRODUCED_OF_ORDER, _PLANT_OF_ORDER).where(
        or_(
            _orders.c.id == any_(queries.uuids("ids", ids)),
            and_(
                _orders.c.id == any_(queries.uuids("unpromised", unpromised)),
                _orders.c.accepted_revision.is_distinct_from(_orders.c.revision),
            ),
        ),
        _orders.c.status == SalesOrderStatus.CONFIRMED,
    )
    return [_watched(row) for row in await uow.connection.execute(query)]


def save_produced(uow: UnitOfWork, produced: Sequence[ProducedOrder]) -> None:
    """Keep how production orders ended; an older state changes nothing."""
    uow.upsert(_produced, [asdict(one) for one in produced], key=("id",), newer_by="version")


def save(uow: UnitOfWork, told: Sequence[BookedOrder]) -> None:
    """Store what sales systems are told; an order that changed meanwhile is a conflict."""
    rows = [
        {
            "id": booked.id,
            "version": booked.order.version,
            "status": booked.order.status,
            "promised_date": booked.order.promised_date,
            "accepted_revision": booked.accepted_revision,
            "prediction_version": booked.prediction_version,
        }
        for booked in told
        if booked.order is not None
    ]
    uow.update(_orders, rows, expect_version=True)


def _watched(row: Any) -> WatchedOrder:
    plant = row.plant or {"zone": "UTC", "shifts": None}
    calendar = plant if plant["shifts"] is not None else None
    return WatchedOrder(
        booked=orders.booked_order(row, None),
        produced=tuple(_produced_order(row.id, one) for one in row.produced or ()),
        calendar=stored_calendars.plant_calendar(plant["zone"], calendar),
    )


def _produced_order(sales_order_id: UUID, row: dict[str, str]) -> ProducedOrder:
    return ProducedOrder(
        id=UUID(row["id"]),
        sales_order_id=sales_order_id,
        line_number=int(row["line_number"]),
        version=int(row["version"]),
        status="completed" if row["status"] == "completed" else "cancelled",
        product_code=row["product_code"],
        sales_revision=int(row["sales_revision"]),
        quantity_completed=Decimal(row["quantity_completed"]),
    )
