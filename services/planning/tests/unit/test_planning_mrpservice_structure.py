"""Low-level codes kept up to date from a changed bill are those of the whole structure."""

from collections.abc import Mapping

from hypothesis import given, strategies as st

from lineside_manufacturing import bom_structure
from lineside_planning.mrp.store import structure
from lineside_planning.mrp.store.structure import Structured

PRODUCTS = "ABCDEFGH"
bills = st.dictionaries(
    st.sampled_from(PRODUCTS), st.sets(st.sampled_from(PRODUCTS), max_size=3), max_size=8
)


def whole(lines: Mapping[str, set[str]]) -> dict[str, Structured]:
    found = bom_structure.structure_of({own: sorted(below) for own, below in lines.items()})
    return {
        code: Structured(found.codes.get(code, 0), tuple(found.cycles.get(code, ())))
        for code in PRODUCTS
    }


def below(lines: Mapping[str, set[str]], seeds: set[str]) -> set[str]:
    found, waiting = set(seeds), list(seeds)
    while waiting:
        new = lines.get(waiting.pop(), set()) - found
        found |= new
        waiting += new
    return found


@given(bills, st.sampled_from(PRODUCTS), st.sets(st.sampled_from(PRODUCTS), max_size=3))
def test_what_lies_below_a_changed_bill_gets_the_codes_of_the_whole(
    lines: dict[str, set[str]], changed: str, components: set[str]
) -> None:
    kept = whole(lines)
    after = {**lines, changed: components}
    affected = below(after, {changed} | lines.get(changed, set()))
    told = [
        (parent, component, kept[parent].low_level_code)
        for parent, own in after.items()
        for component in own
        if component in affected
    ]
    found = structure.structured({code: kept[code] for code in affected}, told)
    assert kept | found == whole(after)
