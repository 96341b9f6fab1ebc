"""Pages of logs by whatever people filter them by; rework that is resolved elsewhere."""

from alembic import op
from sqlalchemy import Column, Computed, Numeric, Text

revision = "0006"
down_revision = "0005"

_NEWEST_FIRST = (
    "work_order_id",
    "lane_id",
    "plant_code",
    "kind",
    "operation_number",
    "logged_by_id",
)
"""Filters of the list of logs, each with an index in the order of the list."""

_RESERVE = 80
"""Per cent of a page filled at first: what changes with every log stays on its page."""


def upgrade() -> None:
    for name in ("rework_in_quantity", "rework_out_quantity"):
        op.add_column(
            "work_order_operations", Column(name, Numeric, nullable=False, server_default="0")
        )
    # a column, since row-level security keeps `->>`, which is not leakproof, away from indexes
    written_by = Computed("logged_by ->> 'id'", persisted=True)
    op.add_column("production_logs", Column("logged_by_id", Text, written_by))
    for name in _NEWEST_FIRST:
        columns = ["tenant_id", name, "logged_at", "id"]
        op.create_index(f"production_logs_{name}_logged_at_idx", "production_logs", columns)
    for table in ("work_orders", "work_order_operations", "work_tracks", "lanes"):
        op.execute(f"ALTER TABLE {table} SET (fillfactor = {_RESERVE})")
