"""What the calendars of plants and work centers are made of, in one question.

The calendars themselves are built, once per version, where work is dated.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import text

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_manufacturing.stored_calendars import CalendarContent, Closure, StoredCalendars
from lineside_shopfloor.places.domain.facts import CenterTime, Facts, WorkingTimes

Row = Mapping[str, Any]
Rows = Mapping[str, list[Row]]

_PLACES = text("""
WITH centers AS (
  SELECT * FROM work_centers
  WHERE NOT deleted AND work_center_code = ANY(:work_center_codes)
), sites AS (
  SELECT * FROM plants
  WHERE NOT deleted AND (plant_code = ANY(:plant_codes)
    OR plant_code IN (SELECT plant_code FROM centers))
), codes AS (
  SELECT calendar_code FROM centers UNION SELECT calendar_code FROM sites
)
SELECT 'plant' AS kind, json_build_object('code', plant_code, 'time_zone', time_zone,
  'calendar_code', calendar_code) AS content FROM sites
UNION ALL
SELECT 'center', json_build_object('code', work_center_code, 'plant_code', plant_code,
  'calendar_code', calendar_code, 'efficiency', efficiency_percentage::text) FROM centers
UNION ALL
SELECT 'calendar', json_build_object('id', k.id, 'version', k.version, 'code', k.calendar_code,
  'shifts', k.shifts::text, 'holidays', k.holidays::text)
FROM calendars k WHERE NOT k.deleted AND k.calendar_code IN (SELECT calendar_code FROM codes)
UNION ALL
SELECT 'window', json_build_object('id', m.id, 'version', m.version, 'plant_code', m.plant_code,
  'center', m.work_center_code, 'starts_at', m.starts_at, 'ends_at', m.ends_at)
FROM maintenance_windows m
WHERE NOT m.deleted AND m.ends_at > :since
  AND (m.plant_code IN (SELECT plant_code FROM sites)
    OR m.plant_code IN (SELECT plant_code FROM centers))
  AND (m.work_center_code IS NULL
    OR m.work_center_code IN (SELECT work_center_code FROM centers))
""")


async def with_times(
    uow: UnitOfWork,
    facts: Facts,
    *,
    work_center_codes: Iterable[str | None],
    plant_codes: Iterable[str | None],
    since: datetime | None = None,
) -> Facts:
    """Load the times of some work centers, of their plants and of further plants.

    Args:
        uow: The transaction.
        facts: What they are added to.
        work_center_codes: Which; unknown ones work as their order's plant does.
        plant_codes: Of the orders.
        since: Maintenance that ended before is left out; what is past by default.
    """
    rows = await uow.connection.execute(
        _PLACES,
        {
            "work_center_codes": sorted({code for code in work_center_codes if code}),
            "plant_codes": sorted({code for code in plant_codes if code}),
            "since": since or uow.now,
        },
    )
    found: dict[str, list[Row]] = {kind: [] for kind in ("plant", "center", "calendar", "window")}
    for kind, content in rows:
        found[kind].append(content)
    return replace(facts, times=_times(found, facts.rules.time_zone))


def _times(found: Rows, time_zone: str) -> WorkingTimes:
    stored, sites = _stored(found), {row["code"]: row for row in found["plant"]}
    plants = {
        code: stored.source_of(
            code, time_zone=site["time_zone"], calendar_codes=[site["calendar_code"]]
        )
        for code, site in sites.items()
    }
    centers = {}
    for row in found["center"]:
        site = sites.get(row["plant_code"], {})
        source = stored.source_of(
            row["plant_code"],
            time_zone=site.get("time_zone", time_zone),
            calendar_codes=[row["calendar_code"], site.get("calendar_code")],
            work_center_code=row["code"],
        )
        centers[row["code"]] = CenterTime(source, Decimal(row["efficiency"]))
    return WorkingTimes(plants, centers)


def _stored(found: Rows) -> StoredCalendars:
    closures: dict[tuple[str, str | None], list[Closure]] = {}
    for row in found["window"]:
        closures.setdefault((row["plant_code"], row["center"]), []).append(_closure(row))
    return StoredCalendars({row["code"]: _content(row) for row in found["calendar"]}, closures)


def _content(row: Row) -> CalendarContent:
    return CalendarContent(
        UUID(row["id"]), row["version"], row["code"], row["shifts"], row["holidays"]
    )


def _closure(row: Row) -> Closure:
    starts_at, ends_at = map(datetime.fromisoformat, (row["starts_at"], row["ends_at"]))
    return Closure(UUID(row["id"]), row["version"], starts_at, ends_at)
