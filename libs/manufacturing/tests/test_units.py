from fractions import Fraction

import pytest

from lineside_manufacturing import units
from lineside_manufacturing.unit_table import ALIASES, STANDARD_UNITS, Dimension

BOX_OF_24 = {"BX": Fraction(24)}


@pytest.mark.parametrize("code", ["C62", "H87", "EA", "PCE", "ST", "PCS", "ea", " st "])
def test_the_names_of_a_piece_are_one_unit(code: str) -> None:
    assert units.canonical_unit(code) == "EA"


@pytest.mark.parametrize(
    ("code", "canonical"),
    [("KG", "KGM"), ("g", "GRM"), ("L", "LTR"), ("M", "MTR"), ("m2", "MTK"), ("XBX", "BX")],
)
def test_everyday_names_become_canonical(code: str, canonical: str) -> None:
    assert units.canonical_unit(code) == canonical


@pytest.mark.parametrize("code", ["", "KT", "TON", "HU", "C", "SHEET"])
def test_unknown_and_ambiguous_codes_stay_unknown(code: str) -> None:
    assert units.canonical_unit(code) is None
    assert units.standard_unit(code) is None


def test_no_alias_hides_a_unit_or_leads_nowhere() -> None:
    assert not ALIASES.keys() & STANDARD_UNITS.keys()
    assert set(ALIASES.values()) <= STANDARD_UNITS.keys()


def test_packages_have_no_size_and_every_measure_has() -> None:
    for unit in STANDARD_UNITS.values():
        if unit.dimension is Dimension.PACKAGE:
            assert unit.factor is None
        elif unit.dimension is not Dimension.COUNT:
            assert unit.factor
            assert unit.factor > 0


@pytest.mark.parametrize(
    ("source", "target", "factor"),
    [
        ("KGM", "GRM", Fraction(1000)),
        ("LBR", "GRM", Fraction("453.59237")),
        ("INH", "MMT", Fraction("25.4")),
        ("DZN", "C62", Fraction(12)),
        ("HUR", "MIN", Fraction(60)),
        ("sheet", "SHEET", Fraction(1)),
    ],
)
def test_within_a_dimension_factors_are_global_and_exact(
    source: str, target: str, factor: Fraction
) -> None:
    assert units.conversion_factor(source, target, {}) == factor
    assert units.conversion_factor(target, source, {}) == 1 / factor


def test_a_box_converts_through_its_product_only() -> None:
    assert units.conversion_factor("BX", "EA", {}) is None
    assert units.conversion_factor("XBX", "EA", BOX_OF_24) == 24
    assert units.conversion_factor("EA", "BX", BOX_OF_24) == Fraction(1, 24)
    assert units.conversion_factor("CT", "BX", {**BOX_OF_24, "CT": Fraction(240)}) == 10


def test_mass_converts_to_pieces_through_a_sister_unit_of_the_product() -> None:
    assert units.conversion_factor("GRM", "EA", {"KGM": Fraction(10)}) == Fraction(1, 100)
    assert units.conversion_factor("BX", "GRM", {**BOX_OF_24, "KGM": Fraction(10)}) == 2400


def test_a_products_factor_never_bends_a_dimension() -> None:
    assert units.conversion_factor("KGM", "GRM", {"KGM": Fraction(10)}) == 1000


def test_no_relation_is_none_and_never_one_to_one() -> None:
    assert units.conversion_factor("KGM", "EA", BOX_OF_24) is None
    assert units.conversion_factor("SET", "EA", {}) is None
    assert units.conversion_factor("BX", "LTR", BOX_OF_24, stock_unit="EA") is None


def test_a_named_stock_unit_ties_its_whole_dimension() -> None:
    grams = {"BX": Fraction(500)}
    assert units.conversion_factor("BX", "KGM", grams, stock_unit="GRM") == Fraction(1, 2)


def test_a_factor_of_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="above 0"):
        units.conversion_factor("BX", "EA", {"BX": Fraction(0)})
