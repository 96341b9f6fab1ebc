"""What does not add up is named with both numbers."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from lineside_planning.materials.domain import conservation
from lineside_planning.materials.domain.conservation import (
    Breach,
    IssueSums,
    PlaceSums,
    PoolSums,
    ReceiptSums,
    RunSums,
    Sums,
)


def place(journal: int = 10, balance: int = 10, *, is_nettable: bool = True) -> PlaceSums:
    return PlaceSums("SHELF", Decimal(journal), Decimal(balance), is_nettable)


def pool(**over: Any) -> PoolSums:
    values = {"on_hand": 10, "blocked": 0, "allocated": 4, "allocations": 4} | over
    places = values.pop("places", (place(),))
    return PoolSums("GLUE@MAIN", **{k: Decimal(v) for k, v in values.items()}, places=places)


def run(sequence_number: int = 10, **over: Any) -> RunSums:
    values = {"planned": 100, "good": 60, "scrap": 3, "rework": 2, "open_quantity": 35} | over
    predecessors = values.pop("predecessors", ())
    units = values.pop("units_per_product", Fraction(1))
    numbers = {name: Decimal(value) for name, value in values.items()}
    return RunSums(sequence_number, **numbers, units_per_product=units, predecessors=predecessors)


def rules(sums: Sums) -> list[str]:
    return [breach.rule for breach in conservation.breaches(sums)]


def test_what_adds_up_is_no_breach() -> None:
    sums = Sums(
        pools=(pool(),),
        receipts=(ReceiptSums("R-1", Decimal(5), Decimal(2), Decimal(2)),),
        issues=(IssueSums("GLUE", Decimal(7), Decimal(-5), Decimal(2)),),
        runs={"MO-1": (run(), run(20, planned=60, good=60, scrap=0, rework=0, open_quantity=0))},
    )
    assert rules(sums) == []


@pytest.mark.parametrize(
    ("over", "rule"),
    [
        ({"places": (place(journal=9),)}, "journal"),
        ({"on_hand": 11}, "on_hand"),
        ({"blocked": 1}, "blocked"),
        ({"allocations": 3}, "allocated"),
        ({"allocated": 11, "allocations": 11}, "over_allocated"),
    ],
)
def test_a_pool_that_does_not_add_up_is_named(over: dict[str, Any], rule: str) -> None:
    assert rules(Sums(pools=(pool(**over),))) == [rule]


def test_a_receipt_cannot_promise_more_than_is_to_come() -> None:
    receipt = ReceiptSums("R-1", Decimal(5), Decimal(6), Decimal(6))
    assert rules(Sums(receipts=(receipt,))) == ["over_allocated"]


def test_what_orders_used_came_from_stock_or_was_missing() -> None:
    issue = IssueSums("GLUE for MO-1", Decimal(7), Decimal(-5), Decimal(1))
    assert rules(Sums(issues=(issue,))) == ["issued"]


def test_planned_pieces_are_good_scrap_rework_or_open() -> None:
    (breach,) = conservation.run_breaches("MO-1", [run(open_quantity=30)])
    assert breach == Breach("run", "MO-1 operation 10", Decimal(100), Decimal(95))


def test_over_production_stands_apart() -> None:
    assert not list(conservation.run_breaches("MO-1", [run(good=120, open_quantity=0)]))


def test_a_run_never_processes_more_than_its_predecessor_made() -> None:
    printing = run(10, units_per_product=Fraction(1, 4))
    folding = run(
        20, planned=300, good=241, scrap=0, rework=0, open_quantity=59, predecessors=(10,)
    )
    (breach,) = conservation.run_breaches("MO-1", [printing, folding])
    assert breach == Breach("link", "MO-1 operation 20 after 10", Decimal(240), Decimal(241))


def test_rework_of_another_operation_is_not_received_from_the_predecessor() -> None:
    printing = run(10, good=80, open_quantity=15)
    folding = run(20, good=82, scrap=0, rework=0, open_quantity=18, predecessors=(10,), rework_in=2)
    assert not list(conservation.run_breaches("MO-1", [printing, folding]))
