"""What became of a sales order: production orders, work orders with their runs, prediction.

Read through the HTTP API, as anyone would.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lineside_stack.api import Api

LIMIT = 500
HELD = "on_hold"
_ENDED = {"cancelled", "completed", "closed"}

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Cascade:
    """One sales order and everything that follows from it, as far as it has come."""

    order_number: str
    sales_order: Json | None = None
    rejected: Json | None = None
    production_orders: Sequence[Json] = field(default=())
    work_orders: Sequence[Json] = field(default=())
    prediction: Json | None = None

    @property
    def status(self) -> str:
        """One word for people."""
        if self.sales_order is None:
            return "rejected" if self.rejected else "waiting"
        if self.is_complete:
            return str(self.sales_order["status"])
        held = any(order["status"] == HELD for order in self.production_orders)
        return HELD if held else "in progress"

    @property
    def is_complete(self) -> bool:
        """Whether nothing more will come by itself: work orders and a prediction, or a refusal."""
        if self.sales_order is None:
            return self.rejected is not None
        if self.sales_order["status"] == "cancelled":
            return True
        lines = len(self.sales_order["lines"])
        return (
            len(self.production_orders) >= lines
            and all(
                self.work_orders_of(order) or _is_over(order) for order in self.production_orders
            )
            and self.prediction is not None
        )

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
            "prediction": self.prediction,
        }


async def of_order(api: Api, order_number: str) -> Cascade:
    """Look at one order."""
    sales, rejected, production, work = await asyncio.gather(
        api.get("/sales-orders", order_number=order_number),
        api.get("/rejected-orders", limit=LIMIT),
        api.get("/production-orders", sales_order_number=order_number, limit=LIMIT),
        api.get("/work-orders", sales_order_number=order_number, limit=LIMIT),
    )
    sales_order = next(iter(sales["items"]), None)
    refused = [item for item in rejected["items"] if item["order_number"] == order_number]
    return Cascade(
        order_number,
        sales_order=sales_order,
        rejected=None if sales_order else next(iter(refused), None),
        production_orders=sorted(
            production["items"], key=lambda order: order["sales_line_number"] or 0
        ),
        work_orders=work["items"],
        prediction=await _prediction(api, sales_order),
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


async def _prediction(api: Api, sales_order: Json | None) -> Json | None:
    if sales_order is None:
        return None
    page = await api.get("/delivery-predictions", project_number=sales_order["project_number"])
    found: Json | None = next(iter(page["items"]), None)
    return found


def _is_over(production_order: Json) -> bool:
    return production_order["status"] in _ENDED


def _first_operation(work_order: Json) -> int:
    return min((one["operation_number"] for one in work_order["operations"]), default=0)
