"""What planning asks the database: one statement for a wave of items, one for everything.

Each answers with one JSON object of sections (see `facts_rows`), read at once: cheaper than rows
by the thousand, and a worker process gets it as it is.
"""

from collections.abc import Iterable

import orjson
from sqlalchemy import text

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_manufacturing.working_days import WorkingDays
from lineside_planning.mrp.domain.dates import PlanningDates
from lineside_planning.mrp.store import facts_rows, item_keys
from lineside_planning.mrp.store.facts_rows import LoadedFacts

_ITEM = """json_build_array(i.product_code, i.product_name, NULL, i.unit_code, i.unit_decimals,
  i.conversions, i.make_or_buy, i.lead_time_days, i.safety_stock_quantity::text,
  i.safety_time_days, i.is_phantom, i.supply_policy, NULL, i.plant_code, i.is_active,
  i.lot_sizing, i.fixed_lot_quantity::text, i.minimum_lot_quantity::text,
  i.maximum_lot_quantity::text, i.lot_multiple_quantity::text, i.lot_period_days, i.version,
  i.low_level_code, i.cycle)"""
_BILL = """json_build_array(b.id, b.version, b.product_code, b.bom_version,
  b.base_quantity::text, b.effective_from, b.effective_until, (
    SELECT json_agg(json_build_array(l.id, l.line_number, l.component_code, NULL, l.unit_code,
      l.quantity::text, l.is_fixed_quantity, l.component_scrap_percentage::text,
      l.effective_from, l.effective_until) ORDER BY l.line_number, l.effective_from, l.id)
    FROM lines l WHERE l.bom_id = b.id))"""
_VENDORS = """SELECT json_agg(content) FROM (
  SELECT DISTINCT ON (s.product_code) json_build_array(s.product_code, s.vendor_product_code,
    s.vendor_code, NULL, COALESCE(s.lead_time_days, v.lead_time_days, 0), s.purchase_unit_code,
    s.purchase_unit_factor, s.minimum_order_quantity::text, s.order_multiple_quantity::text, NULL,
    s.preference) AS content
  FROM mrp_vendor_products s LEFT JOIN mrp_vendors v ON v.vendor_code = s.vendor_code
  WHERE s.is_active AND v.is_active IS NOT FALSE {of_products}
  ORDER BY s.product_code, s.preference, s.vendor_product_code) best"""
_DEMAND = """json_build_array(x.product_code, x.plant_code, x.id, x.due_on, x.quantity::text,
  x.kind)"""
_SUPPLY = """json_build_array(x.product_code, x.plant_code, x.id, x.due_on, x.quantity::text,
  x.kind, x.pegged_to, x.explodes, x.starts_on)"""
_STOCK = "json_build_array(x.product_code, x.plant_code, x.quantity_on_hand::text)"
_ORDER = """json_build_array(x.product_code, x.plant_code, x.plan_key, x.make_or_buy,
  x.quantity::text, x.net_quantity::text, x.need_on, x.due_on, x.release_on,
  x.purchase_quantity::text, x.ledger)"""
_PEGS = "json_build_array(x.product_code, x.plant_code, x.pegs)"
_NEEDS = "json_build_array(x.product_code, x.plant_code, x.parent_code, x.needs)"
_MESSAGE = """json_build_array(x.product_code, x.plant_code, x.kind, x.reference,
  x.quantity::text, x.from_date, x.to_date, x.path, x.message)"""

_BY_ITEM = (
    ("stock", _STOCK, "mrp_stock"),
    ("pegs", _PEGS, "pegging"),
    ("messages", _MESSAGE, "mrp_exceptions"),
)


_PLANNED_WITH = (("demands", _DEMAND, "mrp_demands"), ("supplies", _SUPPLY, "mrp_supplies"))
"""What takes part in planning: no pairs (`sources.Pairing`), unless they are overdue."""

_RESERVED = "json_build_array(x.product_code, x.plant_code, sum(x.quantity)::text)"
"""What lies in stock in pairs."""


def _wave_sections() -> str:
    asked = "FROM asked a JOIN {} x ON x.product_code = a.product_code"
    asked += " AND x.plant_code = a.plant_code"
    parts = {
        name: f"SELECT json_agg({content}) {asked.format(table)}"
        for name, content, table in _BY_ITEM
    }
    for name, content, table in _PLANNED_WITH:
        rows = f"SELECT x.* {asked.format(table)}"
        parts[name] = f"""SELECT json_agg({content}) FROM (
          {rows} AND x.pairing = 0
          UNION ALL
          {rows} AND x.pairing > 0 AND (:pairs OR (x.pairing = 1 AND x.due_on < :today))) x"""  # noqa: S608
    parts["reserved"] = f"""SELECT json_agg(content) FROM (
      SELECT {_RESERVED} AS content {asked.format("mrp_supplies")}
      AND x.pairing = 2 AND NOT :pairs GROUP BY x.product_code, x.plant_code) r"""  # noqa: S608
    parts["orders"] = (
        f"SELECT json_agg({_ORDER}) {asked.format('planned_orders')} WHERE x.plan_key IS NOT NULL"
    )
    parts["above"] = f"SELECT json_agg({_NEEDS}) {asked.format('mrp_requirements')}"
    parts["below"] = f"SELECT json_agg({_NEEDS}) FROM kept x"  # noqa: S608
    parts["items"] = f"""SELECT json_agg({_ITEM}) FROM mrp_items i
      WHERE NOT i.deleted AND i.product_code IN (SELECT product_code FROM wanted)"""  # noqa: S608
    parts["bills"] = f"SELECT json_agg({_BILL}) FROM bills b"  # noqa: S608
    parts["vendors"] = _VENDORS.format(
        of_products="AND s.product_code IN (SELECT product_code FROM asked)"
    )
    return ", ".join(f"'{name}', ({query})" for name, query in parts.items())


