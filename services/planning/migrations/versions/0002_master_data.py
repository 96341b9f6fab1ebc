"""Bills of material, vendors, calendars, rates, stock locations; lot sizes of products."""

from typing import Any

from alembic import op
from sqlalchemy import Boolean, Column, Integer, Numeric, Text, text
from sqlalchemy.types import TypeEngine

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
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
