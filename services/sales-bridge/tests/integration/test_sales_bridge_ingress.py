import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import orjson
import pytest

from lineside_contracts.planning import ProductChanged, TenantChanged
from lineside_contracts.sales import (
    SalesOrderAmended,
    SalesOrderAnswer,
    SalesOrderCancelled,
    SalesOrderConfirmed,
    SalesOrderRejected,
)
from lineside_testkit import builders
from lineside_testkit.harness import Harness

NewShop = Callable[[], Awaitable[UUID]]


def order(number: str = "SO-1", **over: Any) -> dict[str, Any]:
    fields = {
        "order_number": number,
        "revision": 1,
        "confirmed_at": "2026-11-20T08:00:00Z",
        "customer": {"code": "C-1", "name": "Customer"},
        "lines": [line()],
    }
    return fields | over


def line(**over: Any) -> dict[str, Any]:
    fields = {
        "line_number": 1,
        "product_code": builders.BROCHURE,
        "quantity": "10000",
        "unit": "EA",
        "due_date": "2099-12-15",
    }
    return fields | over


async def send(
    harness: Harness,
    tenant_id: UUID,
    body: dict[str, Any] | bytes,
    *,
    verb: str = "confirmed",
    headers: dict[str, str] | None = None,
) -> None:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    await harness.publish_raw(f"sales.order.{verb}.{tenant_id}", data, headers)


async def ask(
    harness: Harness, tenant_id: UUID, body: dict[str, Any] | bytes, *, verb: str = "confirmed"
) -> SalesOrderAnswer:
    """Send a document and wait for the answer on the subject it names."""
    client = await harness.client()
    subject = f"sales.reply.{client.new_inbox()[7:]}"
    replies = await client.subscribe(subject)
    await client.flush()
    await send(harness, tenant_id, body, verb=verb, headers={"Lineside-Reply-To": subject})
    message = await replies.next_msg(timeout=15)
    await replies.unsubscribe()
    return SalesOrderAnswer.model_validate_json(message.data)


async def rows(harness: Harness, tenant_id: UUID, table: str) -> list[dict[str, Any]]:
    return await harness.sql("sales-bridge", f"SELECT * FROM {table}", tenant_id=tenant_id)  # noqa: S608


async def test_an_order_is_answered_stored_raw_and_said_once(harness: Harness, shop: UUID) -> None:
    document = order(lines=[line(quantity="5", unit="BX")])
    answer = await ask(harness, shop, document)
    assert (answer.status, answer.order_number, answer.revision) == ("accepted", "SO-1", 1)
    (said,) = await harness.events(SalesOrderConfirmed, tenant_id=shop)
    found = said.payload.sales_order
    assert (found.id, found.version) == (answer.sales_order_id, 1)
    assert (str(found.lines[0].quantity), found.lines[0].unit_code) == ("60", "EA")
    assert (found.project_number, found.project_name) == ("SO-1", "Customer SO-1")
    (stored,) = await rows(harness, shop, "sales_documents")
    assert json.loads(stored["raw"]) == document
    assert (stored["verdict"], stored["sales_order_id"]) == ("accepted", found.id)


async def test_the_plain_subject_takes_the_tenant_from_body_or_header(
    harness: Harness, shop: UUID
) -> None:
    body = order("BODY") | {"tenant_id": str(shop)}
    await harness.publish_raw("sales.order.confirmed", orjson.dumps(body))
    await harness.publish_raw(
        "sales.order.confirmed", orjson.dumps(order("HEADER")), {"ce-tenantid": str(shop)}
    )
    said = await harness.events(SalesOrderConfirmed, tenant_id=shop, count=2)
    assert {event.payload.sales_order.order_number for event in said} == {"BODY", "HEADER"}
    assert len({event.envelope.correlation_id for event in said}) == 2


async def test_a_peppol_order_is_taken_and_its_faults_are_named_by_its_own_paths(
    harness: Harness, shop: UUID
) -> None:
    namespace = "urn:oasis:names:specification:ubl:schema:xsd:"
    item = "<cac:SellersItemIdentification><cbc:ID>{}</cbc:ID></cac:SellersItemIdentification>"
    xml = f"""<?xml version="1.0" encoding="UTF-8"?><Order xmlns="{namespace}Order-2"
      xmlns:cac="{namespace}CommonAggregateComponents-2"
      xmlns:cbc="{namespace}CommonBasicComponents-2"><cbc:ID>PO-1</cbc:ID>
      <cbc:IssueDate>2026-11-20</cbc:IssueDate><cac:BuyerCustomerParty><cac:Party>
      <cbc:EndpointID>0088:1</cbc:EndpointID></cac:Party></cac:BuyerCustomerParty>
      <cac:Delivery><cac:RequestedDeliveryPeriod><cbc:EndDate>2099-12-15</cbc:EndDate>
      </cac:RequestedDeliveryPeriod></cac:Delivery><cac:OrderLine><cac:LineItem><cbc:ID>1</cbc:ID>
      <cbc:Quantity unitCode="XBX">2</cbc:Quantity><cac:Item>{item}</cac:Item></cac:LineItem>
      </cac:OrderLine></Order>"""
    refused = await ask(harness, shop, xml.format("NOPE").encode())
    path = "/Order/OrderLine[1]/LineItem/Item/SellersItemIdentification/ID"
    assert [(fault.code, fault.path) for fault in refused.faults] == [("unknown_product", path)]
    await harness.publish_raw(
        "sales.order.confirmed", xml.format(builders.BROCHURE).encode(), {"ce-tenantid": str(shop)}
    )
    (said,) = await harness.events(SalesOrderConfirmed, tenant_id=shop)
    assert said.payload.sales_order.order_number == "PO-1"
    assert str(said.payload.sales_order.lines[0].quantity) == "24"


