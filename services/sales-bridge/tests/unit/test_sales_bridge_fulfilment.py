"""When a sales order is fulfilled."""

from decimal import Decimal
from typing import Any

import pytest

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts.sales import SalesOrder
from lineside_sales_bridge.domain import fulfilment
from lineside_sales_bridge.domain.fulfilment import ProducedOrder
from lineside_testkit import builders

ORDER_ID = SYSTEM_CLOCK.new_id()


def order(*under_delivery: str) -> SalesOrder:
    lines = [
        builders.sales_order_line(
            line_number=number, quantity=Decimal(100), under_delivery_percentage=Decimal(under)
        )
        for number, under in enumerate(under_delivery, start=1)
    ]
    return builders.sales_order(id=ORDER_ID, lines=lines)


def produced(line_number: int, quantity: str, **over: Any) -> ProducedOrder:
    state = builders.production_order(
        sales_order_id=ORDER_ID,
        sales_line_number=line_number,
        quantity_completed=Decimal(quantity),
        **over,
    )
    found = fulfilment.produced_order(state, "completed")
    assert found is not None
    return found


def is_fulfilled(found: SalesOrder, *made: ProducedOrder) -> bool:
    return fulfilment.is_fulfilled(found, made, confirmed_revision=1)


def test_an_order_is_fulfilled_when_every_line_is_made() -> None:
    two = order("0", "0")
    assert not is_fulfilled(two)
    assert not is_fulfilled(two, produced(1, "100"))
    assert is_fulfilled(two, produced(1, "100"), produced(2, "120"))


@pytest.mark.parametrize(
    ("under", "made", "expected"),
    [("0", "99", False), ("5", "95", True), ("5", "94.9", False), ("100", "0", True)],
)
def test_a_line_that_ends_short_counts_within_its_under_delivery(
    under: str, made: str, *, expected: bool
) -> None:
    assert is_fulfilled(order(under), produced(1, made)) is expected


def test_several_production_orders_of_a_line_make_it_together() -> None:
    assert is_fulfilled(order("0"), produced(1, "60"), produced(1, "40"))


def test_another_product_and_an_older_confirmation_make_nothing_of_it() -> None:
    assert not is_fulfilled(order("0"), produced(1, "100", product_code=builders.BOOK))
    assert not fulfilment.is_fulfilled(
        order("0"), [produced(1, "100", sales_revision=1)], confirmed_revision=3
    )


def test_orders_to_stock_and_children_are_for_no_sales_line() -> None:
    state = builders.production_order(sales_order_id=None, sales_line_number=None)
    assert fulfilment.produced_order(state, "completed") is None
