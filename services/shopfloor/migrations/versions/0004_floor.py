"""Lanes take work, and what is reported from them: assignments, logs, tracks, conflicts."""

from alembic import op
from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    Integer,
    Numeric,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from lineside_chassis import migrations
from lineside_chassis.tables import Reference

revision = "0004"
down_revision = "0003"

_ACTIVE = text("released_at IS NULL")

_MONTH = """
CREATE FUNCTION create_production_log_month(month date) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  first date := date_trunc('month', month);
  name text := 'production_logs_' || to_char(first, 'YYYY_MM');
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('production_logs months'));
  IF to_regclass(name) IS NULL THEN
    EXECUTE format(
      'CREATE TABLE %I PARTITION OF production_logs FOR VALUES FROM (%L) TO (%L)',
      name, first::timestamp AT TIME ZONE 'UTC',
      (first + interval '1 month') AT TIME ZONE 'UTC');
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format(
      'CREATE POLICY %I ON %I USING (tenant_id = (SELECT current_tenant()))',
      name || '_tenant_isolation', name);
  END IF;
  RETURN name;
END $$
"""
"""Partitions are read and written through their parent; nobody is granted anything on them."""

_FIRST_MONTHS = """
SELECT create_production_log_month((now() AT TIME ZONE 'UTC' + make_interval(months => n))::date)
FROM generate_series(0, 3) AS n
"""