_WAVE = text(f"""
WITH asked AS MATERIALIZED (
  SELECT product_code, plant_code
  FROM unnest(CAST(:products AS text[]), CAST(:plants AS text[])) AS a (product_code, plant_code)
), bills AS MATERIALIZED (
  SELECT * FROM mrp_boms WHERE is_active AND product_code IN (SELECT product_code FROM asked)
), lines AS MATERIALIZED (
  SELECT l.* FROM mrp_bom_lines l
  WHERE l.product_code IN (SELECT product_code FROM asked)
), kept AS MATERIALIZED (
  SELECT r.* FROM asked a
  JOIN mrp_requirements r ON r.parent_code = a.product_code AND r.plant_code = a.plant_code
), wanted AS MATERIALIZED (
  SELECT product_code FROM asked UNION SELECT component_code FROM lines
  UNION SELECT product_code FROM kept
)
SELECT json_build_object({_wave_sections()})::text
""")  # noqa: S608 -- constants of this module


def _whole_sections() -> str:
    parts = {
        name: f"SELECT json_agg({content}) FROM {table} x"  # noqa: S608 -- constants
        for name, content, table in _BY_ITEM
    }
    for name, content, table in _PLANNED_WITH:
        parts[name] = f"""SELECT json_agg({content}) FROM {table} x WHERE x.pairing = 0
          OR (x.pairing = 1 AND x.due_on < COALESCE(CAST(:today AS date), p.planning_date))"""  # noqa: S608
    parts["reserved"] = f"""SELECT json_agg(content) FROM (
      SELECT {_RESERVED} AS content FROM mrp_supplies x WHERE x.pairing = 2
      GROUP BY x.product_code, x.plant_code) r"""  # noqa: S608
    parts["orders"] = f"SELECT json_agg({_ORDER}) FROM planned_orders x WHERE plan_key IS NOT NULL"  # noqa: S608
    parts["below"] = f"SELECT json_agg({_NEEDS}) FROM mrp_requirements x"  # noqa: S608
    parts["items"] = f"SELECT json_agg({_ITEM}) FROM mrp_items i WHERE NOT i.deleted"  # noqa: S608
    parts["bills"] = f"SELECT json_agg({_BILL}) FROM mrp_boms b WHERE b.is_active"  # noqa: S608
    parts["vendors"] = _VENDORS.format(of_products="")
    return ", ".join(f"'{name}', ({query})" for name, query in parts.items())


WHOLE_SECTIONS = _whole_sections()
"""Everything of the tenant, inside a json_build_object.

It wants `lines` to be all lines of bills, `p` the planning state and `today` the day or NULL.
"""

CALENDARS = """
SELECT COALESCE(json_agg(json_build_array(p.plant_code, p.time_zone, c.id, c.version,
  c.calendar_code, c.shifts::text, c.holidays::text)), '[]')
FROM mrp_plants p
LEFT JOIN mrp_calendars c ON c.calendar_code = p.calendar_code AND NOT c.deleted
WHERE NOT p.deleted
"""
"""What `facts_rows.calendars_of` reads."""

_CALENDARS = text(f"SELECT ({CALENDARS})::text")


async def wave(
    uow: UnitOfWork, keys: Iterable[str], dates: PlanningDates, *, with_pairs: bool = False
) -> LoadedFacts:
    """Load some items with everything their plans depend on, and the plans that are kept.

    Args:
        uow: The unit of work; what it registered is flushed.
        keys: Of the items.
        dates: Of the plan.
        with_pairs: Also what takes no part in planning, for people.

    Returns:
        The facts.

    Raises:
        Nothing of its own.
    """
    asked = [item_keys.parse(key) for key in keys]
    answer = await uow.connection.scalar(
        _WAVE,
        {
            "products": [key.product_code for key in asked],
            "plants": [key.plant_code for key in asked],
            "today": dates.today,
            "pairs": with_pairs,
        },
    )
    return LoadedFacts(orjson.loads(answer), dates.settings.calendars)


async def load_calendars(uow: UnitOfWork) -> dict[str, WorkingDays]:
    """Load the plants' calendars.

    Args:
        uow: The unit of work.

    Returns:
        Working days by plant.

    Raises:
        Nothing of its own.
    """
    return facts_rows.calendars_of(orjson.loads(await uow.connection.scalar(_CALENDARS)))
