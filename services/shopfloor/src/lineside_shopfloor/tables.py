"""The tables of this service; the migrations create the same ones.

A column stands for each field of a state, under the field's name, so that a row is a state and a
rebuild from events is compared column by column. The search columns of `work_orders` are generated
by functions of the first migration.
"""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Date,
    DateTime,
    Index,
    Integer,
    MetaData,
    Numeric,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR

from lineside_chassis.tables import Reference, tenant_table

metadata = MetaData()

_WORD_COLUMNS = (
    "work_order_number, sap_production_order, production_order_number,"
    " sales_order_number, product_code, product_name, description"
)
SEARCH_VECTOR = f"work_order_search_vector({_WORD_COLUMNS})"


def _instant(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


def _edited() -> list[Column[object]]:
    """Who wrote a row and when, with its version."""
    return [
        Column("version", Integer, nullable=False),
        _instant("created_at"),
        Column("created_by", JSONB, nullable=False),
        _instant("updated_at"),
        Column("updated_by", JSONB, nullable=False),
    ]


def _master_data() -> list[Column[object]]:
    return [*_edited(), Column("deleted", Boolean, nullable=False)]


plants = tenant_table(
    metadata,
    "plants",
    *_master_data(),
    Column("plant_code", Text, nullable=False),
    Column("plant_name", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("calendar_code", Text),
    Column("is_active", Boolean, nullable=False),
    unique=[("plant_code",)],
)

departments = tenant_table(
    metadata,
    "departments",
    *_master_data(),
    Column("department_code", Text, nullable=False),
    Column("department_name", Text, nullable=False),
    Column("plant_code", Text, nullable=False),
    unique=[("department_code",)],
    foreign_keys=[Reference(("plant_code",), "plants", ("plant_code",))],
    indexes=[("plant_code",)],
)

work_orders = tenant_table(
    metadata,
    "work_orders",
    *_edited(),
    Column("work_order_number", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("priority", Text, nullable=False),
    Column("operation_type", Text, nullable=False),
    Column("description", Text),
    Column("production_order_id", Uuid),
    Column("production_order_number", Text),
    Column("sales_order_number", Text),
    Column("project_id", Uuid),
    Column("project_number", Text),
    Column("project_name", Text),
    Column("product_code", Text),
    Column("product_name", Text),
    Column("plant_id", Uuid),
    Column("plant_code", Text),
    Column("plant_name", Text),
    Column("department_id", Uuid),
    Column("department_code", Text),
    Column("quantity_ordered", Numeric, nullable=False),
    Column("quantity_completed", Numeric, nullable=False),
    Column("unit_code", Text, nullable=False),
    Column("due_date", Date),
    Column("planned_start_date", Date),
    _instant("planned_start_at", nullable=True),
    Column("planned_end_date", Date),
    _instant("planned_end_at", nullable=True),
    Column("actual_start_date", Date),
    _instant("actual_start_at", nullable=True),
    Column("actual_end_date", Date),
    _instant("actual_end_at", nullable=True),
    Column("sap_production_order", Text),
    Column("assigned_to", Uuid),
    Column("predecessor_work_order_ids", ARRAY(Uuid), nullable=False),
    Column("expansion_version", Integer),
    Column("cancel_reason", Text),
    Column("search_vector", TSVECTOR, Computed(SEARCH_VECTOR, persisted=True)),
    CheckConstraint(
        "status IN ('planned', 'released', 'in_progress', 'completed', 'cancelled')",
        name="work_orders_status_check",
    ),
    CheckConstraint(
        "priority IN ('low', 'medium', 'high', 'urgent')", name="work_orders_priority_check"
    ),
    CheckConstraint(
        "operation_type IN ('fabrication', 'machining', 'assembly', 'testing')",
        name="work_orders_operation_type_check",
    ),
    CheckConstraint(
        "quantity_ordered >= 0 AND quantity_completed >= 0", name="work_orders_quantity_check"
    ),
    unique=[("work_order_number",), ("sap_production_order",)],
    foreign_keys=[
        Reference(("plant_id",), "plants"),
        Reference(("department_id",), "departments"),
    ],
    indexes=[
        ("status", "id"),
        ("plant_code", "id"),
        ("project_number", "id"),
        ("priority", "id"),
        ("operation_type", "id"),
        ("sales_order_number", "id"),
        ("production_order_id",),
        Index(
            "work_orders_active_idx",
            "tenant_id",
            "due_date",
            "id",
            postgresql_where=text("status IN ('planned', 'released', 'in_progress')"),
        ),
        Index(
            "work_orders_search_vector_idx", "tenant_id", "search_vector", postgresql_using="gin"
        ),
        Index("work_orders_number_code_idx", "tenant_id", text("search_codes(work_order_number)")),
        Index("work_orders_sap_code_idx", "tenant_id", text("search_codes(sap_production_order)")),
    ],
)

work_order_operations = tenant_table(
    metadata,
    "work_order_operations",
    Column("work_order_id", Uuid, nullable=False),
    Column("operation_number", Integer, nullable=False),
    Column("operation_code", Text),
    Column("operation_name", Text, nullable=False),
    Column("description", Text),
    Column("status", Text, nullable=False),
    Column("run_id", Uuid),
    Column("work_center_code", Text),
    Column("alternate_work_center_codes", ARRAY(Text), nullable=False),
    Column("unit_code", Text, nullable=False),
    Column("unit_decimals", Integer, nullable=False),
    Column("units_per_product", Text, nullable=False),
    Column("planned_input", Numeric, nullable=False),
    Column("planned_output", Numeric, nullable=False),
    Column("planned_scrap", Numeric, nullable=False),
    Column("setup_minutes", Numeric, nullable=False),
    Column("run_minutes", Numeric, nullable=False),
    Column("run_seconds_per_unit", Numeric, nullable=False),
    Column("wait_minutes", Numeric, nullable=False),
    Column("crew_size", Numeric, nullable=False),
    Column("planned_hours", Numeric, nullable=False),
    Column("actual_hours", Numeric),
    Column("predecessor_operation_numbers", ARRAY(Integer), nullable=False),
    Column("transfer_batch_quantity", Numeric),
    Column("setup_scrap_quantity", Numeric, nullable=False, server_default="0"),
    Column("time_basis", Text, nullable=False, server_default="per_unit"),
    Column("batch_size", Numeric),
    Column("assigned_to", Uuid),
    Column("completed_by", JSONB),
    _instant("completed_at", nullable=True),
    CheckConstraint(
        "status IN ('pending', 'in_progress', 'completed', 'cancelled')",
        name="work_order_operations_status_check",
    ),
    unique=[("work_order_id", "operation_number")],
    foreign_keys=[Reference(("work_order_id",), "work_orders")],
)

work_order_words = tenant_table(
    metadata,
    "work_order_words",
    Column("word", Text, nullable=False),
    primary_key=("word",),
    indexes=[
        Index(
            "work_order_words_similar_idx",
            "tenant_id",
            "word",
            postgresql_using="gin",
            postgresql_ops={"word": "gin_trgm_ops"},
        )
    ],
)
"""The words of a tenant's work orders, kept by triggers: what mistyped words are compared with."""

lanes = tenant_table(
    metadata,
    "lanes",
    *_master_data(),
    Column("lane_number", Text, nullable=False),
    Column("lane_name", Text, nullable=False),
    Column("plant_code", Text, nullable=False),
    Column("lane_type", Text, nullable=False),
    Column("work_center_code", Text),
    Column("capacity", Integer, nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("status", Text, nullable=False, server_default="available"),
    Column("current_work_order_id", Uuid),
    CheckConstraint(
        "status IN ('available', 'occupied', 'maintenance', 'inactive')", name="lanes_status_check"
    ),
    CheckConstraint("capacity >= 1", name="lanes_capacity_check"),
    unique=[("lane_number",)],
    foreign_keys=[
        Reference(("plant_code",), "plants", ("plant_code",)),
        Reference(("current_work_order_id",), "work_orders"),
    ],
    indexes=[
        ("plant_code",),
        ("current_work_order_id",),
        Index(
            "lanes_available_idx",
            "tenant_id",
            "plant_code",
            "lane_type",
            postgresql_where=text("status = 'available' AND is_active AND NOT deleted"),
        ),
    ],
)

production_order_states = tenant_table(
    metadata,
    "production_order_states",
    Column("version", Integer, nullable=False),
    Column("planning_version", Integer, nullable=False),
    Column("status", Text),
    Column("is_released", Boolean, nullable=False),
    Column("expansion_version", Integer, nullable=False),
    Column("priority", Text),
    Column("due_date", Date),
    Column("cancel_reason", Text),
    Column("plant_code", Text),
)
"""What is remembered of each production order; a cancelled one is a tombstone."""

tenant_settings = tenant_table(
    metadata,
    "tenant_settings",
    Column("version", Integer, nullable=False),
    Column("work_order_prefix", Text, nullable=False),
    Column("release_work_orders", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
)

projects = tenant_table(
    metadata,
    "projects",
    Column("version", Integer, nullable=False),
    Column("project_number", Text, nullable=False),
    Column("project_name", Text, nullable=False),
    Column("deleted", Boolean, nullable=False),
    indexes=[("project_number",)],
)

calendars = tenant_table(
    metadata,
    "calendars",
    Column("version", Integer, nullable=False),
    Column("calendar_code", Text, nullable=False),
    Column("shifts", JSONB, nullable=False),
    Column("holidays", JSONB, nullable=False),
    Column("deleted", Boolean, nullable=False),
    indexes=[("calendar_code",)],
)

maintenance_windows = tenant_table(
    metadata,
    "maintenance_windows",
    Column("version", Integer, nullable=False),
    Column("work_center_code", Text),
    Column("plant_code", Text, nullable=False),
    _instant("starts_at"),
    _instant("ends_at"),
    Column("deleted", Boolean, nullable=False),
    indexes=[("plant_code", "ends_at")],
)

work_centers = tenant_table(
    metadata,
    "work_centers",
    Column("version", Integer, nullable=False),
    Column("work_center_code", Text, nullable=False),
    Column("plant_code", Text, nullable=False),
    Column("calendar_code", Text),
    Column("efficiency_percentage", Numeric, nullable=False),
    Column("deleted", Boolean, nullable=False),
    indexes=[("work_center_code",)],
)

number_counters = tenant_table(
    metadata,
    "number_counters",
    Column("prefix", Text, nullable=False),
    Column("year", Integer, nullable=False),
    Column("last_number", BigInteger, nullable=False),
    primary_key=("prefix", "year"),
)
