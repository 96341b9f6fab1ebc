"""Costs of production orders."""

from sqlalchemy import Boolean, Column, Integer, Numeric, Text
from sqlalchemy.dialects.postgresql import JSONB

from lineside_chassis import migrations

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    migrations.tenant_table(
        "costs",
        Column("version", Integer, nullable=False),
        Column("plant_code", Text),
        Column("project_number", Text, nullable=False),
        Column("product_code", Text, nullable=False),
        Column("is_settled", Boolean, nullable=False),
        Column("facts", JSONB, nullable=False),
        Column("state", JSONB, nullable=False),
        indexes=[("project_number", "id"), ("product_code", "id")],
    )
    migrations.tenant_table(
        "purchase_prices",
        Column("product_code", Text, nullable=False),
        Column("received_quantity", Numeric, nullable=False),
        Column("received_value", Numeric, nullable=False),
        primary_key=("product_code",),
    )
    migrations.tenant_table(
        "priced_receipts",
        Column("version", Integer, nullable=False),
        Column("quantity_received", Numeric, nullable=False),
    )
