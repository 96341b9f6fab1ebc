"""Who is on which lane: assignments, and the database's own guard against two on one track."""

from sqlalchemy import Boolean, CheckConstraint, Column, Index, Integer, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from lineside_chassis.tables import Reference, tenant_table
from lineside_shopfloor.tables import columns

_ACTIVE = text("released_at IS NULL")

lane_assignments = tenant_table(
    columns.metadata,
    "lane_assignments",
    Column("lane_id", Uuid, nullable=False),
    Column("track", Integer, nullable=False),
    Column("work_order_id", Uuid, nullable=False),
    Column("origin", Text, nullable=False),
    Column("is_pinned", Boolean, nullable=False),
    Column("notes", Text),
    columns.instant("assigned_at"),
    Column("assigned_by", JSONB, nullable=False),
    columns.instant("released_at", nullable=True),
    Column("released_by", JSONB),
    Column("release_reason", Text),
    CheckConstraint("track >= 1", name="lane_assignments_track_check"),
    CheckConstraint(
        "origin IN ('manual', 'automatic', 'start')", name="lane_assignments_origin_check"
    ),
    CheckConstraint("released_at >= assigned_at", name="lane_assignments_released_at_check"),
    foreign_keys=[
        Reference(("lane_id",), "lanes"),
        Reference(("work_order_id",), "work_orders"),
    ],
    indexes=[
        ("assigned_at",),
        ("lane_id", "assigned_at"),
        ("work_order_id",),
        Index(
            "lane_assignments_track_key",
            "tenant_id",
            "lane_id",
            "track",
            unique=True,
            postgresql_where=_ACTIVE,
        ),
        Index(
            "lane_assignments_work_order_key",
            "tenant_id",
            "work_order_id",
            "lane_id",
            unique=True,
            postgresql_where=_ACTIVE,
        ),
    ],
)
"""An assignment without `released_at` holds its track. A trigger keeps tracks within capacity."""
