"""The demonstration itself: orders out, and their cascade as it grows."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from lineside_stack import cascade, cascade_view
from lineside_stack.api import Api
from lineside_stack.cascade import Cascade
from lineside_stack.demo.purchasing import Buyer
from lineside_stack.demo.sales_system import DemoOrder
from lineside_stack.order_picture import Json

PATIENCE_SECONDS = 60.0
LOOK_SECONDS = 0.3


@dataclass(frozen=True)
class Shown:
    """An order and what became of it so far."""

    order: DemoOrder
    seen: Cascade
    is_supplied: bool = False

    @property
    def has_arrived(self) -> bool:
        """Whether it became what it should: planned with a date, refused, or short and released."""
        if not self.seen.is_complete or (self.seen.status == "rejected") != self.order.is_refused:
            return False
        if self.order.lacks_material:
            return self.is_supplied and all(map(_is_released, self.seen.production_orders))
        return self.seen.status != cascade.HELD

    def view(self) -> RenderableType:
        """The order as a tree, headed by what it shows."""
        return Group(Text(self.order.shows, "italic"), cascade_view.tree(self.seen), Text())


def _is_released(order: Json) -> bool:
    return order["status"] not in {"planned", "routed", cascade.HELD}


async def follow(
    api: Api, orders: Sequence[DemoOrder], *, buyer: Buyer, console: Console
) -> list[Shown]:
    """Watch until every order has arrived or patience ends; live on a terminal.

    Returns:
        Every order, those that did not arrive among them.
    """
    shown = {order.number: Shown(order, Cascade(order.number)) for order in orders}
    clock = asyncio.get_running_loop().time
    until = clock() + PATIENCE_SECONDS
    with Live(console=console, auto_refresh=False, transient=True) as live:
        while clock() < until and not all(one.has_arrived for one in shown.values()):
            waiting = [one for one in shown.values() if not one.has_arrived]
            for one in waiting:
                seen = await cascade.of_order(api, one.order.number)
                supplied = one.order.number in buyer.supplied
                shown[one.order.number] = Shown(one.order, seen, is_supplied=supplied)
                if console.is_terminal:
                    live.update(Group(*(s.view() for s in shown.values())), refresh=True)
            await asyncio.sleep(LOOK_SECONDS)
    for one in shown.values():
        console.print(one.view())
    return list(shown.values())
