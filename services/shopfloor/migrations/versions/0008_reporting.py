"""Daily logs and summaries, effectiveness, equipment, assets."""

from alembic import op
from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    Date,
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

revision = "0008"
down_revision = "0007"

_KNOW_TENANTS = """
CREATE FUNCTION know_tenants_of_lanes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO known_tenants (tenant_id, shifts_closed_until, next_look_at)
  SELECT DISTINCT tenant_id, now(), now() FROM new_lanes ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$
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
    _create_days()
    _create_effectiveness()
    _create_equipment()
    _create_known_tenants()


def _create_known_tenants() -> None:
    """Shifts are closed in the background for every tenant that has a lane."""
    migrations.plain_table(
        "known_tenants",
        Column("tenant_id", Uuid, primary_key=True),
        _instant("shifts_closed_until"),
        _instant("next_look_at"),
    )
    op.execute(_KNOW_TENANTS)
    op.execute(
        "CREATE TRIGGER lanes_know_tenants AFTER INSERT ON lanes"
        " REFERENCING NEW TABLE AS new_lanes"
        " FOR EACH STATEMENT EXECUTE FUNCTION know_tenants_of_lanes()"
    )
    with migrations.data_migration("lanes"):
        op.execute(
            "INSERT INTO known_tenants (tenant_id, shifts_closed_until, next_look_at)"
            " SELECT DISTINCT tenant_id, now(), now() FROM lanes"
        )


def _create_days() -> None:
    migrations.tenant_table(
        "daily_work_logs",
        Column("work_date", Date, nullable=False),
        Column("shift", Text, nullable=False),
        Column("plant_code", Text, nullable=False),
        Column("lane_id", Uuid),
        Column("lane_number", Text),
        Column("work_order_id", Uuid),
        Column("work_order_number", Text),
        Column("workers_present", Integer, nullable=False),
        Column("hours_worked", Numeric, nullable=False),
        Column("quantity", Numeric, nullable=False),
        Column("notes", Text),
        _instant("logged_at"),
        Column("logged_by", JSONB, nullable=False),
        CheckConstraint(
            "workers_present >= 0 AND hours_worked >= 0 AND quantity >= 0",
            name="daily_work_logs_amounts_check",
        ),
        foreign_keys=[
            Reference(("lane_id",), "lanes"),
            Reference(("work_order_id",), "work_orders"),
        ],
        indexes=[("plant_code", "work_date"), ("lane_id", "work_date"), ("work_order_id",)],
    )
    migrations.tenant_table(
        "daily_production_summary",
        Column("plant_code", Text, nullable=False),
        Column("production_date", Date, nullable=False),
        Column("lane_id", Uuid, nullable=False),
        Column("shift", Text, nullable=False),
        Column("calendar_date", Date, nullable=False),
        Column("operation_type", Text, nullable=False),
        Column("good_quantity", Numeric, nullable=False),
        Column("scrap_quantity", Numeric, nullable=False),
        Column("rework_quantity", Numeric, nullable=False),
        Column("reworked_good_quantity", Numeric, nullable=False),
        Column("reworked_scrap_quantity", Numeric, nullable=False),
        Column("run_seconds", Numeric, nullable=False),
        Column("setup_seconds", Numeric, nullable=False),
        Column("downtime_seconds", Numeric, nullable=False),
        Column("log_count", Integer, nullable=False),
        Column("completed_work_order_count", Integer, nullable=False),
        _instant("calculated_at"),
        primary_key=(
            "plant_code",
            "production_date",
            "lane_id",
            "shift",
            "calendar_date",
            "operation_type",
        ),
        indexes=[("plant_code", "calendar_date"), ("lane_id", "production_date")],
    )
    migrations.tenant_table(
        "work_order_completions",
        Column("plant_code", Text, nullable=False),
        Column("lane_id", Uuid, nullable=False),
        Column("operation_type", Text, nullable=False),
        _instant("completed_at"),
        foreign_keys=[Reference(("id",), "work_orders")],
        indexes=[("plant_code", "completed_at"), ("lane_id", "completed_at")],
    )


def _create_effectiveness() -> None:
    migrations.tenant_table(
        "oee_calculations",
        Column("version", Integer, nullable=False),
        Column("plant_code", Text, nullable=False),
        Column("lane_id", Uuid, nullable=False),
        Column("lane_number", Text, nullable=False),
        Column("production_date", Date, nullable=False),
        Column("shift", Text, nullable=False),
        _instant("starts_at"),
        _instant("ends_at"),
        Column("planned_minutes", Numeric, nullable=False),
        Column("run_minutes", Numeric, nullable=False),
        Column("setup_minutes", Numeric, nullable=False),
        Column("stopped_minutes", Numeric, nullable=False),
        Column("ideal_minutes", Numeric, nullable=False),
        Column("good_quantity", Numeric, nullable=False),
        Column("scrap_quantity", Numeric, nullable=False),
        Column("rework_quantity", Numeric, nullable=False),
        Column("availability", Numeric),
        Column("performance", Numeric),
        Column("quality", Numeric),
        Column("oee", Numeric),
        Column("flags", ARRAY(Text), nullable=False),
        Column("is_final", Boolean, nullable=False),
        _instant("calculated_at"),
        unique=[("lane_id", "production_date", "shift")],
        foreign_keys=[Reference(("lane_id",), "lanes")],
        indexes=[("plant_code", "production_date")],
    )


def _create_equipment() -> None:
    migrations.tenant_table(
        "equipment_status_log",
        Column("plant_code", Text, nullable=False),
        Column("asset_code", Text),
        Column("lane_id", Uuid),
        Column("lane_number", Text),
        Column("status", Text, nullable=False),
        Column("is_planned", Boolean, nullable=False),
        Column("reason", Text),
        Column("source", Text, nullable=False),
        Column("lane_version", Integer),
        _instant("started_at"),
        _instant("ended_at", nullable=True),
        _instant("logged_at"),
        Column("logged_by", JSONB, nullable=False),
        CheckConstraint(
            "status IN ('available', 'occupied', 'down', 'maintenance', 'inactive')",
            name="equipment_status_log_status_check",
        ),
        CheckConstraint("source IN ('lane', 'person')", name="equipment_status_log_source_check"),
        CheckConstraint(
            "asset_code IS NOT NULL OR lane_id IS NOT NULL", name="equipment_status_log_of_check"
        ),
        CheckConstraint("ended_at >= started_at", name="equipment_status_log_ended_at_check"),
        foreign_keys=[Reference(("lane_id",), "lanes")],
        indexes=[
            ("plant_code", "id"),
            ("lane_id", "started_at"),
            ("asset_code", "started_at"),
            Index(
                "equipment_status_log_lane_version_key",
                "tenant_id",
                "lane_id",
                "lane_version",
                unique=True,
                postgresql_where=text("source = 'lane'"),
            ),
        ],
    )
    migrations.tenant_table(
        "maintenance_records",
        *_edited(),
        Column("plant_code", Text, nullable=False),
        Column("asset_code", Text),
        Column("lane_id", Uuid),
        Column("lane_number", Text),
        Column("maintenance_kind", Text, nullable=False),
        Column("is_planned", Boolean, nullable=False),
        Column("description", Text, nullable=False),
        Column("status", Text, nullable=False),
        _instant("planned_start_at", nullable=True),
        _instant("planned_end_at", nullable=True),
        _instant("actual_start_at", nullable=True),
        _instant("actual_end_at", nullable=True),
        Column("cost", Numeric, nullable=False),
        Column("findings", Text),
        Column("performed_by", Text),
        CheckConstraint(
            "maintenance_kind IN"
            " ('preventive', 'corrective', 'predictive', 'inspection', 'calibration')",
            name="maintenance_records_kind_check",
        ),
        CheckConstraint(
            "status IN ('planned', 'in_progress', 'completed', 'cancelled')",
            name="maintenance_records_status_check",
        ),
        CheckConstraint(
            "asset_code IS NOT NULL OR lane_id IS NOT NULL", name="maintenance_records_of_check"
        ),
        CheckConstraint(
            "planned_end_at >= planned_start_at AND actual_end_at >= actual_start_at",
            name="maintenance_records_times_check",
        ),
        foreign_keys=[Reference(("lane_id",), "lanes")],
        indexes=[
            ("plant_code", "id"),
            ("lane_id", "is_planned"),
            ("asset_code",),
            ("status", "id"),
        ],
    )
    migrations.tenant_table(
        "asset_hierarchy",
        *_edited(),
        Column("deleted", Boolean, nullable=False),
        Column("asset_code", Text, nullable=False),
        Column("asset_name", Text, nullable=False),
        Column("asset_kind", Text, nullable=False),
        Column("parent_code", Text),
        Column("plant_code", Text, nullable=False),
        Column("lane_number", Text),
        Column("manufacturer", Text),
        Column("model_name", Text),
        Column("serial_number", Text),
        Column("is_active", Boolean, nullable=False),
        CheckConstraint(
            "asset_kind IN ('plant', 'area', 'line', 'machine')", name="asset_hierarchy_kind_check"
        ),
        unique=[("asset_code",)],
        indexes=[("parent_code",), ("plant_code",)],
    )
