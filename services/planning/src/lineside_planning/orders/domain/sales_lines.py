"""From the newest state of a sales order to its production orders (RULES 31).

A sales order's state is its whole document, so planning never replays revisions: it compares what
sales asks for now with the orders it has; whatever order the revisions arrive in, the newest
decides. Each confirmation after a cancellation makes orders of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from lineside_contracts.planning import ProductionOrderStatus as Status
from lineside_contracts.problems import Fault
from lineside_contracts.sales import SalesOrder, SalesOrderLine, SalesOrderStatus
from lineside_planning.orders.domain import asks, openings, orders
from lineside_planning.orders.domain.facts import ProductFacts
from lineside_planning.orders.domain.orders import Ask, PlannedOrder
from lineside_planning.orders.domain.sealing import Change

AMEND_IN_PROGRESS = "amend_in_progress"
CANCEL_IN_PROGRESS = "cancel_in_progress"
LINE_REMOVED = "The sales order no longer has this line."
SALES_ORDER_CANCELLED = "The sales order was cancelled."
CONFIRMED_ANEW = "The sales order was cancelled and confirmed anew."


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What a sales order's newest state means: lines to open orders for, and orders to change."""

    openings: tuple[SalesOrderLine, ...]
    changes: tuple[Change, ...]


def reconcile(
    sales_order: SalesOrder,
    known: Sequence[PlannedOrder],
    products: Mapping[str, ProductFacts],
) -> Reconciliation:
    """Compare what sales asks for with the orders there are.

    Args:
        sales_order: The newest state.
        known: Every production order of this sales order, oldest first.
        products: Those of its lines that are known, by code.
    """
    wanted = _wanted_lines(sales_order)
    current = _current_orders(known, sales_order.confirmation_count)
    new_lines, changes = [], []
    for order in known:
        line_number = order.state.sales_line_number
        if line_number is None and _is_live(order, sales_order):
            continue
        if line_number not in wanted or current.get(line_number) is not order:
            changes.append(_call_off(order, sales_order))
    for line_number, line in wanted.items():
        order_of_line = current.get(line_number)
        ask = openings.ask_of(sales_order, line)
        if order_of_line is None or _is_asked_again(order_of_line, ask):
            new_lines.append(line)
        elif order_of_line.cancelled_by is None:
            after = _amend(order_of_line, sales_order, line, products)
            changes.append(Change(order_of_line, after))
    return Reconciliation(tuple(new_lines), tuple(c for c in changes if c.before != c.after))


def _is_live(order: PlannedOrder, sales_order: SalesOrder) -> bool:
    """Whether an order that tops up another one of this confirmation is still wanted."""
    is_wanted = sales_order.status is not SalesOrderStatus.CANCELLED
    return is_wanted and order.confirmation_count == sales_order.confirmation_count


def _wanted_lines(sales_order: SalesOrder) -> dict[int, SalesOrderLine]:
    if sales_order.status is SalesOrderStatus.CANCELLED:
        return {}
    return {line.line_number: line for line in sales_order.lines}


def _current_orders(
    known: Sequence[PlannedOrder], confirmation_count: int
) -> dict[int | None, PlannedOrder]:
    """The newest order of each line in this confirmation, but for those sales called off."""
    return {
        order.state.sales_line_number: order
        for order in known
        if order.confirmation_count == confirmation_count and order.cancelled_by != "sales"
    }


def _is_asked_again(order: PlannedOrder, ask: Ask) -> bool:
    """A person's cancellation stands until sales asks for something else with the line."""
    return order.cancelled_by == "person" and order.ask != ask


def _call_off(order: PlannedOrder, sales_order: SalesOrder) -> Change:
    reason = _reason(order, sales_order)
    if order.state.status in {Status.CANCELLED, Status.CLOSED}:
        return Change(order, order)
    if orders.standing(order) in orders.UNSTARTED:
        return Change(order, orders.cancel(order, by="sales"), reason)
    exception = Fault(
        code=CANCEL_IN_PROGRESS,
        path=_path(order),
        message=f"{reason} Work has started: decide what becomes of it.",
        facts={"quantity_ordered": str(order.state.quantity_ordered)},
    )
    return Change(order, orders.with_exception(order, exception))


def _reason(order: PlannedOrder, sales_order: SalesOrder) -> str:
    if sales_order.status is SalesOrderStatus.CANCELLED:
        return sales_order.cancel_reason or SALES_ORDER_CANCELLED
    if order.confirmation_count != sales_order.confirmation_count:
        return CONFIRMED_ANEW
    return LINE_REMOVED


def _amend(
    order: PlannedOrder,
    sales_order: SalesOrder,
    line: SalesOrderLine,
    products: Mapping[str, ProductFacts],
) -> PlannedOrder:
    ask = openings.ask_of(sales_order, line)
    back = orders.without_exception(order, code=CANCEL_IN_PROGRESS, path=_path(order))
    if order.ask == ask:
        return back
    asked = replace(back, ask=ask)
    if orders.standing(order) not in orders.UNSTARTED:
        return _note_amendment(asked, ask, revision=sales_order.revision)
    changed = asks.changed_fields(order.ask, ask)
    amended = asks.take_over(asked, ask, changed).having(sales_revision=sales_order.revision)
    if "product_code" in changed:
        goods = openings.goods_of(sales_order, line)
        amended = openings.describe(amended, goods, products.get(line.product_code))
    return asks.replan_if(amended, changed)


def _note_amendment(order: PlannedOrder, ask: Ask, *, revision: int) -> PlannedOrder:
    """Leave an order in progress as it is; note what sales wants while it differs."""
    cleared = orders.without_exception(order, code=AMEND_IN_PROGRESS, path=_path(order))
    if not asks.differences(order, ask):
        return cleared
    exception = Fault(
        code=AMEND_IN_PROGRESS,
        path=_path(order),
        message="Sales amended this line after work had started: decide whether to follow.",
        facts={**asks.facts_of(order, ask), "sales_revision": revision},
    )
    return orders.with_exception(cleared, exception)


def _path(order: PlannedOrder) -> str:
    line_number = order.state.sales_line_number
    return "sales_order" if line_number is None else f"sales_order.lines[{line_number}]"
