"""What the bridge knows of other services' master data when it judges an order."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lineside_manufacturing import units

_BASE_UNITS = {
    "count": "EA",
    "mass": "KGM",
    "length": "MTR",
    "area": "MTK",
    "volume": "LTR",
    "time": "SEC",
}
"""The unit that a tenant's own unit of each dimension is measured in."""


@dataclass(frozen=True, slots=True)
class OwnUnit:
    """A unit a tenant defined; `factor` is how many base units of `dimension` it is."""

    dimension: str
    factor: Fraction | None


@dataclass(frozen=True, slots=True)
class Product:
    """A product as an order needs it.

    Attributes:
        conversions: Stock units in one other unit, by canonical code.
        time_zone: IANA name of its default plant; UTC where it has none.
    """

    product_code: str
    unit_code: str
    unit_decimals: int
    is_active: bool = True
    conversions: Mapping[str, Fraction] = field(default_factory=dict)
    time_zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class References:
    """The products (by code) and own units (by code in upper case) that a batch may need."""

    products: Mapping[str, Product] = field(default_factory=dict)
    own_units: Mapping[str, OwnUnit] = field(default_factory=dict)

    def knows_unit(self, code: str, product: Product) -> bool:
        """Tell whether anybody has heard of a unit."""
        key = _key(code)
        known = key in self.own_units or key in product.conversions
        return known or key == _key(product.unit_code) or units.canonical_unit(code) is not None

    def factor(self, code: str, product: Product) -> Fraction | None:
        """Say how many stock units of a product one such unit is; None where nobody knows."""
        stock = product.unit_code
        if code == stock:
            return Fraction(1)
        direct = units.conversion_factor(code, stock, product.conversions, stock_unit=stock)
        if direct is not None:
            return direct
        source, source_size = self._in_base(code)
        target, target_size = self._in_base(stock)
        if (source, target) == (code, stock):
            return None
        factors = product.conversions if target == stock else {}
        between = units.conversion_factor(source, target, factors, stock_unit=target)
        return between * source_size / target_size if between is not None else None

    def _in_base(self, code: str) -> tuple[str, Fraction]:
        own = self.own_units.get(_key(code))
        base = _BASE_UNITS.get(own.dimension) if own else None
        if own is None or own.factor is None or base is None:
            return code, Fraction(1)
        return base, own.factor


def conversions_of(given: Mapping[str, str]) -> dict[str, Fraction]:
    """Read a product's own factors, keyed as the arithmetic wants them."""
    return {_key(code): Fraction(ratio) for code, ratio in given.items()}


@lru_cache(maxsize=256)
def zone_of(name: str) -> ZoneInfo:
    """Find a time zone; UTC stands in for a name that nobody knows."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def _key(code: str) -> str:
    return units.canonical_unit(code) or code.strip().upper()