async def test_the_same_order_ten_times_at_once_has_one_effect(
    harness: Harness, shop: UUID
) -> None:
    answers = await asyncio.gather(*(ask(harness, shop, order()) for _ in range(10)))
    assert sorted(answer.status for answer in answers) == ["accepted"] + ["duplicate"] * 9
    assert len({answer.sales_order_id for answer in answers}) == 1
    await harness.settle()
    assert len(await harness.events(SalesOrderConfirmed, tenant_id=shop)) == 1
    assert len(await rows(harness, shop, "sales_orders")) == 1
    assert len(await rows(harness, shop, "sales_documents")) == 1


async def test_concurrent_revisions_of_many_orders_end_in_the_highest(
    harness: Harness, shop: UUID
) -> None:
    numbers = [f"SO-{number}" for number in range(20)]
    documents = [order(n, revision=r) for r in (3, 1, 4, 2) for n in numbers]
    await asyncio.gather(*(send(harness, shop, document) for document in documents * 2))
    await harness.settle()
    stored = await rows(harness, shop, "sales_orders")
    assert {row["order_number"]: row["revision"] for row in stored} == dict.fromkeys(numbers, 4)
    assert await harness.dead_letters(tenant_id=shop) == []


async def test_amendment_cancellation_and_reopening_are_said(harness: Harness, shop: UUID) -> None:
    await ask(harness, shop, order(lines=[line(), line(line_number=2)]))
    changed = order(revision=2, lines=[line(quantity="7"), line(line_number=3)])
    amended = await ask(harness, shop, changed, verb="amended")
    cancelled = await ask(harness, shop, {"order_number": "SO-1", "reason": "no"}, verb="cancelled")
    reopened = await ask(harness, shop, order(revision=3))
    assert [a.status for a in (amended, cancelled, reopened)] == [
        "amended",
        "cancelled",
        "accepted",
    ]
    (amendment,) = await harness.events(SalesOrderAmended, tenant_id=shop)
    assert amendment.payload.previous_revision == 1
    assert [each.line_number for each in amendment.payload.sales_order.lines] == [1, 3]
    (cancellation,) = await harness.events(SalesOrderCancelled, tenant_id=shop)
    assert cancellation.payload.sales_order.cancel_reason == "no"
    assert cancellation.payload.sales_order.lines == amendment.payload.sales_order.lines
    confirmations = await harness.events(SalesOrderConfirmed, tenant_id=shop, count=2)
    again = confirmations[-1].payload.sales_order
    assert (again.version, again.confirmation_count, again.cancel_reason) == (4, 2, None)
    stored = await rows(harness, shop, "sales_order_lines")
    assert [row["line_number"] for row in stored] == [1]


async def test_a_cancellation_ahead_of_its_order_cancels_it(harness: Harness, shop: UUID) -> None:
    ahead = await ask(
        harness, shop, {"order_number": "SO-1", "revision": 2, "reason": "no"}, verb="cancelled"
    )
    assert ahead.warnings[0].code == "unknown_order"
    late = await ask(harness, shop, order())
    assert late.status == "cancelled"
    (said,) = await harness.events(SalesOrderCancelled, tenant_id=shop)
    assert (said.payload.sales_order.version, said.payload.sales_order.revision) == (1, 2)
    assert said.payload.sales_order.cancel_reason == "no"
    assert (await ask(harness, shop, order(revision=3))).status == "accepted"


async def test_stale_and_mismatching_revisions_are_refused_with_their_code(
    harness: Harness, shop: UUID
) -> None:
    await ask(harness, shop, order(revision=2))
    stale = await ask(harness, shop, order(revision=1))
    other = await ask(harness, shop, order(revision=2, currency="EUR"))
    assert (stale.code, other.code) == ("stale_revision", "revision_content_mismatch")
    said = await harness.events(SalesOrderRejected, tenant_id=shop, count=2)
    assert {event.payload.rejected_order.code for event in said} == {stale.code, other.code}


