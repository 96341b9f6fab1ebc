"""What key figures are made of: completed work orders of a period, by index, and the targets."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select, text

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_shopfloor import tables
from lineside_shopfloor.reporting.domain.key_figures import Finished, Targets, YieldSums

_FINISHED = text("""
WITH finished AS (
  SELECT c.id, c.completed_at, w.quantity_completed,
    w.planned_end_at IS NOT NULL OR w.planned_end_date IS NOT NULL AS is_dated,
    CASE WHEN w.planned_end_at IS NOT NULL THEN c.completed_at <= w.planned_end_at
      ELSE (c.completed_at AT TIME ZONE :zone)::date <= w.planned_end_date END AS is_on_time
  FROM work_order_completions c JOIN work_orders w ON w.id = c.id
  WHERE c.plant_code = :plant_code AND c.completed_at >= :since AND c.completed_at < :until
), hours AS (
  SELECT o.work_order_id, sum(o.planned_hours) AS planned,
    sum(o.actual_setup_minutes + o.actual_run_minutes) / 60 AS actual
  FROM finished f JOIN work_order_operations o ON o.work_order_id = f.id
  WHERE o.status <> 'cancelled' GROUP BY 1
)
SELECT count(*) AS work_order_count,
  count(*) FILTER (WHERE is_dated) AS dated,
  count(*) FILTER (WHERE is_dated AND is_on_time) AS on_time,
  count(*) FILTER (WHERE h.actual > 0) AS measured,
  COALESCE(sum(h.planned) FILTER (WHERE h.actual > 0), 0) AS planned_hours,
  COALESCE(sum(h.actual) FILTER (WHERE h.actual > 0), 0) AS actual_hours,
  COALESCE(sum(f.quantity_completed), 0) AS units,
  count(DISTINCT (f.completed_at AT TIME ZONE :zone)::date) AS days
FROM finished f LEFT JOIN hours h ON h.work_order_id = f.id
""")
_YIELDS = text("""
SELECT o.operation_code, max(o.operation_name) AS operation_name,
  sum(o.planned_input) AS planned_input, sum(o.planned_output) AS planned_output,
  sum(o.good_quantity) AS good,
  sum(o.good_quantity + o.scrap_quantity + o.rework_quantity) AS reported,
  count(DISTINCT c.id) AS work_order_count
FROM work_order_completions c
JOIN work_order_operations o ON o.work_order_id = c.id
WHERE c.completed_at >= :since AND o.status <> 'cancelled'
  AND o.good_quantity + o.scrap_quantity + o.rework_quantity > 0
  AND (CAST(:plants AS text[]) IS NULL OR c.plant_code = ANY(CAST(:plants AS text[])))
GROUP BY o.operation_code, CASE WHEN o.operation_code IS NULL THEN o.operation_name END
""")


async def targets(uow: UnitOfWork) -> Targets:
    """Load what the tenant aims at."""
    c = tables.tenant_settings.c
    query = select(
        c.on_time_target_percentage,
        c.lane_occupancy_target_percentage,
        c.hours_target_percentage,
    )
    row = (await uow.connection.execute(query)).first()
    return Targets(*row) if row else Targets()


async def finished(
    uow: UnitOfWork, plant_code: str, *, since: datetime, until: datetime, zone: str
) -> Finished:
    """Sum up the work orders of a plant that were completed within [since, until)."""
    parameters = {"plant_code": plant_code, "since": since, "until": until, "zone": zone}
    row = (await uow.connection.execute(_FINISHED, parameters)).one()
    return Finished(
        count=row.work_order_count,
        dated=row.dated,
        on_time=row.on_time,
        measured=row.measured,
        planned_hours=Decimal(row.planned_hours),
        actual_hours=Decimal(row.actual_hours),
        units=Decimal(row.units),
        days=row.days,
    )


async def yields(
    uow: UnitOfWork, *, since: datetime, plants: Sequence[str] | None
) -> list[YieldSums]:
    """Sum up the operations of the work orders that were completed since an instant."""
    parameters = {"since": since, "plants": None if plants is None else list(plants)}
    rows = (await uow.connection.execute(_YIELDS, parameters)).all()
    return [YieldSums(*row) for row in rows]
