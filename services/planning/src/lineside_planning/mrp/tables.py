"""The tables of mrp; migrations create the same ones, and a test compares them.

Projection of what others say: mrp_items to mrp_supplies. The plan: planned_orders, pegging,
mrp_requirements, mrp_exceptions. Runs: mrp_runs, mrp_run_jobs, mrp_replanned. JSON columns hold
arrays whose positions `store.plan_rows` and `store.facts_rows` name.
"""

from sqlalchemy import (
    JSON,
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

from lineside_chassis.tables import tenant_table
from lineside_planning import columns

known_tenants: Table = Table(
    "known_tenants",
    columns.metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("mrp_planned_on", Date),
    Column("mrp_checked_at", DateTime(timezone=True)),
    Column("mrp_job_at", DateTime(timezone=True)),
)
"""Outside row-level security: which tenants background jobs have to look after."""


mrp_planning: Table = tenant_table(
    columns.metadata,
    "mrp_planning",
    Column("planning_date", Date, nullable=False),
    Column("calendar_version", Integer, nullable=False),
    Column("change_count", BigInteger, nullable=False),
    Column("is_recording", Boolean, nullable=False),
    Column("is_stale", Boolean, nullable=False),
    primary_key=(),
)
"""One row per tenant: what its plan belongs to. Its lock makes net changes follow one another."""


mrp_items: Table = tenant_table(
    columns.metadata,
    "mrp_items",
    Column("product_code", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("deleted", Boolean, nullable=False),
    Column("product_name", Text, nullable=False),
    Column("unit_code", Text, nullable=False),
    Column("unit_decimals", Integer, nullable=False),
    Column("conversions", JSONB, nullable=False),
    Column("make_or_buy", Text, nullable=False),
    Column("lead_time_days", Integer, nullable=False),
    Column("safety_stock_quantity", Numeric, nullable=False),
    Column("safety_time_days", Integer, nullable=False),
    Column("is_phantom", Boolean, nullable=False),
    Column("supply_policy", Text, nullable=False),
    Column("plant_code", Text),
    Column("is_active", Boolean, nullable=False),
    Column("lot_sizing", Text, nullable=False),
    Column("fixed_lot_quantity", Numeric),
    Column("minimum_lot_quantity", Numeric),
    Column("maximum_lot_quantity", Numeric),
    Column("lot_multiple_quantity", Numeric),
    Column("lot_period_days", Integer),
    Column("low_level_code", Integer, nullable=False, server_default=text("0")),
    Column("cycle", JSON),
    primary_key=("product_code",),
)


mrp_boms: Table = tenant_table(
    columns.metadata,
    "mrp_boms",
    Column("version", Integer, nullable=False),
    Column("product_code", Text, nullable=False),
    Column("bom_version", Integer, nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("base_quantity", Numeric, nullable=False),
    Column("effective_from", Date),
    Column("effective_until", Date),
    indexes=[("product_code",)],
)


mrp_bom_lines: Table = tenant_table(
    columns.metadata,
    "mrp_bom_lines",
    Column("bom_id", Uuid, nullable=False),
    Column("product_code", Text, nullable=False),
    Column("line_number", Integer, nullable=False),
    Column("component_code", Text, nullable=False),
    Column("unit_code", Text),
    Column("quantity", Numeric, nullable=False),
    Column("is_fixed_quantity", Boolean, nullable=False),
    Column("component_scrap_percentage", Numeric, nullable=False),
    Column("effective_from", Date),
    Column("effective_until", Date),
    primary_key=("bom_id", "id"),
    indexes=[("product_code",), ("component_code",)],
)


mrp_vendors: Table = tenant_table(
    columns.metadata,
    "mrp_vendors",
    Column("vendor_code", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("lead_time_days", Integer, nullable=False),
    primary_key=("vendor_code",),
)


mrp_vendor_products: Table = tenant_table(
    columns.metadata,
    "mrp_vendor_products",
    Column("version", Integer, nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("vendor_product_code", Text, nullable=False),
    Column("product_code", Text, nullable=False),
    Column("vendor_code", Text, nullable=False),
    Column("purchase_unit_code", Text),
    Column("purchase_unit_factor", Text),
    Column("lead_time_days", Integer),
    Column("minimum_order_quantity", Numeric, nullable=False),
    Column("order_multiple_quantity", Numeric),
    Column("preference", Integer, nullable=False),
    indexes=[("product_code",), ("vendor_code",)],
)


mrp_plants: Table = tenant_table(
    columns.metadata,
    "mrp_plants",
    Column("plant_code", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("deleted", Boolean, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("calendar_code", Text),
    primary_key=("plant_code",),
)


mrp_calendars: Table = tenant_table(
    columns.metadata,
    "mrp_calendars",
    Column("version", Integer, nullable=False),
    Column("deleted", Boolean, nullable=False),
    Column("calendar_code", Text, nullable=False),
    Column("shifts", JSONB, nullable=False),
    Column("holidays", JSONB, nullable=False),
    indexes=[("calendar_code",)],
)


mrp_stock: Table = tenant_table(
    columns.metadata,
    "mrp_stock",
    Column("product_code", Text, nullable=False),
    Column("plant_code", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("quantity_on_hand", Numeric, nullable=False),
    primary_key=("product_code", "plant_code"),
)


mrp_orders: Table = tenant_table(
    columns.metadata,
    "mrp_orders",
    Column("version", Integer, nullable=False),
    Column("plan_version", Integer, nullable=False),
    Column("production_order_number", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("product_code", Text, nullable=False),
    Column("plant_code", Text, nullable=False),
    Column("quantity_ordered", Numeric, nullable=False),
    Column("quantity_completed", Numeric, nullable=False),
    Column("due_date", Date, nullable=False),
    Column("serves_kind", Text),
    Column("serves_name", Text),
    Column("pegged_to", Uuid),
    Column("requirements", JSON, nullable=False),
)
"""Production orders as far as they are demand and supply; version 0: nobody has told of it yet."""


mrp_purchases: Table = tenant_table(
    columns.metadata,
    "mrp_purchases",
    Column("kind", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("requisition_id", Uuid),
    Column("is_open", Boolean, nullable=False),
    Column("name", Text, nullable=False),
    Column("product_code", Text, nullable=False),
    Column("plant_code", Text, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("quantity", Numeric, nullable=False),
    Column("quantity_allocated", Numeric, nullable=False),
    Column("pegs", JSON, nullable=False),
    indexes=[("requisition_id",)],
)
"""Requisitions and receipts."""


mrp_demands: Table = tenant_table(
    columns.metadata,
    "mrp_demands",
    Column("id", Text, nullable=False),
    Column("source_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("product_code", Text, nullable=False),
    Column("plant_code", Text, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("quantity", Numeric, nullable=False),
    Column("pairing", Integer, nullable=False),
    indexes=[("product_code", "plant_code", "pairing", "due_on"), ("source_id",)],
)


mrp_supplies: Table = tenant_table(
    columns.metadata,
    "mrp_supplies",
    Column("id", Text, nullable=False),
    Column("source_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("product_code", Text, nullable=False),
    Column("plant_code", Text, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("quantity", Numeric, nullable=False),
    Column("pairing", Integer, nullable=False),
    Column("pegged_to", Text),
    Column("explodes", Boolean, nullable=False),
    Column("starts_on", Date),
    indexes=[("product_code", "plant_code", "pairing", "due_on"), ("source_id",)],
)


planned_orders: Table = tenant_table(
    columns.metadata,
    "planned_orders",
    Column("id", Uuid, nullable=False, server_default=text("uuidv7()")),
    Column("plan_key", Text),
    Column("status", Text, nullable=False),
    Column("product_code", Text, nullable=False),
    Column("plant_code", Text, nullable=False),
    Column("make_or_buy", Text, nullable=False),
    Column("quantity", Numeric, nullable=False),
    Column("net_quantity", Numeric, nullable=False),
    Column("need_on", Date, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("release_on", Date, nullable=False),
    Column("purchase_quantity", Numeric),
    Column("ledger", JSON, nullable=False),
    Column("firmed_at", DateTime(timezone=True)),
    Column("firmed_by", JSONB),
    CheckConstraint("quantity > 0", name="planned_orders_quantity_check"),
    CheckConstraint(
        "(status = 'proposed') = (plan_key IS NOT NULL)", name="planned_orders_plan_key_check"
    ),
    unique=[("plan_key",)],
    indexes=[
        ("product_code", "plant_code"),
        Index(
            "planned_orders_proposed_idx",
            "tenant_id",
            "release_on",
            "id",
            postgresql_where=text("status = 'proposed'"),
        ),
    ],
)


mrp_requirements: Table = tenant_table(
    columns.metadata,
    "mrp_requirements",
    Column("product_code", Text, nullable=False),
    Column("plant_code", Text, nullable=False),
    Column("parent_code", Text, nullable=False),
    Column("needs", JSON, nullable=False),
    primary_key=("product_code", "plant_code", "parent_code"),
    indexes=[("parent_code", "plant_code")],
)
"""What one parent's plan takes of one component: its orders in one array."""


pegging: Table = tenant_table(
    columns.metadata,
    "pegging",
    Column("product_code", Text, nullable=False),
    Column("plant_code", Text, nullable=False),
    Column("pegs", JSON, nullable=False),
    primary_key=("product_code", "plant_code"),
)
"""A row for every item whose plan is not empty: which supply serves which demand."""


mrp_exceptions: Table = tenant_table(
    columns.metadata,
    "mrp_exceptions",
    Column("id", Uuid, nullable=False, server_default=text("uuidv7()")),
    Column("product_code", Text, nullable=False),
    Column("plant_code", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("quantity", Numeric, nullable=False),
    Column("from_date", Date),
    Column("to_date", Date),
    Column("path", JSON, nullable=False),
    Column("message", Text, nullable=False),
    unique=[("product_code", "plant_code", "kind", "reference", "ordinal")],
    indexes=[("from_date", "id")],
)


mrp_runs: Table = tenant_table(
    columns.metadata,
    "mrp_runs",
    Column("version", Integer, nullable=False),
    Column("mrp_run_number", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("planning_date", Date, nullable=False),
    Column("phase", Text, nullable=False),
    Column("items_total", Integer, nullable=False),
    Column("items_done", Integer, nullable=False),
    Column("planned_order_count", Integer, nullable=False),
    Column("exception_count", Integer, nullable=False),
    Column("changed_item_count", Integer, nullable=False),
    Column("differences", JSONB, nullable=False),
    Column("duration_ms", Integer),
    Column("reason", Text),
    Column("requested_at", DateTime(timezone=True), nullable=False),
    Column("requested_by", JSONB, nullable=False),
    Column("started_at", DateTime(timezone=True)),
    Column("finished_at", DateTime(timezone=True)),
    CheckConstraint(
        "status IN ('queued', 'running', 'completed', 'cancelled', 'failed')",
        name="mrp_runs_status_check",
    ),
    unique=[("mrp_run_number",)],
    indexes=[("status", "id")],
)


mrp_run_jobs: Table = tenant_table(
    columns.metadata,
    "mrp_run_jobs",
    Column("kind", Text, nullable=False),
)
"""Runs to be done; whoever does one holds its row locked, so that a dead runner's falls free."""


mrp_replanned: Table = tenant_table(
    columns.metadata,
    "mrp_replanned",
    Column("change_number", BigInteger, nullable=False),
    Column("pools", JSON, nullable=False),
    primary_key=("change_number",),
)
"""What net changes planned while a regeneration computes on an older snapshot."""
