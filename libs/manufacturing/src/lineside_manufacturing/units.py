"""Units of measure: what people and systems call them, and what one is worth in another.

Codes come from sales systems, ERPs and imports; `canonical_unit` brings them to one spelling, and
`conversion_factor` answers from exact rationals, global within a dimension or a product's own
(RULES 1). A package such as BX has no size of its own: it converts through a product or not at all.
"""

from collections.abc import Mapping
from fractions import Fraction

from lineside_manufacturing.unit_table import ALIASES, STANDARD_UNITS, Unit


def canonical_unit(code: str) -> str | None:
    """Bring a unit code to the spelling Lineside uses.

    Args:
        code: A code in any case: UN/ECE Rec 20 (also with the X of Rec 21 packages), SAP, or what
            people write ("C62", "H87", "PCE", "ST", "kg", "m2", "XBX").

    Returns:
        The canonical code ("EA", "KGM", "MTK", "BX"), or None for a code nobody here knows.

    Raises:
        Nothing.
    """
    written = code.strip().upper()
    found = ALIASES.get(written, written)
    return found if found in STANDARD_UNITS else None


def standard_unit(code: str) -> Unit | None:
    """Look up what is known about a unit.

    Args:
        code: A code in any spelling `canonical_unit` takes.

    Returns:
        Name, dimension, default decimals and factor to the base; None for an unknown code.

    Raises:
        Nothing.
    """
    canonical = canonical_unit(code)
    return STANDARD_UNITS[canonical] if canonical else None


def conversion_factor(
    from_unit: str,
    to_unit: str,
    product_factors: Mapping[str, Fraction],
    *,
    stock_unit: str | None = None,
) -> Fraction | None:
    """Say how many of one unit are in one of another, exactly, or that nobody knows.

    Within a dimension the global factor holds (a product cannot make a dozen thirteen); everything
    else goes through the product's own factors, also by way of a sister unit (grams, where the
    product names kilograms).

    Args:
        from_unit: Unit of the quantity at hand; unknown codes are a tenant's own units.
        to_unit: Unit wanted.
        product_factors: Stock units in one such unit, above 0, keyed by canonical code (or by the
            tenant's own code in upper case).
        stock_unit: The product's stock unit. Where it is left out and exactly one side is tied to
            the product, the other side is taken to be the stock unit itself.

    Returns:
        `to_unit`s in one `from_unit`; None where no exact relation is known, never a silent 1.

    Raises:
        ValueError: If a factor needed is not positive.
    """
    source, target = _key(from_unit), _key(to_unit)
    if source == target:
        return Fraction(1)
    standard = _standard_factor(source, target)
    if standard is not None:
        return standard
    factors = {**product_factors, _key(stock_unit): Fraction(1)} if stock_unit else product_factors
    source_size, target_size = _in_stock_units(source, factors), _in_stock_units(target, factors)
    if source_size is None and target_size is None:
        return None
    if stock_unit and (source_size is None or target_size is None):
        return None
    return (source_size or Fraction(1)) / (target_size or Fraction(1))


def _key(code: str) -> str:
    return canonical_unit(code) or code.strip().upper()


def _standard_factor(source: str, target: str) -> Fraction | None:
    one, other = STANDARD_UNITS.get(source), STANDARD_UNITS.get(target)
    if one is None or other is None or one.dimension is not other.dimension:
        return None
    if one.factor is None or other.factor is None:
        return None
    return one.factor / other.factor


def _in_stock_units(code: str, factors: Mapping[str, Fraction]) -> Fraction | None:
    if code in factors:
        return _positive(code, factors[code])
    for sister in sorted(factors):
        through = _standard_factor(code, sister)
        if through is not None:
            return through * _positive(sister, factors[sister])
    return None


def _positive(code: str, factor: Fraction) -> Fraction:
    if factor <= 0:
        raise ValueError(f"the factor of {code} is above 0, not {factor}")
    return factor
