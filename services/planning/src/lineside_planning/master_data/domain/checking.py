"""What must be true of tenants, units and products before they are lookups."""

from collections.abc import Collection
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lineside_contracts.planning import ProductFields, TenantFields, UnitFields
from lineside_contracts.problems import Fault
from lineside_manufacturing import lot_sizing, units
from lineside_manufacturing.lot_sizing import LotParameters, LotSizing

_SIZELESS = frozenset({"package", "set"})


def is_time_zone(name: str) -> bool:
    """Tell whether a name is an IANA time zone."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def tenant_faults(tenant: TenantFields, *, registered_code: str | None) -> tuple[Fault, ...]:
    """Name what is wrong with a registry entry.

    Args:
        tenant: As written.
        registered_code: The code the tenant is registered under already.
    """
    faults = []
    if registered_code not in {None, tenant.tenant_code}:
        message = f"The tenant is registered as {registered_code} already."
        faults.append(Fault(code="tenant_registered", path="tenant_code", message=message))
    if not is_time_zone(tenant.time_zone):
        message = f"{tenant.time_zone} is no IANA time zone, such as Europe/Berlin."
        faults.append(Fault(code="unknown_time_zone", path="time_zone", message=message))
    return tuple(faults)


def unit_faults(unit: UnitFields) -> tuple[Fault, ...]:
    """Name what is wrong with a tenant's own unit."""
    faults = []
    standard = units.canonical_unit(unit.unit_code)
    if standard is not None:
        message = f"{unit.unit_code} is the standard unit {standard} and needs no entry."
        faults.append(Fault(code="standard_unit", path="unit_code", message=message))
    if (unit.factor is None) != (unit.dimension in _SIZELESS):
        has = "has no factor of its own" if unit.dimension in _SIZELESS else "needs its factor"
        message = f"A unit of dimension {unit.dimension} {has}."
        faults.append(Fault(code="factor", path="factor", message=message))
    return tuple(faults)


def unit_codes_of(product: ProductFields) -> frozenset[str]:
    """Every unit a product speaks of."""
    return frozenset({product.unit_code, *product.conversions})


def product_faults(product: ProductFields, own_units: Collection[str]) -> tuple[Fault, ...]:
    """Name what is wrong with a product.

    Args:
        product: As written.
        own_units: Codes of the tenant's own units.
    """
    faults = []
    if product.unit_code not in own_units and units.canonical_unit(product.unit_code) is None:
        faults.append(_unknown_unit(product.unit_code, "unit_code"))
    for code in product.conversions:
        canonical = units.canonical_unit(code)
        path = f"conversions.{code}"
        if code in own_units or canonical == code:
            continue
        if canonical is None:
            faults.append(_unknown_unit(code, path))
        else:
            message = f"Write {canonical} instead of {code}."
            faults.append(Fault(code="unit_not_canonical", path=path, message=message))
    return (*faults, *_lot_faults(product))


def _lot_faults(product: ProductFields) -> tuple[Fault, ...]:
    if product.lot_sizing == "lot_for_lot":
        return ()
    parameters = LotParameters(
        lot_sizing=product.lot_sizing,
        fixed_lot_quantity=product.fixed_lot_quantity,
        minimum_lot_quantity=product.minimum_lot_quantity,
        maximum_lot_quantity=product.maximum_lot_quantity,
        lot_multiple_quantity=product.lot_multiple_quantity,
        lot_period_days=product.lot_period_days,
    )
    found = lot_sizing.lot_sizing_of(parameters, product.unit_decimals)
    if isinstance(found, LotSizing):
        return ()
    return tuple(
        Fault(code=fault.code, path=fault.path, message=fault.message, facts=dict(fault.facts))
        for fault in found
    )


def _unknown_unit(code: str, path: str) -> Fault:
    message = f"Unit {code} is neither a standard unit nor one of the tenant's own."
    return Fault(code="unknown_unit", path=path, message=message, facts={"unit_code": code})
