"""Tables of the first sales bridge: orders, documents, sources, and what is known of others."""

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
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from lineside_chassis import migrations
from lineside_chassis.tables import Reference

revision = "0001"
down_revision = None


def upgrade() -> None:
    migrations.chassis_tables()
    _orders()
    _documents()
    _references()


def _orders() -> None:
    migrations.tenant_table(
        "sales_orders",
        Column("version", BigInteger, nullable=False),
        Column("order_number", Text, nullable=False),
        Column("revision", Integer, nullable=False),
        Column("document_revision", Integer, nullable=True),
        Column("status", Text, nullable=False),
        Column("confirmation_count", Integer, nullable=False),
        Column("confirmed_at", DateTime(timezone=True), nullable=True),
        Column("customer_code", Text, nullable=True),
        Column("customer_name", Text, nullable=True),
        Column("project_number", Text, nullable=True),
        Column("project_name", Text, nullable=True),
        Column("currency", Text, nullable=True),
        Column("priority", Text, nullable=True),
        Column("source", Text, nullable=False),
        Column("warnings", JSONB, nullable=False),
        Column("promised_date", Date, nullable=True),
        Column("accepted_revision", Integer, nullable=True),
        Column("cancel_reason", Text, nullable=True),
        Column("received_at", DateTime(timezone=True), nullable=False),
        CheckConstraint(
            "status IN ('confirmed', 'cancelled', 'fulfilled')", name="sales_orders_status_check"
        ),
        CheckConstraint(
            "CASE WHEN document_revision IS NULL THEN status = 'cancelled' AND version = 0"
            " ELSE num_nulls(confirmed_at, customer_code, project_number, project_name, priority)"
            " = 0 END",
            name="sales_orders_document_check",
        ),
        unique=(("order_number",),),
        indexes=(("status", "id"),),
    )
    migrations.tenant_table(
        "sales_order_lines",
        Column("sales_order_id", Uuid, nullable=False),
        Column("line_number", Integer, nullable=False),
        Column("product_code", Text, nullable=False),
        Column("quantity", Numeric, nullable=False),
        Column("unit_code", Text, nullable=False),
        Column("ordered_quantity", Numeric, nullable=False),
        Column("ordered_unit", Text, nullable=False),
        Column("due_date", Date, nullable=False),
        Column("description", Text, nullable=True),
        Column("unit_price", Numeric, nullable=True),
        Column("over_delivery_percentage", Numeric, nullable=False),
        Column("under_delivery_percentage", Numeric, nullable=False),
        CheckConstraint(
            "quantity > 0 AND ordered_quantity > 0", name="sales_order_lines_quantity_check"
        ),
        primary_key=("sales_order_id", "line_number"),
        foreign_keys=(Reference(("sales_order_id",), "sales_orders", on_delete="CASCADE"),),
    )


def _documents() -> None:
    migrations.tenant_table(
        "sales_documents",
        Column("source", Text, nullable=False),
        Column("verb", Text, nullable=False),
        Column("raw", Text, nullable=False),
        Column("order_number", Text, nullable=True),
        Column("revision", Integer, nullable=True),
        Column("verdict", Text, nullable=False),
        Column("code", Text, nullable=True),
        Column("faults", JSONB, nullable=False),
        Column("content_hash", Text, nullable=True),
        Column("sales_order_id", Uuid, nullable=True),
        Column("received_at", DateTime(timezone=True), nullable=False),
        CheckConstraint(
            "CASE verdict WHEN 'accepted' THEN sales_order_id IS NOT NULL AND code IS NULL"
            " WHEN 'rejected' THEN code IS NOT NULL ELSE false END",
            name="sales_documents_verdict_check",
        ),
        foreign_keys=(Reference(("sales_order_id",), "sales_orders"),),
        indexes=(
            ("sales_order_id",),
            Index(
                "sales_documents_rejected_idx",
                "tenant_id",
                "id",
                postgresql_where=text("verdict = 'rejected'"),
            ),
        ),
    )
    migrations.tenant_table(
        "webhook_sources",
        Column("source", Text, nullable=False),
        Column("secret", Text, nullable=False),
        Column("is_active", Boolean, nullable=False),
        Column("updated_at", DateTime(timezone=True), nullable=False),
        primary_key=("source",),
    )


def _references() -> None:
    migrations.tenant_table(
        "products",
        Column("product_code", Text, nullable=False),
        Column("version", BigInteger, nullable=False),
        Column("unit_code", Text, nullable=False),
        Column("unit_decimals", Integer, nullable=False),
        Column("conversions", JSONB, nullable=False),
        Column("plant_code", Text, nullable=True),
        Column("is_active", Boolean, nullable=False),
        Column("deleted", Boolean, nullable=False),
        primary_key=("product_code",),
    )
    migrations.tenant_table(
        "plants",
        Column("plant_code", Text, nullable=False),
        Column("version", BigInteger, nullable=False),
        Column("time_zone", Text, nullable=False),
        Column("deleted", Boolean, nullable=False),
        primary_key=("plant_code",),
    )
    migrations.tenant_table(
        "units",
        Column("unit_code", Text, nullable=False),
        Column("version", BigInteger, nullable=False),
        Column("dimension", Text, nullable=False),
        Column("factor", Text, nullable=True),
        Column("deleted", Boolean, nullable=False),
        primary_key=("unit_code",),
    )
    migrations.plain_table(
        "known_tenants",
        Column("tenant_id", Uuid, primary_key=True),
        Column("version", BigInteger, nullable=False),
        Column("is_active", Boolean, nullable=False),
    )
