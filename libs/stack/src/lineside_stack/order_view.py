"""One production order for a terminal: its materials, capacity, dates, cost and pegging."""

from collections.abc import Iterator
from decimal import Decimal

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from lineside_stack.amounts import amount, day, hours, instant, money, share
from lineside_stack.order_picture import Json, OrderPicture

_COLOURS = {
    "on_hold": "yellow",
    "cancelled": "red",
    "covered": "green",
    "expected": "cyan",
    "short": "red",
    "feasible": "green",
    "infeasible": "red",
}
NOT_YET = Text("not planned yet", "dim")


def view(picture: OrderPicture) -> RenderableType:
    """Everything about the order."""
    return Group(
        *_head(picture.order),
        *_section("Materials", _materials(picture.materials)),
        *_section("Capacity", _capacity(picture.capacity)),
        *_section("Lead time and promise", _dates(picture.lead_time, picture.promise)),
        *_section("Cost", _cost(picture.cost)),
        *_section("Pegging", _pegging(picture.pegging)),
    )


def _section(title: str, parts: Iterator[RenderableType]) -> list[RenderableType]:
    return [Text(), Text(title, "bold"), *(list(parts) or [NOT_YET])]


def coloured(word: str) -> Text:
    """A status in its colour."""
    return Text(word, _COLOURS.get(word, ""))


def _head(order: Json) -> Iterator[RenderableType]:
    name = f" {order['product_name']}" if order["product_name"] else ""
    parent = f", for {order['parent_order_number']}" if order["parent_order_number"] else ""
    yield Text.assemble(
        (order["production_order_number"], "bold"),
        f"  {order['product_code']}{name}, {amount(order['quantity_ordered'])} "
        f"{order['unit_code']}, due {order['due_date']}, priority {order['priority']}, ",
        coloured(order["status"]),
        parent,
    )
    if order["hold_reason"]:
        yield Text(f"  on hold: {order['hold_reason']}", "yellow")
    for fault in (*order["faults"], *order["exceptions"]):
        yield Text(f"  {fault['message']}", "yellow")


def _materials(answer: Json | None) -> Iterator[RenderableType]:
    if answer is None:
        return
    plan = answer["material_plan"]
    last = f", the last on {plan['available_on']}" if plan["available_on"] else ""
    yield Text.assemble("  ", coloured(plan["status"]), last)
    if plan["requirements"]:
        yield _requirements(plan["requirements"])
    for warning in plan["warnings"]:
        yield Text(f"  {warning['message']}", "yellow")
    for explained in answer["explanations"]:
        steps = (*explained["steps"], *explained["supplies"])
        yield Text(f"  {explained['component_code']}: {'; '.join(steps)}", "dim")


def _requirements(requirements: list[Json]) -> Table:
    columns = ("component", "op", "needed", "on", "stock", "receipts", "made", "bought", "short")
    table = Table(*columns, box=None, padding=(0, 1), header_style="dim")
    for need in requirements:
        short = amount(need["short_quantity"])
        table.add_row(
            f" {need['component_code']}",
            str(need["sequence_number"]),
            f"{amount(need['needed_quantity'])} {need['unit_code']}",
            day(need["needed_on"]),
            *(amount(need[f"allocated_from_{source}"]) for source in ("stock", "receipts")),
            *(amount(need[f"from_{source}"]) for source in ("child_order", "requisition")),
            Text(short, "red" if short != "0" else "dim"),
        )
    return table


def _capacity(plan: Json | None) -> Iterator[RenderableType]:
    if plan is None:
        return
    done = instant(plan["estimated_completion_at"])
    expected = f", done by {done} UTC" if done else ""
    yield Text.assemble("  ", coloured(plan["status"]), f", due {plan['due_date']}{expected}")
    for fault in (*plan["reasons"], *plan["warnings"]):
        yield Text(f"  {fault['message']}", "yellow")
    columns = ("work center", "available h", "committed h", "required h", "utilization")
    table = Table(*columns, box=None, padding=(0, 1), header_style="dim")
    for load in plan["work_centers"]:
        table.add_row(
            f" {load['work_center_code']}",
            *(hours(load[f"{kind}_hours"]) for kind in ("available", "committed", "required")),
            Text(share(load["utilization_percent"]), "red" if load["is_bottleneck"] else ""),
        )
    yield table


def _dates(lead_time: Json | None, promise: Json | None) -> Iterator[RenderableType]:
    if lead_time is not None:
        yield Text(
            f"  {lead_time['working_days']} working days, {lead_time['calendar_days']} calendar "
            f"days, until {instant(lead_time['completes_at'])} UTC"
        )
        for part in lead_time["parts"]:
            took = hours(Decimal(part["working_minutes"]) / 60)
            yield Text(f"  {part['name']} {took} h: {part['explanation']}", "dim")
    if promise is not None:
        kept = "on time" if promise["is_on_time"] else "late"
        yield Text.assemble(
            f"  promised for {promise['promised_date']}, wanted by {promise['requested_date']}: ",
            Text(kept, "green" if promise["is_on_time"] else "red"),
        )
        for line in promise["explanation"]:
            yield Text(f"  {line}", "dim")


def _cost(cost: Json | None) -> Iterator[RenderableType]:
    if cost is None:
        return
    currency = cost["currency"]
    kinds = ("material", "labour", "machine", "overhead", "total")
    table = Table("", *kinds, box=None, padding=(0, 1), header_style="dim")
    for name in ("estimated", "actual"):
        table.add_row(f" {name}", *(money(cost[name][kind]) for kind in kinds))
    yield table
    yield Text(
        f"  work in process {money(cost['wip_value'], currency)}, "
        f"delivered {money(cost['delivered_value'], currency)}"
    )
    for variance in cost["variances"]:
        told = money(variance["amount"], currency)
        yield Text(f"  {variance['kind']} variance {told}: {variance['explanation']}")
    for warning in cost["warnings"]:
        yield Text(f"  {warning['message']}", "yellow")


def _pegging(pegging: Json | None) -> Iterator[RenderableType]:
    if pegging is None:
        return
    sides = (("serves", "demand", pegging["serves"]), ("served by", "supply", pegging["served_by"]))
    for title, end, nodes in sides:
        for node in nodes:
            yield Text(f"{'  ' * node['level']}{title} {_peg(node, end)}")


def _peg(node: Json, end: str) -> str:
    """Name the far end of a peg."""
    peg = node["peg"]
    return (
        f"{peg[f'{end}_kind'].replace('_', ' ')} {peg[f'{end}_name']}: "
        f"{amount(peg['quantity'])} {node['product_code']} on {peg[f'{end}_date']}"
    )
