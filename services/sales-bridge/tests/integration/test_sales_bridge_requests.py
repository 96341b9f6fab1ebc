import asyncio
import json
from typing import Any
from uuid import UUID

import pytest

from lineside_contracts import sales
from lineside_contracts.permissions import Permission
from lineside_contracts.planning import ProductChanged, TenantChanged
from lineside_contracts.sales import (
    GetSalesOrder,
    ImportSalesOrders,
    ListRejectedOrders,
    ListSalesOrders,
    ListWebhookSources,
    PutWebhookSource,
    SalesOrderConfirmed,
    SalesOrderRejected,
    SubmitSalesDocument,
)
from lineside_testkit import builders
from lineside_testkit.harness import Answer, Harness

CSV_HEADER = (
    "order_number,revision,confirmed_at,customer_code"
    ",line_number,product_code,quantity,unit,due_date"
)


def document(number: str = "SO-1", **over: Any) -> str:
    fields = {
        "order_number": number,
        "confirmed_at": "2026-11-20T08:00:00Z",
        "customer": {"code": "C-1"},
        "lines": [
            {
                "line_number": 1,
                "product_code": builders.BROCHURE,
                "quantity": "10",
                "unit": "EA",
                "due_date": "2099-12-15",
            }
        ],
    }
    return json.dumps(fields | over)


async def submit(harness: Harness, tenant_id: UUID, text: str, *, key: str | None = None) -> Answer:
    return await harness.ask(
        sales.SUBMIT_SALES_DOCUMENT,
        SubmitSalesDocument(document=text),
        tenant_id=tenant_id,
        idempotency_key=key,
    )


async def test_a_submitted_document_is_taken_once(harness: Harness, shop: UUID) -> None:
    answers = await asyncio.gather(*(submit(harness, shop, document()) for _ in range(10)))
    assert {answer.status for answer in answers} == {201}
    statuses = sorted(answer.body.status for answer in answers)
    assert statuses == ["accepted"] + ["duplicate"] * 9
    assert len(await harness.events(SalesOrderConfirmed, tenant_id=shop)) == 1


async def test_an_idempotency_key_repeats_the_very_answer(harness: Harness, shop: UUID) -> None:
    first = await submit(harness, shop, document(), key="key-1")
    again = await submit(harness, shop, document(), key="key-1")
    other = await submit(harness, shop, document("SO-2"), key="key-1")
    assert again.body == first.body
    assert other.problem.code == "idempotency_key_reused"


async def test_a_refused_document_is_stored_although_its_request_is_rolled_back(
    harness: Harness, shop: UUID
) -> None:
    text = document(lines=[{"line_number": 1, "product_code": "NOPE", "quantity": 0}])
    refused = (await submit(harness, shop, text, key="key-1")).problem
    assert (refused.code, refused.status) == ("order_rejected", 422)
    assert {(fault.code, fault.path) for fault in refused.faults} == {
        ("unknown_product", "lines[0].product_code"),
        ("not_positive", "lines[0].quantity"),
        ("missing", "lines[0].unit"),
        ("missing", "lines[0].due_date"),
    }
    (said,) = await harness.events(SalesOrderRejected, tenant_id=shop)
    listed = await harness.ask(sales.LIST_REJECTED_ORDERS, ListRejectedOrders(), tenant_id=shop)
    assert listed.body.items == (said.payload.rejected_order,)
    stored = await harness.sql("sales-bridge", "SELECT raw FROM sales_documents", tenant_id=shop)
    assert stored == [{"raw": text}]


async def test_a_product_that_comes_while_the_sender_waits_is_no_fault(
    harness: Harness, shop: UUID
) -> None:
    text = document().replace(builders.BROCHURE, "SOON")
    waiting = asyncio.create_task(submit(harness, shop, text))
    await asyncio.sleep(0.8)
    product = builders.product(product_code="SOON")
    await harness.publish(ProductChanged(product=product), tenant_id=shop)
    assert (await waiting).status == 201


@pytest.mark.parametrize(
    ("text", "code", "status"),
    [
        ("{", "malformed", 400),
        ("ISA*00*", "unsupported_document", 415),
        (document(tenant_id="0190b5c0-0000-7000-8000-000000000009"), "order_rejected", 422),
    ],
)
async def test_what_cannot_be_read_is_refused_with_its_reason(
    harness: Harness, shop: UUID, text: str, code: str, status: int
) -> None:
    problem = (await submit(harness, shop, text)).problem
    assert (problem.code, problem.status) == (code, status)
    assert problem.faults


async def test_an_unregistered_organisation_is_refused(harness: Harness) -> None:
    answer = await submit(harness, harness.new_tenant(), document())
    assert answer.problem.code == "forbidden"


async def test_a_suspended_organisation_is_refused(harness: Harness, shop: UUID) -> None:
    suspended = builders.tenant(shop, status="suspended", version=2)
    await harness.publish(TenantChanged(tenant=suspended), tenant_id=shop)
    await harness.settle()
    assert (await submit(harness, shop, document())).problem.code == "forbidden"


