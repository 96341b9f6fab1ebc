"""Rows of the daily summary and of effectiveness, as they stand and as they become."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Date, Select, Table, Uuid, bindparam, func, select, tuple_

from lineside_chassis.tables import one_of
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.shopfloor import OeeCalculation
from lineside_shopfloor import tables
from lineside_shopfloor.reporting.domain.cells import SECOND, Cell, Totals
from lineside_shopfloor.reporting.domain.figures import rounded
from lineside_shopfloor.reporting.domain.timetables import Slot

OEE = tables.oee_calculations
SUMMARY = tables.daily_production_summary
SUMMARY_KEY = (
    "plant_code",
    "production_date",
    "lane_id",
    "shift",
    "calendar_date",
    "operation_type",
)
_OEE_FIELDS = tuple(OeeCalculation.model_fields)

OeeKey = tuple[UUID, date, str]
SummaryKey = tuple[Any, ...]


def calculation(row: Any) -> OeeCalculation:
    """Make the state of a row."""
    return OeeCalculation.model_validate({name: getattr(row, name) for name in _OEE_FIELDS})


async def calculations(uow: UnitOfWork, cells: Iterable[Cell]) -> dict[OeeKey, OeeCalculation]:
    """Load what is kept of the effectiveness of some cells."""
    query = _of_cells(select(*(OEE.c[name] for name in _OEE_FIELDS)), OEE, cells)
    rows = (await uow.connection.execute(query)).all()
    return {(row.lane_id, row.production_date, row.shift): calculation(row) for row in rows}


async def summary_keys(uow: UnitOfWork, cells: Sequence[Cell]) -> set[SummaryKey]:
    """Tell which rows of the summary some cells have."""
    columns = [SUMMARY.c[name] for name in SUMMARY_KEY]
    query = _of_cells(select(*columns), SUMMARY, cells)
    wanted = {(cell.plant_code, cell.lane_id, cell.production_date) for cell in cells}
    rows = (await uow.connection.execute(query)).all()
    return {
        tuple(row) for row in rows if (row.plant_code, row.lane_id, row.production_date) in wanted
    }


async def dates_since(
    uow: UnitOfWork, since: Mapping[tuple[UUID, str], date]
) -> list[tuple[UUID, str, date]]:
    """Find the production dates for which anything is kept, by lane and plant, from a date on."""
    if not since:
        return []
    c = SUMMARY.c
    query = (
        select(c.lane_id, c.plant_code, c.production_date)
        .where(
            one_of(c.lane_id, sorted({lane_id for lane_id, _ in since})),
            c.production_date >= min(since.values()),
        )
        .distinct()
    )
    rows = (await uow.connection.execute(query)).all()
    return [
        (row.lane_id, row.plant_code, row.production_date)
        for row in rows
        if row.production_date >= since.get((row.lane_id, row.plant_code), date.max)
    ]


def save_summary(
    uow: UnitOfWork,
    found: Mapping[Cell, Mapping[tuple[Slot, str], Totals]],
    known: set[SummaryKey],
) -> None:
    """Register the rows of some cells, and the end of those that are no longer."""
    rows = {
        _key(cell, slot, operation_type): _values(totals)
        for cell, by_slot in found.items()
        for (slot, operation_type), totals in by_slot.items()
    }
    gone = [dict(zip(SUMMARY_KEY, key, strict=True)) for key in sorted(known - rows.keys())]
    uow.delete(SUMMARY, gone, key=SUMMARY_KEY)
    uow.upsert(
        SUMMARY,
        [
            {**dict(zip(SUMMARY_KEY, key, strict=True)), **values, "calculated_at": uow.now}
            for key, values in rows.items()
        ],
        key=SUMMARY_KEY,
    )


def save_calculations(uow: UnitOfWork, states: Sequence[OeeCalculation]) -> None:
    """Register new states of effectiveness."""
    uow.upsert(OEE, [state.model_dump() for state in states], key=("id",))


def _key(cell: Cell, slot: Slot, operation_type: str) -> SummaryKey:
    return (
        cell.plant_code,
        cell.production_date,
        cell.lane_id,
        slot.shift,
        slot.calendar_date,
        operation_type,
    )


def _values(totals: Totals) -> dict[str, Any]:
    return {
        "good_quantity": totals.good,
        "scrap_quantity": totals.scrap,
        "rework_quantity": totals.rework,
        "reworked_good_quantity": totals.reworked_good,
        "reworked_scrap_quantity": totals.reworked_scrap,
        "run_seconds": _seconds(totals.run),
        "setup_seconds": _seconds(totals.setup),
        "downtime_seconds": _seconds(totals.pause),
        "log_count": totals.log_count,
        "completed_work_order_count": totals.completed_count,
    }


def _seconds(microseconds: int) -> Decimal:
    return rounded(Fraction(microseconds, SECOND))


def _of_cells(query: Select[Any], table: Table, cells: Iterable[Cell]) -> Select[Any]:
    pairs = sorted({(cell.lane_id, cell.production_date) for cell in cells})
    lane_ids = bindparam(None, [one for one, _ in pairs], type_=ARRAY(Uuid), unique=True)
    days = bindparam(None, [day for _, day in pairs], type_=ARRAY(Date), unique=True)
    wanted = func.unnest(lane_ids, days).table_valued("lane_id", "production_date").render_derived()
    return query.where(
        tuple_(table.c.lane_id, table.c.production_date).in_(
            select(wanted.c.lane_id, wanted.c.production_date)
        )
    )
