"""Rows of `materials_facts` to values: arrays, position by position as its statement has them."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any
from uuid import UUID

from lineside_manufacturing import units
from lineside_manufacturing.component_needs import ComponentLine
from lineside_manufacturing.lot_sizing import LotParameters
from lineside_manufacturing.purchasing import PurchaseRounding
from lineside_planning.master_data.domain import material_facts
from lineside_planning.master_data.domain.material_facts import (
    BillLine,
    BillVersion,
    ProductFacts,
    VendorTerms,
)


def product(row: Sequence[Any]) -> ProductFacts:
    """Read a product."""
    return ProductFacts(
        product_code=row[0],
        product_name=row[1],
        product_category=row[2],
        unit_code=row[3],
        unit_decimals=row[4],
        conversions={code: _ratio(factor) for code, factor in row[5].items()},
        make_or_buy=row[6],
        lead_time_days=row[7],
        safety_stock_quantity=Decimal(row[8]),
        safety_time_days=row[9],
        is_phantom=row[10],
        supply_policy=row[11],
        standard_cost=_decimal(row[12]),
        plant_code=row[13],
        is_active=row[14],
        lots=LotParameters(
            lot_sizing=row[15],
            fixed_lot_quantity=_decimal(row[16]),
            minimum_lot_quantity=_decimal(row[17]),
            maximum_lot_quantity=_decimal(row[18]),
            lot_multiple_quantity=_decimal(row[19]),
            lot_period_days=row[20],
        ),
        version=row[21],
    )


def bill(row: Sequence[Any], products: Mapping[str, ProductFacts]) -> BillVersion:
    """Read a bill with its lines, in stock units of the components that are known."""
    first, last = _day(row[5]), _day(row[6])
    return BillVersion(
        id=UUID(row[0]),
        version=row[1],
        product_code=row[2],
        bom_version=row[3],
        base_quantity=Decimal(row[4]),
        effective_from=first,
        effective_until=last,
        lines=tuple(
            _line(line, products.get(line[2]), base=_ratio(row[4]), span=(first, last))
            for line in row[7] or ()
        ),
    )


def _line(
    row: Sequence[Any],
    component: ProductFacts | None,
    *,
    base: Fraction,
    span: tuple[date | None, date | None],
) -> BillLine:
    factor = _factor(row[4], component) if component else None
    need = None
    if factor is not None:
        need = ComponentLine(
            component=row[2],
            quantity=_ratio(row[5]) * factor,
            base_quantity=base,
            is_fixed=row[6],
            scrap_percentage=_ratio(row[7]),
            effective_from=material_facts.later(_day(row[8]), span[0]),
            effective_until=material_facts.earlier(_day(row[9]), span[1]),
            line_id=row[0],
        )
    reason = "unknown_component" if component is None else "no_conversion"
    return BillLine(
        id=UUID(row[0]),
        line_number=row[1],
        component_code=row[2],
        sequence_number=row[3],
        unit_code=row[4],
        need=need,
        reason=None if need else reason,
    )


def vendor(row: Sequence[Any], product: ProductFacts) -> VendorTerms:
    """Read the terms of the vendor a product is bought from first."""
    unit, given, minimum, multiple = row[5], row[6], row[7], row[8]
    factor = _ratio(given) if given else _factor(unit, product)
    return VendorTerms(
        vendor_product_code=row[1],
        vendor_code=row[2],
        vendor_name=row[3],
        lead_time_days=row[4],
        purchase_unit_code=unit,
        rounding=_rounding(product, unit, factor, _ratio(minimum), multiple),
        is_unit_unknown=factor is None,
        price=_decimal(row[9]),
        preference=row[10],
    )


def _rounding(
    product: ProductFacts,
    unit: str | None,
    factor: Fraction | None,
    minimum: Fraction,
    multiple: str | None,
) -> PurchaseRounding | None:
    """In stock units anything may be bought that the unit can say; other units are bought whole."""
    if factor is None:
        return None
    in_stock_units = unit is None or (factor == 1 and unit == product.unit_code)
    if in_stock_units and not minimum and multiple is None:
        return None
    smallest = Fraction(1, 10**product.unit_decimals) if in_stock_units else Fraction(1)
    step = smallest if multiple is None else _ratio(multiple)
    return PurchaseRounding(unit or product.unit_code, factor, minimum, step)


def _factor(unit: str | None, product: ProductFacts) -> Fraction | None:
    if unit is None:
        return Fraction(1)
    return units.conversion_factor(
        unit, product.unit_code, product.conversions, stock_unit=product.unit_code
    )


@lru_cache(maxsize=8192)
def _ratio(stored: str) -> Fraction:
    return Fraction(stored)


def _decimal(stored: str | None) -> Decimal | None:
    return None if stored is None else Decimal(stored)


@lru_cache(maxsize=8192)
def _day(stored: str | None) -> date | None:
    return None if stored is None else date.fromisoformat(stored)
