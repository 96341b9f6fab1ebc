"""Bills of material, vendors, calendars, rates, stock locations; lot sizes of products."""

from typing import Any

from alembic import op
from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    Numeric,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

from lineside_chassis import migrations
from lineside_chassis.tables import Reference

revision = "0002"
down_revision = "0001"


def _master_data() -> tuple[Column[object], ...]:
    return (
        Column("version", Integer, nullable=False),
        Column("deleted", Boolean, nullable=False),
        Column("created_at", DateTime(timezone=True), nullable=False),
        Column("created_by", JSONB, nullable=False),
        Column("updated_at", DateTime(timezone=True), nullable=False),
        Column("updated_by", JSONB, nullable=False),
    )


def upgrade() -> None:
    _product_columns()
    _bill_tables()
    _purchase_and_stock_tables()
    _time_tables()
    _projections()


def _product_columns() -> None:
    op.add_column("plants", Column("calendar_code", Text))
    _add_required("tenants", "currency", Text(), "'EUR'")
    for name in (
        "fixed_lot_quantity",
        "minimum_lot_quantity",
        "maximum_lot_quantity",
        "lot_multiple_quantity",
    ):
        op.add_column("products", Column(name, Numeric))
    op.add_column("products", Column("lot_period_days", Integer))
    _add_required("products", "safety_time_days", Integer(), "0")
    _add_required("products", "is_phantom", Boolean(), "false")
    _add_required("products", "supply_policy", Text(), "'make_to_order'")


def _add_required(table: str, name: str, kind: TypeEngine[Any], value: str) -> None:
    """Add a column that no row may leave empty; the rows there are get a value once."""
    op.add_column(table, Column(name, kind, nullable=False, server_default=text(value)))
    op.alter_column(table, name, server_default=None)


def _bill_tables() -> None:
    migrations.tenant_table(
        "boms",
        Column("product_code", Text, nullable=False),
        Column("bom_version", Integer, nullable=False),
        Column("status", Text, nullable=False),
        Column("base_quantity", Numeric, nullable=False),
        Column("effective_from", Date),
        Column("effective_until", Date),
        Column("description", Text),
        Column("activated_at", DateTime(timezone=True)),
        *_master_data(),
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

    migrations.tenant_table(
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


def _purchase_and_stock_tables() -> None:
    migrations.tenant_table(
        "vendors",
        Column("vendor_code", Text, nullable=False),
        Column("vendor_name", Text, nullable=False),
        Column("lead_time_days", Integer, nullable=False),
        Column("is_active", Boolean, nullable=False),
        *_master_data(),
        unique=[("vendor_code",)],
    )

    migrations.tenant_table(
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
        *_master_data(),
        unique=[("vendor_product_code",)],
        indexes=[("product_code", "preference"), ("vendor_code",)],
    )

    migrations.tenant_table(
        "stock_locations",
        Column("location_code", Text, nullable=False),
        Column("location_name", Text, nullable=False),
        Column("plant_code", Text, nullable=False),
        Column("is_nettable", Boolean, nullable=False),
        Column("is_active", Boolean, nullable=False),
        *_master_data(),
        unique=[("location_code",)],
        indexes=[("plant_code", "location_code")],
    )

    migrations.tenant_table(
        "labour_rates",
        Column("role_code", Text, nullable=False),
        Column("role_name", Text, nullable=False),
        Column("hourly_rate", Numeric, nullable=False),
        *_master_data(),
        unique=[("role_code",)],
    )


def _time_tables() -> None:
    migrations.tenant_table(
        "calendars",
        Column("calendar_code", Text, nullable=False),
        Column("calendar_name", Text, nullable=False),
        Column("shifts", JSONB, nullable=False),
        Column("holidays", JSONB, nullable=False),
        *_master_data(),
        unique=[("calendar_code",)],
    )

    migrations.tenant_table(
        "maintenance_windows",
        Column("maintenance_window_code", Text, nullable=False),
        Column("work_center_code", Text),
        Column("plant_code", Text, nullable=False),
        Column("starts_at", DateTime(timezone=True), nullable=False),
        Column("ends_at", DateTime(timezone=True), nullable=False),
        Column("reason", Text),
        *_master_data(),
        CheckConstraint("ends_at > starts_at", name="maintenance_windows_ends_at_check"),
        unique=[("maintenance_window_code",)],
        indexes=[("plant_code", "ends_at")],
    )


def _projections() -> None:
    migrations.tenant_table(
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

    migrations.tenant_table(
        "lanes",
        Column("lane_number", Text, nullable=False),
        Column("plant_code", Text, nullable=False),
        Column("work_center_code", Text),
        Column("capacity", Integer, nullable=False),
        Column("is_active", Boolean, nullable=False),
        Column("version", Integer, nullable=False),
        Column("deleted", Boolean, nullable=False),
        unique=[("lane_number",)],
        indexes=[("work_center_code",)],
    )
