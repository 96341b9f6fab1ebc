"""Sales systems are called back: signed, again when they fail, by one of two replicas."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import pytest

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts import sales
from lineside_contracts.planning import ProductChanged, ProductionOrderCompleted, TenantChanged
from lineside_contracts.predictions import (
    DeliveryPrediction,
    DeliveryPredictionUpdated,
    PredictedOrder,
)
from lineside_contracts.sales import PutWebhookSource
from lineside_sales_bridge.domain import signatures
from lineside_testkit import builders
from lineside_testkit.harness import Harness
from lineside_testkit.servers import Servers

SECRET = "a secret of some length"  # noqa: S105
DUE_ON = date(2099, 12, 15)
RETRIES = (0.1, 0.1, 0.1)
PATIENCE_SECONDS = 15.0


@dataclass
class SalesSystem:
    """Somebody who is called: keeps each call and answers as told."""

    statuses: list[int] = field(default_factory=list)
    calls: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {
            name.lower(): value.strip()
            for name, _, value in (line.partition(":") for line in head[1:] if line)
        }
        self.calls.append((headers, await reader.readexactly(int(headers["content-length"]))))
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        writer.write(
            f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()
        )
        await writer.drain()
        writer.close()
        await writer.wait_closed()


@asynccontextmanager
async def sales_system(*statuses: int) -> AsyncIterator[SalesSystem]:
    system = SalesSystem(list(statuses))
    server = await asyncio.start_server(system.answer, "127.0.0.1", 0)
    system.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/lineside"
    async with server:
        yield system


@pytest.fixture(scope="module")
async def harness(lineside_servers: Servers) -> AsyncIterator[Harness]:
    async with Harness.start(
        lineside_servers,
        services=["sales-bridge"],
        replicas={"sales-bridge": 2},
        settings={"sales-bridge": {"callback_retry_seconds": RETRIES}},
    ) as harness:
        yield harness


async def shop_of(harness: Harness, callback_url: str | None) -> UUID:
    tenant_id = harness.new_tenant()
    for payload in (
        ProductChanged(product=builders.product()),
        TenantChanged(tenant=builders.tenant(tenant_id)),
    ):
        await harness.publish(payload, tenant_id=tenant_id)
    await harness.settle()
    put = PutWebhookSource(source="shop", secret=SECRET, callback_url=callback_url)
    answer = await harness.ask(sales.PUT_WEBHOOK_SOURCE, put, tenant_id=tenant_id)
    assert answer.body.callback_url == callback_url
    return tenant_id


async def order_by_webhook(harness: Harness, tenant_id: UUID) -> UUID:
    document = {
        "order_number": "SO-1",
        "confirmed_at": "2026-11-20T08:00:00Z",
        "customer": {"code": "C-1"},
        "lines": [
            {
                "line_number": 1,
                "product_code": builders.BROCHURE,
                "quantity": "10",
                "unit": "EA",
                "due_date": DUE_ON.isoformat(),
            }
        ],
    }
    body = json.dumps(document).encode()
    timestamp = str(int(SYSTEM_CLOCK.now().timestamp()))
    headers = {
        "Content-Type": "application/json",
        signatures.TIMESTAMP_HEADER: timestamp,
        signatures.SIGNATURE_HEADER: signatures.signature(SECRET, timestamp, body),
    }
    instance = harness.installation.instances["sales-bridge"][0]
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{instance.http_port}") as client:
        answer = await client.post(f"/webhooks/{tenant_id}/shop", content=body, headers=headers)
    assert answer.status_code == 201, answer.text
    return UUID(answer.json()["sales_order_id"])


async def predict(
    harness: Harness, tenant_id: UUID, order_id: UUID, day: date, *, version: int = 1
) -> None:
    dates = dict.fromkeys(("p50_date", "p80_date", "p95_date"), day)
    order = PredictedOrder(
        production_order_id=SYSTEM_CLOCK.new_id(),
        production_order_number="MO-1",
        sales_order_id=order_id,
        status="open",
        due_date=DUE_ON,
        quantity=Decimal(10),
        remaining_work_minutes=Decimal(10),
        **dates,
    )
    made = DeliveryPrediction(
        id=order_id,
        version=version,
        project_number="SO-1",
        project_name="SO-1",
        predicted_date=day,
        confidence="low",
        requested_date=DUE_ON,
        days_late=0,
        remaining_work_minutes=Decimal(10),
        orders=(order,),
        order_count=1,
        factors=(),
        calculated_at=datetime(2026, 11, 20, tzinfo=UTC),
        calculated_by="test",
        **dates,
    )
    await harness.publish(DeliveryPredictionUpdated(delivery_prediction=made), tenant_id=tenant_id)
    await harness.settle()


async def deliveries(harness: Harness, tenant_id: UUID) -> list[dict[str, Any]]:
    query = "SELECT * FROM webhook_deliveries ORDER BY id"
    return await harness.sql("sales-bridge", query, tenant_id=tenant_id)


async def until_settled(harness: Harness, tenant_id: UUID, *statuses: str) -> list[dict[str, Any]]:
    """Wait until the deliveries have these statuses, oldest first."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            rows = await deliveries(harness, tenant_id)
            if [row["status"] for row in rows] == list(statuses):
                return rows
            await asyncio.sleep(0.05)


