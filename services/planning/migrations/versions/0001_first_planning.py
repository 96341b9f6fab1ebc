"""The first tables of planning."""

from sqlalchemy import (
    BigInteger,
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
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from lineside_chassis import migrations
from lineside_chassis.tables import Reference

revision = "0001"
down_revision = None


def _stamps() -> tuple[Column[object], ...]:
    return (
        Column("created_at", DateTime(timezone=True), nullable=False),
        Column("created_by", JSONB, nullable=False),
        Column("updated_at", DateTime(timezone=True), nullable=False),
        Column("updated_by", JSONB, nullable=False),
    )


def _master_data() -> tuple[Column[object], ...]:
    return (
        Column("version", Integer, nullable=False),
        Column("deleted", Boolean, nullable=False),
        *_stamps(),
    )


def upgrade() -> None:
    migrations.chassis_tables()
    _master_data_tables()
    _order_tables()


def _master_data_tables() -> None:
    migrations.tenant_table(
        "tenants",
        Column("tenant_code", Text, nullable=False),
        Column("tenant_name", Text, nullable=False),
        Column("status", Text, nullable=False),
        Column("over_production_tolerance_percentage", Numeric, nullable=False),
        Column("available_pieces", Text, nullable=False),
        Column("production_order_prefix", Text, nullable=False),
        Column("work_order_prefix", Text, nullable=False),
        Column("release_policy", Text, nullable=False),
        Column("release_work_orders", Text, nullable=False),
        Column("on_time_target_percentage", Numeric, nullable=False),
        Column("lane_occupancy_target_percentage", Numeric, nullable=False),
        Column("hours_target_percentage", Numeric, nullable=False),
        Column("time_zone", Text, nullable=False),
        *_master_data(),
        CheckConstraint("id = tenant_id", name="tenants_own_row_check"),
        unique=[("tenant_code",)],
    )

    migrations.tenant_table(
        "units",
        Column("unit_code", Text, nullable=False),
        Column("unit_name", Text, nullable=False),
        Column("dimension", Text, nullable=False),
        Column("decimals", Integer, nullable=False),
        Column("factor", Text),
        *_master_data(),
        unique=[("unit_code",)],
    )

    migrations.tenant_table(
        "products",
        Column("product_code", Text, nullable=False),
        Column("product_name", Text, nullable=False),
        Column("product_category", Text),
        Column("unit_code", Text, nullable=False),
        Column("unit_decimals", Integer, nullable=False),
        Column("conversions", JSONB, nullable=False),
        Column("make_or_buy", Text, nullable=False),
        Column("lead_time_days", Integer, nullable=False),
        Column("safety_stock_quantity", Numeric, nullable=False),
        Column("lot_sizing", Text, nullable=False),
        Column("standard_cost", Numeric),
        Column("plant_code", Text),
        Column("is_active", Boolean, nullable=False),
        *_master_data(),
        unique=[("product_code",)],
        indexes=[("unit_code",), ("product_category",)],
    )

    migrations.tenant_table(
        "projects",
        Column("project_number", Text, nullable=False),
        Column("project_name", Text, nullable=False),
        Column("customer_code", Text),
        Column("customer_name", Text),
        Column("status", Text, nullable=False),
        *_master_data(),
        unique=[("project_number",)],
    )

    migrations.tenant_table(
        "plants",
        Column("plant_code", Text, nullable=False),
        Column("time_zone", Text, nullable=False),
        Column("version", Integer, nullable=False),
        Column("deleted", Boolean, nullable=False),
        unique=[("plant_code",)],
    )


def _order_tables() -> None:
    migrations.tenant_table(
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
        *_stamps(),
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

    migrations.tenant_table(
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

    migrations.tenant_table(
        "sales_order_revisions",
        Column("version", Integer, nullable=False),
        Column("revision", Integer, nullable=False),
        Column("status", Text, nullable=False),
    )

    migrations.tenant_table(
        "number_counters",
        Column("prefix", Text, nullable=False),
        Column("year", Integer, nullable=False),
        Column("last_number", BigInteger, nullable=False),
        CheckConstraint("last_number > 0", name="number_counters_last_number_check"),
        primary_key=("prefix", "year"),
    )
