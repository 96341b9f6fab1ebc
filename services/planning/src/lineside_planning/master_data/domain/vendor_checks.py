"""What must be true of what vendors sell before it is bought by that (RULES 1)."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from lineside_contracts.planning import VendorProductFields
from lineside_contracts.problems import Fault
from lineside_manufacturing import units


@dataclass(frozen=True, slots=True)
class SoldProduct:
    """What is known of a product that vendors sell."""

    unit_code: str
    conversions: Mapping[str, Fraction]


@dataclass(frozen=True, slots=True)
class VendorContext:
    """What vendor products speak of, by code."""

    products: Mapping[str, SoldProduct]
    vendors: Collection[str]
    own_units: Collection[str]


def vendor_product_faults(sold: VendorProductFields, known: VendorContext) -> Iterator[Fault]:
    """Name everything that is wrong with a vendor's product."""
    if sold.product_code not in known.products:
        yield _unknown("product", sold.product_code, "product_code")
    if sold.vendor_code not in known.vendors:
        yield _unknown("vendor", sold.vendor_code, "vendor_code")
    unit = sold.purchase_unit_code
    if unit is None:
        if sold.purchase_unit_factor is not None:
            message = "A factor belongs to a purchase unit, and none is given."
            path = "purchase_unit_factor"
            yield Fault(code="factor_without_unit", path=path, message=message)
        return
    if unit not in known.own_units and units.canonical_unit(unit) is None:
        yield _unknown("unit", unit, "purchase_unit_code")
    elif sold.product_code in known.products:
        yield from _factor_faults(sold, unit, known.products[sold.product_code])


def vendor_product_warnings(sold: VendorProductFields, known: VendorContext) -> Iterator[Fault]:
    """Name what is loaded and should be looked at."""
    product = known.products.get(sold.product_code)
    unit = sold.purchase_unit_code
    if product is None or unit is None or sold.purchase_unit_factor is not None:
        return
    if _own_factor(unit, product) is None:
        message = (
            f"How many {product.unit_code} of {sold.product_code} are in one {unit} is not known:"
            " it is bought without rounding to that unit."
        )
        facts = {"purchase_unit_code": unit, "unit_code": product.unit_code}
        yield Fault(
            code="purchase_unit_without_factor",
            path="purchase_unit_code",
            message=message,
            facts=facts,
        )


def _factor_faults(sold: VendorProductFields, unit: str, product: SoldProduct) -> Iterator[Fault]:
    """A vendor may have cartons of his own, but no dozens of thirteen."""
    fixed = units.conversion_factor(unit, product.unit_code, {})
    given = sold.purchase_unit_factor
    if given is not None and fixed is not None and fixed != given:
        message = f"One {unit} is {fixed} {product.unit_code}, everywhere."
        path = "purchase_unit_factor"
        yield Fault(code="factor_contradicts_unit", path=path, message=message)


def _own_factor(unit: str, product: SoldProduct) -> Fraction | None:
    return units.conversion_factor(
        unit, product.unit_code, product.conversions, stock_unit=product.unit_code
    )


def _unknown(kind: str, code: str, path: str) -> Fault:
    message = f"There is no {kind} {code}."
    return Fault(code=f"unknown_{kind}", path=path, message=message, facts={f"{kind}_code": code})
