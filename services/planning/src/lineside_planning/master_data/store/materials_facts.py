"""Products, active bills and vendors of some product codes, in one question.

Bills come of the codes asked for and, followed by the database, of every phantom below them; then
products of all of these and of their components, and the vendor each is bought from first.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import text

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_planning.master_data.domain.material_facts import BillVersion, MaterialFacts
from lineside_planning.master_data.store import material_rows

_REST = """
, wanted AS (
  SELECT DISTINCT b.id, b.version, b.product_code, b.bom_version, b.base_quantity,
    b.effective_from, b.effective_until
  FROM parents p JOIN boms b ON b.product_code = p.code
  WHERE b.status = 'active' AND NOT b.deleted
    AND (b.effective_until IS NULL OR b.effective_until >= :since)
), lines AS MATERIALIZED (
  SELECT l.* FROM wanted w JOIN bom_lines l ON l.bom_id = w.id
  WHERE l.effective_until IS NULL OR l.effective_until >= :since
), known AS MATERIALIZED (
  SELECT p.* FROM products p WHERE NOT p.deleted AND (:everything
    OR p.product_code IN (SELECT code FROM parents UNION SELECT component_code FROM lines))
)
SELECT 'product' AS kind, json_build_array(p.product_code, p.product_name, p.product_category,
  p.unit_code, p.unit_decimals, p.conversions, p.make_or_buy, p.lead_time_days,
  p.safety_stock_quantity::text, p.safety_time_days, p.is_phantom, p.supply_policy,
  p.standard_cost::text, p.plant_code, p.is_active, p.lot_sizing, p.fixed_lot_quantity::text,
  p.minimum_lot_quantity::text, p.maximum_lot_quantity::text, p.lot_multiple_quantity::text,
  p.lot_period_days, p.version) AS content
FROM known p
UNION ALL
SELECT 'bill', json_build_array(w.id, w.version, w.product_code, w.bom_version,
  w.base_quantity::text, w.effective_from, w.effective_until, (
    SELECT json_agg(json_build_array(l.id, l.line_number, l.component_code, l.sequence_number,
      l.unit_code, l.quantity::text, l.is_fixed_quantity, l.component_scrap_percentage::text,
      l.effective_from, l.effective_until) ORDER BY l.line_number, l.effective_from, l.id)
    FROM lines l WHERE l.bom_id = w.id))
FROM wanted w
UNION ALL
SELECT 'vendor', content FROM (
  SELECT DISTINCT ON (s.product_code) json_build_array(s.product_code, s.vendor_product_code,
    s.vendor_code, v.vendor_name, COALESCE(s.lead_time_days, v.lead_time_days, 0),
    s.purchase_unit_code, s.purchase_unit_factor, s.minimum_order_quantity::text,
    s.order_multiple_quantity::text, s.price::text, s.preference) AS content
  FROM vendor_products s
  LEFT JOIN vendors v ON v.vendor_code = s.vendor_code AND NOT v.deleted
  WHERE NOT s.deleted AND s.is_active AND v.is_active IS NOT FALSE
    AND s.product_code IN (SELECT product_code FROM known)
  ORDER BY s.product_code, s.preference, s.vendor_product_code
) best
"""

_THROUGH_PHANTOMS = """
WITH RECURSIVE parents (code) AS (
  SELECT unnest(CAST(:codes AS text[]))
  UNION
  SELECT p.product_code FROM parents a
  JOIN boms b ON b.product_code = a.code AND b.status = 'active' AND NOT b.deleted
  JOIN bom_lines l ON l.bom_id = b.id
  JOIN products p ON p.product_code = l.component_code AND p.is_phantom AND NOT p.deleted
)"""

_THROUGH_ALL_LEVELS = """
WITH RECURSIVE parents (code) AS (
  SELECT unnest(CAST(:codes AS text[]))
  UNION
  SELECT l.component_code FROM parents a
  JOIN boms b ON b.product_code = a.code AND b.status = 'active' AND NOT b.deleted
  JOIN bom_lines l ON l.bom_id = b.id
)"""

_OF_EVERYTHING = "WITH parents (code) AS (SELECT DISTINCT product_code FROM boms)"

_ONE_LEVEL, _ALL_LEVELS, _EVERYTHING = (
    text(parents + _REST) for parents in (_THROUGH_PHANTOMS, _THROUGH_ALL_LEVELS, _OF_EVERYTHING)
)

_BEGINNING = date.min


async def load(
    uow: UnitOfWork, product_codes: Iterable[str], *, since: date | None = None
) -> MaterialFacts:
    """Load what making or buying some products takes: one level, through phantoms.

    Args:
        uow: The unit of work.
        product_codes: Whose bills are asked for.
        since: Bills and lines that ended before this day are left out; None: all are there.
    """
    return await _load(uow, _ONE_LEVEL, product_codes, since)


async def load_structures(
    uow: UnitOfWork, product_codes: Iterable[str], *, since: date | None = None
) -> MaterialFacts:
    """Load the same for all levels below, down to what is bought."""
    return await _load(uow, _ALL_LEVELS, product_codes, since)


async def load_all(uow: UnitOfWork, *, since: date | None = None) -> MaterialFacts:
    """Load every product, active bill and vendor of the tenant."""
    return await _load(uow, _EVERYTHING, None, since)


async def _load(
    uow: UnitOfWork, question: Any, product_codes: Iterable[str] | None, since: date | None
) -> MaterialFacts:
    asked: dict[str, Any] = {"since": since or _BEGINNING, "everything": product_codes is None}
    if product_codes is not None:
        asked["codes"] = list(set(product_codes))
    found: dict[str, list[Sequence[Any]]] = {"product": [], "bill": [], "vendor": []}
    for kind, content in await uow.connection.execute(question, asked):
        found[kind].append(content)
    products = {row[0]: material_rows.product(row) for row in found["product"]}
    bills: dict[str, list[BillVersion]] = {}
    for row in found["bill"]:
        bills.setdefault(row[2], []).append(material_rows.bill(row, products))
    for versions in bills.values():
        versions.sort(key=lambda bill: bill.bom_version)
    vendors = {row[0]: material_rows.vendor(row, products[row[0]]) for row in found["vendor"]}
    return MaterialFacts(products, bills, vendors)