def _instant(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


def _edited() -> list[Column[object]]:
    return [
        Column("version", Integer, nullable=False),
        _instant("created_at"),
        Column("created_by", JSONB, nullable=False),
        _instant("updated_at"),
        Column("updated_by", JSONB, nullable=False),
    ]


def upgrade() -> None:
    _add_columns()
    _create_copies()
    _create_assignments()
    _create_logs()
    _create_work()
    _create_months()


def _add_columns() -> None:
    added = {
        "plants": [Column("assignment_mode", Text, nullable=False, server_default="automatic")],
        "lanes": [
            Column("last_work_order_id", Uuid),
            Column("state_version", Integer, nullable=False, server_default="0"),
            _instant("status_changed_at", nullable=True),
            Column("status_reason", Text),
        ],
        "tenant_settings": [
            Column(
                "over_production_tolerance_percentage", Numeric, nullable=False, server_default="0"
            ),
            Column("available_pieces", Text, nullable=False, server_default="strict"),
            Column("on_time_target_percentage", Numeric, nullable=False, server_default="90"),
            Column(
                "lane_occupancy_target_percentage", Numeric, nullable=False, server_default="75"
            ),
            Column("hours_target_percentage", Numeric, nullable=False, server_default="95"),
        ],
        "work_orders": [
            Column("completion_reason", Text),
            Column("stated_hours", Numeric),
            Column("log_version", Integer, nullable=False, server_default="0"),
        ],
        "work_order_operations": [
            *(
                Column(name, Numeric, nullable=False, server_default="0")
                for name in (
                    "good_quantity",
                    "scrap_quantity",
                    "rework_quantity",
                    "input_added_quantity",
                    "actual_setup_minutes",
                    "actual_run_minutes",
                    "actual_labour_minutes",
                )
            ),
            Column("stated_hours", Numeric),
            Column("completion_count", Integer, nullable=False, server_default="0"),
        ],
    }
    for table, columns in added.items():
        for column in columns:
            op.add_column(table, column)
    op.drop_constraint("lanes_lane_number_key", "lanes")
    op.create_unique_constraint(
        "lanes_plant_code_lane_number_key", "lanes", ["tenant_id", "plant_code", "lane_number"]
    )


def _create_copies() -> None:
    migrations.tenant_table(
        "products",
        Column("version", Integer, nullable=False),
        Column("product_code", Text, nullable=False),
        Column("product_name", Text, nullable=False),
        Column("product_category", Text),
        Column("deleted", Boolean, nullable=False),
        indexes=[("product_code",)],
    )
    migrations.tenant_table(
        "labour_rates",
        Column("version", Integer, nullable=False),
        Column("role_code", Text, nullable=False),
        Column("hourly_rate", Numeric, nullable=False),
        Column("deleted", Boolean, nullable=False),
        indexes=[("role_code",)],
    )


def _create_assignments() -> None:
    migrations.tenant_table(
        "lane_assignments",
        Column("lane_id", Uuid, nullable=False),
        Column("track", Integer, nullable=False),
        Column("work_order_id", Uuid, nullable=False),
        Column("origin", Text, nullable=False),
        Column("is_pinned", Boolean, nullable=False),
        Column("notes", Text),
        _instant("assigned_at"),
        Column("assigned_by", JSONB, nullable=False),
        _instant("released_at", nullable=True),
        Column("released_by", JSONB),
        Column("release_reason", Text),
        CheckConstraint("track >= 1", name="lane_assignments_track_check"),
        CheckConstraint(
            "origin IN ('manual', 'automatic', 'start')", name="lane_assignments_origin_check"
        ),
        CheckConstraint("released_at >= assigned_at", name="lane_assignments_released_at_check"),
        foreign_keys=[
            Reference(("lane_id",), "lanes"),
            Reference(("work_order_id",), "work_orders"),
        ],
        indexes=[
            ("assigned_at",),
            ("lane_id", "assigned_at"),
            ("work_order_id",),
            Index(
                "lane_assignments_track_key",
                "tenant_id",
                "lane_id",
                "track",
                unique=True,
                postgresql_where=_ACTIVE,
            ),
            Index(
                "lane_assignments_work_order_key",
                "tenant_id",
                "work_order_id",
                "lane_id",
                unique=True,
                postgresql_where=_ACTIVE,
            ),
        ],
    )


def _create_logs() -> None:
    migrations.tenant_table(
        "production_logs",
        _instant("logged_at"),
        _instant("happened_at"),
        Column("log_version", Integer, nullable=False),
        Column("kind", Text, nullable=False),
        Column("activity", Text, nullable=False),
        Column("work_order_id", Uuid, nullable=False),
        Column("work_order_number", Text, nullable=False),
        Column("production_order_id", Uuid),
        Column("product_code", Text),
        Column("plant_code", Text),
        Column("operation_id", Uuid),
        Column("operation_number", Integer),
        Column("lane_id", Uuid),
        Column("lane_number", Text),
        Column("good_quantity", Numeric, nullable=False),
        Column("scrap_quantity", Numeric, nullable=False),
        Column("rework_quantity", Numeric, nullable=False),
        Column("input_added_quantity", Numeric, nullable=False),
        Column("is_from_rework", Boolean, nullable=False),
        Column("rework_operation_number", Integer),
        Column("completes_operation", Boolean, nullable=False),
        Column("reason_code", Text),
        Column("stops_production", Boolean, nullable=False),
        Column("stated_hours", Numeric),
        Column("worker_count", Integer, nullable=False),
        Column("lot_number", Text),
        Column("serial_numbers", ARRAY(Text), nullable=False),
        Column("inspection_reference", Text),
        Column("nonconformance_reference", Text),
        Column("corrects_log_id", Uuid),
        Column("is_void", Boolean, nullable=False),
        Column("notes", Text),
        Column("logged_by", JSONB, nullable=False),
        CheckConstraint(
            "kind IN ('start', 'pause', 'resume', 'complete', 'issue')",
            name="production_logs_kind_check",
        ),
        CheckConstraint("activity IN ('setup', 'run')", name="production_logs_activity_check"),
        CheckConstraint(
            "good_quantity >= 0 AND scrap_quantity >= 0 AND rework_quantity >= 0"
            " AND input_added_quantity >= 0",
            name="production_logs_quantity_check",
        ),
        primary_key=("logged_at", "id"),
        foreign_keys=[Reference(("work_order_id",), "work_orders")],
        indexes=[
            ("id",),
            ("work_order_id", "kind"),
            ("happened_at", "id"),
            ("lane_id", "happened_at"),
            Index(
                "production_logs_corrects_idx",
                "tenant_id",
                "corrects_log_id",
                postgresql_where=text("corrects_log_id IS NOT NULL"),
            ),
        ],
        partition_by="RANGE (logged_at)",
    )


def _create_work() -> None:
    migrations.tenant_table(
        "work_tracks",
        Column("work_order_id", Uuid, nullable=False),
        Column("operation_number", Integer, nullable=False),
        Column("lane_id", Uuid, nullable=False),
        Column("state", Text, nullable=False),
        Column("activity", Text, nullable=False),
        _instant("since"),
        _instant("last_happened_at"),
        Column("last_log_id", Uuid, nullable=False),
        CheckConstraint("state IN ('idle', 'running', 'paused')", name="work_tracks_state_check"),
        primary_key=("work_order_id", "operation_number", "lane_id"),
        foreign_keys=[Reference(("work_order_id",), "work_orders")],
        indexes=[
            Index(
                "work_tracks_lane_idx",
                "tenant_id",
                "lane_id",
                postgresql_where=text("state <> 'idle'"),
            ),
        ],
    )
    migrations.tenant_table(
        "work_intervals",
        Column("work_order_id", Uuid, nullable=False),
        Column("operation_id", Uuid),
        Column("operation_number", Integer, nullable=False),
        Column("lane_id", Uuid, nullable=False),
        Column("plant_code", Text),
        Column("activity", Text, nullable=False),
        Column("reason_code", Text),
        Column("worker_count", Integer, nullable=False),
        _instant("started_at"),
        _instant("ended_at", nullable=True),
        CheckConstraint(
            "activity IN ('setup', 'run', 'pause')", name="work_intervals_activity_check"
        ),
        CheckConstraint("ended_at >= started_at", name="work_intervals_ended_at_check"),
        foreign_keys=[Reference(("work_order_id",), "work_orders")],
        indexes=[
            ("work_order_id",),
            ("lane_id", "started_at"),
            ("plant_code", "started_at"),
            Index(
                "work_intervals_open_idx",
                "tenant_id",
                "lane_id",
                postgresql_where=text("ended_at IS NULL"),
            ),
        ],
    )
    migrations.tenant_table(
        "log_conflicts",
        Column("version", Integer, nullable=False),
        Column("status", Text, nullable=False),
        Column("work_order_id", Uuid),
        Column("work_order_number", Text),
        Column("plant_code", Text),
        Column("code", Text, nullable=False),
        Column("detail", Text, nullable=False),
        Column("facts", JSONB, nullable=False),
        Column("report", JSONB, nullable=False),
        _instant("happened_at"),
        _instant("logged_at"),
        Column("logged_by", JSONB, nullable=False),
        _instant("resolved_at", nullable=True),
        Column("resolved_by", JSONB),
        Column("resolution_reason", Text),
        Column("log_id", Uuid),
        CheckConstraint(
            "status IN ('open', 'recorded', 'discarded')", name="log_conflicts_status_check"
        ),
        indexes=[("status", "id"), ("work_order_id",)],
    )
    migrations.tenant_table(
        "product_serials",
        Column("product_code", Text, nullable=False),
        Column("serial_number", Text, nullable=False),
        Column("work_order_id", Uuid, nullable=False),
        Column("log_id", Uuid, nullable=False),
        primary_key=("product_code", "serial_number"),
        indexes=[("log_id",)],
    )
    migrations.tenant_table(
        "manpower_allocation",
        *_edited(),
        Column("work_order_id", Uuid, nullable=False),
        Column("operation_number", Integer),
        Column("user_id", Text, nullable=False),
        Column("user_name", Text, nullable=False),
        Column("role", Text, nullable=False),
        Column("worker_count", Integer, nullable=False),
        _instant("allocated_at"),
        Column("allocated_by", JSONB, nullable=False),
        _instant("released_at", nullable=True),
        Column("released_by", JSONB),
        Column("hours_worked", Numeric),
        Column("hourly_rate", Numeric),
        Column("notes", Text),
        CheckConstraint(
            "role IN ('operator', 'supervisor', 'qc_inspector')",
            name="manpower_allocation_role_check",
        ),
        CheckConstraint(
            "released_at >= allocated_at", name="manpower_allocation_released_at_check"
        ),
        foreign_keys=[Reference(("work_order_id",), "work_orders")],
        indexes=[("work_order_id",), ("user_id", "allocated_at")],
    )


def _create_months() -> None:
    app = migrations.roles().app
    op.get_bind().exec_driver_sql(_MONTH)
    op.execute("REVOKE ALL ON FUNCTION create_production_log_month(date) FROM PUBLIC")
    op.execute(f'GRANT EXECUTE ON FUNCTION create_production_log_month(date) TO "{app}"')
    op.execute(_FIRST_MONTHS)
    # a log is never refused for want of a month: it waits here until its month is made
    op.execute("CREATE TABLE production_logs_default PARTITION OF production_logs DEFAULT")
    op.execute("ALTER TABLE production_logs_default ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE production_logs_default FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY production_logs_default_tenant_isolation ON production_logs_default"
        " USING (tenant_id = (SELECT current_tenant()))"
    )
