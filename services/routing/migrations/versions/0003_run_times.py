"""What a run's time and make-ready depend on, for those who plan its transfer batches."""

from alembic import op
from sqlalchemy import Column, Numeric, Text

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column(
        "production_runs",
        Column("setup_scrap_quantity", Numeric, nullable=False, server_default="0"),
    )
    op.add_column(
        "production_runs", Column("time_basis", Text, nullable=False, server_default="per_unit")
    )
    op.add_column("production_runs", Column("batch_size", Numeric))
    for name in ("setup_scrap_quantity", "time_basis"):
        op.alter_column("production_runs", name, server_default=None)
