"""What happened on lanes in some stretches of time: counted logs, intervals, planned maintenance.

Index ranges only: logs of a lane by when they happened (pruned to the months in which they may
have been recorded), intervals of a lane by when they started. A log that was corrected or is void
does not count; its correction does, where it happened.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_manufacturing import time_spans
from lineside_manufacturing.time_spans import Span
from lineside_shopfloor.reporting.domain import spans
from lineside_shopfloor.reporting.domain.cells import Counted
from lineside_shopfloor.reporting.domain.effectiveness import Worked
from lineside_shopfloor.reporting.domain.standards import Maintenance, Standard
from lineside_shopfloor.reporting.store.lane_times import NO_LANE

_CLOCKS_APART = timedelta(minutes=5)
"""A log may be recorded a little before the instant its device says it happened."""

_COUNTED = text("""
WITH slots AS (
  SELECT * FROM unnest(CAST(:lane_ids AS uuid[]), CAST(:plant_codes AS text[]),
    CAST(:starts AS timestamptz[]), CAST(:ends AS timestamptz[]))
    WITH ORDINALITY AS s (lane_id, plant_code, starts_at, ends_at, slot)
), logs AS (
  SELECT s.slot, l.* FROM slots s CROSS JOIN LATERAL (
    SELECT id, logged_at, work_order_id, operation_id, good_quantity, scrap_quantity,
      rework_quantity, is_from_rework
    FROM production_logs
    WHERE s.lane_id <> :no_lane AND lane_id = s.lane_id AND NOT is_void
      AND happened_at >= s.starts_at AND happened_at < s.ends_at
      AND logged_at >= s.starts_at - CAST(:apart AS interval)
    UNION ALL
    SELECT id, logged_at, work_order_id, operation_id, good_quantity, scrap_quantity,
      rework_quantity, is_from_rework
    FROM production_logs
    WHERE s.lane_id = :no_lane AND lane_id IS NULL AND plant_code = s.plant_code AND NOT is_void
      AND happened_at >= s.starts_at AND happened_at < s.ends_at
      AND logged_at >= s.starts_at - CAST(:apart AS interval)
  ) l
  WHERE NOT EXISTS (SELECT FROM production_logs c
    WHERE c.corrects_log_id = l.id AND c.logged_at >= l.logged_at)
), sums AS (
  SELECT slot, work_order_id, operation_id,
    sum(good_quantity) AS good, sum(scrap_quantity) AS scrap, sum(rework_quantity) AS rework,
    COALESCE(sum(good_quantity) FILTER (WHERE is_from_rework), 0) AS reworked_good,
    COALESCE(sum(scrap_quantity) FILTER (WHERE is_from_rework), 0) AS reworked_scrap,
    count(*) AS log_count
  FROM logs GROUP BY 1, 2, 3
)
SELECT s.slot, w.operation_type, s.good, s.scrap, s.rework, s.reworked_good, s.reworked_scrap,
  s.log_count, 0 AS completed_count,
  o.time_basis, o.run_seconds_per_unit, o.run_minutes, o.planned_input
FROM sums s
JOIN work_orders w ON w.id = s.work_order_id
LEFT JOIN work_order_operations o ON o.id = s.operation_id
UNION ALL
SELECT s.slot, c.operation_type, 0, 0, 0, 0, 0, 0, c.completed_count, NULL, NULL, NULL, NULL
FROM slots s CROSS JOIN LATERAL (
  SELECT operation_type, count(*) AS completed_count FROM work_order_completions
  WHERE lane_id = s.lane_id AND plant_code = s.plant_code
    AND completed_at >= s.starts_at AND completed_at < s.ends_at
  GROUP BY 1
) c
""")

_HAPPENED = text("""
WITH ranges AS (
  SELECT * FROM unnest(CAST(:lane_ids AS uuid[]), CAST(:plant_codes AS text[]),
    CAST(:starts AS timestamptz[]), CAST(:ends AS timestamptz[]))
    AS s (lane_id, plant_code, starts_at, ends_at)
)
SELECT r.lane_id, r.plant_code, i.activity AS kind, w.operation_type,
  i.started_at, i.ended_at, NULL::timestamptz AS actual_start_at, NULL::timestamptz AS actual_end_at
