"""The buyer of the demonstration: goods that are on their way, and one pallet that comes late.

Everything is done through the HTTP API, as a person would.
"""

import asyncio
from datetime import date, timedelta

from lineside_stack.amounts import amount
from lineside_stack.api import Api
from lineside_stack.order_picture import Json
from lineside_stack.terminal import Say

HELD = "on_hold"
SHORT = "short"
LOOK_SECONDS = 0.3
GLUE = "GLUE-PUR"
GLUE_QUANTITY = "40"
GLUE_DAYS = 5
PLANT = "BERLIN"
PAPER_STORE = "PAPER-STORE"
VENDOR_DAYS = 14


async def expect_glue(api: Api, run: str, *, today: date) -> None:
    """Tell of binding glue that was ordered elsewhere and comes in some days.

    Raises:
        RefusedError: The API refused the receipt.
    """
    receipt = {
        "receipt_number": f"PO-{run}",
        "product_code": GLUE,
        "plant_code": PLANT,
        "quantity": GLUE_QUANTITY,
        "expected_on": (today + timedelta(days=GLUE_DAYS)).isoformat(),
        "vendor_code": "CHEMPRINT",
        "unit_cost": "9.40",
    }
    await api.post("/receipts", receipt)


class Buyer:
    """Buys what a held order waits for."""

    def __init__(self, api: Api, *, today: date, say: Say) -> None:
        self.supplied: set[str] = set()
        self._api = api
        self._today = today
        self._say = say

    async def supply(self, order_number: str) -> None:
        """Wait until a sales order's goods are held for a shortage, then end the shortage.

        The vendor names a day that is too late, so that the order stays on hold; then the goods
        come early.

        Raises:
            RefusedError: The API refused something on the way.
        """
        order, requisition = await self._awaited(order_number)
        reason = order["hold_reason"].rstrip(".")
        self._say(f"{order_number} is on hold: {reason}; {_described(requisition)}")
        ordered = await self._buy(requisition)
        await self._receive(ordered)
        self._say(f"{order_number}: the goods of {ordered['purchase_order_number']} have come")
        self.supplied.add(order_number)

    async def _awaited(self, order_number: str) -> tuple[Json, Json]:
        while True:
            page = await self._api.get("/production-orders", sales_order_number=order_number)
            for order in page["items"]:
                if order["status"] == HELD and order["materials_status"] == SHORT:
                    requisition = await self._requisition_for(order)
                    if requisition is not None:
                        return order, requisition
            await asyncio.sleep(LOOK_SECONDS)

    async def _requisition_for(self, order: Json) -> Json | None:
        page = await self._api.get("/purchase-requisitions", status="open", limit=500)
        found = (
            requisition
            for requisition in page["items"]
            if any(peg["production_order_id"] == order["id"] for peg in requisition["pegs"])
        )
        return next(found, None)

    async def _buy(self, requisition: Json) -> Json:
        purchase = {
            "purchase_order_number": requisition["requisition_number"].replace("PR-", "PO-"),
            "expected_on": (self._today + timedelta(days=VENDOR_DAYS)).isoformat(),
        }
        address = f"/purchase-requisitions/{requisition['id']}/order"
        ordered: Json = await self._api.post(address, purchase)
        return ordered

    async def _receive(self, ordered: Json) -> None:
        goods = {"quantity": ordered["quantity"], "location_code": PAPER_STORE, "is_last": True}
        await self._api.post(f"/receipts/{ordered['receipt_id']}/receive", goods)


def _described(requisition: Json) -> str:
    late = ", which has passed" if requisition["is_late"] else ""
    return (
        f"{requisition['requisition_number']} asks for {amount(requisition['quantity'])} "
        f"{requisition['unit_code']} of {requisition['product_code']}, "
        f"to be ordered by {requisition['order_by']}{late}"
    )
