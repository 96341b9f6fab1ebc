"""The operations every tenant may use: print, machining, assembly. A tenant's own code wins."""

from typing import Any

from alembic import op
from sqlalchemy import Uuid, bindparam, text

from lineside_chassis import migrations

revision = "0002"
down_revision = "0001"

_FIRST_ID = 0x01900000_0000_7000_8000_000000000000
"""Ids are the same everywhere, so that installations can be compared."""

_OPERATIONS = (
    # code, name, type, setup minutes, run seconds per unit
    ("PREPRESS", "Prepress and plates", "fabrication", "45", "0"),
    ("PRINT", "Printing", "fabrication", "30", "0.36"),
    ("DIECUT", "Die cutting", "fabrication", "40", "0.6"),
    ("FOLD", "Folding", "fabrication", "15", "0.3"),
    ("BIND", "Binding", "assembly", "30", "3"),
    ("TRIM", "Trimming", "fabrication", "10", "0.5"),
    ("SAW", "Sawing", "machining", "10", "30"),
    ("TURN", "Turning", "machining", "30", "120"),
    ("MILL", "Milling", "machining", "45", "180"),
    ("DRILL", "Drilling", "machining", "15", "40"),
    ("GRIND", "Grinding", "machining", "25", "90"),
    ("DEBURR", "Deburring", "machining", "5", "20"),
    ("HEAT-TREAT", "Heat treatment", "fabrication", "20", "3600"),
    ("KIT", "Kitting", "assembly", "5", "60"),
    ("ASSEMBLE", "Assembly", "assembly", "15", "300"),
    ("WIRE", "Wiring", "assembly", "10", "240"),
    ("INSPECT", "Inspection", "testing", "5", "15"),
    ("TEST", "Functional test", "testing", "10", "120"),
    ("PACK", "Packing", "assembly", "5", "5"),
)

_INSERT = text(
    "INSERT INTO operations (tenant_id, id, operation_code, operation_name, operation_type,"
    " default_setup_minutes, default_run_seconds_per_unit, is_active, is_global, version,"
    " created_at, created_by, updated_at, updated_by)"
    " VALUES (NULL, :id, :code, :name, :type, CAST(:setup AS numeric), CAST(:run AS numeric),"
    " true, true, 1, '2026-11-20 00:00+00', CAST(:actor AS jsonb), '2026-11-20 00:00+00',"
    " CAST(:actor AS jsonb))"
).bindparams(bindparam("id", type_=Uuid(as_uuid=False)))

_ACTOR = '{"id": "service:routing", "name": "Lineside"}'


def upgrade() -> None:
    connection = op.get_bind()
    with migrations.data_migration("operations"):
        connection.execute(_INSERT, [_row(*entry) for entry in enumerate(_OPERATIONS, 1)])


def _row(number: int, entry: tuple[str, str, str, str, str]) -> dict[str, Any]:
    values = dict(zip(("code", "name", "type", "setup", "run"), entry, strict=True))
    return {"id": f"{_FIRST_ID + number:032x}", "actor": _ACTOR, **values}
