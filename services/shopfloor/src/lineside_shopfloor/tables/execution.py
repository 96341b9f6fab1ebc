"""What is reported from the floor, and what follows from it: who worked on what, when.

`production_logs` is partitioned by the month in which a log was recorded: a month that is over
takes no more logs, so that it can be archived and dropped.
"""

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Index,
    Integer,
    Numeric,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from lineside_chassis.tables import Reference, tenant_table
from lineside_shopfloor.tables import columns


def _newest_first(column: str) -> Index:
    """An index for the list of logs filtered by a column, in the order of the list."""
    name = f"production_logs_{column}_logged_at_idx"
    return Index(name, "tenant_id", column, "logged_at", "id")


_FILTERS = ("work_order_id", "lane_id", "plant_code", "kind", "operation_number", "logged_by_id")

production_logs = tenant_table(
    columns.metadata,
    "production_logs",
    columns.instant("logged_at"),
    columns.instant("happened_at"),
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
    Column("logged_by_id", Text, Computed("logged_by ->> 'id'", persisted=True)),
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
        *(_newest_first(column) for column in _FILTERS),
        Index(
            "production_logs_corrects_idx",
            "tenant_id",
            "corrects_log_id",
            postgresql_where=text("corrects_log_id IS NOT NULL"),
        ),
    ],
    partition_by="RANGE (logged_at)",
)

work_tracks = tenant_table(
    columns.metadata,
    "work_tracks",
    Column("work_order_id", Uuid, nullable=False),
    Column("operation_number", Integer, nullable=False),
    Column("lane_id", Uuid, nullable=False),
    Column("state", Text, nullable=False),
    Column("activity", Text, nullable=False),
    columns.instant("since"),
    columns.instant("last_happened_at"),
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
"""State of each (work order, operation, lane); 0 and the nil id where a log names none."""

work_intervals = tenant_table(
    columns.metadata,
    "work_intervals",
    Column("work_order_id", Uuid, nullable=False),
    Column("operation_id", Uuid),
    Column("operation_number", Integer, nullable=False),
    Column("lane_id", Uuid, nullable=False),
    Column("plant_code", Text),
    Column("activity", Text, nullable=False),
    Column("reason_code", Text),
    Column("worker_count", Integer, nullable=False),
    columns.instant("started_at"),
    columns.instant("ended_at", nullable=True),
    CheckConstraint("activity IN ('setup', 'run', 'pause')", name="work_intervals_activity_check"),
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
"""When a lane was set up, ran, or stood with work on it; open while it goes on."""

log_conflicts = tenant_table(
    columns.metadata,
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
    columns.instant("happened_at"),
    columns.instant("logged_at"),
    Column("logged_by", JSONB, nullable=False),
    columns.instant("resolved_at", nullable=True),
    Column("resolved_by", JSONB),
    Column("resolution_reason", Text),
    Column("log_id", Uuid),
    CheckConstraint(
        "status IN ('open', 'recorded', 'discarded')", name="log_conflicts_status_check"
    ),
    indexes=[("status", "id"), ("work_order_id",)],
)
"""Late reports that no longer make sense, until a supervisor decides."""

product_serials = tenant_table(
    columns.metadata,
    "product_serials",
    Column("product_code", Text, nullable=False),
    Column("serial_number", Text, nullable=False),
    Column("work_order_id", Uuid, nullable=False),
    Column("log_id", Uuid, nullable=False),
    primary_key=("product_code", "serial_number"),
    indexes=[("log_id",)],
)
"""Serial numbers made, once per product."""

manpower_allocation = tenant_table(
    columns.metadata,
    "manpower_allocation",
    *columns.edited(),
    Column("work_order_id", Uuid, nullable=False),
    Column("operation_number", Integer),
    Column("user_id", Text, nullable=False),
    Column("user_name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("worker_count", Integer, nullable=False),
    columns.instant("allocated_at"),
    Column("allocated_by", JSONB, nullable=False),
    columns.instant("released_at", nullable=True),
    Column("released_by", JSONB),
    Column("hours_worked", Numeric),
    Column("hourly_rate", Numeric),
    Column("notes", Text),
    CheckConstraint(
        "role IN ('operator', 'supervisor', 'qc_inspector')", name="manpower_allocation_role_check"
    ),
    CheckConstraint("released_at >= allocated_at", name="manpower_allocation_released_at_check"),
    foreign_keys=[Reference(("work_order_id",), "work_orders")],
    indexes=[
        ("work_order_id",),
        ("user_id", "allocated_at"),
        Index(
            "manpower_allocation_active_idx",
            "tenant_id",
            "id",
            postgresql_where=text("released_at IS NULL"),
        ),
    ],
)
