"""The log of what equipment did: entries of lanes follow their state, others are people's."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select, text

from lineside_chassis.tables import one_of
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.envelope import Received
from lineside_contracts.shopfloor import (
    EquipmentStatusEntry,
    LaneStatusChanged,
    ListEquipmentStatus,
)
from lineside_shopfloor import tables

LOG = tables.equipment_status_log
_FIELDS = tuple(EquipmentStatusEntry.model_fields)

_CHAIN = text("""
UPDATE equipment_status_log e SET ended_at = greatest(n.next_at, e.started_at)
FROM (
  SELECT id, lead(started_at) OVER (PARTITION BY lane_id ORDER BY lane_version) AS next_at
  FROM equipment_status_log
  WHERE lane_id = ANY(:lane_ids) AND source = 'lane'
    AND (ended_at IS NULL OR ended_at >= :since)
) n
WHERE e.id = n.id AND n.next_at IS NOT NULL AND e.ended_at IS DISTINCT FROM n.next_at
""")
_TAKE_TURNS = text("""
SELECT pg_advisory_xact_lock(hashtextextended(turn, 0))
FROM unnest(CAST(:turns AS text[])) AS t (turn)
""")


async def follow_lanes(uow: UnitOfWork, events: Sequence[Received[LaneStatusChanged]]) -> None:
    """Add what lanes became; each entry ends where the next version of its lane begins.

    Takes the turn of each lane, since the entry before may be another replica's. What is told of a
    lane that is not (any more) here has no log to go to.
    """
    if not events:
        return
    await _take_turns(uow, {str(event.payload.lane.id) for event in events})
    here = await _lanes_here(uow, {event.payload.lane.id for event in events})
    rows = [_lane_row(uow, event) for event in events if event.payload.lane.id in here]
    if not rows:
        return
    uow.insert_new(LOG, await _without_known(uow, rows), key=("id",))
    await uow.flush()
    await uow.connection.execute(
        _CHAIN,
        {
            "lane_ids": [row["lane_id"] for row in rows],
            "since": min(row["started_at"] for row in rows),
        },
    )


async def entries_of(
    uow: UnitOfWork, *, asset_code: str | None, lane_id: UUID | None, since: datetime
) -> list[EquipmentStatusEntry]:
    """Load what people said of one piece of equipment that holds at or after an instant; locks."""
    await _take_turns(uow, {str(asset_code or lane_id)})
    of = LOG.c.asset_code == asset_code if asset_code else LOG.c.lane_id == lane_id
    query = select(*_columns()).where(
        of, LOG.c.source == "person", LOG.c.ended_at.is_(None) | (LOG.c.ended_at > since)
    )
    if asset_code is None:
        query = query.where(LOG.c.asset_code.is_(None))
    return [_entry(row) for row in (await uow.connection.execute(query)).all()]


def save(uow: UnitOfWork, entry: EquipmentStatusEntry) -> None:
    """Register a new entry."""
    uow.insert(LOG, [entry.model_dump()])


def end(uow: UnitOfWork, entry: EquipmentStatusEntry, at: datetime) -> None:
    """Register the end of an entry that held."""
    uow.update(LOG, [{"id": entry.id, "ended_at": at}])


async def page(
    uow: UnitOfWork,
    request: ListEquipmentStatus,
    *,
    plants: Sequence[str] | None,
    before: UUID | None,
) -> list[EquipmentStatusEntry]:
    """Load one entry more than a page has, the newest first."""
    query = select(*_columns()).where(*_filters(request, plants, before))
    query = query.order_by(LOG.c.id.desc()).limit(request.limit + 1)
    return [_entry(row) for row in (await uow.connection.execute(query)).all()]


def _filters(
    request: ListEquipmentStatus, plants: Sequence[str] | None, before: UUID | None
) -> Iterable[ColumnElement[bool]]:
    for name in ("asset_code", "lane_id", "status"):
        if (value := getattr(request, name)) is not None:
            yield LOG.c[name] == value
    if request.is_open is not None:
        yield LOG.c.ended_at.is_(None) if request.is_open else LOG.c.ended_at.is_not(None)
    if plants is not None:
        yield one_of(LOG.c.plant_code, list(plants))
    if before is not None:
        yield LOG.c.id < before


def _columns() -> list[Any]:
    return [LOG.c[name] for name in _FIELDS]


def _entry(row: Any) -> EquipmentStatusEntry:
    return EquipmentStatusEntry.model_validate(dict(row._mapping))  # noqa: SLF001 -- public name


async def _take_turns(uow: UnitOfWork, equipment: Iterable[str]) -> None:
    turns = [f"equipment {uow.tenant_id} {each}" for each in sorted(equipment)]
    await uow.connection.execute(_TAKE_TURNS, {"turns": turns})


async def _lanes_here(uow: UnitOfWork, lane_ids: set[UUID]) -> set[UUID]:
    query = select(tables.lanes.c.id).where(one_of(tables.lanes.c.id, sorted(lane_ids)))
    return set((await uow.connection.execute(query)).scalars())


async def _without_known(uow: UnitOfWork, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out versions that are there already: a redelivery beyond the inbox's memory."""
    query = select(LOG.c.lane_id, LOG.c.lane_version).where(
        LOG.c.source == "lane",
        one_of(LOG.c.lane_id, sorted({row["lane_id"] for row in rows})),
        one_of(LOG.c.lane_version, sorted({row["lane_version"] for row in rows})),
    )
    known = {tuple(row) for row in (await uow.connection.execute(query)).all()}
    return [row for row in rows if (row["lane_id"], row["lane_version"]) not in known]


def _lane_row(uow: UnitOfWork, event: Received[LaneStatusChanged]) -> dict[str, Any]:
    lane, about = event.payload.lane, event.envelope
    return {
        "id": uow.new_id(),
        "plant_code": lane.plant_code,
        "lane_id": lane.id,
        "lane_number": lane.lane_number,
        "status": event.payload.new_status.value,
        "is_planned": False,
        "reason": event.payload.reason or lane.status_reason,
        "source": "lane",
        "lane_version": lane.version,
        "started_at": lane.status_changed_at or about.occurred_at,
        "logged_at": uow.now,
        "logged_by": uow.actor_of(about).model_dump(),
    }
