"""The tables of planning's master data; migrations create the same ones, a test compares them."""

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
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from lineside_chassis.tables import Reference, tenant_table
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


boms: Table = tenant_table(
    columns.metadata,
    "boms",
    Column("product_code", Text, nullable=False),
    Column("bom_version", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("base_quantity", Numeric, nullable=False),
    Column("effective_from", Date),
    Column("effective_until", Date),
    Column("description", Text),
    Column("activated_at", DateTime(timezone=True)),
    *columns.master_data(),
    CheckConstraint("base_quantity > 0", name="boms_base_quantity_check"),
    CheckConstraint("status IN ('draft', 'active', 'retired')", name="boms_status_check"),
    unique=[("product_code", "bom_version")],
    indexes=[
        Index(
            "boms_active_idx",
            "tenant_id",
            "product_code",
            postgresql_where=text("status = 'active' AND NOT deleted"),
        )
    ],
)


bom_lines: Table = tenant_table(
    columns.metadata,
    "bom_lines",
    Column("bom_id", Uuid, nullable=False),
    Column("line_number", Integer, nullable=False),
    Column("component_code", Text, nullable=False),
    Column("quantity", Numeric, nullable=False),
    Column("unit_code", Text),
    Column("is_fixed_quantity", Boolean, nullable=False),
    Column("component_scrap_percentage", Numeric, nullable=False),
    Column("sequence_number", Integer),
    Column("effective_from", Date),
    Column("effective_until", Date),
    Column("description", Text),
    foreign_keys=[Reference(("bom_id",), "boms", on_delete="CASCADE")],
    indexes=[("bom_id", "line_number"), ("component_code", "bom_id")],
)


vendors: Table = tenant_table(
    columns.metadata,
    "vendors",
    Column("vendor_code", Text, nullable=False),
    Column("vendor_name", Text, nullable=False),
    Column("lead_time_days", Integer, nullable=False),
    Column("is_active", Boolean, nullable=False),
    *columns.master_data(),
    unique=[("vendor_code",)],
)


vendor_products: Table = tenant_table(
    columns.metadata,
    "vendor_products",
    Column("vendor_product_code", Text, nullable=False),
    Column("product_code", Text, nullable=False),
    Column("vendor_code", Text, nullable=False),
    Column("purchase_unit_code", Text),
    Column("purchase_unit_factor", Text),
    Column("lead_time_days", Integer),
    Column("minimum_order_quantity", Numeric, nullable=False),
    Column("order_multiple_quantity", Numeric),
    Column("price", Numeric),
    Column("preference", Integer, nullable=False),
    Column("is_active", Boolean, nullable=False),
    *columns.master_data(),
    unique=[("vendor_product_code",)],
    indexes=[("product_code", "preference"), ("vendor_code",)],
)


stock_locations: Table = tenant_table(
    columns.metadata,
    "stock_locations",
    Column("location_code", Text, nullable=False),
    Column("location_name", Text, nullable=False),
    Column("plant_code", Text, nullable=False),
    Column("is_nettable", Boolean, nullable=False),
    Column("is_active", Boolean, nullable=False),
    *columns.master_data(),
    unique=[("location_code",)],
    indexes=[("plant_code", "location_code")],
)


labour_rates: Table = tenant_table(
    columns.metadata,
    "labour_rates",
    Column("role_code", Text, nullable=False),
    Column("role_name", Text, nullable=False),
    Column("hourly_rate", Numeric, nullable=False),
    *columns.master_data(),
    unique=[("role_code",)],
)


calendars: Table = tenant_table(
    columns.metadata,
    "calendars",
    Column("calendar_code", Text, nullable=False),
    Column("calendar_name", Text, nullable=False),
    Column("shifts", JSONB, nullable=False),
    Column("holidays", JSONB, nullable=False),
    *columns.master_data(),
    unique=[("calendar_code",)],
)


maintenance_windows: Table = tenant_table(
    columns.metadata,
    "maintenance_windows",
    Column("maintenance_window_code", Text, nullable=False),
    Column("work_center_code", Text),
    Column("plant_code", Text, nullable=False),
    Column("starts_at", DateTime(timezone=True), nullable=False),
    Column("ends_at", DateTime(timezone=True), nullable=False),
    Column("reason", Text),
    *columns.master_data(),
    CheckConstraint("ends_at > starts_at", name="maintenance_windows_ends_at_check"),
    unique=[("maintenance_window_code",)],
    indexes=[("plant_code", "ends_at")],
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


work_centers: Table = tenant_table(
    columns.metadata,
    "work_centers",
    Column("work_center_code", Text, nullable=False),
    Column("work_center_name", Text, nullable=False),
    Column("plant_code", Text, nullable=False),
    Column("department_code", Text),
    Column("parallel_units", Integer, nullable=False),
    Column("efficiency_percentage", Numeric, nullable=False),
    Column("hourly_rate", Numeric, nullable=False),
    Column("overhead_rate", Numeric, nullable=False),
    Column("material_issue_method", Text, nullable=False),
    Column("calendar_code", Text),
    Column("labour_role", Text, nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("deleted", Boolean, nullable=False),
    unique=[("work_center_code",)],
    indexes=[("plant_code",)],
)


lanes: Table = tenant_table(
    columns.metadata,
    "lanes",
    Column("lane_number", Text, nullable=False),
    Column("plant_code", Text, nullable=False),
    Column("work_center_code", Text),
    Column("capacity", Integer, nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("deleted", Boolean, nullable=False),
    unique=[("plant_code", "lane_number")],
    indexes=[("work_center_code",)],
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


routings: Table = tenant_table(
    columns.metadata,
    "routings",
    Column("version", Integer, nullable=False),
    Column("routing_code", Text, nullable=False),
    Column("routing_version", Integer, nullable=False),
    Column("product_code", Text),
    Column("product_category", Text),
    Column("status", Text, nullable=False),
    Column("operations", JSONB, nullable=False),
    indexes=[("product_code",), ("product_category",)],
)
