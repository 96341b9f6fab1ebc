"""What a deployment must have, beyond what the code declares: by SPEC 2 and RULES 37."""

from collections.abc import Mapping

REQUIRED_TABLES: Mapping[str, tuple[str, ...]] = {
    "sales-bridge": ("sales_documents", "sales_orders", "sales_order_lines"),
    "planning": ("tenants", "units", "products", "projects", "production_orders"),
    "routing": (
        "operations",
        "work_centers",
        "routing_templates",
        "routing_operations",
        "production_runs",
    ),
    "shopfloor": ("plants", "departments", "lanes", "work_orders", "work_order_operations"),
    "predictions": ("delivery_predictions", "project_progress"),
}
CHASSIS_TABLES = ("answered_requests", "inbox", "outbox")

OUTSIDE_ROW_SECURITY = frozenset({"alembic_version", "known_tenants"})
"""The tables every tenant's job may read: no row of them is a tenant's business."""

FURTHER_POLICIES = frozenset({("operations", "operations_global_rows")})
"""Policies of the app role besides the isolation of each table: global rows, to read only."""

WITHOUT_TENANT = frozenset({"outbox_pkey", "outbox_event_id_key"})
"""Unique keys that need no tenant: numbers of the database's own, ids of our own making."""

REQUIRED_INDEXES: Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "planning": (
        ("production_orders", ("status",)),
        ("production_orders", ("project_number",)),
        ("production_orders", ("priority",)),
    ),
    "routing": (
        ("routing_templates", ("product_category",)),
        ("routing_operations", ("routing_id", "sequence_number")),
    ),
    "shopfloor": (
        ("work_orders", ("status",)),
        ("work_orders", ("plant_code",)),
        ("work_orders", ("project_number",)),
        ("work_orders", ("priority",)),
    ),
    "predictions": (("delivery_predictions", ("project_number",)),),
}
"""Table and the columns that follow tenant_id, as the lists of the API need them."""
