"""Plants: the calendar they work by."""

from alembic import op
from sqlalchemy import Column, Text

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("plants", Column("calendar_code", Text))
