"""Scheduled receipts: promised, moved, received, cancelled."""

from datetime import date
from decimal import Decimal
from typing import Any

from lineside_contracts import planning
from lineside_contracts.planning import (
    GetRequisition,
    GetStock,
    ListReceipts,
    ListRequisitions,
    OrderRequisition,
    ReceiptChange,
    UpdateReceipt,
)
from lineside_planning.materials.handlers.locations import on_stock_locations_changed

GLUE, PAPER, BROCHURE = "GLUE", "PAPER", "BROCHURE"


async def test_a_receipt_is_promised_arrives_in_parts_and_ends(shop: Any) -> None:
    urgent = await shop.plan("MO-1", priority="urgent")
    low = await shop.plan("MO-2", priority="low")
    receipt = await shop.done(planning.CREATE_RECEIPT, shop.delivery("PO-1", "0.4"))
    assert (receipt.quantity_allocated, receipt.version) == (Decimal("0.4"), 1)
    assert (await shop.need(low))["promised"] == Decimal("0.183")
    receipt = await shop.done(
        planning.RECEIVE_GOODS, shop.arrival(receipt, "0.25", lot_number="L9")
    )
    assert (receipt.status, receipt.quantity_received) == ("open", Decimal("0.25"))
    assert (await shop.need(urgent))["held"] == Decimal("0.217")
    need = await shop.need(low)
    assert (need["held"], need["promised"]) == (Decimal("0.033"), Decimal("0.150"))
    receipt = await shop.done(planning.RECEIVE_GOODS, shop.arrival(receipt, "0.10", is_last=True))
    assert (receipt.status, receipt.quantity_allocated) == ("received", 0)
    need = await shop.need(low)
    assert (need["held"], need["short_quantity"]) == (Decimal("0.133"), Decimal("0.084"))
    closed = await shop.ask(planning.RECEIVE_GOODS, shop.arrival(receipt, 1))
    assert (closed.problem.code, closed.status) == ("receipt_closed", 409)
    assert await shop.breaches() == ()


async def test_more_than_was_ordered_may_come_and_is_free(shop: Any) -> None:
    receipt = await shop.done(planning.CREATE_RECEIPT, shop.delivery("PO-1", 1))
    await shop.done(planning.RECEIVE_GOODS, shop.arrival(receipt, 2))
    stock = await shop.done(planning.GET_STOCK, GetStock(product_code=GLUE, plant_code="MAIN"))
    assert stock.quantity_available == 2


async def test_a_receipt_that_moves_behind_the_need_leaves_it_short(shop: Any) -> None:
    order = await shop.plan("MO-1")
    receipt = await shop.done(planning.CREATE_RECEIPT, shop.delivery("PO-1", 1))
    assert (await shop.need(order))["short_quantity"] == 0
    moved = UpdateReceipt(
        receipt_id=receipt.id,
        expected_version=receipt.version,
        change=ReceiptChange(expected_on=date(2026, 12, 24)),
    )
    later = await shop.done(planning.UPDATE_RECEIPT, moved)
    assert (later.version, later.expected_on) == (2, date(2026, 12, 24))
    assert (await shop.need(order))["short_quantity"] == Decimal("0.217")
    stale = await shop.ask(planning.UPDATE_RECEIPT, moved)
    assert (stale.problem.code, stale.status) == ("version_conflict", 412)


async def test_a_cancelled_receipt_is_promised_to_nobody(shop: Any) -> None:
    order = await shop.plan("MO-1")
    receipt = await shop.done(planning.CREATE_RECEIPT, shop.delivery("PO-1", 1))
    act = planning.ActOnReceipt(receipt_id=receipt.id)
    assert (await shop.done(planning.CANCEL_RECEIPT, act)).status == "cancelled"
    need = await shop.need(order)
    assert (need["promised"], need["short_quantity"]) == (0, Decimal("0.217"))
    assert (await shop.done(planning.LIST_RECEIPTS, ListReceipts(status="open"))).items == ()


async def test_receipts_name_all_their_faults(shop: Any) -> None:
    await shop.done(planning.CREATE_RECEIPT, shop.delivery("PO-1", 1))
    again = await shop.ask(planning.CREATE_RECEIPT, shop.delivery("PO-1", 1))
    assert (again.status, again.problem.code) == (409, "code_taken")
    wrong = shop.delivery("PO-2", "0.0001", plant_code="MOON", vendor_code="NOBODY")
    answer = await shop.ask(planning.CREATE_RECEIPT, wrong)
    assert [fault.code for fault in answer.problem.faults] == [
        "too_many_decimals",
        "unknown_plant",
        "unknown_vendor",
    ]


async def test_what_was_ordered_for_a_need_arrives_and_ends_its_requisition(shop: Any) -> None:
    bought = {"supply": "buy"}
    order = await shop.plan("MO-1", needs=[bought])
    (wanted,) = (await shop.done(planning.LIST_REQUISITIONS, ListRequisitions())).items
    asked = OrderRequisition(
        purchase_requisition_id=wanted.id,
        purchase_order_number="PO-7",
        expected_on=date(2026, 12, 1),
        quantity=Decimal(1),
    )
    await shop.done(planning.ORDER_REQUISITION, asked)
    (receipt,) = (await shop.done(planning.LIST_RECEIPTS, ListReceipts())).items
    assert receipt.quantity_allocated == Decimal("0.217")
    await shop.done(planning.RECEIVE_GOODS, shop.arrival(receipt, 1))
    need = await shop.need(order)
    assert (need["held"], need["promised"], need["short_quantity"]) == (Decimal("0.217"), 0, 0)
    get = GetRequisition(purchase_requisition_id=wanted.id)
    assert (await shop.done(planning.GET_REQUISITION, get)).status == "received"
    assert await shop.breaches() == ()


async def test_a_location_that_is_blocked_serves_nobody_until_it_is_freed(shop: Any) -> None:
    await shop.count(GLUE, 1)
    order = await shop.plan("MO-1")
    for is_nettable, short in ((False, Decimal("0.217")), (True, 0)):
        shelf = shop.location("SHELF", is_nettable=is_nettable)
        await shop.handle(on_stock_locations_changed, [shelf, shelf])
        assert (await shop.need(order))["short_quantity"] == short
        assert await shop.breaches() == ()
