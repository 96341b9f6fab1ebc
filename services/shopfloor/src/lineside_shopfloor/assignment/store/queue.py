"""Free lanes, and who waits for them: loads of the automatic assignment and of the queue's view.

Nothing here locks: whoever acts on it locks the work orders, then the lanes, and looks again.
`work_orders_queue_idx` has the queue in its order, by plant and type, so that its beginning is read
and not the whole of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Integer, Row, Text, Uuid, bindparam, text

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.shopfloor import WorkOrderStatus
from lineside_contracts.values import OperationType, Priority
from lineside_shopfloor.assignment.domain.matching import Making, OpenLane, Waiting
from lineside_shopfloor.lanes.domain.fitting import WorkNeeds

LIVE = frozenset({WorkOrderStatus.RELEASED, WorkOrderStatus.IN_PROGRESS})
"""What a work order may be while it is put on lanes."""

_FREE_LANES = text("""
SELECT l.id, l.lane_number, l.plant_code, l.lane_type, l.work_center_code, l.last_work_order_id,
  l.capacity - (SELECT count(*) FROM lane_assignments a
    WHERE a.tenant_id = l.tenant_id AND a.lane_id = l.id AND a.released_at IS NULL)
    ::integer AS room,
  w.product_code, p.product_category
FROM lanes l
JOIN plants s ON s.tenant_id = l.tenant_id AND s.plant_code = l.plant_code
LEFT JOIN work_orders w ON w.tenant_id = l.tenant_id AND w.id = l.last_work_order_id
LEFT JOIN products p ON p.tenant_id = w.tenant_id AND p.product_code = w.product_code
  AND NOT p.deleted
WHERE l.plant_code = ANY(:plant_codes) AND l.status = 'available' AND l.is_active AND NOT l.deleted
  AND s.assignment_mode = ANY(:modes) AND s.is_active AND NOT s.deleted
ORDER BY l.plant_code, l.lane_number
""").bindparams(bindparam("plant_codes", type_=ARRAY(Text)), bindparam("modes", type_=ARRAY(Text)))

_WAITS = """
w.status IN ('released', 'in_progress')
AND NOT EXISTS (SELECT FROM lane_assignments a WHERE a.tenant_id = w.tenant_id
  AND a.work_order_id = w.id AND a.released_at IS NULL)
AND NOT (w.status = 'in_progress' AND EXISTS (SELECT FROM work_tracks t
  WHERE t.tenant_id = w.tenant_id AND t.work_order_id = w.id AND t.state = 'running'))
"""
"""Work that runs without a lane, where a plant had none, waits for none."""

_FITS = """
(g.work_center_code IS NULL OR COALESCE((
  SELECT COALESCE(bool_or(
      g.work_center_code = ANY(o.work_center_code || o.alternate_work_center_codes)), false)
    OR bool_and(o.work_center_code IS NULL AND cardinality(o.alternate_work_center_codes) = 0)
  FROM work_order_operations o WHERE o.tenant_id = w.tenant_id AND o.work_order_id = w.id), true))
"""

_COLUMNS = """
w.id, w.work_order_number, w.plant_code, w.operation_type, w.priority, w.due_date, w.product_code,
p.product_category, ARRAY(
  SELECT DISTINCT code FROM work_order_operations o,
    unnest(o.work_center_code || o.alternate_work_center_codes) AS code
  WHERE o.tenant_id = w.tenant_id AND o.work_order_id = w.id AND code IS NOT NULL
) AS work_center_codes
"""

_PRODUCT = """
LEFT JOIN products p ON p.tenant_id = w.tenant_id AND p.product_code = w.product_code
  AND NOT p.deleted
"""

_QUEUE = text(f"""
SELECT {_COLUMNS}
FROM unnest(:plant_codes, :lane_types, :work_center_codes)
  AS g (plant_code, lane_type, work_center_code)
