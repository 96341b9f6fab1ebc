"""The largest routing there may be, all the way through the broker and the database."""

from typing import Any

from lineside_contracts.routing import (
    GET_EXPANSION,
    MAX_OPERATIONS,
    GetExpansion,
    RoutingExpanded,
)

OPERATIONS = [
    {"sequence_number": 10 * number, "operation_code": "PRINT", "yield_percentage": "99.95"}
    for number in range(1, MAX_OPERATIONS + 1)
]


async def test_a_routing_of_a_thousand_operations_is_written_activated_and_expanded(
    works: Any,
) -> None:
    await works.active(operations=OPERATIONS)
    order = await works.order()
    (said,) = await works.heard(RoutingExpanded)
    assert len(said.expansion.runs) == MAX_OPERATIONS
    first = said.expansion.runs[0]
    assert sum(entry.quantity for entry in first.ledger) == first.planned_input - 10000
    read = await works.done(GET_EXPANSION, GetExpansion(production_order_id=order.id))
    assert read == said.expansion
