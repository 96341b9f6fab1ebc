"""The tables of materials; migrations create the same ones, and a test compares them."""

from sqlalchemy import (
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
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from lineside_chassis.tables import Reference, tenant_table
from lineside_planning import columns

material_orders: Table = tenant_table(
    columns.metadata,
    "material_orders",
    Column("order_version", Integer, nullable=False),
    Column("expansion_version", Integer, nullable=False),
    Column("expansion_planning_version", Integer, nullable=False),
    Column("planning_version", Integer, nullable=False),
    Column("production_order_number", Text, nullable=False),
    Column("product_code", Text, nullable=False),
    Column("quantity", Numeric, nullable=False),
    Column("unit_code", Text, nullable=False),
    Column("priority", Text, nullable=False),
    Column("due_date", Date, nullable=False),
    Column("plant_code", Text),
    Column("status", Text, nullable=False),
    Column("is_planned", Boolean, nullable=False),
    Column("level", Integer, nullable=False),
    Column("parent_order_id", Uuid),
    Column("sales_order_id", Uuid),
    Column("runs", JSONB, nullable=False),
    indexes=[("product_code", "status"), ("parent_order_id",)],
)
"""What materials keeps of each order, cancelled ones included; locked before everything else."""

material_plans: Table = tenant_table(
    columns.metadata,
    "material_plans",
    Column("version", Integer, nullable=False),
    Column("production_order_number", Text, nullable=False),
    Column("product_code", Text, nullable=False),
    Column("quantity", Numeric, nullable=False),
    Column("priority", Text, nullable=False),
    Column("due_date", Date, nullable=False),
    Column("plant_code", Text),
    Column("order_status", Text, nullable=False),
    Column("planning_version", Integer, nullable=False),
    Column("expansion_version", Integer, nullable=False),
    Column("order_version", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("available_on", Date),
    Column("warnings", JSONB, nullable=False),
    Column("planned_at", DateTime(timezone=True), nullable=False),
    Column("parent_order_id", Uuid),
    Column("sales_order_id", Uuid),
    Column("output_quantity", Numeric, nullable=False),
    Column("output_order_version", Integer, nullable=False),
    CheckConstraint("output_quantity >= 0", name="material_plans_output_quantity_check"),
    foreign_keys=[Reference(("id",), "material_orders")],
)

material_requirements: Table = tenant_table(
    columns.metadata,
    "material_requirements",
    Column("production_order_id", Uuid, nullable=False),
    Column("component_code", Text, nullable=False),
    Column("component_name", Text),
    Column("plant_code", Text, nullable=False),
    Column("unit_code", Text, nullable=False),
    Column("unit_decimals", Integer, nullable=False),
    Column("sequence_number", Integer, nullable=False),
    Column("work_center_code", Text),
    Column("issue_method", Text, nullable=False),
    Column("make_or_buy", Text, nullable=False),
    Column("supply", Text, nullable=False),
    Column("needed_quantity", Numeric, nullable=False),
    Column("exact_quantity", Numeric, nullable=False),
    Column("exact_need", Text, nullable=False),
    Column("planned_input", Numeric, nullable=False),
    Column("needed_on", Date, nullable=False),
    Column("needed_at", DateTime(timezone=True), nullable=False),
    Column("issued_quantity", Numeric, nullable=False),
    Column("child_order_id", Uuid),
    Column("child_quantity", Numeric, nullable=False),
    Column("open_quantity", Numeric, nullable=False),
    Column("short_quantity", Numeric, nullable=False),
    Column("replenish_quantity", Numeric, nullable=False),
    Column("available_on", Date),
    Column("is_fixed_quantity", Boolean, nullable=False),
    Column("bom_line_id", Uuid),
    Column("quantity_per", Text),
    Column("explanation", ARRAY(Text), nullable=False),
    CheckConstraint("open_quantity >= 0", name="material_requirements_open_quantity_check"),
    CheckConstraint(
        "replenish_quantity >= 0", name="material_requirements_replenish_quantity_check"
    ),
    CheckConstraint(
        "supply IN ('buy', 'make', 'stock', 'none')", name="material_requirements_supply_check"
    ),
    foreign_keys=[Reference(("production_order_id",), "material_plans")],
    indexes=[
        ("production_order_id",),
        ("component_code", "plant_code"),
        Index(
            "material_requirements_waiting_idx",
            "tenant_id",
            "component_code",
            "plant_code",
            postgresql_where=text("short_quantity > 0 OR replenish_quantity > 0"),
        ),
        Index(
            "material_requirements_short_idx",
            "tenant_id",
            "needed_on",
            "id",
            postgresql_where=text("short_quantity > 0"),
        ),
        Index(
            "material_requirements_child_idx",
            "tenant_id",
            "child_order_id",
            postgresql_where=text("child_order_id IS NOT NULL"),
        ),
    ],
)

inventory: Table = tenant_table(
    columns.metadata,
    "inventory",
    Column("product_code", Text, nullable=False),
    Column("plant_code", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("unit_code", Text, nullable=False),
    Column("unit_decimals", Integer, nullable=False),
    Column("quantity_on_hand", Numeric, nullable=False),
    Column("quantity_allocated", Numeric, nullable=False),
    Column("quantity_blocked", Numeric, nullable=False),
    Column("is_recorded", Boolean, nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("quantity_on_hand >= 0", name="inventory_quantity_on_hand_check"),
    CheckConstraint("quantity_blocked >= 0", name="inventory_quantity_blocked_check"),
    CheckConstraint(
        "quantity_allocated >= 0 AND quantity_allocated <= quantity_on_hand",
        name="inventory_quantity_allocated_check",
    ),
    unique=[("product_code", "plant_code")],
)
"""The pools. A pool's row lock covers its receipts, requisitions and requirements as well.

`is_recorded` is false where a need made the row and nobody ever counted anything there.
"""

inventory_balances: Table = tenant_table(
    columns.metadata,
    "inventory_balances",
    Column("product_code", Text, nullable=False),
    Column("plant_code", Text, nullable=False),
    Column("location_code", Text, nullable=False),
    Column("lot_number", Text, nullable=False),
    Column("quantity", Numeric, nullable=False),
    Column("is_nettable", Boolean, nullable=False),
    Column("first_received_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("quantity >= 0", name="inventory_balances_quantity_check"),
    primary_key=("product_code", "plant_code", "location_code", "lot_number"),
    indexes=[("location_code",)],
)

stock_movements: Table = tenant_table(
    columns.metadata,
    "stock_movements",
    Column("kind", Text, nullable=False),
    Column("product_code", Text, nullable=False),
    Column("plant_code", Text, nullable=False),
    Column("location_code", Text, nullable=False),
    Column("lot_number", Text, nullable=False),
    Column("quantity", Numeric, nullable=False),
    Column("quantity_after", Numeric, nullable=False),
    Column("production_order_id", Uuid),
    Column("production_order_number", Text),
    Column("requirement_id", Uuid),
    Column("receipt_id", Uuid),
    Column("output_lot_number", Text),
    Column("unit_cost", Numeric),
    Column("reason", Text),
    Column("happened_at", DateTime(timezone=True), nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("recorded_by", JSONB, nullable=False),
    indexes=[
        ("product_code", "plant_code", "id"),
        Index(
            "stock_movements_order_idx",
            "tenant_id",
            "production_order_id",
            "id",
            postgresql_where=text("production_order_id IS NOT NULL"),
        ),
        Index(
            "stock_movements_lot_idx",
            "tenant_id",
            "product_code",
            "lot_number",
            postgresql_where=text("lot_number <> ''"),
        ),
    ],
)

receipts: Table = tenant_table(
    columns.metadata,
    "receipts",
    Column("version", Integer, nullable=False),
    Column("receipt_number", Text, nullable=False),
    Column("product_code", Text, nullable=False),
    Column("plant_code", Text, nullable=False),
    Column("unit_code", Text, nullable=False),
    Column("quantity", Numeric, nullable=False),
    Column("quantity_received", Numeric, nullable=False),
    Column("quantity_allocated", Numeric, nullable=False),
    Column("expected_on", Date, nullable=False),
    Column("status", Text, nullable=False),
    Column("vendor_code", Text),
    Column("unit_cost", Numeric),
    Column("requisition_id", Uuid),
    *columns.stamps(),
    CheckConstraint(
        "quantity_allocated >= 0 AND quantity_allocated <="
        " CASE status WHEN 'open' THEN greatest(quantity - quantity_received, 0) ELSE 0 END",
        name="receipts_quantity_allocated_check",
    ),
    CheckConstraint("quantity_received >= 0", name="receipts_quantity_received_check"),
    CheckConstraint("status IN ('open', 'received', 'cancelled')", name="receipts_status_check"),
    indexes=[
        ("product_code", "plant_code", "expected_on"),
        ("expected_on", "id"),
        Index(
            "receipts_number_key",
            "tenant_id",
            "receipt_number",
            "product_code",
            unique=True,
            postgresql_where=text("requisition_id IS NULL"),
        ),
        Index(
            "receipts_open_idx",
            "tenant_id",
            "product_code",
            "plant_code",
            postgresql_where=text("status = 'open'"),
        ),
    ],
)

material_allocations: Table = tenant_table(
    columns.metadata,
    "material_allocations",
    Column("production_order_id", Uuid, nullable=False),
    Column("requirement_id", Uuid),
    Column("receipt_id", Uuid),
    Column("product_code", Text, nullable=False),
    Column("plant_code", Text, nullable=False),
    Column("quantity", Numeric, nullable=False),
    CheckConstraint("quantity > 0", name="material_allocations_quantity_check"),
    foreign_keys=[Reference(("receipt_id",), "receipts")],
    indexes=[
        ("production_order_id",),
        ("product_code", "plant_code"),
        Index(
            "material_allocations_receipt_idx",
            "tenant_id",
            "receipt_id",
            postgresql_where=text("receipt_id IS NOT NULL"),
        ),
    ],
)
"""Who holds what: a requirement's stock or receipt; without a requirement finished goods."""

purchase_requisitions: Table = tenant_table(
    columns.metadata,
    "purchase_requisitions",
    Column("version", Integer, nullable=False),
    Column("requisition_number", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("product_code", Text, nullable=False),
    Column("product_name", Text),
    Column("plant_code", Text, nullable=False),
    Column("needed_on", Date, nullable=False),
    Column("arrive_on", Date, nullable=False),
    Column("order_by", Date, nullable=False),
    Column("is_late", Boolean, nullable=False),
    Column("quantity_needed", Numeric, nullable=False),
    Column("quantity", Numeric, nullable=False),
    Column("unit_code", Text, nullable=False),
    Column("unit_decimals", Integer, nullable=False),
    Column("vendor_code", Text),
    Column("purchase_quantity", Numeric),
    Column("purchase_unit_code", Text),
    Column("lead_time_days", Integer, nullable=False),
    Column("unit_cost", Numeric),
    Column("explanation", ARRAY(Text), nullable=False),
    Column("purchase_order_number", Text),
    Column("receipt_id", Uuid),
    *columns.stamps(),
    CheckConstraint(
        "status IN ('open', 'ordered', 'received', 'cancelled')",
        name="purchase_requisitions_status_check",
    ),
    unique=[("requisition_number",)],
    indexes=[
        ("order_by", "id"),
        Index(
            "purchase_requisitions_open_key",
            "tenant_id",
            "product_code",
            "plant_code",
            "needed_on",
            unique=True,
            postgresql_where=text("status = 'open'"),
        ),
    ],
)

requisition_pegs: Table = tenant_table(
    columns.metadata,
    "requisition_pegs",
    Column("requisition_id", Uuid, nullable=False),
    Column("production_order_id", Uuid),
    Column("production_order_number", Text),
    Column("requirement_id", Uuid),
    Column("planned_order_id", Uuid),
    Column("quantity", Numeric, nullable=False),
    CheckConstraint("quantity > 0", name="requisition_pegs_quantity_check"),
    foreign_keys=[Reference(("requisition_id",), "purchase_requisitions")],
    indexes=[
        ("requisition_id",),
        Index(
            "requisition_pegs_planned_order_key",
            "tenant_id",
            "planned_order_id",
            unique=True,
            postgresql_where=text("planned_order_id IS NOT NULL"),
        ),
    ],
)

stock_discrepancies: Table = tenant_table(
    columns.metadata,
    "stock_discrepancies",
    Column("version", Integer, nullable=False),
    Column("product_code", Text, nullable=False),
    Column("plant_code", Text, nullable=False),
    Column("location_code", Text),
    Column("quantity_missing", Numeric, nullable=False),
    Column("production_order_id", Uuid),
    Column("production_order_number", Text),
    Column("requirement_id", Uuid),
    Column("status", Text, nullable=False),
    Column("explanation", Text, nullable=False),
    *columns.stamps(),
    CheckConstraint("status IN ('open', 'settled')", name="stock_discrepancies_status_check"),
    indexes=[
        Index(
            "stock_discrepancies_open_idx",
            "tenant_id",
            "product_code",
            "plant_code",
            postgresql_where=text("status = 'open'"),
        ),
    ],
)

material_floor_reports: Table = tenant_table(
    columns.metadata,
    "material_floor_reports",
    Column("production_order_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("operations", JSONB, nullable=False),
    indexes=[("production_order_id",)],
)
"""What the floor reported of each work order, cumulatively; the newest version of each."""

material_output_lots: Table = tenant_table(
    columns.metadata,
    "material_output_lots",
    Column("log_id", Uuid, nullable=False),
    Column("production_order_id", Uuid, nullable=False),
    Column("sequence_number", Integer, nullable=False),
    Column("lot_number", Text, nullable=False),
    Column("quantity", Numeric, nullable=False),
    primary_key=("log_id",),
    indexes=[("production_order_id",), ("lot_number",)],
)
"""Which lots an order made, log by log."""
