"""Which production dates of which lanes some events touch.

A log touches the date on which it happened; one that ends or begins an interval, every date the
interval reaches. A late log or a correction has all the work of its order since then told anew: it
touches every date from there on that anything is kept for.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_shopfloor.reporting.domain import spans
from lineside_shopfloor.reporting.store import kept, lane_times
from lineside_shopfloor.reporting.store.lane_times import LaneTime, LaneTimes

MOST_DATES = 800
"""Of one lane, touched at a time: the two years for which logs are kept."""

_EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)
"""Older instants are mistakes, and would lie outside of calendars one day."""

_INTERVALS = text("""
SELECT i.lane_id, i.plant_code, t.is_late, t.since AS changed_from,
  min(i.started_at) AS since,
  max(least(COALESCE(i.ended_at, CAST(:now AS timestamptz)),
    i.started_at + CAST(:longest AS interval))) AS until
FROM unnest(CAST(:ids AS uuid[]), CAST(:since AS timestamptz[]), CAST(:late AS boolean[]))
  AS t (id, since, is_late)
CROSS JOIN LATERAL (
  SELECT lane_id, plant_code, started_at, ended_at FROM work_intervals
  WHERE work_order_id = t.id
    AND (ended_at >= t.since OR started_at >= t.since OR (t.is_late AND ended_at IS NULL))
  OFFSET 0
) i
GROUP BY 1, 2, 3, 4
""")
_CORRECTED = text("""
SELECT l.lane_id, l.plant_code, l.happened_at FROM production_logs l WHERE l.id = ANY(:ids)
""")


@dataclass(frozen=True, slots=True)
class Reported:
    """What is touched because something was reported, or a work order completed.

    Attributes:
        since: From when on the work order's times are other than before.
        is_late: Not just added at the end: late, or a correction.
        corrects: The log it replaces.
    """

    work_order_id: UUID
    lane_id: UUID
    plant_code: str | None
    since: datetime
    happened_at: datetime
    is_late: bool = False
    corrects: UUID | None = None


@dataclass(frozen=True, slots=True)
class Touched:
    """A stretch of time of a lane, or of a plant's work without one; open with all since then."""

    lane_id: UUID
    plant_code: str | None
    since: datetime
    until: datetime
    with_all_since: bool = False


async def cells(uow: UnitOfWork, reported: Sequence[Reported]) -> set[tuple[LaneTime, date]]:
    """Find the dates of lanes that are touched."""
    if not reported:
        return set()
    stretches = [*_own(reported), *await _intervals(uow, reported)]
    if corrects := [each.corrects for each in reported if each.corrects is not None]:
        stretches += await _corrected(uow, corrects)
    return await cells_of(uow, stretches)


async def cells_of(uow: UnitOfWork, stretches: Sequence[Touched]) -> set[tuple[LaneTime, date]]:
    """Find the dates that some stretches of time reach; nothing is kept of ancient ones."""
    stretches = [each for each in stretches if each.since >= _EARLIEST]
    if not stretches:
        return set()
    times = await lane_times.load(
        uow,
        lane_ids={each.lane_id for each in stretches},
        plant_codes={each.plant_code for each in stretches if each.plant_code},
        since=min(each.since for each in stretches) - timedelta(days=2),
    )
    found = {cell for each in stretches for cell in _dates(times, each)}
    return found | await _kept_since(uow, times, [s for s in stretches if s.with_all_since])


def _own(reported: Iterable[Reported]) -> list[Touched]:
    return [
        Touched(each.lane_id, each.plant_code, moment, moment, each.is_late)
        for each in reported
        for moment in {each.happened_at, each.since}
    ]


async def _intervals(uow: UnitOfWork, reported: Sequence[Reported]) -> list[Touched]:
    parameters = {
        "ids": [each.work_order_id for each in reported],
        "since": [each.since for each in reported],
        "late": [each.is_late for each in reported],
        "longest": spans.LONGEST_INTERVAL,
        "now": uow.now,
    }
    rows = (await uow.connection.execute(_INTERVALS, parameters)).all()
    return [
        Touched(
            row.lane_id,
            row.plant_code,
            min(row.since, row.changed_from) if row.is_late else row.since,
            max(row.until, row.since),
            row.is_late,
        )
        for row in rows
    ]


async def _corrected(uow: UnitOfWork, log_ids: Sequence[UUID]) -> list[Touched]:
    rows = (await uow.connection.execute(_CORRECTED, {"ids": list(log_ids)})).all()
    return [
        Touched(
            row.lane_id or lane_times.NO_LANE,
            row.plant_code,
            row.happened_at,
            row.happened_at,
            with_all_since=True,
        )
        for row in rows
    ]


def _dates(times: LaneTimes, each: Touched) -> Iterable[tuple[LaneTime, date]]:
    lane = times.of(each.lane_id, each.plant_code)
    if lane is None:
        return []
    days = lane.timetable.dates_between(each.since, each.until, limit=MOST_DATES)
    return [(lane, day) for day in days]


async def _kept_since(
    uow: UnitOfWork, times: LaneTimes, stretches: Iterable[Touched]
) -> set[tuple[LaneTime, date]]:
    since: dict[LaneTime, date] = {}
    for each in stretches:
        lane = times.of(each.lane_id, each.plant_code)
        if lane is not None:
            first = lane.timetable.production_date_of(each.since)
            since[lane] = min(first, since.get(lane, first))
    by_key: Mapping[tuple[UUID, str], LaneTime] = {
        (lane.lane_id, lane.plant_code): lane for lane in since
    }
    found = await kept.dates_since(uow, {key: since[lane] for key, lane in by_key.items()})
    return {(by_key[lane_id, plant_code], day) for lane_id, plant_code, day in found}
