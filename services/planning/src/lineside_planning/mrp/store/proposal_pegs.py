"""Whom a planned order serves, and both ways along an order's chain: pegs out of `pegging`."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

import orjson
from sqlalchemy import text

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.planning import Peg
from lineside_planning.mrp.domain import plans
from lineside_planning.mrp.store import naming, plan_rows

Pool = tuple[str, str]

_PEGS = text("""
WITH asked AS MATERIALIZED (
  SELECT a.product_code, a.plant_code, COALESCE(i.unit_decimals, 0) AS decimals
  FROM unnest(CAST(:products AS text[]), CAST(:plants AS text[])) AS a (product_code, plant_code)
  LEFT JOIN mrp_items i ON i.product_code = a.product_code
), found AS (
  SELECT a.product_code, a.plant_code, a.decimals, x.pegs
  FROM asked a JOIN pegging x USING (product_code, plant_code)
  UNION ALL
  SELECT a.product_code, a.plant_code, a.decimals, json_build_array(json_build_array(
    'demand', d.id, d.due_on, 'receipt', s.id, s.due_on, trunc(s.quantity * 10 ^ a.decimals)::text))
  FROM asked a JOIN mrp_supplies s USING (product_code, plant_code)
  JOIN mrp_demands d ON d.id = s.pegged_to
  WHERE s.pairing = 2 OR (s.pairing = 1
    AND s.due_on >= (SELECT planning_date FROM mrp_planning))
)
SELECT json_agg(json_build_array(product_code, plant_code, decimals, pegs))::text FROM found
""")
"""Pegs as they are kept, and those of pairs, which planning leaves out (`sources.Pairing`)."""


class OwnPeg(NamedTuple):
    """A peg, whose it is, and the decimals of its quantity."""

    pool: Pool
    decimals: int
    peg: plans.Peg


async def load(uow: UnitOfWork, row: Mapping[str, Any]) -> list[Peg]:
    """Read whom a planned order serves.

    Args:
        uow: The unit of work.
        row: The planned order.

    Returns:
        Its pegs.
    """
    own = row["plan_key"] or str(row["id"])
    pool = (row["product_code"], row["plant_code"])
    found = [each for each in await pegs_of(uow, {pool}) if each.peg.supply_id == own]
    names = await naming.load(uow, naming.ids_of(each.peg for each in found))
    return [naming.peg(each.peg, names, each.decimals) for each in found]


async def pegs_of(uow: UnitOfWork, pools: Collection[Pool]) -> list[OwnPeg]:
    """Read all pegs of some items, pairs included.

    Args:
        uow: The unit of work.
        pools: Product and plant of each.

    Returns:
        Their pegs.
    """
    asked = sorted(set(pools))
    answer = await uow.connection.scalar(
        _PEGS,
        {"products": [product for product, _ in asked], "plants": [plant for _, plant in asked]},
    )
    return [
        OwnPeg((product, plant), decimals, peg)
        for product, plant, decimals, pegs in orjson.loads(answer or "[]")
        for peg in plan_rows.pegs_of(pegs)
    ]
