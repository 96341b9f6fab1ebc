"""When work is done: calendars, maintenance, work centers; how operations hand over."""

from alembic import op
from sqlalchemy import Boolean, Column, DateTime, Integer, Numeric, Text
from sqlalchemy.dialects.postgresql import JSONB

from lineside_chassis import migrations

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    _create_copies()
    op.add_column("production_order_states", Column("plant_code", Text))
    for column in (
        Column("transfer_batch_quantity", Numeric),
        Column("setup_scrap_quantity", Numeric, nullable=False, server_default="0"),
        Column("time_basis", Text, nullable=False, server_default="per_unit"),
        Column("batch_size", Numeric),
    ):
        op.add_column("work_order_operations", column)


def _create_copies() -> None:
    migrations.tenant_table(
        "calendars",
        Column("version", Integer, nullable=False),
        Column("calendar_code", Text, nullable=False),
        Column("shifts", JSONB, nullable=False),
        Column("holidays", JSONB, nullable=False),
        Column("deleted", Boolean, nullable=False),
        indexes=[("calendar_code",)],
    )
    migrations.tenant_table(
        "maintenance_windows",
        Column("version", Integer, nullable=False),
        Column("work_center_code", Text),
        Column("plant_code", Text, nullable=False),
        Column("starts_at", DateTime(timezone=True), nullable=False),
        Column("ends_at", DateTime(timezone=True), nullable=False),
        Column("deleted", Boolean, nullable=False),
        indexes=[("plant_code", "ends_at")],
    )
    migrations.tenant_table(
        "work_centers",
        Column("version", Integer, nullable=False),
        Column("work_center_code", Text, nullable=False),
        Column("plant_code", Text, nullable=False),
        Column("calendar_code", Text),
        Column("efficiency_percentage", Numeric, nullable=False),
        Column("deleted", Boolean, nullable=False),
        indexes=[("work_center_code",)],
    )
