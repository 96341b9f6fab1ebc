"""The tables of production orders; migrations create the same ones, and a test compares them."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    Numeric,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from lineside_chassis.tables import Reference, tenant_table
from lineside_planning import columns

production_orders: Table = tenant_table(
    columns.metadata,
    "production_orders",
    Column("version", Integer, nullable=False),
    Column("production_order_number", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("hold_reason", Text),
    Column("held_by", Text),
    Column("status_before_hold", Text),
    Column("faults", JSONB, nullable=False),
    Column("exceptions", JSONB, nullable=False),
    Column("project_id", Uuid, nullable=False),
    Column("project_number", Text, nullable=False),
    Column("project_name", Text, nullable=False),
    Column("sales_order_id", Uuid),
    Column("sales_order_number", Text),
    Column("sales_line_number", Integer),
    Column("sales_revision", Integer),
    Column("product_code", Text, nullable=False),
    Column("product_name", Text),
    Column("product_category", Text),
    Column("quantity_ordered", Numeric, nullable=False),
    Column("quantity_completed", Numeric, nullable=False),
    Column("unit_code", Text, nullable=False),
    Column("unit_decimals", Integer, nullable=False),
    Column("priority", Text, nullable=False),
    Column("due_date", Date, nullable=False),
    Column("plant_code", Text),
    Column("routing_id", Uuid),
    Column("routing_code", Text),
    Column("routing_version", Integer),
    Column("expansion_version", Integer, nullable=False),
    Column("planning_version", Integer, nullable=False),
    Column("work_order_count", Integer, nullable=False),
    Column("work_orders_completed", Integer, nullable=False),
    Column("parent_order_id", Uuid),
    Column("parent_order_number", Text),
    Column("level", Integer, nullable=False),
    Column("materials_status", Text, nullable=False),
    Column("materials_available_on", Date),
    Column("capacity_status", Text, nullable=False),
    Column("estimated_completion_at", DateTime(timezone=True)),
    *columns.stamps(),
    Column("confirmation_count", Integer),
    Column("asked_product_code", Text),
    Column("asked_quantity", Numeric),
    Column("asked_due_date", Date),
    Column("asked_priority", Text),
    Column("cancelled_by", Text),
    Column("previous_work_order_count", Integer, nullable=False),
    CheckConstraint("quantity_ordered > 0", name="production_orders_quantity_ordered_check"),
    CheckConstraint(
        "status IN ('planned', 'routed', 'released', 'in_progress', 'completed', 'closed',"
        " 'cancelled', 'on_hold')",
        name="production_orders_status_check",
    ),
    CheckConstraint(
        "(status = 'on_hold') = (held_by IS NOT NULL)", name="production_orders_held_by_check"
    ),
    CheckConstraint(
        "(status = 'on_hold') = (status_before_hold IS NOT NULL)",
        name="production_orders_status_before_hold_check",
    ),
    unique=[("production_order_number",)],
    foreign_keys=[Reference(("project_id",), "projects")],
    indexes=[
        ("status", "id"),
        ("due_date", "id"),
        ("project_number", "id"),
        ("sales_order_number", "id"),
        Index(
            "production_orders_sales_line_key",
            "tenant_id",
            "sales_order_id",
            "confirmation_count",
            "sales_line_number",
            unique=True,
            postgresql_where=text("status <> 'cancelled'"),
        ),
        Index(
            "production_orders_held_idx",
            "tenant_id",
            "product_code",
            postgresql_where=text("status = 'on_hold'"),
        ),
    ],
)


production_order_work_orders: Table = tenant_table(
    columns.metadata,
    "production_order_work_orders",
    Column("production_order_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("quantity_completed", Numeric, nullable=False),
    Column("units_per_product", Text, nullable=False),
    Column("predecessor_ids", ARRAY(Uuid), nullable=False),
    foreign_keys=[Reference(("production_order_id",), "production_orders")],
    indexes=[("production_order_id",)],
)


sales_order_revisions: Table = tenant_table(
    columns.metadata,
    "sales_order_revisions",
    Column("version", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("status", Text, nullable=False),
)
