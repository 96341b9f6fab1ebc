"""Tables of this service: what it knows of orders and floor, and what it has predicted."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    MetaData,
    Numeric,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from lineside_chassis.tables import tenant_table

metadata = MetaData()

plants = tenant_table(
    metadata,
    "plants",
    Column("plant_code", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("calendar_code", Text, nullable=True),
    primary_key=("plant_code",),
)

calendars = tenant_table(
    metadata,
    "calendars",
    Column("calendar_code", Text, nullable=False),
    Column("shifts", JSONB, nullable=False),
    Column("holidays", JSONB, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("deleted", Boolean, nullable=False),
    primary_key=("calendar_code",),
)

_OPEN_ORDERS = Index(
    "predicted_orders_open_idx",
    "tenant_id",
    "plant_code",
    postgresql_where=text("status = 'open' AND expansion_version > 0"),
)
"""What is predicted again every morning."""

predicted_orders = tenant_table(
    metadata,
    "predicted_orders",
    Column("project_id", Uuid, nullable=True),
    Column("production_order_number", Text, nullable=True),
    Column("sales_order_id", Uuid, nullable=True),
    Column("status", Text, nullable=False),
    Column("due_date", Date, nullable=True),
    Column("quantity", Numeric, nullable=True),
    Column("plant_code", Text, nullable=True),
    Column("expansion_version", BigInteger, nullable=False),
    Column("order_version", BigInteger, nullable=False),
    Column("runs", JSONB, nullable=False),
    Column("remaining_work_minutes", Numeric, nullable=True),
    Column("p50_date", Date, nullable=True),
    Column("p80_date", Date, nullable=True),
    Column("p95_date", Date, nullable=True),
    Column("capacity_version", BigInteger, nullable=False),
    Column("capacity_expansion_version", BigInteger, nullable=False),
    Column("estimated_completion_at", DateTime(timezone=True), nullable=True),
    Column("materials_available_on", Date, nullable=True),
    Column("queue_minutes", Numeric, nullable=True),
    Column("kind_of_work", Uuid, nullable=True),
    Column("product_category", Text, nullable=True),
    Column("marks", JSONB, nullable=False, server_default=text("'{}'")),
    Column("paced_from_at", DateTime(timezone=True), nullable=True),
    Column("paced_minutes", Numeric, nullable=True),
    Column("remaining_quantity", Numeric, nullable=True),
    Column("wip_quantity", Numeric, nullable=True),
    Column("remaining_by_type", JSONB, nullable=False, server_default=text("'{}'")),
    Column("total_work_minutes", Numeric, nullable=True),
    Column("lane_conflicts", Integer, nullable=True),
    Column("finished_on", Date, nullable=True),
    Column("is_on_time", Boolean, nullable=True),
    indexes=(("project_id",), _OPEN_ORDERS),
)

_LIVE_WORK = Index(
    "work_order_progress_live_idx",
    "tenant_id",
    "plant_code",
    postgresql_where=text("status IN ('released', 'in_progress')"),
)

work_order_progress = tenant_table(
    metadata,
    "work_order_progress",
    Column("production_order_id", Uuid, nullable=False),
    Column("status", Text, nullable=False),
    Column("run_ids", JSONB, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("ended_at", DateTime(timezone=True), nullable=True),
    Column("plant_code", Text, nullable=True),
    Column("operation_type", Text, nullable=True),
    Column("work_center_codes", JSONB, nullable=False, server_default=text("'[]'")),
    indexes=(("production_order_id",), _LIVE_WORK),
)

operation_progress = tenant_table(
    metadata,
    "operation_progress",
    Column("production_order_id", Uuid, nullable=False),
    Column("work_order_id", Uuid, nullable=False),
    Column("run_id", Uuid, nullable=True),
    Column("sequence_number", Integer, nullable=True),
    Column("version", BigInteger, nullable=False),
    Column("good_quantity", Numeric, nullable=False),
    Column("scrap_quantity", Numeric, nullable=False),
    Column("rework_quantity", Numeric, nullable=False),
    Column("actual_minutes", Numeric, nullable=False),
    Column("is_completed", Boolean, nullable=False),
    Column("uncounted", JSONB, nullable=False),
    indexes=(("production_order_id",),),
)
"""What was reported; `uncounted` is what no day of `velocities` has earned yet."""

velocities = tenant_table(
    metadata,
    "velocities",
    Column("plant_code", Text, nullable=False),
    Column("operation_type", Text, nullable=False),
    Column("worked_on", Date, nullable=False),
    Column("earned_minutes", Numeric, nullable=False),
    Column("pieces", Numeric, nullable=False),
    Column("actual_minutes", Numeric, nullable=False),
    primary_key=("plant_code", "operation_type", "worked_on"),
)

floor_lanes = tenant_table(
    metadata,
    "floor_lanes",
    Column("plant_code", Text, nullable=False),
    Column("lane_type", Text, nullable=False),
    Column("work_center_code", Text, nullable=True),
    Column("capacity", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("work_order_ids", JSONB, nullable=False),
    Column("version", BigInteger, nullable=False),
    indexes=(("plant_code",),),
)

stale_orders = tenant_table(
    metadata,
    "stale_orders",
    Column("reason", Text, nullable=False),
    Column("cause", JSONB, nullable=True),
    Column("asked_at", DateTime(timezone=True), nullable=False),
)
"""Production orders to be predicted again when their time slot ends; `cause` is an envelope."""

daily_recalculations = tenant_table(
    metadata,
    "daily_recalculations",
    Column("plant_code", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("deleted", Boolean, nullable=False),
    Column("recalculated_on", Date, nullable=True),
)
"""By plant id: whose schedule is said, and the last local day on which it was kept."""

promises = tenant_table(
    metadata,
    "promises",
    Column("promised_date", Date, nullable=True),
    Column("version", BigInteger, nullable=False),
)
"""By sales order id."""

project_progress = tenant_table(
    metadata,
    "project_progress",
    Column("project_number", Text, nullable=False),
    Column("project_name", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("prediction", JSONB, nullable=True),
    indexes=(("project_number",),),
)

delivery_predictions = tenant_table(
    metadata,
    "delivery_predictions",
    Column("project_id", Uuid, nullable=False),
    Column("project_version", BigInteger, nullable=False),
    Column("predicted_date", Date, nullable=False),
    Column("p50_date", Date, nullable=False),
    Column("p95_date", Date, nullable=False),
    Column("requested_date", Date, nullable=False),
    Column("confidence", Text, nullable=False),
    Column("remaining_work_minutes", Numeric, nullable=False),
    Column("calculated_at", DateTime(timezone=True), nullable=False),
    Column("calculated_by", Text, nullable=False),
    Column("reason", Text, nullable=True),
    unique=(("project_id", "project_version"),),
    indexes=(("project_id", "calculated_at"),),
)

prediction_scores = tenant_table(
    metadata,
    "prediction_scores",
    Column("production_order_id", Uuid, nullable=False),
    Column("moment", Text, nullable=False),
    Column("project_id", Uuid, nullable=False),
    Column("kind_of_work", Uuid, nullable=False),
    Column("p50_date", Date, nullable=False),
    Column("p80_date", Date, nullable=False),
    Column("p95_date", Date, nullable=False),
    Column("finished_on", Date, nullable=False),
    Column("is_p50_kept", Boolean, nullable=False),
    Column("is_p80_kept", Boolean, nullable=False),
    Column("is_p95_kept", Boolean, nullable=False),
    Column("scored_at", DateTime(timezone=True), nullable=False),
    primary_key=("production_order_id", "moment"),
    indexes=(("project_id",), ("kind_of_work",)),
)

prediction_accuracy = tenant_table(
    metadata,
    "prediction_accuracy",
    Column("product_category", Text, nullable=True),
    Column("operation_codes", JSONB, nullable=False),
    Column("project_count", BigInteger, nullable=False),
    Column("order_count", BigInteger, nullable=False),
    Column("on_time_count", BigInteger, nullable=False),
    Column("prediction_count", BigInteger, nullable=False),
    Column("kept_p50", BigInteger, nullable=False),
    Column("kept_p80", BigInteger, nullable=False),
    Column("kept_p95", BigInteger, nullable=False),
    indexes=(("product_category",),),
)
"""Sums of prediction_scores by kind of work, which is its id."""
