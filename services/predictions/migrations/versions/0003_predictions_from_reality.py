"""Predictions from reality: what was reported, velocities, lanes, timers, scores."""

from alembic import op
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Integer,
    Numeric,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from lineside_chassis import migrations

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    _orders()
    _reported()
    _timers()
    _scores()
    op.add_column("delivery_predictions", Column("reason", Text))


def _orders() -> None:
    for column in (
        Column("kind_of_work", Uuid),
        Column("product_category", Text),
        Column("marks", JSONB, nullable=False, server_default=text("'{}'")),
        Column("paced_from_at", DateTime(timezone=True)),
        Column("paced_minutes", Numeric),
        Column("remaining_quantity", Numeric),
        Column("wip_quantity", Numeric),
        Column("remaining_by_type", JSONB, nullable=False, server_default=text("'{}'")),
        Column("total_work_minutes", Numeric),
        Column("lane_conflicts", Integer),
        Column("finished_on", Date),
        Column("is_on_time", Boolean),
    ):
        op.add_column("predicted_orders", column)
    op.create_index(
        "predicted_orders_open_idx",
        "predicted_orders",
        ["tenant_id", "plant_code"],
        postgresql_where=text("status = 'open' AND expansion_version > 0"),
    )
    for column in (
        Column("ended_at", DateTime(timezone=True)),
        Column("plant_code", Text),
        Column("operation_type", Text),
        Column("work_center_codes", JSONB, nullable=False, server_default=text("'[]'")),
    ):
        op.add_column("work_order_progress", column)
    op.create_index(
        "work_order_progress_live_idx",
        "work_order_progress",
        ["tenant_id", "plant_code"],
        postgresql_where=text("status IN ('released', 'in_progress')"),
    )


def _reported() -> None:
    migrations.tenant_table(
        "operation_progress",
        Column("production_order_id", Uuid, nullable=False),
        Column("work_order_id", Uuid, nullable=False),
        Column("run_id", Uuid, nullable=True),
        Column("sequence_number", Integer, nullable=True),
        Column("version", BigInteger, nullable=False),
        Column("good_quantity", Numeric, nullable=False),
        Column("scrap_quantity", Numeric, nullable=False),
        Column("rework_quantity", Numeric, nullable=False),
        Column("actual_minutes", Numeric, nullable=False),
        Column("is_completed", Boolean, nullable=False),
        Column("uncounted", JSONB, nullable=False),
        indexes=(("production_order_id",),),
    )
    migrations.tenant_table(
        "velocities",
        Column("plant_code", Text, nullable=False),
        Column("operation_type", Text, nullable=False),
        Column("worked_on", Date, nullable=False),
        Column("earned_minutes", Numeric, nullable=False),
        Column("pieces", Numeric, nullable=False),
        Column("actual_minutes", Numeric, nullable=False),
        primary_key=("plant_code", "operation_type", "worked_on"),
    )
    migrations.tenant_table(
        "floor_lanes",
        Column("plant_code", Text, nullable=False),
        Column("lane_type", Text, nullable=False),
        Column("work_center_code", Text, nullable=True),
        Column("capacity", Integer, nullable=False),
        Column("status", Text, nullable=False),
        Column("work_order_ids", JSONB, nullable=False),
        Column("version", BigInteger, nullable=False),
        indexes=(("plant_code",),),
    )
    migrations.tenant_table(
        "promises",
        Column("promised_date", Date, nullable=True),
        Column("version", BigInteger, nullable=False),
    )


def _timers() -> None:
    migrations.tenant_table(
        "stale_orders",
        Column("reason", Text, nullable=False),
        Column("cause", JSONB, nullable=True),
        Column("asked_at", DateTime(timezone=True), nullable=False),
    )
    migrations.tenant_table(
        "daily_recalculations",
        Column("plant_code", Text, nullable=False),
        Column("time_zone", Text, nullable=False),
        Column("version", BigInteger, nullable=False),
        Column("deleted", Boolean, nullable=False),
        Column("recalculated_on", Date, nullable=True),
    )


def _scores() -> None:
    migrations.tenant_table(
        "prediction_scores",
        Column("production_order_id", Uuid, nullable=False),
        Column("moment", Text, nullable=False),
        Column("project_id", Uuid, nullable=False),
        Column("kind_of_work", Uuid, nullable=False),
        Column("p50_date", Date, nullable=False),
        Column("p80_date", Date, nullable=False),
        Column("p95_date", Date, nullable=False),
        Column("finished_on", Date, nullable=False),
        Column("is_p50_kept", Boolean, nullable=False),
        Column("is_p80_kept", Boolean, nullable=False),
        Column("is_p95_kept", Boolean, nullable=False),
        Column("scored_at", DateTime(timezone=True), nullable=False),
        primary_key=("production_order_id", "moment"),
        indexes=(("project_id",), ("kind_of_work",)),
    )
    migrations.tenant_table(
        "prediction_accuracy",
        Column("product_category", Text, nullable=True),
        Column("operation_codes", JSONB, nullable=False),
        Column("project_count", BigInteger, nullable=False),
        Column("order_count", BigInteger, nullable=False),
        Column("on_time_count", BigInteger, nullable=False),
        Column("prediction_count", BigInteger, nullable=False),
        Column("kept_p50", BigInteger, nullable=False),
        Column("kept_p80", BigInteger, nullable=False),
        Column("kept_p95", BigInteger, nullable=False),
        indexes=(("product_category",),),
    )
