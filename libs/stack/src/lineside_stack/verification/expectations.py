"""What a deployment must have, beyond what the code declares: by SPEC 2 and RULES 37."""

from collections.abc import Mapping
from dataclasses import dataclass

REQUIRED_TABLES: Mapping[str, tuple[str, ...]] = {
    "sales-bridge": ("sales_documents", "sales_orders", "sales_order_lines"),
    "planning": (
        *("tenants", "units", "products", "projects", "production_orders"),
        *("boms", "bom_lines", "vendors", "vendor_products", "labour_rates"),
        *("calendars", "maintenance_windows", "stock_locations"),
        *("inventory", "inventory_balances", "stock_movements", "receipts", "stock_discrepancies"),
        *("material_plans", "material_requirements", "material_allocations"),
        *("purchase_requisitions", "requisition_pegs"),
        *("mrp_runs", "planned_orders", "pegging", "mrp_exceptions"),
        *("capacity_planning", "work_center_loads", "costs"),
    ),
    "routing": (
        "operations",
        "work_centers",
        "routing_templates",
        "routing_operations",
        "production_runs",
    ),
    "shopfloor": (
        "plants",
        "departments",
        "lanes",
        "work_orders",
        "work_order_operations",
        "lane_assignments",
        "production_logs",
        "production_log_archives",
        "manpower_allocation",
        "daily_work_logs",
        "daily_production_summary",
        "equipment_status_log",
        "maintenance_records",
        "asset_hierarchy",
        "oee_calculations",
    ),
    "predictions": (
        "delivery_predictions",
        "project_progress",
        "velocities",
        "prediction_scores",
    ),
}
CHASSIS_TABLES = ("answered_requests", "inbox", "outbox")

OUTSIDE_ROW_SECURITY = frozenset({"alembic_version", "known_tenants"})
"""The tables every tenant's job may read: no row of them is a tenant's business."""

FURTHER_POLICIES = frozenset({("operations", "operations_global_rows")})
"""Policies of the app role besides the isolation of each table: global rows, to read only."""

WITHOUT_TENANT = frozenset({"outbox_pkey", "outbox_event_id_key", "operations_pkey"})
"""Keys that need no tenant: numbers and ids of our own making, and the catalogue's global rows."""


@dataclass(frozen=True)
class NeededIndex:
    """An index the API's lists need: the columns that follow tenant_id."""

    table: str
    columns: tuple[str, ...]
    is_partial: bool = False


NEEDED_INDEXES: Mapping[str, tuple[NeededIndex, ...]] = {
    "sales-bridge": (),
    "planning": (
        NeededIndex("production_orders", ("status",)),
        NeededIndex("production_orders", ("project_number",)),
        NeededIndex("production_orders", ("sales_order_number",)),
        NeededIndex("production_orders", ("due_date",)),
        NeededIndex("production_orders", ("parent_order_id",), is_partial=True),
        NeededIndex("bom_lines", ("component_code",)),
        NeededIndex("stock_movements", ("product_code", "plant_code")),
        NeededIndex("stock_movements", ("production_order_id",), is_partial=True),
        NeededIndex("receipts", ("product_code", "plant_code")),
        NeededIndex("material_requirements", ("production_order_id",)),
        NeededIndex("material_requirements", ("component_code", "plant_code")),
        NeededIndex("material_requirements", ("needed_on",), is_partial=True),
        NeededIndex("material_allocations", ("product_code", "plant_code")),
        NeededIndex("purchase_requisitions", ("order_by",)),
        NeededIndex("planned_orders", ("release_on",)),
        NeededIndex("mrp_exceptions", ("from_date",)),
        NeededIndex("capacity_planning", ("work_center_code",)),
    ),
    "routing": (
        NeededIndex("routing_templates", ("routing_code",), is_partial=True),
        NeededIndex("routing_templates", ("product_category",)),
        NeededIndex("routing_operations", ("routing_id", "sequence_number")),
        NeededIndex("routing_operations", ("routing_id", "predecessor_operation_id")),
    ),
    "shopfloor": (
        NeededIndex("work_orders", ("status",)),
        NeededIndex("work_orders", ("plant_code",)),
        NeededIndex("work_orders", ("project_number",)),
        NeededIndex("work_orders", ("priority",)),
        NeededIndex("work_orders", ("due_date",), is_partial=True),
        NeededIndex("work_orders", ("plant_code", "operation_type"), is_partial=True),
        NeededIndex("lanes", ("plant_code",), is_partial=True),
        NeededIndex("lane_assignments", ("assigned_at",)),
        NeededIndex("lane_assignments", ("lane_id",)),
        NeededIndex("lane_assignments", ("work_order_id",)),
        NeededIndex("production_logs", ("work_order_id", "kind")),
        NeededIndex("production_logs", ("work_order_id", "logged_at")),
        NeededIndex("production_logs", ("happened_at",)),
        NeededIndex("production_logs", ("lane_id", "logged_at")),
        NeededIndex("production_logs", ("plant_code", "logged_at")),
        NeededIndex("production_logs", ("logged_by_id", "logged_at")),
        NeededIndex("work_intervals", ("lane_id", "started_at")),
        NeededIndex("log_conflicts", ("status",)),
    ),
    "predictions": (
        NeededIndex("delivery_predictions", ("project_id", "calculated_at")),
        NeededIndex("predicted_orders", ("plant_code",), is_partial=True),
        NeededIndex("operation_progress", ("production_order_id",)),
        NeededIndex("prediction_scores", ("kind_of_work",)),
    ),
}
"""By service; a missing one is a warning, since answers stay right without it."""
