"""Files of stock and receipts: all faults by row, all rows or none."""

from decimal import Decimal
from typing import Any

from lineside_contracts import planning
from lineside_contracts.master_data import ImportMasterData, ImportReport
from lineside_contracts.planning import GetStock, ListReceipts
from lineside_contracts.problems import Problem

STOCK = "product_code,location_code,quantity,lot_number,unit_cost\n"
RECEIPTS = "receipt_number,product_code,plant_code,quantity,expected_on,vendor_code\n"


async def load(shop: Any, endpoint: Any, text: str, **over: Any) -> ImportReport | Problem:
    name = await shop.harness.upload(text)
    answer = await shop.ask(endpoint, ImportMasterData(object_name=name, **over))
    body: ImportReport | Problem = answer.body
    return body


async def test_opening_balances_are_counted_and_serve_those_who_wait(shop: Any) -> None:
    order = await shop.plan("MO-1")
    rows = STOCK + "GLUE,SHELF,0.1,L1,2.50\nGLUE,RACK,5,L2,\nPAPER;SHELF;1;;\n".replace(";", ",")
    dry = await load(shop, planning.IMPORT_STOCK, rows, dry_run=True)
    assert isinstance(dry, ImportReport)
    assert (dry.row_count, dry.created_count) == (3, 3)
    assert await shop.rows("SELECT 1 FROM stock_movements") == []
    report = await load(shop, planning.IMPORT_STOCK, rows)
    assert isinstance(report, ImportReport)
    assert (report.created_count, report.updated_count, report.unchanged_count) == (3, 0, 0)
    assert (await shop.need(order))["held"] == Decimal("0.217")
    again = await load(shop, planning.IMPORT_STOCK, rows.replace("GLUE,RACK,5", "GLUE,RACK,4"))
    assert isinstance(again, ImportReport)
    assert (again.created_count, again.updated_count, again.unchanged_count) == (0, 1, 2)
    stock = await shop.done(planning.GET_STOCK, GetStock(product_code="GLUE", plant_code="MAIN"))
    assert stock.quantity_on_hand == Decimal("4.1")
    assert await shop.breaches() == ()


async def test_every_fault_of_a_stock_file_is_named_and_nothing_is_loaded(shop: Any) -> None:
    rows = STOCK + (
        "GLUE,SHELF,1,,\nNOTHING,NOWHERE,1,,\nPAPER,SHELF,1.5,,\nGLUE,SHELF,-1,,\nGLUE,SHELF,2,,\n"
    )
    refused = await load(shop, planning.IMPORT_STOCK, rows)
    assert isinstance(refused, Problem)
    assert refused.code == "import_rejected"
    assert [(fault.path, fault.code) for fault in refused.faults] == [
        ("row 5.quantity", "greater_than_equal"),
        ("row 3.product_code", "unknown_product"),
        ("row 3.location_code", "unknown_stock_location"),
        ("row 4.quantity", "too_many_decimals"),
        ("row 6.location_code", "repeated_place"),
    ]
    assert await shop.rows("SELECT 1 FROM inventory_balances") == []


async def test_a_count_below_what_is_promised_frees_it_in_a_file_as_well(shop: Any) -> None:
    await shop.count("GLUE", 1)
    order = await shop.plan("MO-1")
    await load(shop, planning.IMPORT_STOCK, STOCK + "GLUE,SHELF,0.2,,\n")
    assert (await shop.need(order))["short_quantity"] == Decimal("0.017")
    assert await shop.breaches() == ()


async def test_receipts_are_loaded_and_promised(shop: Any) -> None:
    order = await shop.plan("MO-1")
    rows = RECEIPTS + "PO-1,GLUE,MAIN,1,2026-12-01,\nPO-2,PAPER,MAIN,50,2026-12-02,\n"
    report = await load(shop, planning.IMPORT_RECEIPTS, rows)
    assert isinstance(report, ImportReport)
    assert report.created_count == 2
    assert (await shop.need(order))["promised"] == Decimal("0.217")
    listed = await shop.done(planning.LIST_RECEIPTS, ListReceipts())
    assert [receipt.receipt_number for receipt in listed.items] == ["PO-1", "PO-2"]
    refused = await load(
        shop, planning.IMPORT_RECEIPTS, rows + "PO-3,GLUE,MOON,0.0001,2026-12-01,X\n"
    )
    assert isinstance(refused, Problem)
    assert [(fault.path, fault.code) for fault in refused.faults] == [
        ("row 2.receipt_number", "code_taken"),
        ("row 3.receipt_number", "code_taken"),
        ("row 4.quantity", "too_many_decimals"),
        ("row 4.plant_code", "unknown_plant"),
        ("row 4.vendor_code", "unknown_vendor"),
    ]


async def test_people_limited_to_a_plant_load_no_other(shop: Any) -> None:
    name = await shop.harness.upload(STOCK + "GLUE,SHELF,1,,\n")
    request = ImportMasterData(object_name=name)
    answer = await shop.ask(planning.IMPORT_STOCK, request, plants=["WEST"])
    assert answer.problem.code == "plant_forbidden"
