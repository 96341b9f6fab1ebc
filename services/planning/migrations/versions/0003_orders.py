"""Production orders: whether materials and capacity are there, and whose child an order is."""

from typing import Any

from alembic import op
from sqlalchemy import Column, Date, DateTime, Integer, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

from lineside_chassis import migrations

revision = "0003"
down_revision = "0002"

TABLE = "production_orders"
WORK_ORDERS = "production_order_work_orders"


def upgrade() -> None:
    op.add_column(TABLE, Column("parent_order_id", Uuid))
    op.add_column(TABLE, Column("parent_order_number", Text))
    op.add_column(TABLE, Column("requirement_id", Uuid))
    _add_required(TABLE, "level", Integer(), "0")
    _add_required(TABLE, "materials_status", Text(), "'unknown'")
    op.add_column(TABLE, Column("materials_available_on", Date))
    _add_required(TABLE, "capacity_status", Text(), "'unknown'")
    op.add_column(TABLE, Column("estimated_completion_at", DateTime(timezone=True)))
    _add_required(TABLE, "expanded_planning_version", Integer(), "0")
    for answer in ("materials", "capacity"):
        _add_required(TABLE, f"{answer}_version", Integer(), "0")
        _add_required(TABLE, f"{answer}_expansion_version", Integer(), "0")
        op.add_column(TABLE, Column(f"{answer}_due_date", Date))
    _add_required(TABLE, "resolutions", JSONB(), "'[]'")
    _add_required(WORK_ORDERS, "expansion_version", Integer(), "0")
    op.create_index(
        "production_orders_parent_idx",
        TABLE,
        ["tenant_id", "parent_order_id"],
        postgresql_where=text("parent_order_id IS NOT NULL"),
    )
    with migrations.data_migration(TABLE):
        op.execute(
            f"UPDATE {TABLE} SET expanded_planning_version = planning_version"  # noqa: S608
            " WHERE status NOT IN ('planned', 'on_hold') AND expansion_version > 0"
        )


def _add_required(table: str, name: str, kind: TypeEngine[Any], value: str) -> None:
    """Add a column that no row may leave empty; the rows there are get a value once."""
    op.add_column(table, Column(name, kind, nullable=False, server_default=text(value)))
    op.alter_column(table, name, server_default=None)
