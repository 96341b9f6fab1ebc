"""Whether everything ordered is made (RULES 6): lines against what was produced for them."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal
from uuid import UUID

from lineside_contracts.planning import ProductionOrder
from lineside_contracts.sales import SalesOrder, SalesOrderLine

Ending = Literal["completed", "cancelled"]

_WHOLE = Decimal(100)


@dataclass(frozen=True, slots=True)
class ProducedOrder:
    """A production order of a sales line that has ended.

    Attributes:
        sales_revision: The revision of the sales order it was made or last amended for.
        quantity_completed: Good pieces, in the line's own stock unit.
    """

    id: UUID
    sales_order_id: UUID
    line_number: int
    version: int
    status: Ending
    product_code: str
    sales_revision: int
    quantity_completed: Decimal


def produced_order(state: ProductionOrder, status: Ending) -> ProducedOrder | None:
    """Keep what matters of a production order; None where it is for no sales line."""
    if state.sales_order_id is None or state.sales_line_number is None:
        return None
    return ProducedOrder(
        id=state.id,
        sales_order_id=state.sales_order_id,
        line_number=state.sales_line_number,
        version=state.version,
        status=status,
        product_code=state.product_code,
        sales_revision=state.sales_revision or 0,
        quantity_completed=state.quantity_completed,
    )


def is_fulfilled(
    order: SalesOrder, produced: Iterable[ProducedOrder], *, confirmed_revision: int
) -> bool:
    """Tell whether every line is made, as far as it must be.

    Args:
        order: As it is in force.
        produced: Production orders for it that have ended.
        confirmed_revision: What was made for a confirmation before this revision does not count.
    """
    made: dict[tuple[int, str], Decimal] = {}
    for one in produced:
        if one.status == "completed" and one.sales_revision >= confirmed_revision:
            key = one.line_number, one.product_code
            made[key] = made.get(key, Decimal(0)) + one.quantity_completed
    return bool(order.lines) and all(
        (line.line_number, line.product_code) in made
        and made[line.line_number, line.product_code] >= _least(line)
        for line in order.lines
    )


def _least(line: SalesOrderLine) -> Decimal:
    """What must be made of a line at least."""
    return line.quantity * (_WHOLE - line.under_delivery_percentage) / _WHOLE
