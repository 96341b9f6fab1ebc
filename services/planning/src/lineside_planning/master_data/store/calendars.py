"""Plants and work centers with their calendars, in one question.

Calendars are built once per version of what they are made of (`domain.places.working_calendar`), so
a batch that asks for fifty work centers parses and lays out nothing it has seen before.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import text

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_planning.master_data.domain import places
from lineside_planning.master_data.domain.places import (
    CalendarContent,
    CalendarSource,
    Closure,
    Places,
    PlantFacts,
    WorkCenterFacts,
)

Row = Mapping[str, Any]

_PLACES = text("""
WITH centers AS (
  SELECT * FROM work_centers
  WHERE NOT deleted AND (:all_centers OR work_center_code = ANY(:work_center_codes))
), sites AS (
  SELECT * FROM plants
  WHERE NOT deleted AND (plant_code = ANY(:plant_codes)
    OR plant_code IN (SELECT plant_code FROM centers))
), codes AS (
  SELECT calendar_code FROM centers UNION SELECT calendar_code FROM sites
)
SELECT 'tenant' AS kind, json_build_object('time_zone', time_zone) AS content FROM tenants
UNION ALL
SELECT 'plant', json_build_object('code', plant_code, 'time_zone', time_zone,
  'calendar_code', calendar_code) FROM sites
UNION ALL
SELECT 'center', json_build_object('code', c.work_center_code, 'name', c.work_center_name,
  'plant_code', c.plant_code, 'calendar_code', c.calendar_code,
  'units', COALESCE((SELECT sum(l.capacity) FILTER (WHERE l.is_active) FROM lanes l
    WHERE l.work_center_code = c.work_center_code AND NOT l.deleted HAVING count(*) > 0),
    CASE WHEN EXISTS (SELECT FROM lanes l
      WHERE l.work_center_code = c.work_center_code AND NOT l.deleted) THEN 0
    ELSE c.parallel_units END),
  'efficiency', c.efficiency_percentage::text, 'hourly_rate', c.hourly_rate::text,
  'overhead_rate', c.overhead_rate::text, 'issue', c.material_issue_method,
  'labour_role', c.labour_role, 'is_active', c.is_active)
FROM centers c
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


async def load(
    uow: UnitOfWork,
    *,
    work_center_codes: Iterable[str] = (),
    plant_codes: Iterable[str | None] = (),
    since: datetime | None = None,
) -> Places:
    """Load work centers, their plants, and further plants.

    Args:
        uow: The unit of work.
        work_center_codes: Which; unknown ones are simply not in the answer.
        plant_codes: Plants besides those of the work centers.
        since: Maintenance that ended by then is left out of the calendars; None: by now.
    """
    return await _load(uow, set(work_center_codes), set(plant_codes), since, all_centers=False)


async def load_all(uow: UnitOfWork, *, since: datetime | None = None) -> Places:
    """Load every work center and its plant."""
    return await _load(uow, set(), set(), since, all_centers=True)


async def _load(
    uow: UnitOfWork,
    work_center_codes: set[str],
    plant_codes: set[str | None],
    since: datetime | None,
    *,
    all_centers: bool,
) -> Places:
    rows = await uow.connection.execute(
        _PLACES,
        {
            "all_centers": all_centers,
            "work_center_codes": list(work_center_codes),
            "plant_codes": [code for code in plant_codes if code],
            "since": since or uow.now,
        },
    )
    found: dict[str, list[Row]] = {}
    for kind, content in rows:
        found.setdefault(kind, []).append(content)
    return _Assembly(found).places()


class _Assembly:
    """Puts the rows of one answer together."""

    def __init__(self, found: Mapping[str, Sequence[Row]]) -> None:
        self._found = found
        zones = [row["time_zone"] for row in found.get("tenant", ())]
        self._zone = zones[0] if zones else "UTC"
        self._sites = {row["code"]: row for row in found.get("plant", ())}
        self._calendars = {row["code"]: _content(row) for row in found.get("calendar", ())}
        self._windows: dict[tuple[str, str | None], list[Closure]] = {}
        for row in found.get("window", ()):
            place = (row["plant_code"], row["center"])
            self._windows.setdefault(place, []).append(_closure(row))

    def places(self) -> Places:
        centers = self._found.get("center", ())
        return Places(
            time_zone=self._zone,
            plants={code: self._plant(code) for code in self._sites},
            work_centers={row["code"]: self._center(row) for row in centers},
        )

    def _plant(self, code: str) -> PlantFacts:
        source = self._source(code)
        calendar = places.working_calendar(source)
        return PlantFacts(code, source.time_zone, calendar, places.calendar_name(source))

    def _center(self, row: Row) -> WorkCenterFacts:
        source = self._source(row["plant_code"], row)
        return WorkCenterFacts(
            work_center_code=row["code"],
            work_center_name=row["name"],
            plant_code=row["plant_code"],
            time_zone=source.time_zone,
            calendar=places.working_calendar(source),
            calendar_name=places.calendar_name(source),
            parallel_units=row["units"],
            efficiency_percentage=Decimal(row["efficiency"]),
            hourly_rate=Decimal(row["hourly_rate"]),
            overhead_rate=Decimal(row["overhead_rate"]),
            material_issue_method=row["issue"],
            labour_role=row["labour_role"],
            is_active=row["is_active"],
        )

    def _source(self, plant_code: str, center: Row | None = None) -> CalendarSource:
        site = self._sites.get(plant_code) or {}
        codes = [(center or {}).get("calendar_code"), site.get("calendar_code")]
        contents = [self._calendars[code] for code in codes if code in self._calendars]
        closures = list(self._windows.get((plant_code, None), ()))
        if center is not None:
            closures += self._windows.get((plant_code, center["code"]), ())
        return CalendarSource(
            time_zone=site.get("time_zone", self._zone),
            content=contents[0] if contents else None,
            closures=places.closures_of(closures),
        )


def _content(row: Row) -> CalendarContent:
    return CalendarContent(
        UUID(row["id"]), row["version"], row["code"], row["shifts"], row["holidays"]
    )


def _closure(row: Row) -> Closure:
    starts_at, ends_at = map(datetime.fromisoformat, (row["starts_at"], row["ends_at"]))
    return Closure(UUID(row["id"]), row["version"], starts_at, ends_at)
