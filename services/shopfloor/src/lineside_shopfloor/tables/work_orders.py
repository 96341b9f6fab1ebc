"""Work orders, their operations, their search, and what is remembered of their orders."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Date,
    Index,
    Integer,
    Numeric,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR

from lineside_chassis.tables import Reference, tenant_table
from lineside_shopfloor.tables import columns

_WORD_COLUMNS = (
    "work_order_number, sap_production_order, production_order_number,"
    " sales_order_number, product_code, product_name, description"
)
SEARCH_VECTOR = f"work_order_search_vector({_WORD_COLUMNS})"


work_orders = tenant_table(
    columns.metadata,
    "work_orders",
    *columns.edited(),
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
    columns.instant("planned_start_at", nullable=True),
    Column("planned_end_date", Date),
    columns.instant("planned_end_at", nullable=True),
    Column("actual_start_date", Date),
    columns.instant("actual_start_at", nullable=True),
    Column("actual_end_date", Date),
    columns.instant("actual_end_at", nullable=True),
    Column("sap_production_order", Text),
    Column("assigned_to", Uuid),
    Column("predecessor_work_order_ids", ARRAY(Uuid), nullable=False),
    Column("expansion_version", Integer),
    Column("cancel_reason", Text),
    Column("completion_reason", Text),
    Column("stated_hours", Numeric),
    Column("log_version", Integer, nullable=False, server_default="0"),
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
            "work_orders_queue_idx",
            "tenant_id",
            "plant_code",
            "operation_type",
            text("priority_rank(priority)"),
            "due_date",
            "id",
            postgresql_where=text("status IN ('released', 'in_progress')"),
        ),
        Index(
            "work_orders_open_idx",
            "tenant_id",
            "id",
            postgresql_where=text("status IN ('planned', 'released', 'in_progress')"),
        ),
        ("due_date", "id"),
        ("product_code", "id"),
        ("department_code", "id"),
        Index(
            "work_orders_ended_idx",
            "tenant_id",
            "plant_code",
            "actual_end_at",
            postgresql_where=text("actual_end_at IS NOT NULL"),
        ),
        Index(
            "work_orders_assigned_to_idx",
            "tenant_id",
            "assigned_to",
            "id",
            postgresql_where=text("assigned_to IS NOT NULL"),
        ),
        Index(
            "work_orders_search_vector_idx", "tenant_id", "search_vector", postgresql_using="gin"
        ),
        Index("work_orders_number_code_idx", "tenant_id", text("search_codes(work_order_number)")),
        Index("work_orders_sap_code_idx", "tenant_id", text("search_codes(sap_production_order)")),
    ],
)

work_order_operations = tenant_table(
    columns.metadata,
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
    columns.instant("completed_at", nullable=True),
    Column("good_quantity", Numeric, nullable=False, server_default="0"),
    Column("scrap_quantity", Numeric, nullable=False, server_default="0"),
    Column("rework_quantity", Numeric, nullable=False, server_default="0"),
    Column("rework_in_quantity", Numeric, nullable=False, server_default="0"),
    Column("rework_out_quantity", Numeric, nullable=False, server_default="0"),
    Column("input_added_quantity", Numeric, nullable=False, server_default="0"),
    Column("actual_setup_minutes", Numeric, nullable=False, server_default="0"),
    Column("actual_run_minutes", Numeric, nullable=False, server_default="0"),
    Column("actual_labour_minutes", Numeric, nullable=False, server_default="0"),
    Column("stated_hours", Numeric),
    Column("completion_count", Integer, nullable=False, server_default="0"),
    CheckConstraint(
        "status IN ('pending', 'in_progress', 'completed', 'cancelled')",
        name="work_order_operations_status_check",
    ),
    unique=[("work_order_id", "operation_number")],
    foreign_keys=[Reference(("work_order_id",), "work_orders")],
)

work_order_words = tenant_table(
    columns.metadata,
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

production_order_states = tenant_table(
    columns.metadata,
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

number_counters = tenant_table(
    columns.metadata,
    "number_counters",
    Column("prefix", Text, nullable=False),
    Column("year", Integer, nullable=False),
    Column("last_number", BigInteger, nullable=False),
    primary_key=("prefix", "year"),
)
