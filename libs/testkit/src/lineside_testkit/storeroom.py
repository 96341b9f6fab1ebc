"""The materials of a journey's plant: what is bought, billed, stocked, ordered and received.

room = await Storeroom.open(journey)
await room.bill(FLYER, room.line(PAPER), room.line(PLATE, is_fixed_quantity=True))
await room.put(PAPER, 100)
shortage = await room.requisition(PAPER)
receipt = await room.buy(shortage, expected_on=room.day(20))
await room.receive(receipt)
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final, TypeVar
from uuid import UUID

from pydantic import BaseModel

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts import planning
from lineside_contracts.endpoint import Endpoint
from lineside_contracts.planning import (
    ActOnBom,
    Bom,
    BomFields,
    CapacityPlan,
    GetMaterials,
    GetReceipt,
    GetStock,
    ListReceipts,
    ListRequisitions,
    ListStock,
    MaterialsAnswer,
    OfOrder,
    OrderRequisition,
    PostStockMovement,
    ProductFields,
    PurchaseRequisition,
    Receipt,
    ReceiveGoods,
    Stock,
    StockLocationFields,
    VendorFields,
    VendorProductFields,
)
from lineside_testkit.builders import PLANT
from lineside_testkit.journeys import Journey

PAPER: Final = "PAPER"
"""Sheets, counted in pieces."""

INK: Final = "INK"
"""Kilograms with three decimals."""

PLATE: Final = "PLATE"
"""Pieces, a fixed number for an order."""

STORE: Final = "STORE"
VENDOR: Final = "MILL"
VENDOR_DAYS: Final = 7
"""Lead time of everything that is bought, in calendar days."""

_COMPONENTS: Final[Mapping[str, Mapping[str, Any]]] = {
    PAPER: {"standard_cost": "0.05"},
    INK: {"unit_code": "KGM", "unit_decimals": 3, "standard_cost": "12"},
    PLATE: {"standard_cost": "6"},
}
_POLL_SECONDS = 0.1

Found = TypeVar("Found", bound=BaseModel)


@dataclass(frozen=True)
class Storeroom:
    """A journey's materials."""

    journey: Journey

    @classmethod
    async def open(cls, journey: Journey) -> "Storeroom":
        """Register vendor, stock location and components, through the requests people make."""
        room = cls(journey)
        await journey.granted(
            planning.VENDORS.create,
            VendorFields(vendor_code=VENDOR, vendor_name="Mill", lead_time_days=VENDOR_DAYS),
        )
        location = StockLocationFields(location_code=STORE, location_name="Store", plant_code=PLANT)
        await journey.granted(planning.STOCK_LOCATIONS.create, location)
        for code, fields in _COMPONENTS.items():
            await room.component(code, **fields)
        return room

    async def component(self, code: str, **over: Any) -> None:
        """Register a product that is bought from the vendor."""
        fields = {"product_code": code, "product_name": code.title(), "plant_code": PLANT}
        bought = ProductFields.model_validate({**fields, "make_or_buy": "buy", **over})
        await self.journey.granted(planning.PRODUCTS.create, bought)
        sold = VendorProductFields(product_code=code, vendor_code=VENDOR, price=Decimal(1))
        await self.journey.granted(planning.VENDOR_PRODUCTS.create, sold)

    def line(self, component_code: str, quantity: object = "1", **over: Any) -> dict[str, Any]:
        """One line of a bill."""
        return {"component_code": component_code, "quantity": str(quantity), **over}

    async def bill(self, product_code: str, *lines: Mapping[str, Any], **over: Any) -> Bom:
        """Make a product's bill of material the active one; lines count 10, 20, 30."""
        numbered = [{"line_number": 10 * n, **line} for n, line in enumerate(lines, start=1)]
        fields = {"product_code": product_code, "lines": numbered, **over}
        made = await self.journey.granted(planning.CREATE_BOM, BomFields.model_validate(fields))
        active: Bom = await self.journey.granted(planning.ACTIVATE_BOM, ActOnBom(bom_id=made.id))
        return active

    async def put(self, product_code: str, quantity: object) -> Stock:
        """Count a product in the store: afterwards this much lies there."""
        counted = PostStockMovement(
            kind="count",
            product_code=product_code,
            location_code=STORE,
            quantity=Decimal(str(quantity)),
            reason="Stocktaking",
        )
        found: Stock = await self.journey.granted(planning.POST_STOCK_MOVEMENT, counted)
        return found

    async def stock(self, product_code: str) -> Stock:
        """What lies of a product in the plant."""
        asked = GetStock(product_code=product_code, plant_code=PLANT)
        found: Stock = await self.journey.granted(planning.GET_STOCK, asked)
        return found

    async def every_stock(self) -> dict[str, Stock]:
        """What lies of every product, by code."""
        pools = await self.journey.list_all(planning.LIST_STOCK, ListStock)
        return {pool.product_code: pool for pool in pools}

    async def materials(
        self, order_id: UUID, *, until: Callable[[MaterialsAnswer], bool] = lambda _: True
    ) -> MaterialsAnswer:
        """Wait until an order's materials are planned and are as wanted.

        Raises:
            AssertionError: They never were; the message tells what they are.
        """
        asked = GetMaterials(production_order_id=order_id)
        return await self.eventually(planning.GET_MATERIALS, asked, until=until)

    async def capacity(
        self, order_id: UUID, *, until: Callable[[CapacityPlan], bool] = lambda _: True
    ) -> CapacityPlan:
        """Wait until an order's capacity is checked and is as wanted.

        Raises:
            AssertionError: It never was; the message tells what it is.
        """
        asked = OfOrder(production_order_id=order_id)
        return await self.eventually(planning.GET_CAPACITY, asked, until=until)

    async def requisition(self, product_code: str, **having: Any) -> PurchaseRequisition:
        """Wait for the one requisition of a product with these field values; open ones if none.

        Raises:
            AssertionError: There is not exactly one; the message tells which there are.
        """
        wanted = having or {"status": "open"}

        async def read() -> list[PurchaseRequisition]:
            every = await self.journey.list_all(planning.LIST_REQUISITIONS, ListRequisitions)
            return [one for one in every if one.product_code == product_code]

        (found,) = await self.journey.eventually(read, count=1, **wanted)
        return found

    async def receipts(self, product_code: str) -> list[Receipt]:
        """The scheduled receipts of a product, whatever their status."""
        every = await self.journey.list_all(planning.LIST_RECEIPTS, ListReceipts)
        return [one for one in every if one.product_code == product_code]

    async def buy(
        self, requisition: PurchaseRequisition, *, expected_on: date | None = None
    ) -> Receipt:
        """Order what a requisition asks for; returns the receipt that takes its place."""
        bought = OrderRequisition(
            purchase_requisition_id=requisition.id,
            purchase_order_number=f"PO-{requisition.requisition_number}",
            expected_on=expected_on or requisition.arrive_on,
        )
        ordered = await self.journey.granted(planning.ORDER_REQUISITION, bought)
        asked = GetReceipt(receipt_id=ordered.receipt_id)
        receipt: Receipt = await self.journey.granted(planning.GET_RECEIPT, asked)
        return receipt

    async def receive(self, receipt: Receipt, quantity: object = None) -> Receipt:
        """Take in what a receipt brings; all of it unless told otherwise."""
        goods = ReceiveGoods(
            receipt_id=receipt.id,
            quantity=receipt.quantity if quantity is None else Decimal(str(quantity)),
            location_code=STORE,
        )
        received: Receipt = await self.journey.granted(planning.RECEIVE_GOODS, goods)
        return received

    def day(self, days: int) -> date:
        """The date some days from now."""
        return (SYSTEM_CLOCK.now() + timedelta(days=days)).date()

    async def eventually(
        self,
        endpoint: Endpoint[Any, Found],
        asked: Any,
        *,
        until: Callable[[Found], bool],
        timeout_seconds: float = 15,
    ) -> Found:
        """Ask again until there is an answer, and it is as wanted.

        Raises:
            AssertionError: Time is up; the message tells the last answer.
        """
        answer: Any = None
        try:
            async with asyncio.timeout(timeout_seconds):
                while True:
                    answer = await self.journey.ask(endpoint, asked)
                    if answer.status == endpoint.success_status and until(answer.body):
                        found: Found = answer.body
                        return found
                    await asyncio.sleep(_POLL_SECONDS)
        except TimeoutError:
            raise AssertionError(f"{endpoint.subject} never was as wanted: {answer}") from None
