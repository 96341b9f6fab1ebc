"""People at work, and work orders found by who does them, when they are due, what they make."""

from pathlib import Path

from alembic import op
from sqlalchemy import text

from lineside_chassis import migrations

revision = "0007"
down_revision = "0006"

_HERE = Path(__file__).parent


_OPEN = "status IN ('planned', 'released', 'in_progress')"


def upgrade() -> None:
    _index("work_orders_open_idx", "work_orders", "id", where=_OPEN)
    _index("work_orders_due_date_id_idx", "work_orders", "due_date", "id")
    _index("work_orders_product_code_id_idx", "work_orders", "product_code", "id")
    _index("work_orders_department_code_id_idx", "work_orders", "department_code", "id")
    _index(
        "work_orders_assigned_to_idx",
        "work_orders",
        "assigned_to",
        "id",
        where="assigned_to IS NOT NULL",
    )
    _index(
        "work_orders_ended_idx",
        "work_orders",
        "plant_code",
        "actual_end_at",
        where="actual_end_at IS NOT NULL",
    )
    _index(
        "manpower_allocation_active_idx", "manpower_allocation", "id", where="released_at IS NULL"
    )
    _replace_search()


def _index(name: str, table: str, *columns: str, where: str | None = None) -> None:
    condition = text(where) if where else None
    op.create_index(name, table, ["tenant_id", *columns], postgresql_where=condition)


def _replace_search() -> None:
    """The same search with more filters, again in the hands of a role of its own."""
    roles = migrations.roles()
    connection = op.get_bind().execution_options(no_parameters=True)
    connection.exec_driver_sql((_HERE / "0007_search_work_orders.sql").read_text())
    op.execute("REVOKE ALL ON FUNCTION search_work_orders FROM PUBLIC")
    op.execute(f'GRANT EXECUTE ON FUNCTION search_work_orders TO "{roles.app}"')
    op.execute(f'ALTER FUNCTION search_work_orders OWNER TO "{roles.search}"')
