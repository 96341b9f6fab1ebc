"""Cascades as people read them, with rich."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from lineside_stack import cascade, order_view
from lineside_stack.amounts import amount, instant
from lineside_stack.cascade import Cascade
from lineside_stack.order_picture import Json

_COLOURS = {"rejected": "red", "on_hold": "yellow", "waiting": "dim", "in progress": "cyan"}


def tree(seen: Cascade) -> RenderableType:
    """One order with everything below it."""
    colour = _COLOURS.get(seen.status, "green")
    root = Tree(Text.assemble((seen.order_number, "bold"), " ", (seen.status, colour)))
    if seen.rejected:
        for fault in seen.rejected["faults"]:
            root.add(Text(f"{fault['path']}: {fault['message']}".removeprefix(": "), "red"))
    for order in seen.production_orders:
        if not order["level"]:
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


def _add_production_order(above: Tree, seen: Cascade, order: Json) -> None:
    made_for = f" for {order['parent_order_number']}" if order["parent_order_number"] else ""
    branch = above.add(
        f"[bold]{order['production_order_number']}[/] {order['product_code']} "
        f"{amount(order['quantity_ordered'])} {order['unit_code']}{made_for}, "
        f"due {order['due_date']}, {order['status']}"
    )
    if order["hold_reason"]:
        branch.add(Text(order["hold_reason"], "yellow"))
    for fault in order["faults"]:
        branch.add(Text(fault["message"], "yellow"))
    branch.add(_readiness(seen, order))
    for work_order in seen.work_orders_of(order):
        runs = " → ".join(
            f"{name} {amount(planned)}" for name, planned in cascade.runs_of([work_order])
        )
        branch.add(f"{work_order['work_order_number']} {work_order['status']}  {runs}")
    for child in seen.children_of(order):
        _add_production_order(branch, seen, child)


def _readiness(seen: Cascade, order: Json) -> Text:
    """Materials, capacity and the date that follows from them, in one line."""
    materials, capacity = order["materials_status"], order["capacity_status"]
    arrive = order["materials_available_on"]
    told = Text.assemble("materials ", order_view.coloured(materials))
    told.append(f" (last on {arrive})" if arrive else "")
    told.append(", capacity ").append(order_view.coloured(capacity))
    if order["estimated_completion_at"]:
        told.append(f", done by {instant(order['estimated_completion_at'])} UTC")
    promise = seen.promise_of(order)
    return told.append(f", promised for {promise['promised_date']}" if promise else "")


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
