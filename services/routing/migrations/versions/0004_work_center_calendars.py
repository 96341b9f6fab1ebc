"""Work centers: the calendar they work by, and whose rate their labour is costed at."""

from alembic import op
from sqlalchemy import Column, Text, text

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("work_centers", Column("calendar_code", Text))
    op.add_column(
        "work_centers",
        Column("labour_role", Text, nullable=False, server_default=text("'operator'")),
    )
    op.alter_column("work_centers", "labour_role", server_default=None)
