"""What planning lists, for a terminal: stock, requisitions, MRP's proposals, promises."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from lineside_stack.amounts import amount, day, hours, instant, share
from lineside_stack.order_picture import Json

Rows = Sequence[Json]


def stock(pools: Rows) -> Table:
    """One line per pool."""
    table = Table("product", "plant", "on hand", "allocated", "available", "blocked", "unit")
    for pool in pools:
        kinds = ("on_hand", "allocated", "available", "blocked")
        below = Decimal(pool["quantity_on_hand"]) < Decimal(pool["safety_stock_quantity"])
        table.add_row(
            pool["product_code"],
            pool["plant_code"],
            *(amount(pool[f"quantity_{kind}"]) for kind in kinds),
            Text(f"{pool['unit_code']}{', below safety stock' * below}", "yellow" * below),
        )
    return table


def movements(entries: Rows) -> Table:
    """The journal of a pool, newest first."""
    table = Table("happened", "kind", "quantity", "after", "location", "lot", "order", "reason")
    for entry in entries:
        table.add_row(
            instant(entry["happened_at"]),
            entry["kind"],
            amount(entry["quantity"]),
            amount(entry["quantity_after"]),
            entry["location_code"],
            entry["lot_number"] or "",
            entry["production_order_number"] or "",
            entry["reason"] or "",
        )
    return table


def requisitions(found: Rows) -> Table:
    """What has to be bought, and by when it has to be ordered."""
    table = Table("requisition", "status", "product", "quantity", "order by", "needed", "for")
    for one in found:
        bought = _purchase(one)
        table.add_row(
            one["requisition_number"],
            one["status"],
            one["product_code"],
            f"{amount(one['quantity'])} {one['unit_code']}{bought}",
            Text(f"{one['order_by']} late", "red") if one["is_late"] else day(one["order_by"]),
            day(one["needed_on"]),
            ", ".join(peg["production_order_number"] or "stock" for peg in one["pegs"]),
        )
    return table


def planned_orders(found: Rows) -> Table:
    """What MRP proposes."""
    table = Table("product", "plant", "make or buy", "quantity", "release", "due", "why")
    for one in found:
        release = day(one["release_on"])
        table.add_row(
            one["product_code"],
            one["plant_code"],
            one["make_or_buy"],
            f"{amount(one['quantity'])} {one['unit_code']}",
            Text(f"{release} past", "red") if one["is_past_due"] else release,
            day(one["due_on"]),
            "; ".join(entry["explanation"] for entry in one["ledger"]),
        )
    return table


def exceptions(found: Rows) -> Table:
    """What a planner should do or know."""
    table = Table("what", "product", "plant", "message")
    for one in found:
        table.add_row(one["kind"], one["product_code"], one["plant_code"], one["message"])
    return table


def item(plan: Json) -> RenderableType:
    """The time-phased plan of an item, in buckets where something happens."""
    head = (
        f"{plan['product_code']} in {plan['plant_code']}: {amount(plan['on_hand'])} "
        f"{plan['unit_code']} on hand, safety stock {amount(plan['safety_stock'])}, "
        f"{plan['lot_sizing']}, lead time {plan['lead_time_days']} days, "
        f"level {plan['low_level_code']}"
    )
    numbers = (
        "gross_requirement",
        "scheduled_receipts",
        "projected_on_hand",
        "net_requirement",
        "planned_receipts",
        "planned_releases",
    )
    table = Table("from", *(name.replace("_", " ") for name in numbers))
    for bucket in plan["buckets"]:
        table.add_row(bucket["starts_on"], *(amount(bucket[name]) for name in numbers))
    return Group(Text(head, "bold"), table, exceptions(plan["exceptions"]))


def run(mrp_run: Json) -> RenderableType:
    """How a run ended."""
    took = f" in {mrp_run['duration_ms']:,} ms" if mrp_run["duration_ms"] is not None else ""
    counted = ("items_total", "planned_order_count", "exception_count", "changed_item_count")
    items, orders, messages, changed = (f"{mrp_run[name]:,}" for name in counted)
    head = f"{mrp_run['mrp_run_number']} {mrp_run['kind']} {mrp_run['status']}{took}"
    told = f"{items} items, {orders} planned orders, {messages} exceptions, {changed} items changed"
    lines = [f"{head}: {told}", *(f"  {difference}" for difference in mrp_run["differences"])]
    lines += [f"  {mrp_run['reason']}"] if mrp_run["reason"] else []
    return Group(*map(Text, lines))


def promise(answer: Json) -> RenderableType:
    """What can be promised, and what it rests on."""
    return Group(*_promise(answer))


def _promise(answer: Json) -> Iterator[RenderableType]:
    yield Text.assemble(
        f"{amount(answer['quantity'])} {answer['unit_code']} of {answer['product_code']}: ",
        (answer["earliest_date"], "bold"),
        f" at the earliest ({instant(answer['earliest_at'])} UTC)",
    )
    if answer["is_feasible"] is not None:
        kept = answer["is_feasible"]
        yield Text(
            f"wanted by {answer['requested_date']}: {'yes' if kept else 'no'}",
            "green" if kept else "red",
        )
    yield from (Text(f"  {fault['message']}", "yellow") for fault in answer["reasons"])
    if answer["materials"]:
        yield _materials(answer["materials"])
    if answer["work_centers"]:
        yield _loads(answer["work_centers"])
    yield from (Text(f"  {line}", "dim") for line in answer["explanation"])


def _materials(needs: Rows) -> Table:
    sources = ("from_stock", "from_receipts", "to_make", "to_buy")
    table = Table("component", "needed", *(s.replace("_", " ") for s in sources), "available")
    for need in needs:
        table.add_row(
            f"{'  ' * need['level']}{need['component_code']}",
            f"{amount(need['needed_quantity'])} {need['unit_code']}",
            *(amount(need[source]) for source in sources),
            day(need["available_on"]),
        )
    return table


def _loads(loads: Rows) -> Table:
    table = Table("work center", "available h", "committed h", "required h", "utilization")
    for load in loads:
        taken = (hours(load[f"{kind}_hours"]) for kind in ("available", "committed", "required"))
        colour = "red" if load["is_bottleneck"] else ""
        told = Text(share(load["utilization_percent"]), colour)
        table.add_row(load["work_center_code"], *taken, told)
    return table


def _purchase(requisition: Json) -> str:
    if requisition["purchase_quantity"] is None:
        return ""
    return f" ({amount(requisition['purchase_quantity'])} {requisition['purchase_unit_code']})"