async def test_a_product_that_becomes_known_in_time_is_no_fault(
    harness: Harness, shop: UUID
) -> None:
    waiting = asyncio.create_task(ask(harness, shop, order(lines=[line(product_code="LATE")])))
    await asyncio.sleep(1)
    product = builders.product(product_code="LATE")
    await harness.publish(ProductChanged(product=product), tenant_id=shop)
    assert (await waiting).status == "accepted"


async def test_an_unknown_product_is_refused_by_name_and_judged_again_later(
    harness: Harness, shop: UUID
) -> None:
    document = order(lines=[line(product_code="NEVER", quantity=-1)])
    refused = await ask(harness, shop, document)
    assert refused.status == "rejected"
    assert {(fault.code, fault.path) for fault in refused.faults} == {
        ("unknown_product", "lines[0].product_code"),
        ("not_positive", "lines[0].quantity"),
    }
    (said,) = await harness.events(SalesOrderRejected, tenant_id=shop)
    assert said.payload.rejected_order.faults == refused.faults
    product = builders.product(product_code="NEVER")
    await harness.publish(ProductChanged(product=product), tenant_id=shop)
    await harness.settle()
    fixed = order(lines=[line(product_code="NEVER")])
    assert (await ask(harness, shop, fixed)).status == "accepted"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"order_number": "SO-1",', "malformed"),
        (b'{"order_number": "a\\u0000"}', "malformed"),
        (b"\xff\xfe\x00", "malformed"),
        (b"UNB+UNOA:4+1", "unsupported_document"),
        (b"", "unsupported_document"),
        (orjson.dumps(order(lines=[])), "order_rejected"),
        (orjson.dumps(order(lines=[line(quantity="1e400")])), "order_rejected"),
        (orjson.dumps(order(lines=[line(quantity="NaN", due_date=7)])), "order_rejected"),
        (orjson.dumps(order(tenant_id="0190b5c0-0000-7000-8000-000000000009")), "order_rejected"),
        (b'{"order_number": "' + b"x" * 5_300_000 + b'"}', "payload_too_large"),
    ],
)
async def test_bad_documents_are_stored_and_refused_and_the_next_one_is_taken(
    harness: Harness, shop: UUID, body: bytes, code: str
) -> None:
    refused, good = await asyncio.gather(
        ask(harness, shop, body), ask(harness, shop, order("GOOD"))
    )
    assert (refused.status, refused.code) == ("rejected", code)
    assert refused.faults
    assert good.status == "accepted"
    stored = await rows(harness, shop, "sales_documents")
    assert {row["verdict"] for row in stored} == {"accepted", "rejected"}
    assert [row["order_number"] for row in await rows(harness, shop, "sales_orders")] == ["GOOD"]


async def test_messages_that_name_no_tenant_are_dead_letters(harness: Harness) -> None:
    before = len(await harness.dead_letters())
    other = str(harness.new_tenant())
    for subject, body, headers in (
        ("sales.order.confirmed", b"{", {}),
        ("sales.order.confirmed", orjson.dumps(order()), {}),
        ("sales.order.confirmed", orjson.dumps(order(tenant_id="nobody")), {}),
        ("sales.order.confirmed.nobody", orjson.dumps(order()), {}),
        (
            "sales.order.confirmed",
            orjson.dumps(order(tenant_id=str(harness.new_tenant()))),
            {"ce-tenantid": other},
        ),
    ):
        await harness.publish_raw(subject, body, headers)
    await harness.settle()
    assert len(await harness.dead_letters()) == before + 5


async def test_an_unknown_tenant_is_waited_for_and_then_a_dead_letter(harness: Harness) -> None:
    tenant_id = harness.new_tenant()
    before = len(await harness.dead_letters())
    await send(harness, tenant_id, order())
    await asyncio.sleep(3)
    assert len(await harness.dead_letters()) == before
    await asyncio.sleep(4)
    assert len(await harness.dead_letters()) == before + 1


async def test_a_tenant_that_becomes_known_in_time_gets_its_order(harness: Harness) -> None:
    tenant_id = harness.new_tenant()
    await send(harness, tenant_id, order())
    await asyncio.sleep(1)
    await harness.publish(TenantChanged(tenant=builders.tenant(tenant_id)), tenant_id=tenant_id)
    await harness.publish(ProductChanged(product=builders.product()), tenant_id=tenant_id)
    assert await harness.events(SalesOrderConfirmed, tenant_id=tenant_id)


async def test_a_reply_goes_to_permitted_subjects_only(harness: Harness, shop: UUID) -> None:
    client = await harness.client()
    seen = await client.subscribe("relay.poke.planning")
    await client.flush()
    await send(harness, shop, order(), headers={"Lineside-Reply-To": "relay.poke.planning"})
    await harness.settle()
    assert seen.pending_msgs == 0
    await seen.unsubscribe()
