"""The tables the chassis is tried on."""

from sqlalchemy import Boolean, CheckConstraint, Column, DateTime, Integer, Numeric, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from lineside_chassis import migrations
from lineside_chassis.tables import Reference

revision = "0001"
down_revision = None


def upgrade() -> None:
    migrations.chassis_tables()
    migrations.tenant_table(
        "things",
        Column("version", Integer, nullable=False),
        Column("quantity", Numeric, nullable=False),
        Column("note", Text),
        Column("tags", JSONB),
        CheckConstraint("quantity >= 0", name="things_quantity_check"),
        indexes=[("note",)],
    )
    migrations.tenant_table(
        "parts",
        Column("thing_id", Uuid, nullable=False),
        Column("position", Integer, nullable=False),
        unique=[("thing_id", "position")],
        foreign_keys=[Reference(("thing_id",), "things", on_delete="CASCADE")],
    )
    migrations.tenant_table(
        "units",
        Column("version", Integer, nullable=False),
        Column("deleted", Boolean, nullable=False),
        Column("created_at", DateTime(timezone=True), nullable=False),
        Column("created_by", JSONB, nullable=False),
        Column("updated_at", DateTime(timezone=True), nullable=False),
        Column("updated_by", JSONB, nullable=False),
        Column("unit_code", Text, nullable=False),
        Column("unit_name", Text, nullable=False),
        Column("dimension", Text, nullable=False),
        Column("decimals", Integer, nullable=False),
        Column("factor", Text),
        unique=[("unit_code",)],
    )
    migrations.tenant_table(
        "places",
        Column("version", Integer, nullable=False),
        Column("deleted", Boolean, nullable=False),
        Column("created_at", DateTime(timezone=True), nullable=False),
        Column("created_by", JSONB, nullable=False),
        Column("updated_at", DateTime(timezone=True), nullable=False),
        Column("updated_by", JSONB, nullable=False),
        Column("place_code", Text, nullable=False),
        Column("place_name", Text, nullable=False),
        Column("plant_code", Text),
        Column("rank", Integer, nullable=False),
        unique=[("place_code",)],
    )
    migrations.tenant_table(
        "bays",
        Column("version", Integer, nullable=False),
        Column("deleted", Boolean, nullable=False),
        Column("created_at", DateTime(timezone=True), nullable=False),
        Column("created_by", JSONB, nullable=False),
        Column("updated_at", DateTime(timezone=True), nullable=False),
        Column("updated_by", JSONB, nullable=False),
        Column("bay_number", Text, nullable=False),
        Column("bay_name", Text, nullable=False),
        Column("plant_code", Text, nullable=False),
        unique=[("plant_code", "bay_number")],
    )