async def test_submitting_needs_its_permission(harness: Harness, shop: UUID) -> None:
    answer = await harness.ask(
        sales.SUBMIT_SALES_DOCUMENT,
        SubmitSalesDocument(document=document()),
        tenant_id=shop,
        permissions=frozenset({Permission.PROJECT_READ}),
    )
    assert answer.status == 403


async def test_orders_are_listed_newest_first_page_by_page(harness: Harness, shop: UUID) -> None:
    for number in range(5):
        await submit(harness, shop, document(f"SO-{number}"))
    await submit(harness, shop, json.dumps({"order_number": "SO-9", "event": "cancelled"}))
    await submit(harness, shop, json.dumps({"order_number": "SO-0", "event": "cancelled"}))
    seen: list[str] = []
    cursor = None
    for _ in range(3):
        request = ListSalesOrders(limit=2, cursor=cursor)
        page = (await harness.ask(sales.LIST_SALES_ORDERS, request, tenant_id=shop)).body
        seen += [order.order_number for order in page.items]
        cursor = page.next_cursor
    assert seen == ["SO-4", "SO-3", "SO-2", "SO-1", "SO-0"]
    assert cursor is None
    cancelled = ListSalesOrders.model_validate({"status": "cancelled"})
    page = (await harness.ask(sales.LIST_SALES_ORDERS, cancelled, tenant_id=shop)).body
    assert [order.order_number for order in page.items] == ["SO-0"]
    one = ListSalesOrders(order_number="SO-3")
    (found,) = (await harness.ask(sales.LIST_SALES_ORDERS, one, tenant_id=shop)).body.items
    get = GetSalesOrder(sales_order_id=found.id)
    assert (await harness.ask(sales.GET_SALES_ORDER, get, tenant_id=shop)).body == found
    other = harness.new_tenant()
    assert (await harness.ask(sales.GET_SALES_ORDER, get, tenant_id=other)).status == 404
    broken = ListSalesOrders(cursor="WyJ4Il0")
    answer = await harness.ask(sales.LIST_SALES_ORDERS, broken, tenant_id=shop)
    assert answer.problem.code == "invalid_cursor"


async def test_every_order_of_a_csv_file_is_judged_alone(harness: Harness, shop: UUID) -> None:
    rows = [
        f"SO-{n},1,2026-11-20T08:00:00Z,C-1,1,{builders.BROCHURE},10,EA,2099-12-15"
        for n in range(450)
    ]
    rows[7] = rows[7].replace(",10,EA", ",0,EA")
    rows.append(rows[0].replace("C-1,1,", "C-1,2,"))
    name = await harness.upload("\n".join([CSV_HEADER, *rows]))
    request = ImportSalesOrders(object_name=name, format="csv")
    report = (await harness.ask(sales.IMPORT_SALES_ORDERS, request, tenant_id=shop)).body
    assert (report.order_count, report.accepted_count, report.rejected_count) == (450, 449, 1)
    (refused,) = [answer for answer in report.answers if answer.status == "rejected"]
    assert (refused.order_number, refused.faults[0].path) == ("SO-7", "row 9, quantity")
    again = (await harness.ask(sales.IMPORT_SALES_ORDERS, request, tenant_id=shop)).body
    assert (again.duplicate_count, again.rejected_count) == (449, 1)
    said = await harness.events(SalesOrderConfirmed, tenant_id=shop, count=449, timeout=20)
    assert len(said) == 449


async def test_json_lines_may_cancel_what_they_confirmed(harness: Harness, shop: UUID) -> None:
    lines = [document(), '{"order_number": "SO-1", "event": "cancelled"}', "{", document("SO-2")]
    name = await harness.upload("\n".join(lines))
    request = ImportSalesOrders(object_name=name, format="jsonl")
    report = (await harness.ask(sales.IMPORT_SALES_ORDERS, request, tenant_id=shop)).body
    statuses = [answer.status for answer in report.answers]
    assert statuses == ["accepted", "cancelled", "rejected", "accepted"]
    assert report.answers[2].faults[0].path == "line 3"


async def test_a_file_that_is_no_csv_is_refused_as_a_whole(harness: Harness, shop: UUID) -> None:
    name = await harness.upload("number;amount\n1;2")
    request = ImportSalesOrders(object_name=name, format="csv")
    problem = (await harness.ask(sales.IMPORT_SALES_ORDERS, request, tenant_id=shop)).problem
    assert problem.code == "import_rejected"
    assert any("order_number" in fault.message for fault in problem.faults)
    missing = ImportSalesOrders(object_name="nowhere", format="csv")
    answer = await harness.ask(sales.IMPORT_SALES_ORDERS, missing, tenant_id=shop)
    assert answer.problem.code == "not_found"


async def test_webhook_sources_are_listed_without_their_secrets(
    harness: Harness, shop: UUID
) -> None:
    for secret in ("a secret of some length", "another secret of length"):
        request = PutWebhookSource(source="shop", secret=secret)
        await harness.ask(sales.PUT_WEBHOOK_SOURCE, request, tenant_id=shop)
    answer = await harness.ask(sales.LIST_WEBHOOK_SOURCES, ListWebhookSources(), tenant_id=shop)
    (source,) = answer.body.items
    assert (source.source, source.is_active) == ("shop", True)
    assert "secret" not in source.model_dump_json()
