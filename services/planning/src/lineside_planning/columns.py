"""What planning's tables share: one registry, and the columns that rows carry alike."""

from sqlalchemy import Boolean, Column, DateTime, Integer, MetaData
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData()
"""Every package registers its tables here."""


def stamps() -> tuple[Column[object], ...]:
    """What every row that people edit carries."""
    return (
        Column("created_at", DateTime(timezone=True), nullable=False),
        Column("created_by", JSONB, nullable=False),
        Column("updated_at", DateTime(timezone=True), nullable=False),
        Column("updated_by", JSONB, nullable=False),
    )


def master_data() -> tuple[Column[object], ...]:
    """What every row of master data carries."""
    return (
        Column("version", Integer, nullable=False),
        Column("deleted", Boolean, nullable=False),
        *stamps(),
    )
