import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx
import pytest

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts import sales
from lineside_contracts.sales import PutWebhookSource, SalesOrderConfirmed
from lineside_sales_bridge.domain import documents, signatures
from lineside_sales_bridge.requests import webhook
from lineside_testkit import builders
from lineside_testkit.harness import Harness

SECRET = "a secret of some length"  # noqa: S105


def document(**over: Any) -> bytes:
    fields = {
        "order_number": "SO-1",
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
    return json.dumps(fields | over).encode()


@pytest.fixture
async def http(harness: Harness) -> AsyncIterator[httpx.AsyncClient]:
    await harness.client()
    instance = harness.installation.instances["sales-bridge"][0]
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{instance.http_port}") as client:
        yield client


@pytest.fixture
async def source(harness: Harness, shop: UUID) -> str:
    request = PutWebhookSource(source="shop", secret=SECRET)
    await harness.ask(sales.PUT_WEBHOOK_SOURCE, request, tenant_id=shop)
    return f"/webhooks/{shop}/shop"


def signed(
    body: bytes,
    *,
    secret: str = SECRET,
    age: int = 0,
    content_type: str = "application/json",
) -> dict[str, str]:
    timestamp = str(int(SYSTEM_CLOCK.now().timestamp()) - age)
    return {
        "Content-Type": content_type,
        signatures.TIMESTAMP_HEADER: timestamp,
        signatures.SIGNATURE_HEADER: signatures.signature(secret, timestamp, body),
    }


async def post(
    http: httpx.AsyncClient, path: str, body: bytes, headers: dict[str, str] | None = None
) -> httpx.Response:
    return await http.post(path, content=body, headers=headers or signed(body))


async def test_a_signed_order_is_taken_and_its_replay_is_a_duplicate(
    harness: Harness, shop: UUID, http: httpx.AsyncClient, source: str
) -> None:
    body = document()
    headers = signed(body)
    first = await post(http, source, body, headers)
    again = await post(http, source, body, headers)
    assert (first.status_code, first.json()["status"]) == (201, "accepted")
    assert (again.status_code, again.json()["status"]) == (200, "duplicate")
    assert again.json()["sales_order_id"] == first.json()["sales_order_id"]
    (said,) = await harness.events(SalesOrderConfirmed, tenant_id=shop)
    assert said.payload.sales_order.source == "webhook:shop"
    assert said.envelope.actor_id == "webhook:shop"


async def test_the_same_order_ten_times_at_once_has_one_effect(
    http: httpx.AsyncClient, source: str
) -> None:
    answers = await asyncio.gather(*(post(http, source, document()) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [200] * 9 + [201]


async def test_strangers_learn_nothing_but_that_the_signature_is_wrong(
    harness: Harness, shop: UUID, http: httpx.AsyncClient, source: str
) -> None:
    body = document()
    inactive = PutWebhookSource(source="closed", secret=SECRET, is_active=False)
    await harness.ask(sales.PUT_WEBHOOK_SOURCE, inactive, tenant_id=shop)
    ascii_only = signed(body) | {signatures.SIGNATURE_HEADER: "v1=0"}
    answers = [
        await post(http, source, body, signed(body, secret=SECRET[::-1])),
        await post(http, source, body + b" ", signed(body)),
        await post(http, source, body, signed(body, age=webhook.WINDOW_SECONDS + 5)),
        await post(http, source, body, signed(body, age=-webhook.WINDOW_SECONDS - 5)),
        await post(http, source, body, ascii_only),
        await post(http, source, body, signed(body) | {signatures.TIMESTAMP_HEADER: "-1"}),
        await post(http, source, body, signed(body) | {signatures.TIMESTAMP_HEADER: "1e9"}),
        await post(http, source, body, {"Content-Type": "application/json"}),
        await post(http, f"/webhooks/{shop}/nobody", body),
        await post(http, f"/webhooks/{shop}/closed", body),
        await post(http, f"/webhooks/{harness.new_tenant()}/shop", body),
        await post(http, "/webhooks/nobody/shop", body),
        await post(http, "/webhooks/nobody/shop", b"x", signed(b"x", content_type="text/plain")),
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].headers["content-type"] == "application/problem+json"
    assert answers[0].json()["code"] == "signature_invalid"


@pytest.mark.parametrize("framing", ["Content-Length: 99999999", "Transfer-Encoding: chunked"])
async def test_a_body_beyond_the_limit_is_refused_while_it_streams(
    http: httpx.AsyncClient, source: str, framing: str
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", http.base_url.port)
    writer.write(f"POST {source} HTTP/1.1\r\nHost: localhost\r\n{framing}\r\n\r\n".encode())
    if "chunked" in framing:
        size = documents.MAX_DOCUMENT_BYTES + 1
        writer.write(f"{size:x}\r\n".encode() + b"x" * size + b"\r\n")
    async with asyncio.timeout(10):
        status = await reader.readline()
    assert b" 413 " in status
    writer.close()


async def test_every_fault_is_a_field_of_the_problem(http: httpx.AsyncClient, source: str) -> None:
    body = document(currency="x", lines=[{"line_number": 1, "quantity": -1}])
    answer = await post(http, source, body)
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["status"]) == (422, "order_rejected", 422)
    assert {fault["path"] for fault in problem["faults"]} == {
        "currency",
        "lines[0].product_code",
        "lines[0].quantity",
        "lines[0].unit",
        "lines[0].due_date",
    }


async def test_revisions_in_the_way_are_conflicts(http: httpx.AsyncClient, source: str) -> None:
    await post(http, source, document(revision=2))
    stale = await post(http, source, document(revision=1))
    other = await post(http, source, document(revision=2, currency="EUR"))
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_revision")
    assert stale.json()["known_revision"] == 2
    assert (other.status_code, other.json()["code"]) == (409, "revision_content_mismatch")
    amended = await post(http, source, document(revision=3))
    cancelled = await post(http, source, b'{"order_number": "SO-1", "event": "cancelled"}')
    assert [a.json()["status"] for a in (amended, cancelled)] == ["amended", "cancelled"]
    assert {amended.status_code, cancelled.status_code} == {200}


async def test_other_content_is_not_taken(http: httpx.AsyncClient, source: str) -> None:
    body = b"ISA*00*"
    plain = await post(http, source, body, signed(body, content_type="text/plain"))
    claimed = await post(http, source, body)
    assert [answer.status_code for answer in (plain, claimed)] == [415, 415]
    assert "X12" in claimed.json()["detail"]
    broken = await post(http, source, b'{"order_number":')
    assert broken.status_code == 400
    assert "line 1" in broken.json()["detail"]
