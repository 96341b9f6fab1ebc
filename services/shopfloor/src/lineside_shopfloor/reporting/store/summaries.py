"""What a plant produced on a date, summed from the kept rows of that date alone."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, true, tuple_

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.shopfloor import GetDailyProductionSummary, ProductionTotals
from lineside_shopfloor import tables
from lineside_shopfloor.reporting.store.lane_times import NO_LANE

SUMMARY, LANES = tables.daily_production_summary, tables.lanes

_GROUPS: dict[str, tuple[str, ...]] = {
    "lane_shift": ("lane_id", "shift"),
    "lane": ("lane_id",),
    "shift": ("shift",),
    "operation_type": ("operation_type",),
    "plant": (),
}
_SUMMED = (
    "good_quantity",
    "scrap_quantity",
    "rework_quantity",
    "reworked_good_quantity",
    "reworked_scrap_quantity",
    "log_count",
    "completed_work_order_count",
)
_MINUTES = {
    "run_minutes": "run_seconds",
    "setup_minutes": "setup_seconds",
    "downtime_minutes": "downtime_seconds",
}


async def totals(
    uow: UnitOfWork, request: GetDailyProductionSummary
) -> tuple[list[ProductionTotals], ProductionTotals, datetime | None]:
    """Sum a date by group and in all; tells when its newest figure was calculated.

    Args:
        uow: The transaction.
        request: Plant, date, basis and grouping.
    """
    names = _GROUPS[request.group_by]
    sums = _sums(request, names).subquery("sums")
    query: Select[Any] = select(sums)
    if "lane_id" in names:
        query = query.add_columns(LANES.c.lane_number)
        query = query.outerjoin_from(sums, LANES, LANES.c.id == sums.c.lane_id)
    rows = (await uow.connection.execute(query)).mappings().all()
    total = next(row for row in rows if row["is_total"])
    items = [_totals(row) for row in rows if not row["is_total"]]
    return sorted(items, key=_order), _totals(total), total["calculated_at"]


def _sums(request: GetDailyProductionSummary, names: Sequence[str]) -> Select[Any]:
    """Sums of each group and of all together, in one pass over the date's rows."""
    columns: Sequence[ColumnElement[Any]] = [SUMMARY.c[name] for name in names]
    is_total = func.grouping(*columns) > 0 if columns else true()
    query = select(
        *columns,
        is_total.label("is_total"),
        *(func.coalesce(func.sum(SUMMARY.c[name]), 0).label(name) for name in _SUMMED),
        *(_minutes(seconds).label(name) for name, seconds in _MINUTES.items()),
        func.max(SUMMARY.c.calculated_at).label("calculated_at"),
    ).where(*_conditions(request))
    return query.group_by(func.grouping_sets(tuple_(*columns), tuple_())) if columns else query


def _minutes(seconds: str) -> ColumnElement[Any]:
    return func.round(func.coalesce(func.sum(SUMMARY.c[seconds]), 0) / 60, 2)


def _conditions(request: GetDailyProductionSummary) -> list[ColumnElement[bool]]:
    day = SUMMARY.c.production_date if request.basis == "shift" else SUMMARY.c.calendar_date
    conditions = [SUMMARY.c.plant_code == request.plant_code, day == request.date]
    if request.lane_id is not None:
        conditions.append(SUMMARY.c.lane_id == request.lane_id)
    return conditions


def _totals(row: Mapping[str, Any]) -> ProductionTotals:
    group = dict(row)
    if group.get("lane_id") == NO_LANE:
        group["lane_id"] = None
    return ProductionTotals.model_validate(group)


def _order(item: ProductionTotals) -> tuple[str, str, str]:
    return item.lane_number or "", item.shift or "", item.operation_type or ""
