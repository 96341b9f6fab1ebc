"""Document numbers, taken in one atomic statement for a whole batch.

Two replicas that need the same counter row wait here for each other: no gaps, no twins.
"""

from collections.abc import Mapping

from sqlalchemy import text

from lineside_chassis import encoding
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_planning.master_data.domain.numbering import NumberSeries, TakenNumbers

_TAKE = text("""
INSERT INTO number_counters AS c (tenant_id, prefix, year, last_number)
SELECT :tenant_id, n.prefix, n.year, n.wanted
FROM json_to_recordset(:numbers) AS n (prefix text, year integer, wanted bigint)
ORDER BY n.prefix, n.year
ON CONFLICT (tenant_id, prefix, year)
  DO UPDATE SET last_number = c.last_number + excluded.last_number
RETURNING prefix, year, last_number
""")


async def take(uow: UnitOfWork, counts: Mapping[NumberSeries, int]) -> TakenNumbers:
    """Take numbers, at once and for good if the unit is committed.

    The counter rows stay locked until then: take them after every other lock.

    Args:
        uow: The unit of work.
        counts: How many of each series; a series of 0 is left alone.
    """
    wanted = {series: count for series, count in counts.items() if count}
    if not wanted:
        return TakenNumbers({})
    rows = [{"prefix": s.prefix, "year": s.year, "wanted": n} for s, n in wanted.items()]
    taken = await uow.connection.execute(
        _TAKE, {"tenant_id": uow.tenant_id, "numbers": encoding.encode(rows)}
    )
    following = {}
    for row in taken:
        series = NumberSeries(row.prefix, row.year)
        following[series] = row.last_number - wanted[series] + 1
    return TakenNumbers(following)
