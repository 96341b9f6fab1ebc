"""What the tables share: one registry, and the columns that rows carry alike."""

from sqlalchemy import Boolean, Column, DateTime, Integer, MetaData
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData()
"""Every module of this room registers its tables here."""


def instant(name: str, *, nullable: bool = False) -> Column[object]:
    """An instant, in UTC."""
    return Column(name, DateTime(timezone=True), nullable=nullable)


def edited() -> list[Column[object]]:
    """Who wrote a row and when, with its version."""
    return [
        Column("version", Integer, nullable=False),
        instant("created_at"),
        Column("created_by", JSONB, nullable=False),
        instant("updated_at"),
        Column("updated_by", JSONB, nullable=False),
    ]


def master_data() -> list[Column[object]]:
    """What every row of master data carries."""
    return [*edited(), Column("deleted", Boolean, nullable=False)]
