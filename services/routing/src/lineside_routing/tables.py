"""The tables of routing; the migrations create the same ones, and a test compares them."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    Integer,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.schema import SchemaItem

from lineside_chassis.tables import Reference, tenant_table

metadata = MetaData()


def _master_data() -> tuple[SchemaItem, ...]:
    """What every kind of master data has besides its fields."""
    return (
        Column("version", Integer, nullable=False),
        Column("deleted", Boolean, nullable=False, server_default=text("false")),
        *_stamps(),
    )


def _stamps() -> tuple[SchemaItem, ...]:
    return (
        Column("created_at", DateTime(timezone=True), nullable=False),
        Column("created_by", JSONB, nullable=False),
        Column("updated_at", DateTime(timezone=True), nullable=False),
        Column("updated_by", JSONB, nullable=False),
    )


def _projection() -> tuple[SchemaItem, ...]:
    """What a copy of somebody else's row has besides its columns."""
    return (
        Column("version", BigInteger, nullable=False),
        Column("deleted", Boolean, nullable=False, server_default=text("false")),
    )


operations = Table(
    "operations",
    metadata,
    Column("tenant_id", Uuid),  # null: a global row, read by all tenants and written by none
    Column("id", Uuid, nullable=False),
    Column("operation_code", Text, nullable=False),
    Column("operation_name", Text, nullable=False),
    Column("operation_type", Text, nullable=False),
    Column("default_setup_minutes", Numeric, nullable=False),
    Column("default_run_seconds_per_unit", Numeric, nullable=False),
    Column("work_center_code", Text),
    Column("description", Text),
    Column("is_active", Boolean, nullable=False),
    Column("is_global", Boolean, nullable=False, server_default=text("false")),
    *_master_data(),
    PrimaryKeyConstraint("id", name="operations_pkey"),
    UniqueConstraint(
        "tenant_id",
        "operation_code",
        name="operations_operation_code_key",
        postgresql_nulls_not_distinct=True,
    ),
    CheckConstraint(
        "operation_type IN ('fabrication', 'machining', 'assembly', 'testing')",
        name="operations_operation_type_check",
    ),
    CheckConstraint("is_global = (tenant_id IS NULL)", name="operations_is_global_check"),
)

work_centers = tenant_table(
    metadata,
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
    *_master_data(),
    CheckConstraint("parallel_units >= 1", name="work_centers_parallel_units_check"),
    CheckConstraint("efficiency_percentage > 0", name="work_centers_efficiency_check"),
    unique=[("work_center_code",)],
    indexes=[("plant_code",)],
)

products = tenant_table(
    metadata,
    "products",
    Column("product_code", Text, nullable=False),
    Column("product_category", Text),
    Column("unit_code", Text, nullable=False),
    Column("unit_decimals", Integer, nullable=False),
    Column("plant_code", Text),
    Column("make_or_buy", Text, nullable=False),
    Column("is_active", Boolean, nullable=False),
    *_projection(),
    indexes=[("product_code",), ("product_category",)],
)

plants = tenant_table(
    metadata,
    "plants",
    Column("plant_code", Text, nullable=False),
    Column("is_active", Boolean, nullable=False),
    *_projection(),
    indexes=[("plant_code",)],
)

units = tenant_table(
    metadata,
    "units",
    Column("unit_code", Text, nullable=False),
    Column("decimals", Integer, nullable=False),
    *_projection(),
    indexes=[("unit_code",)],
)

_IS_ACTIVE = text("status = 'active'")

