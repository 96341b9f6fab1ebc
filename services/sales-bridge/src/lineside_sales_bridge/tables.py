"""Tables of this service: documents as they came, orders as they stand, what is known of others."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    MetaData,
    Numeric,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from lineside_chassis.tables import Reference, tenant_table

metadata = MetaData()

sales_orders = tenant_table(
    metadata,
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
    Column("confirmed_revision", Integer, nullable=False),
    Column("prediction_version", BigInteger, nullable=False),
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
"""A row without a document is the cancellation of an order that has not come yet (version 0)."""

sales_order_lines = tenant_table(
    metadata,
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

sales_documents = tenant_table(
    metadata,
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

webhook_sources = tenant_table(
    metadata,
    "webhook_sources",
    Column("source", Text, nullable=False),
    Column("secret", Text, nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    Column("callback_url", Text, nullable=True),
    primary_key=("source",),
)

webhook_deliveries = tenant_table(
    metadata,
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
"""What sales systems are called with; an attempt begins by moving `next_attempt_at` ahead."""

products = tenant_table(
    metadata,
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

plants = tenant_table(
    metadata,
    "plants",
    Column("plant_code", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("deleted", Boolean, nullable=False),
    Column("calendar_code", Text, nullable=True),
    primary_key=("plant_code",),
)

calendars = tenant_table(
    metadata,
    "calendars",
    Column("calendar_code", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("shifts", JSONB, nullable=False),
    Column("holidays", JSONB, nullable=False),
    Column("deleted", Boolean, nullable=False),
    primary_key=("calendar_code",),
)

produced_orders = tenant_table(
    metadata,
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
"""Production orders of sales lines that have ended, whichever comes first: they or the line."""

units = tenant_table(
    metadata,
    "units",
    Column("unit_code", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("dimension", Text, nullable=False),
    Column("factor", Text, nullable=True),
    Column("deleted", Boolean, nullable=False),
    primary_key=("unit_code",),
)

known_tenants = Table(
    "known_tenants",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("next_delivery_at", DateTime(timezone=True), nullable=True),
)
"""The one table outside row-level security: which tenants there are, and who has calls to make."""
