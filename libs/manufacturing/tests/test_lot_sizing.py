from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from lineside_manufacturing import lot_sizing
from lineside_manufacturing.lot_sizing import LotParameters, LotRule, LotSizing


def quantities_of(net: int, sizing: LotSizing) -> list[int]:
    return [lot.quantity for lot in lot_sizing.lots(net, sizing, 0)]


def test_lot_for_lot_orders_what_is_missing() -> None:
    assert quantities_of(17, lot_sizing.LOT_FOR_LOT) == [17]


@pytest.mark.parametrize(("net", "ordered"), [(1, 25), (25, 25), (26, 50), (110, 125)])
def test_a_fixed_order_quantity_is_ordered_in_multiples(net: int, ordered: int) -> None:
    (lot,) = lot_sizing.lots(net, LotSizing("fixed_order_quantity", fixed=25), 0)
    assert (lot.quantity, lot.net) == (ordered, net)
    assert sum(entry.steps for entry in lot.ledger) == ordered - net


@pytest.mark.parametrize(
    ("net", "ordered"), [(1, [50]), (51, [75]), (112, [125]), (500, [500]), (620, [500, 125])]
)
def test_minimum_maximum_and_multiple_hold_for_every_order(net: int, ordered: list[int]) -> None:
    sizing = LotSizing("min_max_multiple", minimum=50, maximum=500, multiple=25)
    assert quantities_of(net, sizing) == ordered


def test_a_maximum_between_two_multiples_is_the_lower_one() -> None:
    sizing = LotSizing("min_max_multiple", maximum=59, multiple=25)
    assert quantities_of(110, sizing) == [50, 50, 25]


def test_the_ledger_says_what_a_lot_added_in_the_items_unit() -> None:
    (lot,) = lot_sizing.lots(10_360, LotSizing("min_max_multiple", minimum=12_000), 3)
    (entry,) = lot.ledger
    assert (entry.kind, entry.steps) == ("lot_size", 1640)
    assert entry.explanation == "10.36 becomes 12: a lot is at least 12."


def test_a_tiny_maximum_does_not_fill_the_memory() -> None:
    sizing = LotSizing("min_max_multiple", maximum=1)
    (lot,) = lot_sizing.lots(10**12, sizing, 0)
    assert lot.quantity == 10**12


@pytest.mark.parametrize(
    ("given_", "codes"),
    [
        (LotParameters("fixed_order_quantity"), {"lot_quantity_missing"}),
        (
            LotParameters("fixed_order_quantity", fixed_lot_quantity=Decimal(0)),
            {"lot_quantity_not_positive"},
        ),
        (
            LotParameters("fixed_order_quantity", fixed_lot_quantity=Decimal("0.5")),
            {"lot_quantity_not_in_unit"},
        ),
        (
            LotParameters(
                "min_max_multiple",
                minimum_lot_quantity=Decimal(-1),
                maximum_lot_quantity=Decimal(0),
                lot_multiple_quantity=Decimal(0),
            ),
            {"lot_quantity_not_positive"},
        ),
        (
            LotParameters(
                "min_max_multiple",
                minimum_lot_quantity=Decimal(9),
                maximum_lot_quantity=Decimal(5),
            ),
            {"lot_minimum_above_maximum"},
        ),
        (
            LotParameters(
                "min_max_multiple",
                minimum_lot_quantity=Decimal(55),
                maximum_lot_quantity=Decimal(60),
                lot_multiple_quantity=Decimal(25),
            ),
            {"no_lot_within_limits"},
        ),
        (LotParameters("periods"), {"lot_period_missing"}),
        (
            LotParameters("periods", lot_multiple_quantity=Decimal(0)),
            {"lot_period_missing", "lot_quantity_not_positive"},
        ),
    ],
)
def test_bad_parameters_are_named_all_at_once(given_: LotParameters, codes: set[str]) -> None:
    faults = lot_sizing.lot_sizing_of(given_, 0)
    assert isinstance(faults, tuple)
    assert {fault.code for fault in faults} == codes
    assert all(hasattr(given_, fault.path) for fault in faults)


def test_three_faults_of_three_fields_are_three() -> None:
    bad = LotParameters(
        "min_max_multiple",
        minimum_lot_quantity=Decimal(-1),
        maximum_lot_quantity=Decimal(0),
        lot_multiple_quantity=Decimal("0.25"),
    )
    faults = lot_sizing.lot_sizing_of(bad, 0)
    assert isinstance(faults, tuple)
    assert len({fault.path for fault in faults}) == len(faults) == 3


def test_what_the_rule_does_not_use_is_not_judged() -> None:
    unused = LotParameters("lot_for_lot", fixed_lot_quantity=Decimal("0.5"))
    assert isinstance(lot_sizing.lot_sizing_of(unused, 0), LotSizing)


@given(
    st.sampled_from(["lot_for_lot", "fixed_order_quantity", "min_max_multiple", "periods"]),
    st.integers(1, 10**6),
    st.integers(1, 500),
    st.integers(0, 500),
    st.one_of(st.none(), st.integers(1, 2000)),
    st.integers(1, 60),
)
def test_lots_cover_the_need_and_keep_the_rule(
    rule: LotRule, net: int, fixed: int, minimum: int, maximum: int | None, multiple: int
) -> None:
    sizing = LotSizing(rule, fixed, minimum, maximum, multiple)
    if lot_sizing.lot_sizing_faults(sizing):
        return
    found = lot_sizing.lots(net, sizing, 0)
    assert sum(lot.net for lot in found) == net
    for lot in found:
        assert lot.quantity >= lot.net > 0
        assert lot.quantity - lot.net == sum(entry.steps for entry in lot.ledger)
        if rule == "fixed_order_quantity":
            assert lot.quantity % fixed == 0
        elif rule != "lot_for_lot" and maximum is not None and net <= maximum * 500:
            assert lot.quantity % multiple == 0
            assert minimum <= lot.quantity <= maximum
