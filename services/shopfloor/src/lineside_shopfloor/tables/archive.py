"""Which months of production logs lie in archives."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, Integer, Numeric, Text

from lineside_chassis.tables import tenant_table
from lineside_shopfloor.tables import columns

production_log_archives = tenant_table(
    columns.metadata,
    "production_log_archives",
    Column("month", Date, nullable=False),
    Column("part", Integer, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("row_count", BigInteger, nullable=False),
    Column("byte_count", BigInteger, nullable=False),
    Column("checksum", Text, nullable=False),
    Column("digest", Numeric, nullable=False),
    columns.instant("verified_at"),
    columns.instant("dropped_at", nullable=True),
    CheckConstraint("part >= 1", name="production_log_archives_part_check"),
    CheckConstraint(
        "month = date_trunc('month', month)::date", name="production_log_archives_month_check"
    ),
    primary_key=("month", "part"),
)
"""Files that were read back and found equal to the table; `digest` is of the rows, as PostgreSQL
computes it, so that nothing is dropped that came or changed afterwards."""
