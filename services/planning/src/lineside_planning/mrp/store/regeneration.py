"""A regeneration's snapshot out of the database, and its outcome back into it.

The snapshot is one statement, so it shows one instant. What net changes plan between it and the
saving is left out of what is saved, and planned again on top.
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import orjson
from sqlalchemy import text

from lineside_chassis import writes
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_chassis.writes import Kind, Shape, Statement
from lineside_planning.mrp.store import plan_rows, planning, plans, reading, runs
from lineside_planning.mrp.store.computing import Computed
from lineside_planning.mrp.store.plan_rows import PLAN_COLUMNS, PLAN_KEYS
from lineside_planning.mrp.store.planning import PlanningState
from lineside_planning.mrp.store.plans import Pool

_SNAPSHOT = text(f"""
WITH lines AS (SELECT * FROM mrp_bom_lines)
SELECT p.planning_date, p.calendar_version, p.change_count, p.is_recording, p.is_stale,
  json_build_object('tenant_id', p.tenant_id,
    'planning_date', COALESCE(CAST(:today AS date), p.planning_date),
    'calendars', ({reading.CALENDARS}), {reading.WHOLE_SECTIONS})::text
FROM mrp_planning p
""")  # noqa: S608 -- constants


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything a regeneration is computed from.

    Attributes:
        state: What the plan belonged to at that instant.
        question: JSON, as `computing.compute` wants it.
    """

    state: PlanningState
    question: bytes


async def snapshot(uow: UnitOfWork, *, today: date | None) -> Snapshot:
    """Read everything as of one instant.

    Args:
        uow: The unit of work.
        today: The day to plan for; None: that of the plan.

    Returns:
        The snapshot.
    """
    *state, question = (await uow.connection.execute(_SNAPSHOT, {"today": today})).one()
    return Snapshot(PlanningState(*state), question.encode())


async def save(
    uow: UnitOfWork, taken: Snapshot, computed: Computed, *, planning_date: date
) -> None:
    """Put a regeneration's outcome in the place of the plan.

    Args:
        uow: The unit of work.
        taken: What it was computed from.
        computed: The outcome.
        planning_date: The day it is for.
    """
    state = await planning.lock(uow)
    meanwhile = await planning.recorded_since(uow, taken.state.change_count)
    if meanwhile:
        computed = await asyncio.to_thread(_without, computed, meanwhile)
    await uow.send([_statement(*each) for each in _parts(computed)])
    after = PlanningState(
        planning_date=planning_date,
        calendar_version=state.calendar_version,
        change_count=state.change_count,
        is_stale=await runs.is_regeneration_waiting(uow),
    )
    dates = await plans.load_dates(uow, after)
    changed = await plans.net_change(uow, after, meanwhile, dates)
    await planning.end_recording(uow, changed)


def _parts(computed: Computed) -> Iterable[tuple[Kind, str, bytes]]:
    yield from ((Kind.DELETE, table, rows) for table, rows in computed.deletes.items())
    yield from ((Kind.UPSERT, table, rows) for table, rows in computed.upserts.items())


def _statement(kind: Kind, table: str, rows: bytes) -> Statement:
    key = ("tenant_id", *PLAN_KEYS[table])
    columns = key if kind is Kind.DELETE else ("tenant_id", *PLAN_COLUMNS[table])
    sql = writes.compile_sql((Shape(kind, table, columns, key),))
    return Statement(sql, {"p0": rows.decode()}, ())


def _without(computed: Computed, pools: Collection[Pool]) -> Computed:
    def kept(rows: Mapping[str, bytes]) -> dict[str, bytes]:
        return {table: _rows_without(table, own, pools) for table, own in rows.items()}

    return Computed(computed.summary, kept(computed.deletes), kept(computed.upserts))


def _rows_without(table: str, rows: bytes, pools: Collection[Pool]) -> bytes:
    left = [row for row in orjson.loads(rows) if plan_rows.pool_of(table, row) not in pools]
    return orjson.dumps(left)
