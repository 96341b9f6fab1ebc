"""Reports of the floor: days, effectiveness; equipment, its maintenance and hierarchy.

What has no lane stands under the nil id, as in `work_intervals`.
"""

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    Numeric,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from lineside_chassis.tables import Reference, tenant_table
from lineside_shopfloor.tables import columns

known_tenants = Table(
    "known_tenants",
    columns.metadata,
    Column("tenant_id", Uuid, primary_key=True),
    columns.instant("shifts_closed_until"),
    columns.instant("next_look_at"),
)
"""Outside row-level security: when which tenant's shifts are looked at next. A trigger on lanes
adds a tenant with its first lane."""

daily_work_logs = tenant_table(
    columns.metadata,
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
    columns.instant("logged_at"),
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

daily_production_summary = tenant_table(
    columns.metadata,
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
    columns.instant("calculated_at"),
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
"""A shift's figures, cut at midnight: by `production_date` a shift belongs to the date on which it
starts, by `calendar_date` to the plant's days."""

oee_calculations = tenant_table(
    columns.metadata,
    "oee_calculations",
    Column("version", Integer, nullable=False),
    Column("plant_code", Text, nullable=False),
    Column("lane_id", Uuid, nullable=False),
    Column("lane_number", Text, nullable=False),
    Column("production_date", Date, nullable=False),
    Column("shift", Text, nullable=False),
    columns.instant("starts_at"),
    columns.instant("ends_at"),
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
    columns.instant("calculated_at"),
    unique=[("lane_id", "production_date", "shift")],
    foreign_keys=[Reference(("lane_id",), "lanes")],
    indexes=[("plant_code", "production_date")],
)

work_order_completions = tenant_table(
    columns.metadata,
    "work_order_completions",
    Column("plant_code", Text, nullable=False),
    Column("lane_id", Uuid, nullable=False),
    Column("operation_type", Text, nullable=False),
    columns.instant("completed_at"),
    foreign_keys=[Reference(("id",), "work_orders")],
    indexes=[("plant_code", "completed_at"), ("lane_id", "completed_at")],
)
"""Work orders that were completed, by their own id, and on which lane."""

equipment_status_log = tenant_table(
    columns.metadata,
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
    columns.instant("started_at"),
    columns.instant("ended_at", nullable=True),
    columns.instant("logged_at"),
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

maintenance_records = tenant_table(
    columns.metadata,
    "maintenance_records",
    *columns.edited(),
    Column("plant_code", Text, nullable=False),
    Column("asset_code", Text),
    Column("lane_id", Uuid),
    Column("lane_number", Text),
    Column("maintenance_kind", Text, nullable=False),
    Column("is_planned", Boolean, nullable=False),
    Column("description", Text, nullable=False),
    Column("status", Text, nullable=False),
    columns.instant("planned_start_at", nullable=True),
    columns.instant("planned_end_at", nullable=True),
    columns.instant("actual_start_at", nullable=True),
    columns.instant("actual_end_at", nullable=True),
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
    indexes=[("plant_code", "id"), ("lane_id", "is_planned"), ("asset_code",), ("status", "id")],
)

asset_hierarchy = tenant_table(
    columns.metadata,
    "asset_hierarchy",
    *columns.master_data(),
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
