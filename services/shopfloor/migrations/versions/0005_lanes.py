"""Lanes within their capacity, whoever writes; and the queue that waits for them.

Nothing but the row of a lane tells what it takes. Whoever puts work on it reads that row under a
lock, so that no other transaction closes or narrows the lane meanwhile; whoever narrows it finds
the assignments that hold. A unique index keeps two off one track. The triggers look when the row
is written: row-level security has spoken by then.
"""

from alembic import op
from sqlalchemy import text

from lineside_chassis import migrations

revision = "0005"
down_revision = "0004"

_RANK = """
CREATE FUNCTION priority_rank(priority text) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
$$ SELECT CASE priority WHEN 'urgent' THEN 1 WHEN 'high' THEN 2 WHEN 'medium' THEN 3 ELSE 4 END $$
"""

_GUARD_ASSIGNMENT = """
CREATE FUNCTION guard_lane_assignment() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE lane lanes%ROWTYPE;
BEGIN
  SELECT * INTO lane FROM lanes
    WHERE tenant_id = NEW.tenant_id AND id = NEW.lane_id FOR SHARE;
  IF NOT FOUND OR lane.deleted OR NOT lane.is_active
      OR lane.status IN ('maintenance', 'inactive') THEN
    RAISE EXCEPTION 'lane % takes no work', COALESCE(lane.lane_number, NEW.lane_id::text)
      USING ERRCODE = 'check_violation', CONSTRAINT = 'lane_assignments_lane_open_check';
  END IF;
  IF NEW.track > lane.capacity THEN
    RAISE EXCEPTION 'lane % has no track %', lane.lane_number, NEW.track
      USING ERRCODE = 'check_violation', CONSTRAINT = 'lane_assignments_capacity_check';
  END IF;
  RETURN NULL;
END $$
"""

_GUARD_LANE = """
CREATE FUNCTION guard_lane() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM lane_assignments a
      WHERE a.tenant_id = NEW.tenant_id AND a.lane_id = NEW.id AND a.released_at IS NULL
        AND (NEW.deleted OR NOT NEW.is_active OR a.track > NEW.capacity)) THEN
    RAISE EXCEPTION 'lane % has work on it', NEW.lane_number
      USING ERRCODE = 'check_violation', CONSTRAINT = 'lanes_holds_work_check';
  END IF;
  RETURN NULL;
END $$
"""

_ON_PLACED = """
CREATE TRIGGER lane_assignments_placed AFTER INSERT ON lane_assignments
FOR EACH ROW WHEN (NEW.released_at IS NULL) EXECUTE FUNCTION guard_lane_assignment()
"""
"""One that was released is history: it is not held against the lane any more."""

_ON_MOVED = """
CREATE TRIGGER lane_assignments_moved AFTER UPDATE ON lane_assignments
FOR EACH ROW WHEN (NEW.released_at IS NULL
  AND (OLD.released_at IS NOT NULL OR NEW.lane_id <> OLD.lane_id OR NEW.track <> OLD.track))
EXECUTE FUNCTION guard_lane_assignment()
"""

_ON_NARROWED = """
CREATE TRIGGER lanes_narrowed AFTER UPDATE ON lanes
FOR EACH ROW WHEN (NEW.capacity < OLD.capacity OR NEW.is_active < OLD.is_active
  OR NEW.deleted > OLD.deleted)
EXECUTE FUNCTION guard_lane()
"""

_STATEMENTS = (_RANK, _GUARD_ASSIGNMENT, _GUARD_LANE, _ON_PLACED, _ON_MOVED, _ON_NARROWED)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.get_bind().exec_driver_sql(statement)
    op.create_index(
        "work_orders_queue_idx",
        "work_orders",
        [
            "tenant_id",
            "plant_code",
            "operation_type",
            text("priority_rank(priority)"),
            "due_date",
            "id",
        ],
        postgresql_where=text("status IN ('released', 'in_progress')"),
    )
    with migrations.data_migration("lanes"):
        op.execute("UPDATE lanes SET status = 'inactive' WHERE deleted OR NOT is_active")
