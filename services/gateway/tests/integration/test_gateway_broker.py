"""The gateway with the login it has in production, and through an outage of NATS."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import nats
import pytest
from nats.aio.client import Client

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts.endpoint import STATUS_HEADER
from lineside_contracts.envelope import Envelope
from lineside_stack import catalogue, instances, nats_permissions, provisioning
from lineside_stack.embedded import children
from lineside_stack.embedded.nats import EmbeddedNats
from lineside_stack.instances import InProcess

PASSWORD = "test"  # noqa: S105 -- a server that lives for one test
GATEWAY = catalogue.service("gateway")


@dataclass
class Place:
    broker: EmbeddedNats
    admin: Client
    gateway: InProcess

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.gateway.http_port}"

    async def publish(self, tenant_id: UUID, number: int) -> None:
        aggregate_id = SYSTEM_CLOCK.new_id()
        about = Envelope(
            event_id=SYSTEM_CLOCK.new_id(),
            event_type="work_order.created.v1",
            tenant_id=tenant_id,
            aggregate_id=aggregate_id,
            aggregate_version=1,
            occurred_at=SYSTEM_CLOCK.now(),
            source="lineside/test",
            correlation_id=SYSTEM_CLOCK.new_id(),
        )
        body = json.dumps({"work_order": {"id": str(aggregate_id), "number": number}})
        subject = f"work_order.created.{tenant_id}.{aggregate_id}"
        js = self.admin.jetstream()
        await js.publish(subject, body.encode(), headers=about.headers())


@pytest.fixture
async def place(tmp_path: Path, mint: Any) -> AsyncIterator[Place]:
    names = [entry.name for entry in catalogue.SERVICES]
    logins = [*nats_permissions.LOGINS, *names]
    users = nats_permissions.users(names, passwords=dict.fromkeys(logins, PASSWORD))
    broker = EmbeddedNats(tmp_path / "nats", accounts={"T": users}, log=tmp_path / "nats.log")
    await broker.start()
    admin = await nats.connect(
        broker.url,
        user=nats_permissions.ADMIN,
        password=PASSWORD,
        max_reconnect_attempts=-1,
        reconnect_time_wait=0.1,
    )
    await provisioning.provision_broker(admin, [GATEWAY])
    values = {
        "http_port": children.free_port(),
        "nats_url": broker.url,
        "nats_user": "gateway",
        "nats_password": PASSWORD,
        "nats_inbox_prefix": nats_permissions.inbox_prefix("gateway"),
        "jwks_file": mint.jwks_file,
        "log_level": "error",
        "request_seconds": 1,
    }
    gateway = InProcess(GATEWAY, values)
    try:
        await instances.wait_until_ready(gateway)
        yield Place(broker, admin, gateway)
    finally:
        await gateway.stop()
        await admin.close()
        await broker.stop()


async def test_its_own_login_is_enough_for_everything(place: Place, mint: Any, live: Any) -> None:
    tenant_id = SYSTEM_CLOCK.new_id()
    headers = {"Authorization": f"Bearer {mint.token(tenant_id)}"}

    async def answer(message: Any) -> None:
        await place.admin.publish(message.reply, b'{"items": []}', headers={STATUS_HEADER: "200"})

    await place.admin.subscribe("request.>", cb=answer)
    await place.admin.flush()
    await place.admin.flush()
    async with httpx.AsyncClient(base_url=f"{place.url}/api/v1", headers=headers) as http:
        assert (await http.get("/work-orders")).status_code == 200
        csv = {"Content-Type": "text/csv"}
        assert (await http.post("/imports/plants", content=b"a", headers=csv)).status_code == 200
    async with live(place.url, mint.token(tenant_id)) as client:
        cursor = (await client.subscribe("work_order.*"))["cursor"]
        await place.publish(tenant_id, 1)
        assert (await client.receive())["data"]["number"] == 1
    async with live(place.url, mint.token(tenant_id)) as client:
        told = await client.subscribe("work_order.*", resume_from=cursor)
        assert told["resumed"] is True
        first = await client.receive()
        assert first["data"]["number"] == 1
    async with live(place.url, mint.token(tenant_id)) as client:
        await client.subscribe("work_order.*", resume_from=first["id"])
        assert await client.silent()


async def test_its_own_login_is_enough_for_tickets(place: Place, mint: Any, live: Any) -> None:
    headers = {"Authorization": f"Bearer {mint.token(SYSTEM_CLOCK.new_id())}"}
    async with httpx.AsyncClient(base_url=place.url, headers=headers, timeout=10) as http:
        answer = await http.post("/api/v1/ws-tickets")
    assert answer.status_code == 201, answer.text
    async with live(place.url, ticket=answer.json()["ticket"]) as client:
        assert (await client.subscribe("work_order.*"))["control"] == "subscribed"


async def test_an_outage_of_the_broker_is_waited_out(place: Place, mint: Any, live: Any) -> None:
    tenant_id = SYSTEM_CLOCK.new_id()
    token = mint.token(tenant_id)
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        live(place.url, token) as client,
        httpx.AsyncClient(base_url=place.url, headers=headers, timeout=10) as http,
    ):
        await client.subscribe("work_order.*")
        await place.publish(tenant_id, 1)
        assert (await client.receive())["data"]["number"] == 1
        place.broker.kill()
        await answers(http, "/ready", 503)
        for path in ("/api/v1/work-orders", "/api/v1/products"):
            answer = await http.get(path)
            assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert (await http.get("/health")).status_code == 200
        await place.broker.start()
        for number in (2, 3, 4):
            await published(place, tenant_id, number)
        assert [(await client.receive())["data"]["number"] for _ in range(3)] == [2, 3, 4]
        await answers(http, "/ready", 200)


async def published(place: Place, tenant_id: UUID, number: int) -> None:
    for _ in range(100):
        try:
            await place.publish(tenant_id, number)
        except (nats.errors.Error, OSError):
            await asyncio.sleep(0.1)
        else:
            return
    raise AssertionError("the broker did not come back")


async def answers(http: httpx.AsyncClient, path: str, status: int) -> None:
    for _ in range(200):
        if (await http.get(path)).status_code == status:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{path} does not become {status}")
