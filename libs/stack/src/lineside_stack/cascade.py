"""What became of a sales order: production orders, work orders with their runs, prediction.

Read through the HTTP API, as anyone would.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from lineside_stack import order_picture
from lineside_stack.api import Api
from lineside_stack.order_picture import Json

LIMIT = 500
HELD = "on_hold"
UNKNOWN = "unknown"
_ENDED = {"cancelled", "completed", "closed"}


@dataclass(frozen=True)
class Cascade:
    """One sales order and everything that follows from it, as far as it has come."""

    order_number: str
    sales_order: Json | None = None
    rejected: Json | None = None
    production_orders: Sequence[Json] = field(default=())
    work_orders: Sequence[Json] = field(default=())
    promises: Sequence[Json] = field(default=())
    prediction: Json | None = None

    @property
    def status(self) -> str:
        """One word for people."""
        if self.sales_order is None:
            return "rejected" if self.rejected else "waiting"
        if any(order["status"] == HELD for order in self.production_orders):
            return HELD
        return str(self.sales_order["status"]) if self.is_complete else "in progress"

    @property
    def is_complete(self) -> bool:
        """Whether all is known: work orders, materials, capacity, a prediction; or a refusal."""
        if self.sales_order is None:
            return self.rejected is not None
        if self.sales_order["status"] == "cancelled":
            return True
        own = [order for order in self.production_orders if not order["level"]]
        return (
            len(own) >= len(self.sales_order["lines"])
            and all(self._is_planned(order) for order in self.production_orders)
            and self.prediction is not None
        )

    def _is_planned(self, order: Json) -> bool:
        """Whether every part of planning has answered for a production order."""
        answers = (order["materials_status"], order["capacity_status"])
        return _is_over(order) or (UNKNOWN not in answers and bool(self.work_orders_of(order)))

    def children_of(self, order: Json) -> list[Json]:
        """The production orders of an order's sub-assemblies."""
        return [one for one in self.production_orders if one["parent_order_id"] == order["id"]]

    def promise_of(self, order: Json) -> Json | None:
        """What is promised for a production order."""
        mine = (one for one in self.promises if one["production_order_id"] == order["id"])
        return next(mine, None)

    def work_orders_of(self, production_order: Json) -> list[Json]:
        """The work orders of one production order, in the order of their operations."""
        mine = [
            order
            for order in self.work_orders
            if order["production_order_id"] == production_order["id"]
        ]
        return sorted(mine, key=_first_operation)

    def as_json(self) -> dict[str, Any]:
        """All of it, for another program."""
        return {
            "order_number": self.order_number,
            "status": self.status,
            "sales_order": self.sales_order,
            "rejected": self.rejected,
            "production_orders": list(self.production_orders),
            "work_orders": list(self.work_orders),
            "promises": list(self.promises),
            "prediction": self.prediction,
        }


async def of_order(api: Api, order_number: str) -> Cascade:
    """Look at one order."""
    sales, rejected = await asyncio.gather(
        api.get("/sales-orders", order_number=order_number),
        api.get("/rejected-orders", limit=LIMIT),
    )
    sales_order = next(iter(sales["items"]), None)
    if sales_order is None:
        refused = (item for item in rejected["items"] if item["order_number"] == order_number)
        return Cascade(order_number, rejected=next(refused, None))
    orders = await _production_orders(api, sales_order)
    work, promises, prediction = await asyncio.gather(
        _of_each(api, orders, "/work-orders", LIMIT),
        asyncio.gather(*(_promise(api, order) for order in orders)),
        _prediction(api, sales_order),
    )
    return Cascade(
        order_number,
        sales_order=sales_order,
        production_orders=orders,
        work_orders=work,
        promises=[promise for promise in promises if promise is not None],
        prediction=prediction,
    )


async def newest(api: Api, *, limit: int) -> list[Cascade]:
    """Look at the newest orders, refused ones among them; the newest first."""
    sales, rejected = await asyncio.gather(
        api.get("/sales-orders", limit=limit), api.get("/rejected-orders", limit=limit)
    )
    entries = [(item["received_at"], item["order_number"]) for item in sales["items"]]
    accepted = {number for _at, number in entries}
    entries += [
        (item["received_at"], item["order_number"])
        for item in rejected["items"]
        if item["order_number"] and item["order_number"] not in accepted
    ]
    numbers = list(dict.fromkeys(number for _at, number in sorted(entries, reverse=True)))
    return list(await asyncio.gather(*(of_order(api, number) for number in numbers[:limit])))


def runs_of(work_orders: Sequence[Json]) -> list[tuple[str, str]]:
    """Name and planned input of every operation, in order."""
    operations = [operation for order in work_orders for operation in order["operations"]]
    return [
        (operation["operation_name"], operation["planned_input"])
        for operation in sorted(operations, key=lambda one: one["operation_number"])
    ]


async def _production_orders(api: Api, sales_order: Json) -> list[Json]:
    """Those of the order's lines, by line, and those of their sub-assemblies, by level."""
    number, project = sales_order["order_number"], sales_order["project_number"]
    by_order, by_project = await asyncio.gather(
        api.get("/production-orders", sales_order_number=number, limit=LIMIT),
        api.get("/production-orders", project_number=project, limit=LIMIT),
    )
    found = {order["id"]: order for order in by_order["items"]}
    for order in sorted(by_project["items"], key=lambda one: one["level"]):
        if order["parent_order_id"] in found:
            found[order["id"]] = order
    return sorted(found.values(), key=lambda one: (one["level"], one["sales_line_number"] or 0))


async def _of_each(api: Api, orders: Sequence[Json], path: str, limit: int) -> list[Json]:
    pages = await asyncio.gather(
        *(api.get(path, production_order_id=order["id"], limit=limit) for order in orders)
    )
    return [item for page in pages for item in page["items"]]


async def _promise(api: Api, order: Json) -> Json | None:
    """What is promised, once capacity has said when the order will be done."""
    if order["capacity_status"] == UNKNOWN or _is_over(order):
        return None
    return await order_picture.part_of(api, f"/production-orders/{order['id']}/promise")


async def _prediction(api: Api, sales_order: Json) -> Json | None:
    page = await api.get("/delivery-predictions", project_number=sales_order["project_number"])
    found: Json | None = next(iter(page["items"]), None)
    return found


def _is_over(production_order: Json) -> bool:
    return production_order["status"] in _ENDED


def _first_operation(work_order: Json) -> int:
    return min((one["operation_number"] for one in work_order["operations"]), default=0)
