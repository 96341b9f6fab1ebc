"""What a change of master data touches: orders not yet begun, requisitions not yet ordered."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text

from lineside_chassis.unit_of_work import UnitOfWork

_FIRST = UUID(int=0)
_UNSTARTED = "o.is_planned AND o.status IN ('planned', 'routed', 'released', 'on_hold')"
_PAGE = "AND o.id > CAST(:after AS uuid) ORDER BY o.id LIMIT :limit"

_MAKING = text(f"""
WITH RECURSIVE made (code) AS (
  SELECT unnest(CAST(:codes AS text[]))
  UNION
  SELECT b.product_code FROM made m
  JOIN products p ON p.product_code = m.code AND p.is_phantom AND NOT p.deleted
  JOIN bom_lines l ON l.component_code = m.code
  JOIN boms b ON b.id = l.bom_id AND b.status = 'active' AND NOT b.deleted
)
SELECT o.id FROM material_orders o
WHERE {_UNSTARTED} AND o.product_code IN (SELECT code FROM made) {_PAGE}
""")  # noqa: S608 -- constants

_USING = text(f"""
WITH RECURSIVE used (code, goes_up) AS (
  SELECT c, true FROM unnest(CAST(:codes AS text[])) AS c
  UNION
  SELECT b.product_code, COALESCE(p.is_phantom, false) FROM used u
  JOIN bom_lines l ON l.component_code = u.code AND u.goes_up
  JOIN boms b ON b.id = l.bom_id AND b.status = 'active' AND NOT b.deleted
  LEFT JOIN products p ON p.product_code = b.product_code AND NOT p.deleted
)
SELECT o.id FROM material_orders o
WHERE {_UNSTARTED} AND o.product_code IN (SELECT code FROM used) {_PAGE}
""")  # noqa: S608 -- constants

_BUYING = text(f"""
SELECT o.id FROM material_orders o
WHERE {_UNSTARTED} AND o.id IN (
  SELECT r.production_order_id FROM material_requirements r
  WHERE r.component_code = ANY(CAST(:codes AS text[])) AND r.supply = 'buy'
) {_PAGE}
""")  # noqa: S608 -- constants

_REQUISITIONS = text("""
SELECT o.id FROM purchase_requisitions o
WHERE o.status = 'open' AND o.product_code = ANY(CAST(:codes AS text[]))
AND o.id > CAST(:after AS uuid) ORDER BY o.id LIMIT :limit
""")


async def orders_making(
    uow: UnitOfWork, codes: Sequence[str], *, after: UUID | None, limit: int
) -> list[UUID]:
    """Orders for some products, or for what contains these as phantoms, by id."""
    return await _page(uow, _MAKING, codes, after=after, limit=limit)


async def orders_using(
    uow: UnitOfWork, codes: Sequence[str], *, after: UUID | None, limit: int
) -> list[UUID]:
    """Orders for some products and for what these are components of, by id."""
    return await _page(uow, _USING, codes, after=after, limit=limit)


async def orders_buying(
    uow: UnitOfWork, codes: Sequence[str], *, after: UUID | None, limit: int
) -> list[UUID]:
    """Orders that take some bought parts, by id."""
    return await _page(uow, _BUYING, codes, after=after, limit=limit)


async def open_requisitions(
    uow: UnitOfWork, codes: Sequence[str], *, after: UUID | None, limit: int
) -> list[UUID]:
    """Open requisitions of some products, by id."""
    return await _page(uow, _REQUISITIONS, codes, after=after, limit=limit)


async def _page(
    uow: UnitOfWork, question: Any, codes: Sequence[str], *, after: UUID | None, limit: int
) -> list[UUID]:
    asked = {"codes": list(codes), "after": after or _FIRST, "limit": limit}
    return [row.id for row in await uow.connection.execute(question, asked)]
