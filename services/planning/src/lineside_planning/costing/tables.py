"""The tables of costing; migrations create the same ones, and a test compares them."""

from sqlalchemy import Boolean, Column, Integer, Numeric, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from lineside_chassis.tables import tenant_table
from lineside_planning import columns

costs: Table = tenant_table(
    columns.metadata,
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
"""One row per production order: what is known of it, and its costs as everybody reads them."""

purchase_prices: Table = tenant_table(
    columns.metadata,
    "purchase_prices",
    Column("product_code", Text, nullable=False),
    Column("received_quantity", Numeric, nullable=False),
    Column("received_value", Numeric, nullable=False),
    primary_key=("product_code",),
)
"""What a bought part has cost on average over all that was received with a price."""

priced_receipts: Table = tenant_table(
    columns.metadata,
    "priced_receipts",
    Column("version", Integer, nullable=False),
    Column("quantity_received", Numeric, nullable=False),
)
"""How much of each receipt is in the averages already."""
