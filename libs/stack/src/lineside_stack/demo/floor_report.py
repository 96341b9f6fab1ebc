"""What the demonstration's day came to: orders, lane, date and cost, read through the HTTP API."""

from collections.abc import Iterator
from decimal import Decimal

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from lineside_stack.amounts import amount, money, share
from lineside_stack.api import Api
from lineside_stack.demo import floor_day, floor_view
from lineside_stack.demo.floor_day import Played
from lineside_stack.demo.purchasing import PLANT
from lineside_stack.demo.shift_clock import ShiftClock
from lineside_stack.order_picture import Json

_FACTORS = ("availability", "performance", "quality")


async def show(api: Api, played: Played, clock: ShiftClock, *, console: Console) -> None:
    """Print it, once everybody has counted all of it.

    Raises:
        CommandError: Cost or effectiveness never caught up, or the API refused something.
    """
    day = clock.on.isoformat()
    cost = await floor_view.awaited(lambda: _cost(api, played), "the order's cost is not settled")
    lane = await floor_view.awaited(
        lambda: _effectiveness(api, played, day), f"nothing was calculated for {floor_day.LANE}"
    )
    summary = await api.get(
        "/daily-production-summary", plant_code=PLANT, date=day, group_by="plant"
    )
    console.print(_work_orders(played))
    console.print(Group(_order(cost), _lane(lane, summary["total"]), _date(played)))


async def _cost(api: Api, played: Played) -> Json | None:
    found: Json = await api.get(f"/production-orders/{played.production_order['id']}/cost")
    return found if found["is_settled"] or found["order_status"] == "completed" else None


async def _effectiveness(api: Api, played: Played, day: str) -> Json | None:
    """The press's figures, when all of the first operation's good pieces are in them."""
    good = Decimal(played.work_orders[0]["operations"][0]["good_quantity"])
    report = await api.get("/oee", plant_code=PLANT, from_date=day, to_date=day, group_by="lane")
    lanes = (one for one in report["items"] if one["lane_number"] == floor_day.LANE)
    return next((lane for lane in lanes if Decimal(lane["good_quantity"]) >= good), None)


def _work_orders(played: Played) -> Table:
    shown = Table("work order", "operation", "good", "scrap", "planned h", "actual h", "status")
    for order, operation in _operations(played):
        shown.add_row(
            order["work_order_number"],
            operation["operation_name"],
            amount(operation["good_quantity"]),
            amount(operation["scrap_quantity"]),
            _hours(operation["planned_hours"]),
            _hours(operation["actual_hours"]),
            order["status"],
        )
    return shown


def _operations(played: Played) -> Iterator[tuple[Json, Json]]:
    for order in played.work_orders:
        for operation in order["operations"]:
            yield order, operation


def _order(cost: Json) -> RenderableType:
    currency = cost["currency"]
    return Text.assemble(
        (cost["production_order_number"], "bold"),
        f" {cost['product_code']} is {cost['order_status']}: cost "
        f"{money(cost['actual']['total'], currency)}, estimated "
        f"{money(cost['estimated']['total'], currency)}",
    )


def _lane(lane: Json, total: Json) -> Text:
    """The effectiveness of the first press, and what the plant made in all."""
    factors = ", ".join(
        f"{name} {share(Decimal(lane[name]) * 100)}" for name in _FACTORS if lane[name] is not None
    )
    effect = share(Decimal(lane["oee"]) * 100) if lane["oee"] is not None else "no planned time"
    return Text.assemble(
        (floor_day.LANE, "bold"),
        f" OEE {effect} ({factors}); the plant that day: {amount(total['good_quantity'])} good, "
        f"{amount(total['scrap_quantity'])} scrap, {total['log_count']} reports",
    )


def _date(played: Played) -> Text:
    before, after = played.before, played.after
    shown = Text.assemble((f"project {after['project_number']}", "bold"), ": predicted for ")
    if before is not None:
        shown.append(f"{before['predicted_date']} with {_minutes(before)} of work left, now for ")
    shown.append(after["predicted_date"], "bold")
    return shown.append(f" with {_minutes(after)}")


def _minutes(prediction: Json) -> str:
    return f"{Decimal(prediction['remaining_work_minutes']):,.0f} min"


def _hours(value: str | None) -> str:
    return f"{Decimal(value):.2f}" if value is not None else ""
