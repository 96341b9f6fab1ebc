"""Production orders: whether materials and capacity are there, and whose child an order is."""

from typing import Any

from alembic import op
from sqlalchemy import Column, Date, DateTime, Integer, Text, Uuid, text
from sqlalchemy.types import TypeEngine

revision = "0003"
down_revision = "0002"

TABLE = "production_orders"


def upgrade() -> None:
    op.add_column(TABLE, Column("parent_order_id", Uuid))
    op.add_column(TABLE, Column("parent_order_number", Text))
    _add_required("level", Integer(), "0")
    _add_required("materials_status", Text(), "'unknown'")
    op.add_column(TABLE, Column("materials_available_on", Date))
    _add_required("capacity_status", Text(), "'unknown'")
    op.add_column(TABLE, Column("estimated_completion_at", DateTime(timezone=True)))


def _add_required(name: str, kind: TypeEngine[Any], value: str) -> None:
    """Add a column that no row may leave empty; the rows there are get a value once."""
    op.add_column(TABLE, Column(name, kind, nullable=False, server_default=text(value)))
    op.alter_column(TABLE, name, server_default=None)
