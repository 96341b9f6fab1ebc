"""What postings need of products, locations and vendors, in one question."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Boolean, Integer, Numeric, Text, bindparam, cast, func, literal, null, select
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.sql.expression import CompoundSelect, any_, union_all

from lineside_chassis.tables import one_of
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_planning.master_data.tables import plants, products, stock_locations, vendors
from lineside_planning.materials.domain.stock_checks import LocationFacts, ProductFacts

MAIN_LOCATION = "MAIN"
"""Where goods of a plant go that has no location of its own yet."""

_FACTS: CompoundSelect[Any] = union_all(
    select(
        literal("product").label("kind"),
        products.c.product_code.label("code"),
        products.c.product_name.label("name"),
        products.c.unit_code.label("owner"),
        products.c.unit_decimals.label("decimals"),
        products.c.safety_stock_quantity.label("quantity"),
        cast(null(), Boolean).label("is_nettable"),
        products.c.is_active.label("is_active"),
    ).where(
        products.c.product_code == any_(bindparam("products", type_=ARRAY(TEXT))),
        ~products.c.deleted,
    ),
    select(
        literal("location"),
        stock_locations.c.location_code,
        stock_locations.c.location_name,
        stock_locations.c.plant_code,
        cast(null(), Integer),
        cast(null(), Numeric),
        stock_locations.c.is_nettable,
        stock_locations.c.is_active,
    ).where(
        stock_locations.c.location_code == any_(bindparam("locations", type_=ARRAY(TEXT))),
        ~stock_locations.c.deleted,
    ),
    select(
        literal("plant"),
        plants.c.plant_code,
        *(cast(null(), Text) for _ in range(2)),
        cast(null(), Integer),
        cast(null(), Numeric),
        *(cast(null(), Boolean) for _ in range(2)),
    ).where(plants.c.plant_code == any_(bindparam("plants", type_=ARRAY(TEXT))), ~plants.c.deleted),
    select(
        literal("vendor"),
        vendors.c.vendor_code,
        *(cast(null(), Text) for _ in range(2)),
        cast(null(), Integer),
        cast(null(), Numeric),
        *(cast(null(), Boolean) for _ in range(2)),
    ).where(
        vendors.c.vendor_code == any_(bindparam("vendors", type_=ARRAY(TEXT))), ~vendors.c.deleted
    ),
)


@dataclass(frozen=True, slots=True)
class StockFacts:
    """What is known, by code; what is missing is unknown."""

    products: dict[str, ProductFacts] = field(default_factory=dict)
    locations: dict[str, LocationFacts] = field(default_factory=dict)
    plants: frozenset[str] = frozenset()
    vendors: frozenset[str] = frozenset()


async def load(
    uow: UnitOfWork,
    *,
    product_codes: Iterable[str] = (),
    location_codes: Iterable[str] = (),
    plant_codes: Iterable[str] = (),
    vendor_codes: Iterable[str] = (),
) -> StockFacts:
    """Tell what is known of some products, locations, plants and vendors."""
    asked = {
        "products": list(set(product_codes)),
        "locations": list(set(location_codes)),
        "plants": list(set(plant_codes)),
        "vendors": list(set(vendor_codes)),
    }
    rows = (await uow.connection.execute(_FACTS, asked)).all()
    return StockFacts(
        products={row.code: _product(row) for row in rows if row.kind == "product"},
        locations={row.code: _location(row) for row in rows if row.kind == "location"},
        plants=frozenset(row.code for row in rows if row.kind == "plant"),
        vendors=frozenset(row.code for row in rows if row.kind == "vendor"),
    )


async def default_locations(
    uow: UnitOfWork, plant_codes: Sequence[str]
) -> dict[str, LocationFacts]:
    """Name where a plant's own goods go: its first nettable location in use, by code.

    Args:
        uow: Whose.
        plant_codes: Every one of them is in the answer.
    """
    table = stock_locations
    query = (
        select(table.c.plant_code, func.min(table.c.location_code).label("location_code"))
        .where(one_of(table.c.plant_code, plant_codes))
        .where(table.c.is_nettable, table.c.is_active, ~table.c.deleted)
        .group_by(table.c.plant_code)
    )
    found = {row.plant_code: row.location_code for row in await uow.connection.execute(query)}
    return {
        code: LocationFacts(found.get(code, MAIN_LOCATION), plant_code=code) for code in plant_codes
    }


def _product(row: Any) -> ProductFacts:
    return ProductFacts(row.code, row.owner, row.decimals, row.name, row.quantity)


def _location(row: Any) -> LocationFacts:
    return LocationFacts(row.code, row.owner, row.is_nettable, row.is_active)
