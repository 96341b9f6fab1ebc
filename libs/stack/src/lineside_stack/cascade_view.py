"""Cascades as people read them, with rich."""

from collections.abc import Sequence
from decimal import Decimal

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from lineside_stack import cascade
from lineside_stack.cascade import Cascade, Json

_COLOURS = {"rejected": "red", "on_hold": "yellow", "waiting": "dim", "in progress": "cyan"}


def tree(seen: Cascade) -> RenderableType:
    """One order with everything below it."""
    colour = _COLOURS.get(seen.status, "green")
    root = Tree(Text.assemble((seen.order_number, "bold"), " ", (seen.status, colour)))
    if seen.rejected:
        for fault in seen.rejected["faults"]:
            root.add(Text(f"{fault['path']}: {fault['message']}".removeprefix(": "), "red"))
    for order in seen.production_orders:
        _add_production_order(root, seen, order)
    if seen.prediction:
        root.add(_prediction(seen.prediction))
    return root


def table(several: Sequence[Cascade]) -> Table:
    """One line per order."""
    shown = Table("sales order", "status", "production orders", "work orders", "predicted")
    for seen in several:
        colour = _COLOURS.get(seen.status, "green")
        shown.add_row(
            seen.order_number,
            Text(seen.status, colour),
            _production(seen),
            str(len(seen.work_orders)) if seen.work_orders else "",
            str(seen.prediction["predicted_date"]) if seen.prediction else "",
        )
    return shown


def group(several: Sequence[Cascade]) -> Group:
    """Several orders, one below the other."""
    return Group(*(tree(seen) for seen in several))


def amount(value: str | int | Decimal) -> str:
    """Write a quantity with thousands separated and no idle zeros."""
    number = Decimal(value)
    return f"{number.normalize():,f}" if number % 1 else f"{int(number):,}"


def _add_production_order(root: Tree, seen: Cascade, order: Json) -> None:
    branch = root.add(
        f"[bold]{order['production_order_number']}[/] {order['product_code']} "
        f"{amount(order['quantity_ordered'])} {order['unit_code']}, due {order['due_date']}, "
        f"{order['status']}"
    )
    for fault in order["faults"]:
        branch.add(Text(fault["message"], "yellow"))
    for work_order in seen.work_orders_of(order):
        runs = " → ".join(
            f"{name} {amount(planned)}" for name, planned in cascade.runs_of([work_order])
        )
        branch.add(f"{work_order['work_order_number']} {work_order['status']}  {runs}")


def _prediction(prediction: Json) -> str:
    late = f", [red]{prediction['days_late']} days late[/]" if prediction["days_late"] else ""
    return (
        f"project {prediction['project_number']} predicted for "
        f"[bold]{prediction['predicted_date']}[/] "
        f"(P50 {prediction['p50_date']}, P95 {prediction['p95_date']}, "
        f"confidence {prediction['confidence']}){late}"
    )


def _production(seen: Cascade) -> str:
    return ", ".join(
        f"{order['production_order_number']} {order['status']}" for order in seen.production_orders
    )
