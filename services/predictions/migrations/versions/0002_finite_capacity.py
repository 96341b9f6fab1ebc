"""Predictions from capacity: estimated completions, materials, and the plants' own calendars."""

from alembic import op
from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, Numeric, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from lineside_chassis import migrations

revision = "0002"
down_revision = "0001"

ORDERS = "predicted_orders"


def upgrade() -> None:
    op.add_column("plants", Column("calendar_code", Text))
    migrations.tenant_table(
        "calendars",
        Column("calendar_code", Text, nullable=False),
        Column("shifts", JSONB, nullable=False),
        Column("holidays", JSONB, nullable=False),
        Column("version", BigInteger, nullable=False),
        Column("deleted", Boolean, nullable=False),
        primary_key=("calendar_code",),
    )
    for name in ("capacity_version", "capacity_expansion_version"):
        op.add_column(ORDERS, Column(name, BigInteger, nullable=False, server_default=text("0")))
        op.alter_column(ORDERS, name, server_default=None)
    op.add_column(ORDERS, Column("estimated_completion_at", DateTime(timezone=True)))
    op.add_column(ORDERS, Column("materials_available_on", Date))
    op.add_column(ORDERS, Column("queue_minutes", Numeric))
