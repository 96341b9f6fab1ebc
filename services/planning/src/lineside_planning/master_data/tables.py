"""The tables of planning's master data; migrations create the same ones, a test compares them."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Integer,
    Numeric,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB

from lineside_chassis.tables import tenant_table
from lineside_planning import columns

tenants: Table = tenant_table(
    columns.metadata,
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
    Column("currency", Text, nullable=False),
    *columns.master_data(),
    CheckConstraint("id = tenant_id", name="tenants_own_row_check"),
    unique=[("tenant_code",)],
)


units: Table = tenant_table(
    columns.metadata,
    "units",
    Column("unit_code", Text, nullable=False),
    Column("unit_name", Text, nullable=False),
    Column("dimension", Text, nullable=False),
    Column("decimals", Integer, nullable=False),
    Column("factor", Text),
    *columns.master_data(),
    unique=[("unit_code",)],
)


products: Table = tenant_table(
    columns.metadata,
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
    Column("fixed_lot_quantity", Numeric),
    Column("minimum_lot_quantity", Numeric),
    Column("maximum_lot_quantity", Numeric),
    Column("lot_multiple_quantity", Numeric),
    Column("lot_period_days", Integer),
    Column("safety_time_days", Integer, nullable=False),
    Column("is_phantom", Boolean, nullable=False),
    Column("supply_policy", Text, nullable=False),
    Column("standard_cost", Numeric),
    Column("plant_code", Text),
    Column("is_active", Boolean, nullable=False),
    *columns.master_data(),
    unique=[("product_code",)],
    indexes=[("unit_code",), ("product_category",)],
)


projects: Table = tenant_table(
    columns.metadata,
    "projects",
    Column("project_number", Text, nullable=False),
    Column("project_name", Text, nullable=False),
    Column("customer_code", Text),
    Column("customer_name", Text),
    Column("status", Text, nullable=False),
    *columns.master_data(),
    unique=[("project_number",)],
)


plants: Table = tenant_table(
    columns.metadata,
    "plants",
    Column("plant_code", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("calendar_code", Text),
    Column("version", Integer, nullable=False),
    Column("deleted", Boolean, nullable=False),
    unique=[("plant_code",)],
)


number_counters: Table = tenant_table(
    columns.metadata,
    "number_counters",
    Column("prefix", Text, nullable=False),
    Column("year", Integer, nullable=False),
    Column("last_number", BigInteger, nullable=False),
    CheckConstraint("last_number > 0", name="number_counters_last_number_check"),
    primary_key=("prefix", "year"),
)
