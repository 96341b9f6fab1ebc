"""Low-level codes and cycles of products, kept up to date from where a bill has changed.

Only what lies below a changed bill can move. Its bills are read together with the codes of the
parents above it that stay as they are; a ladder of stand-ins carries these into the computation.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import orjson
from sqlalchemy import text

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_manufacturing import bom_structure
from lineside_planning.mrp.store.item_keys import text_of
from lineside_planning.mrp.tables import mrp_items

_BELOW = text("""
WITH RECURSIVE below (product_code) AS (
  SELECT unnest(CAST(:products AS text[]))
  UNION
  SELECT component_code FROM mrp_bom_lines WHERE product_code = ANY(CAST(:products AS text[]))
  UNION
  SELECT l.component_code FROM below b
  JOIN mrp_items i ON i.product_code = b.product_code AND NOT i.deleted
  JOIN mrp_bom_lines l ON l.product_code = b.product_code
)
SELECT json_build_object(
  'items', (SELECT json_agg(json_build_array(i.product_code, i.low_level_code, i.cycle))
    FROM below b JOIN mrp_items i USING (product_code) WHERE NOT i.deleted),
  'lines', (SELECT json_agg(DISTINCT jsonb_build_array(l.product_code, l.component_code,
      i.low_level_code))
    FROM below b JOIN mrp_bom_lines l ON l.component_code = b.product_code
    JOIN mrp_items i ON i.product_code = l.product_code AND NOT i.deleted)
)::text
""")

_RUNG = "\n"
"""Begins the name of a stand-in: no product code holds a line break."""


class Structured(NamedTuple):
    """A product's place in the structure."""

    low_level_code: int
    cycle: tuple[str, ...]


async def renew(uow: UnitOfWork, products: Collection[str]) -> set[str]:
    """Compute codes and cycles anew of some products and all below them, and keep them.

    Args:
        uow: The unit of work; the bills that changed are flushed.
        products: Those whose bills changed, those that were components before, those that have
            become known or unknown.

    Returns:
        Products that came into a cycle, left one, or have another.

    Raises:
        Nothing of its own.
    """
    if not products:
        return set()
    answer = await uow.connection.scalar(_BELOW, {"products": sorted(products)})
    found = orjson.loads(answer)
    kept = {
        code: Structured(level, tuple(cycle or ())) for code, level, cycle in found["items"] or ()
    }
    now = structured(kept, found["lines"] or ())
    changed = [code for code, place in now.items() if kept[code] != place]
    rows = [
        {
            "product_code": code,
            "low_level_code": now[code].low_level_code,
            "cycle": list(now[code].cycle) or None,
        }
        for code in changed
    ]
    uow.update(mrp_items, rows, key=("product_code",))
    return {code for code in changed if kept[code].cycle != now[code].cycle}


def structured(
    known: Mapping[str, Structured], lines: Sequence[Sequence[Any]]
) -> dict[str, Structured]:
    """Compute the places of products from all lines that lead to them.

    Args:
        known: The products, closed below: whatever they contain is among them where it is known.
        lines: Parent, component and the parent's code as it is kept, for every line whose
            component is one of them.

    Returns:
        The place of each.

    Raises:
        Nothing.
    """
    below: defaultdict[str, list[str]] = defaultdict(list)
    highest = -1
    for parent, component, level in lines:
        if parent in known:
            below[_named(parent)].append(_named(component))
        else:
            below[f"{_RUNG}{level}"].append(_named(component))
            highest = max(highest, level)
    for level in range(highest):
        below[f"{_RUNG}{level}"].append(f"{_RUNG}{level + 1}")
    found = bom_structure.structure_of(below)
    return {
        code: Structured(
            found.codes.get(_named(code), 0),
            tuple(name[:-1] for name in found.cycles.get(_named(code), ())),
        )
        for code in known
    }


def _named(code: str) -> str:
    """Products sort as their keys do, so that a cycle begins with the same one everywhere."""
    return text_of(code, "")
