"""More was used than was there."""

from decimal import Decimal
from uuid import UUID

from lineside_planning.materials.domain import discrepancies
from lineside_planning.materials.domain.discrepancies import Miscounts, Missing
from lineside_planning.materials.domain.movements import PoolKey

POOL, ORDER = PoolKey("GLUE", "MAIN"), UUID(int=1)


def record(miscounts: Miscounts, quantity: int, order_id: UUID = ORDER) -> Missing:
    return discrepancies.record(
        miscounts,
        POOL,
        Decimal(quantity),
        order_id=order_id,
        order_number="MO-1",
        unit_code="KG",
    )


def test_what_an_order_lacked_adds_up_in_one_place() -> None:
    miscounts = Miscounts()
    record(miscounts, 3)
    assert record(miscounts, 2).quantity == 5
    assert len(miscounts.open) == 1


def test_a_correction_first_undoes_what_was_missing() -> None:
    miscounts = Miscounts()
    missing = record(miscounts, 3)
    assert discrepancies.take_back(miscounts, POOL, Decimal(2), order_id=ORDER) == 2
    assert missing.quantity == 1
    assert not missing.is_settled
    assert discrepancies.take_back(miscounts, POOL, Decimal(4), order_id=ORDER) == 1
    assert missing.is_settled
    assert discrepancies.take_back(miscounts, POOL, Decimal(4), order_id=ORDER) == 0


def test_a_count_settles_every_miscount_of_the_pool() -> None:
    miscounts = Miscounts()
    mine, other = record(miscounts, 3), record(miscounts, 1, UUID(int=2))
    discrepancies.settle(miscounts, POOL, counted=Decimal(20), unit_code="KG")
    assert mine.is_settled
    assert other.is_settled
    assert mine.quantity == 3
    assert not miscounts.open
    assert "A count found 20 KG" in mine.explanation
