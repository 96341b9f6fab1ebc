"""Promises that move, orders that are fulfilled: what was produced, and plants' calendars."""

from alembic import op
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
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

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    _add_count("confirmed_revision", Integer())
    _add_count("prediction_version", BigInteger())
    op.add_column("plants", Column("calendar_code", Text))
    migrations.tenant_table(
        "calendars",
        Column("calendar_code", Text, nullable=False),
        Column("version", BigInteger, nullable=False),
        Column("shifts", JSONB, nullable=False),
        Column("holidays", JSONB, nullable=False),
        Column("deleted", Boolean, nullable=False),
        primary_key=("calendar_code",),
    )
    migrations.tenant_table(
        "produced_orders",
        Column("sales_order_id", Uuid, nullable=False),
        Column("line_number", Integer, nullable=False),
        Column("version", BigInteger, nullable=False),
        Column("status", Text, nullable=False),
        Column("product_code", Text, nullable=False),
        Column("sales_revision", Integer, nullable=False),
        Column("quantity_completed", Numeric, nullable=False),
        indexes=(("sales_order_id",),),
    )
    op.add_column("webhook_sources", Column("callback_url", Text))
    op.add_column("known_tenants", Column("next_delivery_at", DateTime(timezone=True)))
    _deliveries()


def _deliveries() -> None:
    migrations.tenant_table(
        "webhook_deliveries",
        Column("source", Text, nullable=False),
        Column("event_name", Text, nullable=False),
        Column("sales_order_id", Uuid, nullable=False),
        Column("body", Text, nullable=False),
        Column("status", Text, nullable=False),
        Column("attempts", Integer, nullable=False),
        Column("next_attempt_at", DateTime(timezone=True), nullable=True),
        Column("last_error", Text, nullable=True),
        Column("created_at", DateTime(timezone=True), nullable=False),
        Column("delivered_at", DateTime(timezone=True), nullable=True),
        CheckConstraint(
            "CASE status WHEN 'waiting' THEN next_attempt_at IS NOT NULL"
            " WHEN 'delivered' THEN delivered_at IS NOT NULL ELSE status = 'failed' END",
            name="webhook_deliveries_status_check",
        ),
        indexes=(
            ("sales_order_id",),
            Index(
                "webhook_deliveries_waiting_idx",
                "tenant_id",
                "next_attempt_at",
                postgresql_where=text("status = 'waiting'"),
            ),
        ),
    )


def _add_count(name: str, kind: TypeEngine[int]) -> None:
    op.add_column("sales_orders", Column(name, kind, nullable=False, server_default=text("0")))
    op.alter_column("sales_orders", name, server_default=None)