CROSS JOIN LATERAL (
  SELECT w.* FROM work_orders w
  WHERE w.plant_code = g.plant_code AND w.operation_type = g.lane_type AND {_WAITS} AND {_FITS}
  ORDER BY priority_rank(w.priority), w.due_date, w.id LIMIT :most
) w
{_PRODUCT}
""").bindparams(  # noqa: S608 -- constants of this module
    bindparam("plant_codes", type_=ARRAY(Text)),
    bindparam("lane_types", type_=ARRAY(Text)),
    bindparam("work_center_codes", type_=ARRAY(Text)),
    bindparam("most", type_=Integer),
)

_NAMED = text(f"""
SELECT {_COLUMNS} FROM work_orders w {_PRODUCT} WHERE w.id = ANY(:ids) AND {_WAITS}
""").bindparams(  # noqa: S608 -- constants of this module
    bindparam("ids", type_=ARRAY(Uuid))
)

_TAKE_TURNS = text("""
SELECT pg_advisory_xact_lock(hashtextextended(key, 0)) FROM (
  SELECT key FROM unnest(:keys) AS key ORDER BY key) AS ordered
""").bindparams(bindparam("keys", type_=ARRAY(Text)))


@dataclass(frozen=True, slots=True)
class Group:
    """Lanes that take the same work."""

    plant_code: str
    lane_type: OperationType
    work_center_code: str | None = None


async def free_lanes(
    uow: UnitOfWork, plant_codes: Iterable[str], *, modes: Sequence[str] = ("automatic",)
) -> list[OpenLane]:
    """Load the lanes with room in some plants, as far as the plants are in one of some modes."""
    given = {"plant_codes": sorted(set(plant_codes)), "modes": list(modes)}
    rows = (await uow.connection.execute(_FREE_LANES, given)).all()
    return list({row.id: _lane(row) for row in rows}.values())


async def waiting(uow: UnitOfWork, groups: Iterable[Group], *, most: int) -> list[Waiting]:
    """Load the beginning of the queue of each group of lanes, `most` work orders at most."""
    listed = sorted(
        set(groups), key=lambda g: (g.plant_code, g.lane_type, g.work_center_code or "")
    )
    given = {
        "plant_codes": [group.plant_code for group in listed],
        "lane_types": [group.lane_type.value for group in listed],
        "work_center_codes": [group.work_center_code for group in listed],
        "most": most,
    }
    rows = (await uow.connection.execute(_QUEUE, given)).all()
    return list({row.id: _waiting(row) for row in rows}.values())


async def named(uow: UnitOfWork, work_order_ids: Iterable[UUID]) -> list[Waiting]:
    """Load those of some work orders that wait."""
    ids = sorted(set(work_order_ids))
    if not ids:
        return []
    rows = (await uow.connection.execute(_NAMED, {"ids": ids})).all()
    return list({row.id: _waiting(row) for row in rows}.values())


async def take_turns(uow: UnitOfWork, plant_codes: Iterable[str]) -> None:
    """Let one transaction at a time decide for a plant; the others read what it did."""
    keys = [f"assignment/{uow.tenant_id}/{code}" for code in sorted(set(plant_codes))]
    await uow.connection.execute(_TAKE_TURNS, {"keys": keys})


def _lane(row: Row[Any]) -> OpenLane:
    return OpenLane(
        id=row.id,
        lane_number=row.lane_number,
        plant_code=row.plant_code,
        lane_type=OperationType(row.lane_type),
        work_center_code=row.work_center_code,
        room=row.room,
        last_work_order_id=row.last_work_order_id,
        made=Making(row.product_code, row.product_category),
    )


def _waiting(row: Row[Any]) -> Waiting:
    return Waiting(
        id=row.id,
        work_order_number=row.work_order_number,
        needs=WorkNeeds(
            row.plant_code, OperationType(row.operation_type), frozenset(row.work_center_codes)
        ),
        priority=Priority(row.priority),
        due_date=row.due_date,
        making=Making(row.product_code, row.product_category),
    )