FROM ranges r CROSS JOIN LATERAL (
  SELECT work_order_id, activity, started_at, ended_at FROM work_intervals
  WHERE lane_id = r.lane_id AND (r.lane_id <> :no_lane OR plant_code = r.plant_code)
    AND started_at >= r.starts_at - CAST(:longest AS interval) AND started_at < r.ends_at
    AND (ended_at IS NULL OR ended_at > r.starts_at)
  OFFSET 0
) i
JOIN work_orders w ON w.id = i.work_order_id
UNION ALL
SELECT r.lane_id, r.plant_code, 'planned maintenance', NULL,
  m.planned_start_at, m.planned_end_at, m.actual_start_at, m.actual_end_at
FROM ranges r
JOIN maintenance_records m ON m.lane_id = r.lane_id AND m.is_planned AND m.status <> 'cancelled'
  AND COALESCE(m.actual_start_at, m.planned_start_at) < r.ends_at
  AND COALESCE(m.actual_end_at, greatest(m.planned_end_at, CAST(:now AS timestamptz)))
    > r.starts_at
UNION ALL
SELECT r.lane_id, r.plant_code, 'planned maintenance', NULL, NULL, NULL, e.started_at, e.ended_at
FROM ranges r
JOIN equipment_status_log e ON e.lane_id = r.lane_id AND e.status = 'maintenance' AND e.is_planned
  AND e.started_at < r.ends_at AND (e.ended_at IS NULL OR e.ended_at > r.starts_at)
""")

Place = tuple[str, UUID]
"""Plant and lane (nil: work without one)."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A span of time at a place."""

    place: Place
    span: Span


@dataclass(slots=True)
class Happened:
    """What went on at a place."""

    worked: list[Worked] = field(default_factory=list)
    maintained: list[Span] = field(default_factory=list)


async def counted(uow: UnitOfWork, slots: Sequence[Stretch]) -> list[list[Counted]]:
    """Sum up effective logs and completed work orders of some slots, in their order."""
    found: list[list[Counted]] = [[] for _ in slots]
    parameters = {**_arrays(slots), "apart": _CLOCKS_APART}
    for row in await uow.connection.execute(_COUNTED, parameters):
        found[row.slot - 1].append(_counted(row))
    return found


async def happened(uow: UnitOfWork, ranges: Sequence[Stretch]) -> Mapping[Place, Happened]:
    """Find intervals and planned maintenance that reach into a range of each place."""
    now = time_spans.microseconds_of(uow.now)
    found: dict[Place, Happened] = {each.place: Happened() for each in ranges}
    parameters = {**_arrays(ranges), "longest": spans.LONGEST_INTERVAL, "now": uow.now}
    for row in await uow.connection.execute(_HAPPENED, parameters):
        at = found[row.plant_code, row.lane_id]
        if row.kind == "planned maintenance":
            at.maintained += _maintained(row, now)
        else:
            at.worked.append(_worked(row))
    return found


def _arrays(stretches: Sequence[Stretch]) -> dict[str, Any]:
    instant = time_spans.instant_of
    return {
        "plant_codes": [each.place[0] for each in stretches],
        "lane_ids": [each.place[1] for each in stretches],
        "starts": [instant(each.span[0]) for each in stretches],
        "ends": [instant(each.span[1]) for each in stretches],
        "no_lane": NO_LANE,
    }


def _counted(row: Any) -> Counted:
    standard = row.time_basis and Standard(
        row.time_basis, row.run_seconds_per_unit, row.run_minutes, row.planned_input
    )
    return Counted(
        operation_type=row.operation_type,
        good=row.good,
        scrap=row.scrap,
        rework=row.rework,
        reworked_good=row.reworked_good,
        reworked_scrap=row.reworked_scrap,
        log_count=row.log_count,
        completed_count=row.completed_count,
        ideal_minutes=standard.minutes_per_piece if standard else None,
    )


def _worked(row: Any) -> Worked:
    start = time_spans.microseconds_of(row.started_at)
    return Worked(row.kind, start, _moment(row.ended_at), row.operation_type)


def _maintained(row: Any, now: int) -> list[Span]:
    maintenance = Maintenance(
        planned_start=_moment(row.started_at),
        planned_end=_moment(row.ended_at),
        actual_start=_moment(row.actual_start_at),
        actual_end=_moment(row.actual_end_at),
    )
    span = maintenance.span(now=now)
    return [span] if span else []


def _moment(instant: datetime | None) -> int | None:
    return None if instant is None else time_spans.microseconds_of(instant)
