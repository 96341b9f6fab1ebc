"""Tables of this service: what it knows of orders and floor, and what it has predicted."""

from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, MetaData, Numeric, Text, Uuid
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
    indexes=(("project_id",),),
)

work_order_progress = tenant_table(
    metadata,
    "work_order_progress",
    Column("production_order_id", Uuid, nullable=False),
    Column("status", Text, nullable=False),
    Column("run_ids", JSONB, nullable=False),
    Column("version", BigInteger, nullable=False),
    indexes=(("production_order_id",),),
)

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
    unique=(("project_id", "project_version"),),
    indexes=(("project_id", "calculated_at"),),
)
