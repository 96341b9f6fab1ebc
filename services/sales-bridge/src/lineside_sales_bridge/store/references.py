"""What other services say, kept here: tenants, products, plants, calendars, units."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sqlalchemy import ARRAY, Text, bindparam, text

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts import values
from lineside_contracts.planning import Calendar, Product as ProductState, Tenant, Unit
from lineside_contracts.shopfloor import Plant
from lineside_sales_bridge import tables
from lineside_sales_bridge.domain import references
from lineside_sales_bridge.domain.references import OwnUnit, Product, References


@dataclass(frozen=True, slots=True)
class Known:
    """What is known before a batch is judged."""

    is_tenant_active: bool
    references: References


_LOCK_AND_LOAD = text(
    """
    WITH locked AS MATERIALIZED (
      SELECT count(pg_advisory_xact_lock(key)) AS locks FROM (
        SELECT DISTINCT hashtextextended(current_tenant()::text || ' ' || number, 0) AS key
        FROM unnest(:numbers) AS number ORDER BY key
      ) AS keys
    )
    SELECT
      (SELECT is_active FROM known_tenants WHERE tenant_id = current_tenant()) AS is_active,
      (SELECT json_agg(p) FROM (
        SELECT product.product_code, product.unit_code, product.unit_decimals,
          product.is_active, product.conversions, plant.time_zone
        FROM products product LEFT JOIN plants plant
          ON plant.tenant_id = product.tenant_id AND plant.plant_code = product.plant_code
          AND NOT plant.deleted
        WHERE product.product_code = ANY(:codes) AND NOT product.deleted
      ) AS p) AS products,
      (SELECT json_agg(u) FROM (
        SELECT unit_code, dimension, factor FROM units
        WHERE NOT deleted AND (upper(unit_code) = ANY(:units) OR unit_code IN (
          SELECT unit_code FROM products WHERE product_code = ANY(:codes)
        ))
      ) AS u) AS units
    FROM locked
    """
).bindparams(
    bindparam("numbers", type_=ARRAY(Text)),
    bindparam("codes", type_=ARRAY(Text)),
    bindparam("units", type_=ARRAY(Text)),
)
"""Locks are taken in the order of their keys, by everybody, so that two batches never deadlock.

Master data may be as old as the wait for the locks; orders are loaded by a later statement.
"""


async def lock_orders_and_load(
    uow: UnitOfWork,
    *,
    order_numbers: Iterable[str],
    product_codes: Iterable[str],
    units: Iterable[str],
) -> Known:
    """Make this unit the only one that works on some orders, and load what judges them."""
    parameters = {
        "numbers": sorted(set(order_numbers)),
        "codes": sorted(set(product_codes)),
        "units": sorted({unit.upper() for unit in units}),
    }
    row = (await uow.connection.execute(_LOCK_AND_LOAD, parameters)).one()
    products = [_product(found) for found in row.products or ()]
    return Known(
        is_tenant_active=bool(row.is_active),
        references=References(
            products={product.product_code: product for product in products},
            own_units={found["unit_code"].upper(): _unit(found) for found in row.units or ()},
        ),
    )


def save_tenants(uow: UnitOfWork, states: Sequence[Tenant]) -> None:
    """Keep which tenants there are; each says so of itself."""
    rows = [
        {
            "tenant_id": state.id,
            "version": state.version,
            "is_active": state.status == "active" and not state.deleted,
        }
        for state in states
    ]
    uow.upsert(tables.known_tenants, rows, key=("tenant_id",), newer_by="version")


def save_products(uow: UnitOfWork, states: Sequence[ProductState]) -> None:
    """Keep the newest version of each product."""
    rows = [
        {
            "product_code": state.product_code,
            "version": state.version,
            "unit_code": state.unit_code,
            "unit_decimals": state.unit_decimals,
            "conversions": {
                code: values.format_ratio(ratio) for code, ratio in state.conversions.items()
            },
            "plant_code": state.plant_code,
            "is_active": state.is_active,
            "deleted": state.deleted,
        }
        for state in states
    ]
    uow.upsert(tables.products, rows, key=("product_code",), newer_by="version")


def save_plants(uow: UnitOfWork, states: Sequence[Plant]) -> None:
    """Keep the newest version of each plant."""
    rows = [
        {
            "plant_code": state.plant_code,
            "version": state.version,
            "time_zone": state.time_zone,
            "deleted": state.deleted,
            "calendar_code": state.calendar_code,
        }
        for state in states
    ]
    uow.upsert(tables.plants, rows, key=("plant_code",), newer_by="version")


def save_calendars(uow: UnitOfWork, states: Sequence[Calendar]) -> None:
    """Keep the newest version of each calendar."""
    rows = [
        {
            "calendar_code": state.calendar_code,
            "version": state.version,
            "shifts": [shift.model_dump(mode="json") for shift in state.shifts],
            "holidays": [day.isoformat() for day in state.holidays],
            "deleted": state.deleted,
        }
        for state in states
    ]
    uow.upsert(tables.calendars, rows, key=("calendar_code",), newer_by="version")


def save_units(uow: UnitOfWork, states: Sequence[Unit]) -> None:
    """Keep the newest version of each unit a tenant defined."""
    rows = [
        {
            "unit_code": state.unit_code,
            "version": state.version,
            "dimension": state.dimension,
            "factor": values.format_ratio(state.factor) if state.factor else None,
            "deleted": state.deleted,
        }
        for state in states
    ]
    uow.upsert(tables.units, rows, key=("unit_code",), newer_by="version")


def _product(row: Mapping[str, Any]) -> Product:
    return Product(
        product_code=row["product_code"],
        unit_code=row["unit_code"],
        unit_decimals=row["unit_decimals"],
        is_active=row["is_active"],
        conversions=references.conversions_of(row["conversions"]),
        time_zone=row["time_zone"] or "UTC",
    )


def _unit(row: Mapping[str, Any]) -> OwnUnit:
    return OwnUnit(row["dimension"], Fraction(row["factor"]) if row["factor"] else None)
