"""The load of work centers by day, changed by one transaction at a time.

Whoever changes the load of a work center has its turn until the transaction ends, the work centers
taken in one order by all; so two replicas never give the same minutes twice. A turn is an advisory
lock: a work center that nobody has told of yet has one as well.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import text

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_planning.capacity.domain.centers import Center
from lineside_planning.capacity.tables import work_center_loads

_TURNS = text("""
SELECT pg_advisory_xact_lock(turn) FROM (
  SELECT DISTINCT hashtextextended(:prefix || code, 0) AS turn
  FROM unnest(CAST(:codes AS text[])) AS c (code) ORDER BY turn
) AS turns
""")

_LOADS = text("""
SELECT work_center_code,
  array_agg(on_date - date '0001-01-01' + 1), array_agg(load_microseconds)
FROM work_center_loads
WHERE work_center_code = ANY(CAST(:codes AS text[])) AND load_microseconds > 0
GROUP BY work_center_code
""")

_LOADS_TO_CHANGE = text(f"""
WITH gone AS (
  DELETE FROM work_center_loads
  WHERE work_center_code = ANY(CAST(:codes AS text[])) AND on_date < :past
    AND load_microseconds = 0
)
{_LOADS.text}
""")  # noqa: S608 -- constants

_KEPT = timedelta(days=7)
"""Days that are over for so long, and hold no late work, are forgotten."""

_SHARES = text("""
SELECT p.production_order_id, o.production_order_number, p.sequence_number,
  (d ->> 0)::date AS on_date, (d ->> 1)::bigint AS load_microseconds
FROM capacity_planning p
JOIN capacity_plans o ON o.id = p.production_order_id
CROSS JOIN LATERAL jsonb_array_elements(p.days) AS d
WHERE p.work_center_code = :code AND p.remaining_minutes > 0
  AND (d ->> 0)::date BETWEEN :first AND :last
ORDER BY on_date, o.production_order_number, p.sequence_number
""")


async def take_turns(uow: UnitOfWork, codes: Iterable[str]) -> None:
    """Wait until nobody else changes the load of some work centers."""
    prefix = f"work_center_loads {uow.tenant_id} "
    await uow.connection.execute(_TURNS, {"prefix": prefix, "codes": sorted(set(codes))})


async def load(
    uow: UnitOfWork, codes: Iterable[str], *, to_change: bool
) -> dict[str, dict[int, int]]:
    """Load what is taken of some work centers, by day; every day counts, late work as well.

    Args:
        uow: The unit of work.
        codes: Work centers.
        to_change: Whose turn it is clears away days that are long over and hold nothing.
    """
    asked: dict[str, Any] = {"codes": sorted(set(codes))}
    if to_change:
        asked["past"] = uow.now.date() - _KEPT
    rows = await uow.connection.execute(_LOADS_TO_CHANGE if to_change else _LOADS, asked)
    return {code: dict(zip(days, amounts, strict=True)) for code, days, amounts in rows}


async def shares(uow: UnitOfWork, code: str, *, first: date, last: date) -> list[Mapping[str, Any]]:
    """Load who takes a work center's time between two dates, both included."""
    rows = await uow.connection.execute(_SHARES, {"code": code, "first": first, "last": last})
    return [dict(row) for row in rows.mappings()]


def save(uow: UnitOfWork, known: Iterable[Center]) -> None:
    """Register the days whose load changed; the transaction has the turn of their work centers."""
    rows = [
        {
            "work_center_code": center.facts.work_center_code,
            "on_date": date.fromordinal(day),
            "load_microseconds": center.loads.get(day, 0),
        }
        for center in known
        for day in center.changed_days
    ]
    uow.upsert(work_center_loads, rows, key=("work_center_code", "on_date"))
