"""Why logs may not leave yet: somebody still needs them where they are."""

from datetime import date

from sqlalchemy import text

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_shopfloor.archive.store import measuring, months

_UNSUMMED = text("""
SELECT count(*) FROM (
  SELECT DISTINCT l.plant_code, (l.happened_at AT TIME ZONE p.time_zone)::date AS day
  FROM production_logs AS l
  JOIN plants AS p ON p.tenant_id = l.tenant_id AND p.plant_code = l.plant_code
  WHERE l.logged_at >= :begins AND l.logged_at < :ends AND NOT l.is_void
    AND l.good_quantity + l.scrap_quantity + l.rework_quantity > 0
    AND NOT EXISTS (
      SELECT FROM production_logs AS c WHERE c.tenant_id = l.tenant_id
      AND c.corrects_log_id = l.id AND c.logged_at >= :begins)
) AS reported
WHERE NOT EXISTS (
  SELECT FROM daily_production_summary AS s
  WHERE s.plant_code = reported.plant_code AND s.calendar_date = reported.day)
""")

_OPEN = text("""
SELECT count(*) FROM (
  SELECT DISTINCT work_order_id FROM production_logs
  WHERE logged_at >= :begins AND logged_at < :ends
) AS reported
JOIN work_orders AS w ON w.tenant_id = current_tenant() AND w.id = reported.work_order_id
WHERE w.status NOT IN ('completed', 'cancelled')
""")


async def of_month(uow: UnitOfWork, month: date) -> list[str]:
    """Tell what keeps a tenant's logs of a month in the table.

    Args:
        uow: Of the tenant.
        month: Of recording; things may have happened before it.

    Returns:
        Days of plants on which pieces were reported and that have no summary; work orders that are
        not done, whose logs a correction adds up anew. Nothing where there are none.
    """
    await uow.connection.execute(months.LONG)
    during = measuring.between(month)
    days: int = (await uow.connection.execute(_UNSUMMED, during)).scalar_one()
    open_orders: int = (await uow.connection.execute(_OPEN, during)).scalar_one()
    found = {"days without a summary": days, "work orders not done": open_orders}
    return [f"{count} {what}" for what, count in found.items() if count]
