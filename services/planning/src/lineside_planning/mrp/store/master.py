"""Master data as mrp keeps it: products, bills, vendors, plants and calendars, newest wins."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Table, text

from lineside_chassis import master_data_store
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.envelope import AggregateState
from lineside_contracts.planning import Bom, BomStatus, Calendar, Product, Vendor, VendorProduct
from lineside_contracts.shopfloor import Plant
from lineside_planning.mrp.tables import (
    mrp_bom_lines,
    mrp_boms,
    mrp_calendars,
    mrp_items,
    mrp_plants,
    mrp_vendor_products,
    mrp_vendors,
)

_KNOWN = text("""
SELECT json_build_object(
  'products', (SELECT json_object_agg(product_code, json_build_array(version, NOT deleted,
      unit_code, unit_decimals, conversions, COALESCE(plant_code, '')))
    FROM mrp_items WHERE product_code = ANY(CAST(:products AS text[]))),
  'boms', (SELECT json_object_agg(b.id, json_build_array(b.version, b.product_code, (
      SELECT COALESCE(json_agg(DISTINCT l.component_code), '[]')
      FROM mrp_bom_lines l WHERE l.bom_id = b.id)))
    FROM mrp_boms b WHERE b.id = ANY(CAST(:boms AS uuid[]))),
  'vendor_products', (SELECT json_object_agg(id, json_build_array(version, product_code))
    FROM mrp_vendor_products WHERE id = ANY(CAST(:vendor_products AS uuid[]))),
  'sold', (SELECT json_agg(DISTINCT product_code) FROM mrp_vendor_products
    WHERE vendor_code = ANY(CAST(:vendors AS text[]))),
  'parents', (SELECT json_agg(DISTINCT json_build_array(component_code, product_code)::text)
    FROM mrp_bom_lines WHERE component_code = ANY(CAST(:products AS text[])))
)::text
""")


class KnownProduct(NamedTuple):
    """What of a product others depend on."""

    version: int
    is_known: bool
    unit_code: str
    unit_decimals: int
    conversions: Mapping[str, str]
    plant_code: str


class KnownBom(NamedTuple):
    """What is kept of a bill."""

    version: int
    product_code: str
    components: Sequence[str]


class KnownMaster(NamedTuple):
    """What is kept of the things a batch names.

    Attributes:
        products: By code.
        boms: By id, as text.
        vendor_products: Version and product by id, as text.
        sold: Products that some of the vendors sell.
        parents: Who contains a product.
    """

    products: Mapping[str, KnownProduct]
    boms: Mapping[str, KnownBom]
    vendor_products: Mapping[str, Sequence[Any]]
    sold: frozenset[str]
    parents: Mapping[str, frozenset[str]]


async def load(
    uow: UnitOfWork,
    *,
    products: Iterable[Product],
    boms: Iterable[Bom],
    vendor_products: Iterable[VendorProduct],
    vendors: Iterable[Vendor],
) -> KnownMaster:
    """Load what is kept of some things, in one statement.

    Args:
        uow: The unit of work.
        products: Products.
        boms: Bills.
        vendor_products: What vendors sell.
        vendors: Vendors.

    Returns:
        What there is.
    """
    asked = {
        "products": [product.product_code for product in products],
        "boms": [bom.id for bom in boms],
        "vendor_products": [own.id for own in vendor_products],
        "vendors": [vendor.vendor_code for vendor in vendors],
    }
    found = orjson.loads(await uow.connection.scalar(_KNOWN, asked))
    parents: dict[str, set[str]] = {}
    for component, parent in map(orjson.loads, found["parents"] or ()):
        parents.setdefault(component, set()).add(parent)
    return KnownMaster(
        {code: KnownProduct(*row) for code, row in (found["products"] or {}).items()},
        {own: KnownBom(*row) for own, row in (found["boms"] or {}).items()},
        found["vendor_products"] or {},
        frozenset(found["sold"] or ()),
        {code: frozenset(above) for code, above in parents.items()},
    )


def keep_products(uow: UnitOfWork, products: Collection[Product]) -> None:
    """Keep products that are newer than what is kept.

    Args:
        uow: The unit of work.
        products: Their states.
    """
    _keep(uow, mrp_items, products, key="product_code")


def keep_boms(uow: UnitOfWork, boms: Collection[Bom], known: Mapping[str, KnownBom]) -> None:
    """Keep bills that are newer than what is kept; only active ones have lines here.

    Args:
        uow: The unit of work.
        boms: Their states.
        known: Bills that may have lines already.
    """
    before = [{"bom_id": bom.id} for bom in boms if str(bom.id) in known]
    uow.delete(mrp_bom_lines, before, key=("bom_id",))
    rows = [{**_columns(mrp_boms, bom), "is_active": is_active(bom)} for bom in boms]
    uow.upsert(mrp_boms, rows, key=("id",))
    lines = [
        {**_columns(mrp_bom_lines, line), "bom_id": bom.id, "product_code": bom.product_code}
        for bom in boms
        if is_active(bom)
        for line in bom.lines
    ]
    uow.insert(mrp_bom_lines, lines)


def keep_vendors(uow: UnitOfWork, vendors: Collection[Vendor]) -> None:
    """Keep vendors, newest wins.

    Args:
        uow: The unit of work.
        vendors: Their states.
    """
    rows = [
        {**_columns(mrp_vendors, v), "is_active": v.is_active and not v.deleted} for v in vendors
    ]
    uow.upsert(mrp_vendors, rows, key=("vendor_code",), newer_by="version")


def keep_vendor_products(uow: UnitOfWork, sold: Collection[VendorProduct]) -> None:
    """Keep what vendors sell, newest wins.

    Args:
        uow: The unit of work.
        sold: Their states.
    """
    rows = [
        {**_columns(mrp_vendor_products, v), "is_active": v.is_active and not v.deleted}
        for v in sold
    ]
    uow.upsert(mrp_vendor_products, rows, key=("id",), newer_by="version")


def keep_plants(uow: UnitOfWork, plants: Collection[Plant]) -> None:
    """Keep plants, newest wins.

    Args:
        uow: The unit of work.
        plants: Their states, with valid zones.
    """
    _keep(uow, mrp_plants, plants, key="plant_code")


def keep_calendars(uow: UnitOfWork, calendars: Collection[Calendar]) -> None:
    """Keep calendars, newest wins.

    Args:
        uow: The unit of work.
        calendars: Their states.
    """
    _keep(uow, mrp_calendars, calendars, key="id")


def is_active(bom: Bom) -> bool:
    """Say whether a bill is planned with.

    Args:
        bom: Its state.

    Returns:
        True for an active one that is not deleted.
    """
    return bom.status is BomStatus.ACTIVE and not bom.deleted


def _keep(uow: UnitOfWork, table: Table, states: Collection[AggregateState], *, key: str) -> None:
    rows = [_columns(table, state) for state in states]
    uow.upsert(table, rows, key=(key,), newer_by="version")


def _columns(table: Table, state: Any) -> dict[str, Any]:
    return master_data_store.row_of(state, table)