async def test_every_outcome_is_called_once_and_signed_with_the_sources_secret(
    harness: Harness,
) -> None:
    async with sales_system(204) as system:
        tenant = await shop_of(harness, system.url)
        order_id = await order_by_webhook(harness, tenant)
        await predict(harness, tenant, order_id, DUE_ON)
        await until_settled(harness, tenant, *["delivered"] * 1)
        await predict(harness, tenant, order_id, date(2099, 12, 18), version=2)
        await until_settled(harness, tenant, *["delivered"] * 2)
        state = builders.production_order(
            sales_order_id=order_id, status="completed", quantity_completed=Decimal(10)
        )
        event = ProductionOrderCompleted(production_order=state)
        await harness.publish(event, tenant_id=tenant)
        rows = await until_settled(harness, tenant, *["delivered"] * 3)
    assert [headers["lineside-event"] for headers, _ in system.calls] == [
        "sales.order.accepted",
        "sales.order.promise_changed",
        "sales.order.fulfilled",
    ]
    assert [row["attempts"] for row in rows] == [1, 1, 1]
    for headers, body in system.calls:
        timestamp = headers["lineside-timestamp"]
        assert headers["lineside-signature"] == signatures.signature(SECRET, timestamp, body)
    said = json.loads(system.calls[1][1])
    assert (said["previous_promised_date"], said["sales_order"]["promised_date"]) == (
        "2099-12-15",
        "2099-12-18",
    )


async def test_a_call_that_fails_is_made_again_under_the_same_delivery(harness: Harness) -> None:
    async with sales_system(503, 500, 200) as system:
        tenant = await shop_of(harness, system.url)
        await predict(harness, tenant, await order_by_webhook(harness, tenant), DUE_ON)
        (row,) = await until_settled(harness, tenant, "delivered")
    assert row["attempts"] == 3
    assert {headers["lineside-delivery"] for headers, _ in system.calls} == {str(row["id"])}


@pytest.mark.parametrize(("status", "attempts"), [(500, len(RETRIES) + 1), (410, 1)])
async def test_a_call_is_given_up_after_the_last_retry_or_where_the_address_is_gone(
    harness: Harness, status: int, attempts: int
) -> None:
    async with sales_system(status) as system:
        tenant = await shop_of(harness, system.url)
        await predict(harness, tenant, await order_by_webhook(harness, tenant), DUE_ON)
        (row,) = await until_settled(harness, tenant, "failed")
    assert (len(system.calls), row["attempts"]) == (attempts, attempts)
    assert row["last_error"] == f"answered {status}"
    due = await harness.owner_sql(
        "sales-bridge",
        "SELECT next_delivery_at FROM known_tenants WHERE tenant_id = %(id)s",
        parameters={"id": tenant},
    )
    assert due == [{"next_delivery_at": None}]


async def test_nobody_is_called_who_gave_no_address(harness: Harness) -> None:
    tenant = await shop_of(harness, None)
    await predict(harness, tenant, await order_by_webhook(harness, tenant), DUE_ON)
    assert await until_settled(harness, tenant) == []
