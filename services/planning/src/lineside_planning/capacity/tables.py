"""The tables of capacity; migrations create the same ones, and a test compares them.

`capacity_plans.placed` holds an order's load as `{work center: [[day, microseconds], ...]}`, days
as ordinals, and `allocated` what is reserved for it in stock, by component and plant;
`work_center_loads` is the sum of all orders, changed under the turn of its work center. For whom an
order is made stands in its own row: whoever has locked it knows the newest link.
"""

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

capacity_plans: Table = tenant_table(
    columns.metadata,
    "capacity_plans",
    Column("version", Integer, nullable=False),
    Column("order_version", Integer, nullable=False),
    Column("production_order_number", Text, nullable=False),
    Column("product_code", Text, nullable=False),
    Column("plant_code", Text),
    Column("due_date", Date),
    Column("priority", Text, nullable=False),
    Column("is_over", Boolean, nullable=False),
    Column("planning_version", Integer, nullable=False),
    Column("expansion_version", Integer, nullable=False),
    Column("expanded_planning_version", Integer, nullable=False),
    Column("runs", JSONB, nullable=False),
    Column("material_version", Integer, nullable=False),
    Column("materials", JSONB, nullable=False),
    Column("materials_available_on", Date),
    Column("allocated", JSONB, nullable=False),
    Column("news", JSONB, nullable=False),
    Column("placed", JSONB, nullable=False),
    Column("said", JSONB),
    Column("is_feasible", Boolean),
    Column("due_at", DateTime(timezone=True)),
    Column("estimated_completion_at", DateTime(timezone=True)),
    Column("checked_at", DateTime(timezone=True)),
    Column("parent_id", Uuid),
    indexes=[
        ("plant_code",),
        ("product_code",),
        Index(
            "capacity_plans_parent_id_idx",
            "tenant_id",
            "id",
            "parent_id",
            postgresql_where=text("parent_id IS NOT NULL AND NOT is_over"),
        ),
    ],
)


capacity_planning: Table = tenant_table(
    columns.metadata,
    "capacity_planning",
    Column("production_order_id", Uuid, nullable=False),
    Column("sequence_number", Integer, nullable=False),
    Column("operation_name", Text, nullable=False),
    Column("work_center_code", Text),
    Column("required_minutes", Numeric, nullable=False),
    Column("remaining_minutes", Numeric, nullable=False),
    Column("planned_start_at", DateTime(timezone=True)),
    Column("planned_end_at", DateTime(timezone=True)),
    Column("estimated_start_at", DateTime(timezone=True)),
    Column("estimated_end_at", DateTime(timezone=True)),
    Column("days", JSONB, nullable=False),
    CheckConstraint("remaining_minutes >= 0", name="capacity_planning_remaining_minutes_check"),
    primary_key=("production_order_id", "sequence_number"),
    foreign_keys=[Reference(("production_order_id",), "capacity_plans")],
    indexes=[
        Index(
            "capacity_planning_open_idx",
            "tenant_id",
            "work_center_code",
            "production_order_id",
            postgresql_where=text("remaining_minutes > 0"),
        ),
    ],
)


work_center_loads: Table = tenant_table(
    columns.metadata,
    "work_center_loads",
    Column("work_center_code", Text, nullable=False),
    Column("on_date", Date, nullable=False),
    Column("load_microseconds", BigInteger, nullable=False),
    CheckConstraint("load_microseconds >= 0", name="work_center_loads_load_microseconds_check"),
    primary_key=("work_center_code", "on_date"),
)


capacity_stock: Table = tenant_table(
    columns.metadata,
    "capacity_stock",
    Column("version", Integer, nullable=False),
    Column("product_code", Text, nullable=False),
    Column("plant_code", Text, nullable=False),
    Column("quantity_on_hand", Numeric, nullable=False),
    indexes=[("product_code", "plant_code")],
)


capacity_receipts: Table = tenant_table(
    columns.metadata,
    "capacity_receipts",
    Column("version", Integer, nullable=False),
    Column("product_code", Text, nullable=False),
    Column("plant_code", Text, nullable=False),
    Column("free_quantity", Numeric, nullable=False),
    Column("expected_on", Date, nullable=False),
    indexes=[
        Index(
            "capacity_receipts_free_idx",
            "tenant_id",
            "product_code",
            "plant_code",
            postgresql_where=text("free_quantity > 0"),
        ),
    ],
)


capacity_predictions: Table = tenant_table(
    columns.metadata,
    "capacity_predictions",
    Column("version", Integer, nullable=False),
    Column("predicted_on", Date, nullable=False),
)