routing_templates = tenant_table(
    metadata,
    "routing_templates",
    Column("routing_code", Text, nullable=False),
    Column("routing_version", Integer, nullable=False),
    Column("routing_name", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("product_code", Text),
    Column("product_category", Text),
    Column("description", Text),
    Column("version", Integer, nullable=False),
    *_stamps(),
    Column("activated_at", DateTime(timezone=True)),
    Column("retired_at", DateTime(timezone=True)),
    Column("deleted_at", DateTime(timezone=True)),
    Column("deleted_by", JSONB),
    CheckConstraint(
        "status IN ('draft', 'active', 'retired')", name="routing_templates_status_check"
    ),
    CheckConstraint("routing_version >= 1", name="routing_templates_routing_version_check"),
    unique=[("routing_code", "routing_version")],
    indexes=[
        Index(
            "routing_templates_active_code_key",
            "tenant_id",
            "routing_code",
            unique=True,
            postgresql_where=_IS_ACTIVE,
        ),
        Index(
            "routing_templates_active_product_key",
            "tenant_id",
            "product_code",
            unique=True,
            postgresql_where=text("status = 'active' AND product_code IS NOT NULL"),
        ),
        Index(
            "routing_templates_active_category_key",
            "tenant_id",
            "product_category",
            unique=True,
            postgresql_where=text("status = 'active' AND product_code IS NULL"),
        ),
        ("product_category",),
    ],
)

routing_operations = tenant_table(
    metadata,
    "routing_operations",
    Column("routing_id", Uuid, nullable=False),
    Column("sequence_number", Integer, nullable=False),
    Column("operation_code", Text, nullable=False),
    Column("setup_time_minutes", Numeric),
    Column("run_time_per_unit_seconds", Numeric),
    Column("work_center_code", Text),
    Column("alternate_work_center_codes", ARRAY(Text), nullable=False),
    Column("yield_percentage", Numeric, nullable=False),
    Column("scrap_percentage", Numeric),
    Column("setup_scrap_quantity", Numeric, nullable=False),
    Column("units_per_product", Text, nullable=False),  # an exact ratio such as 1/3
    Column("unit_code", Text),
    Column("unit_decimals", Integer),
    Column("time_basis", Text, nullable=False),
    Column("batch_size", Numeric),
    Column("crew_size", Numeric, nullable=False),
    Column("wait_minutes", Numeric, nullable=False),
    Column("transfer_batch_quantity", Numeric),
    Column("is_concurrent", Boolean, nullable=False),
    Column("predecessor_sequence_number", Integer),
    Column("predecessor_operation_id", Uuid),
    Column("description", Text),
    Column("work_instructions", Text),
    # What activation copied from the catalogue and the work center; null in drafts.
    Column("operation_name", Text),
    Column("operation_type", Text),
    Column("planned_setup_minutes", Numeric),
    Column("planned_run_seconds_per_unit", Numeric),
    Column("planned_work_center_code", Text),
    Column("planned_unit_decimals", Integer),
    Column("plant_code", Text),
    Column("department_code", Text),
    unique=[("routing_id", "id")],
    foreign_keys=[
        Reference(("routing_id",), "routing_templates", on_delete="CASCADE"),
        Reference(
            ("routing_id", "predecessor_operation_id"), "routing_operations", ("routing_id", "id")
        ),
    ],
    indexes=[
        ("routing_id", "sequence_number"),
        ("routing_id", "predecessor_operation_id"),
        ("operation_code",),
    ],
)

_IS_FAILED = text("status = 'failed'")

expansions = tenant_table(
    metadata,
    "expansions",
    Column("version", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("order_version", BigInteger, nullable=False),
    Column("planning_version", BigInteger, nullable=False),
    Column("product_code", Text, nullable=False),
    Column("product_category", Text),
    Column("routing_id", Uuid),
    Column("routing_code", Text),
    Column("routing_version", Integer),
    Column("plant_code", Text),
    Column("order_facts", JSONB, nullable=False),
    Column("waiting_order", JSONB),  # the newest facts, while it waits for a routing
    Column("waiting_correlation_id", Uuid),  # of the event that told them
    Column("warnings", JSONB, nullable=False),
    Column("faults", JSONB, nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    CheckConstraint(
        "status IN ('expanded', 'failed', 'cancelled')", name="expansions_status_check"
    ),
    indexes=[
        Index(
            "expansions_failed_product_idx",
            "tenant_id",
            "product_code",
            postgresql_where=_IS_FAILED,
        ),
        Index(
            "expansions_failed_category_idx",
            "tenant_id",
            "product_category",
            postgresql_where=_IS_FAILED,
        ),
        ("routing_id",),
    ],
)

production_runs = tenant_table(
    metadata,
    "production_runs",
    Column("production_order_id", Uuid, nullable=False),
    Column("expansion_version", Integer, nullable=False),
    Column("sequence_number", Integer, nullable=False),
    Column("operation_code", Text, nullable=False),
    Column("operation_name", Text, nullable=False),
    Column("operation_type", Text, nullable=False),
    Column("work_center_code", Text),
    Column("alternate_work_center_codes", ARRAY(Text), nullable=False),
    Column("plant_code", Text),
    Column("department_code", Text),
    Column("unit_code", Text, nullable=False),
    Column("unit_decimals", Integer, nullable=False),
    Column("units_per_product", Text, nullable=False),
    Column("yield_percentage", Numeric, nullable=False),
    Column("planned_input", Numeric, nullable=False),
    Column("planned_output", Numeric, nullable=False),
    Column("planned_scrap", Numeric, nullable=False),
    Column("setup_minutes", Numeric, nullable=False),
    Column("run_minutes", Numeric, nullable=False),
    Column("run_seconds_per_unit", Numeric, nullable=False),
    Column("crew_size", Numeric, nullable=False),
    Column("wait_minutes", Numeric, nullable=False),
    Column("transfer_batch_quantity", Numeric),
    Column("setup_scrap_quantity", Numeric, nullable=False),
    Column("time_basis", Text, nullable=False),
    Column("batch_size", Numeric),
    Column("predecessor_sequence_numbers", ARRAY(Integer), nullable=False),
    Column("status", Text, nullable=False),
    Column("ledger", JSONB, nullable=False),
    Column("description", Text),
    # The newest state of its work order that the status was taken from.
    Column("work_order_id", Uuid),
    Column("work_order_version", BigInteger),
    CheckConstraint(
        "status IN ('planned', 'released', 'in_progress', 'completed', 'cancelled')",
        name="production_runs_status_check",
    ),
    CheckConstraint(
        "planned_input >= planned_output AND planned_output > 0",
        name="production_runs_quantities_check",
    ),
    unique=[("production_order_id", "sequence_number")],
    foreign_keys=[Reference(("production_order_id",), "expansions")],
)
