"""One production order with everything planning knows of it, read through the HTTP API."""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from lineside_stack.api import Api, RefusedError
from lineside_stack.failures import CommandError

Json = Mapping[str, Any]

NOT_FOUND = 404
SEARCHED = 50


@dataclass(frozen=True)
class OrderPicture:
    """An order and the answers about it; None where that part has not planned it yet."""

    order: Json
    materials: Json | None
    capacity: Json | None
    lead_time: Json | None
    promise: Json | None
    cost: Json | None
    pegging: Json | None

    def as_json(self) -> dict[str, Any]:
        """All of it, for another program."""
        return asdict(self)


async def of_number(api: Api, number: str) -> OrderPicture:
    """Look at one production order.

    Raises:
        CommandError: There is none of that number.
    """
    order = await find(api, number)
    address = f"/production-orders/{order['id']}"
    parts = ("materials", "capacity", "lead-time", "promise", "cost", "pegging")
    found = await asyncio.gather(*(part_of(api, f"{address}/{part}") for part in parts))
    return OrderPicture(order, *found)


async def find(api: Api, number: str) -> Json:
    """Find a production order by its number.

    Raises:
        CommandError: There is none.
    """
    page = await api.get("/production-orders", search=number, limit=SEARCHED)
    for order in page["items"]:
        if order["production_order_number"] == number:
            found: Json = order
            return found
    raise CommandError(f"there is no production order {number}")


async def part_of(api: Api, path: str) -> Json | None:
    """Read one answer about an order; None while there is none yet."""
    try:
        found: Json = await api.get(path)
    except RefusedError as refused:
        if refused.status == NOT_FOUND:
            return None
        raise
    return found
