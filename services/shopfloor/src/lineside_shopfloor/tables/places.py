"""Plants, departments, lanes; and copies of what other services say of the tenant."""

from sqlalchemy import Boolean, CheckConstraint, Column, Index, Integer, Numeric, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from lineside_chassis.tables import Reference, tenant_table
from lineside_shopfloor.tables import columns

plants = tenant_table(
    columns.metadata,
    "plants",
    *columns.master_data(),
    Column("plant_code", Text, nullable=False),
    Column("plant_name", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("calendar_code", Text),
    Column("is_active", Boolean, nullable=False),
    Column("assignment_mode", Text, nullable=False, server_default="automatic"),
    unique=[("plant_code",)],
)

departments = tenant_table(
    columns.metadata,
    "departments",
    *columns.master_data(),
    Column("department_code", Text, nullable=False),
    Column("department_name", Text, nullable=False),
    Column("plant_code", Text, nullable=False),
    unique=[("department_code",)],
    foreign_keys=[Reference(("plant_code",), "plants", ("plant_code",))],
    indexes=[("plant_code",)],
)

lanes = tenant_table(
    columns.metadata,
    "lanes",
    *columns.master_data(),
    Column("lane_number", Text, nullable=False),
    Column("lane_name", Text, nullable=False),
    Column("plant_code", Text, nullable=False),
    Column("lane_type", Text, nullable=False),
    Column("work_center_code", Text),
    Column("capacity", Integer, nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("status", Text, nullable=False, server_default="available"),
    Column("current_work_order_id", Uuid),
    Column("last_work_order_id", Uuid),
    Column("state_version", Integer, nullable=False, server_default="0"),
    columns.instant("status_changed_at", nullable=True),
    Column("status_reason", Text),
    CheckConstraint(
        "status IN ('available', 'occupied', 'maintenance', 'inactive')", name="lanes_status_check"
    ),
    CheckConstraint("capacity >= 1", name="lanes_capacity_check"),
    unique=[("plant_code", "lane_number")],
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

tenant_settings = tenant_table(
    columns.metadata,
    "tenant_settings",
    Column("version", Integer, nullable=False),
    Column("work_order_prefix", Text, nullable=False),
    Column("release_work_orders", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("over_production_tolerance_percentage", Numeric, nullable=False, server_default="0"),
    Column("available_pieces", Text, nullable=False, server_default="strict"),
    Column("on_time_target_percentage", Numeric, nullable=False, server_default="90"),
    Column("lane_occupancy_target_percentage", Numeric, nullable=False, server_default="75"),
    Column("hours_target_percentage", Numeric, nullable=False, server_default="95"),
)

projects = tenant_table(
    columns.metadata,
    "projects",
    Column("version", Integer, nullable=False),
    Column("project_number", Text, nullable=False),
    Column("project_name", Text, nullable=False),
    Column("deleted", Boolean, nullable=False),
    indexes=[("project_number",)],
)

calendars = tenant_table(
    columns.metadata,
    "calendars",
    Column("version", Integer, nullable=False),
    Column("calendar_code", Text, nullable=False),
    Column("shifts", JSONB, nullable=False),
    Column("holidays", JSONB, nullable=False),
    Column("deleted", Boolean, nullable=False),
    indexes=[("calendar_code",)],
)

maintenance_windows = tenant_table(
    columns.metadata,
    "maintenance_windows",
    Column("version", Integer, nullable=False),
    Column("work_center_code", Text),
    Column("plant_code", Text, nullable=False),
    columns.instant("starts_at"),
    columns.instant("ends_at"),
    Column("deleted", Boolean, nullable=False),
    indexes=[("plant_code", "ends_at")],
)

work_centers = tenant_table(
    columns.metadata,
    "work_centers",
    Column("version", Integer, nullable=False),
    Column("work_center_code", Text, nullable=False),
    Column("plant_code", Text, nullable=False),
    Column("calendar_code", Text),
    Column("efficiency_percentage", Numeric, nullable=False),
    Column("deleted", Boolean, nullable=False),
    indexes=[("work_center_code",)],
)

products = tenant_table(
    columns.metadata,
    "products",
    Column("version", Integer, nullable=False),
    Column("product_code", Text, nullable=False),
    Column("product_name", Text, nullable=False),
    Column("product_category", Text),
    Column("deleted", Boolean, nullable=False),
    indexes=[("product_code",)],
)

labour_rates = tenant_table(
    columns.metadata,
    "labour_rates",
    Column("version", Integer, nullable=False),
    Column("role_code", Text, nullable=False),
    Column("hourly_rate", Numeric, nullable=False),
    Column("deleted", Boolean, nullable=False),
    indexes=[("role_code",)],
)
