import asyncio
import json
import random
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from websockets.exceptions import ConnectionClosed

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts import streams
from lineside_contracts.envelope import Envelope
from lineside_contracts.sales import SalesOrderConfirmed
from lineside_contracts.shopfloor import (
    LaneState,
    LaneStatusChanged,
    WorkOrder,
    WorkOrderStatusChanged,
)
from lineside_testkit import builders

ALL = ">"
EVENT_KEYS = {"event", "data", "timestamp", "id"}


def work_order(number: int = 1, **over: Any) -> WorkOrder:
    fields = {
        "id": SYSTEM_CLOCK.new_id(),
        "version": 2,
        "work_order_number": f"WO-2026-{number}",
        "status": "released",
        "priority": "medium",
        "operation_type": "assembly",
        "plant_id": SYSTEM_CLOCK.new_id(),
        "plant_code": "PLANT-1",
        "quantity_ordered": "10",
        "unit_code": "EA",
        "created_at": builders.AT,
        "created_by": builders.ACTOR,
        "updated_at": builders.AT,
        "updated_by": builders.ACTOR,
    }
    return WorkOrder.model_validate(fields | over)


def changed(number: int = 1, **over: Any) -> WorkOrderStatusChanged:
    return WorkOrderStatusChanged.model_validate(
        {
            "work_order": work_order(number, **over),
            "old_status": "planned",
            "new_status": "released",
        }
    )


def numbers(events: list[Any]) -> list[int]:
    return [int(event["data"]["work_order_number"].rsplit("-", 1)[1]) for event in events]


async def publish_many(
    harness: Any, tenant_id: UUID, count: int, *, first: int = 0, filler: str = ""
) -> None:
    """Say many events fast, in order."""
    js = await harness.jetstream()
    for number in range(first, first + count):
        payload = changed(number)
        about = Envelope(
            event_id=SYSTEM_CLOCK.new_id(),
            event_type=payload.EVENT.wire_name,
            tenant_id=tenant_id,
            aggregate_id=payload.state.id,
            aggregate_version=2,
            occurred_at=SYSTEM_CLOCK.now(),
            source="lineside/test",
            correlation_id=SYSTEM_CLOCK.new_id(),
        )
        subject = f"work_order.status_changed.{tenant_id}.{payload.state.id}"
        body = json.loads(payload.model_dump_json()) | ({"filler": filler} if filler else {})
        await js.publish(subject, json.dumps(body).encode(), headers=about.headers())


async def closed_with(client: Any) -> tuple[int | None, str]:
    """Read until the end; tell how the gateway closed, (None, "") if it just went."""
    while True:
        try:
            await asyncio.wait_for(client.connection.recv(), 10)
        except ConnectionClosed as closed:
            frame = closed.rcvd
            return (frame.code, frame.reason) if frame else (None, "")


async def test_an_event_becomes_a_message(person: Any, harness: Any, live: Any) -> None:
    async with live(harness.http_url, person.token) as client:
        told = await client.subscribe("work_order.*")
        assert (told["control"], told["resumed"]) == ("subscribed", False)
        payload = changed(7)
        said = await harness.publish(payload, tenant_id=person.tenant_id)
        message = await client.receive()
    assert message.keys() == EVENT_KEYS
    assert message["event"] == "work_order_status_changed"
    assert message["timestamp"] == said.occurred_at.isoformat().replace("+00:00", "Z")
    assert message["id"].split(".", 1)[1] == str(said.event_id)
    state = payload.work_order
    wanted = {
        "id": str(state.id),
        "work_order_number": "WO-2026-7",
        "old_status": "planned",
        "new_status": "released",
        "plant_id": str(state.plant_id),
    }
    assert message["data"].items() >= wanted.items()
    assert "work_order" not in message["data"]


async def test_lanes_tell_what_they_take_live_and_afterwards(
    person: Any, harness: Any, live: Any
) -> None:
    lane = LaneState(
        id=SYSTEM_CLOCK.new_id(),
        version=7,
        lane_number="L-01",
        lane_name="Press 1",
        plant_id=SYSTEM_CLOCK.new_id(),
        plant_code="PLANT-1",
        lane_type="fabrication",
        capacity=1,
        status="occupied",
        current_work_order_id=SYSTEM_CLOCK.new_id(),
    )
    changed = LaneStatusChanged(lane=lane, old_status="available", new_status="occupied")
    async with live(harness.http_url, person.token) as client:
        cursor = (await client.subscribe("lane.*"))["cursor"]
        await harness.publish(changed, tenant_id=person.tenant_id)
        message = await client.receive()
    assert message["event"] == "lane_status_changed"
    wanted = {
        "id": str(lane.id),
        "lane_number": "L-01",
        "old_status": "available",
        "new_status": "occupied",
        "current_work_order_id": str(lane.current_work_order_id),
        "plant_id": str(lane.plant_id),
    }
    assert message["data"].items() >= wanted.items()
    async with live(harness.http_url, person.token) as client:
        await client.subscribe("lane.status_changed", resume_from=cursor)
        assert await client.receive() == message


async def test_sales_events_are_named_like_their_subjects(
    person: Any, harness: Any, live: Any
) -> None:
    async with live(harness.http_url, person.token) as client:
        await client.subscribe("sales.order.*", "production_order.>")
        order = builders.sales_order(id=SYSTEM_CLOCK.new_id())
        await harness.publish(SalesOrderConfirmed(sales_order=order), tenant_id=person.tenant_id)
        message = await client.receive()
    assert message["event"] == "sales_order_confirmed"
    assert message["data"]["order_number"] == order.order_number


async def test_a_client_gets_what_it_subscribed_to(person: Any, harness: Any, live: Any) -> None:
    payload = changed(1)
    aggregate_id = payload.work_order.id
    async with (
        live(harness.http_url, person.token) as one,
        live(harness.http_url, person.token) as other,
    ):
        await one.subscribe("work_order.created", f"work_order.*.*.{aggregate_id}")
        await other.subscribe("work_order.created", "sales.>")
        await harness.publish(changed(2), tenant_id=person.tenant_id)
        await harness.publish(payload, tenant_id=person.tenant_id)
        assert numbers([await one.receive()]) == [1]
        assert await other.silent()
        told = await other.subscribe("work_order.status_changed")
        assert "cursor" not in told
        await harness.publish(changed(3), tenant_id=person.tenant_id)
        assert numbers([await other.receive()]) == [3]


async def test_nobody_sees_another_tenant(person: Any, harness: Any, live: Any, mint: Any) -> None:
    stranger = harness.new_tenant()
    async with (
        live(harness.http_url, person.token) as mine,
        live(harness.http_url, mint.token(stranger)) as theirs,
    ):
        told = await mine.subscribe(ALL, f"work_order.*.{stranger}.*")
        await theirs.subscribe(ALL)
        for number in range(20):
            whose = person.tenant_id if number % 2 else stranger
            await harness.publish(changed(number), tenant_id=whose)
        assert numbers(await mine.events(10)) == list(range(1, 20, 2))
        assert numbers(await theirs.events(10)) == list(range(0, 20, 2))
        assert await mine.silent()
        assert await theirs.silent()
    async with live(harness.http_url, mint.token(stranger)) as resuming:
        await resuming.subscribe(ALL, resume_from=told["cursor"])
        assert numbers(await resuming.events(10)) == list(range(0, 20, 2))
        assert await resuming.silent()


async def test_a_subject_and_a_header_that_disagree_reach_nobody(
    person: Any, harness: Any, live: Any
) -> None:
    async with live(harness.http_url, person.token) as client:
        await client.subscribe(ALL)
        said = await harness.publish(changed(1), tenant_id=harness.new_tenant())
        forged = f"work_order.status_changed.{person.tenant_id}.{said.aggregate_id}"
        headers = said.headers() | {"Nats-Msg-Id": str(SYSTEM_CLOCK.new_id())}
        await harness.publish_raw(forged, b"{}", headers)
        await harness.publish_raw(forged, b"nonsense", {})
        await harness.publish(changed(2), tenant_id=person.tenant_id)
        assert numbers([await client.receive()]) == [2]


async def test_people_of_some_plants_see_those_and_what_has_none(
    person: Any, harness: Any, live: Any, mint: Any
) -> None:
    token = mint.token(person.tenant_id, plants=["PLANT-1"])
    async with live(harness.http_url, token) as client:
        told = await client.subscribe(ALL)
        for number, plant in enumerate(["PLANT-1", "PLANT-2", None]):
            await harness.publish(changed(number, plant_code=plant), tenant_id=person.tenant_id)
        assert numbers(await client.events(2)) == [0, 2]
        assert await client.silent()
    async with live(harness.http_url, token) as client:
        await client.subscribe(ALL, resume_from=told["cursor"])
        assert numbers(await client.events(2)) == [0, 2]
        assert await client.silent()


async def test_people_see_only_what_they_may_read(
    person: Any, harness: Any, live: Any, mint: Any
) -> None:
    token = mint.token(person.tenant_id, permissions=["work_order:read"])
    async with live(harness.http_url, token) as client:
        told = await client.subscribe(ALL)
        assert "sales.order" in told["not_permitted"]
        assert "work_order" not in told["not_permitted"]
        order = builders.sales_order(id=SYSTEM_CLOCK.new_id())
        await harness.publish(SalesOrderConfirmed(sales_order=order), tenant_id=person.tenant_id)
        await harness.publish(changed(5), tenant_id=person.tenant_id)
        assert numbers([await client.receive()]) == [5]


async def test_a_ticket_opens_once(person: Any, harness: Any, live: Any) -> None:
    answer = await person.post("/ws-tickets")
    assert answer.status_code == 201
    assert answer.headers["cache-control"] == "no-store"
    ticket = answer.json()["ticket"]
    async with live(harness.http_url, ticket=ticket) as client:
        await client.subscribe("work_order.*")
        await harness.publish(changed(3), tenant_id=person.tenant_id)
        assert numbers([await client.receive()]) == [3]
    async with live(harness.http_url, ticket=ticket) as again:
        assert (await again.receive())["code"] == "unauthenticated"
        assert (await closed_with(again))[0] == 4401


async def test_of_many_at_once_a_ticket_opens_for_one(
    person: Any, harness: Any, live: Any, another_gateway: Any
) -> None:
    replica = await another_gateway()
    urls = [harness.http_url, f"http://127.0.0.1:{replica.http_port}"]
    ticket = (await person.post("/ws-tickets")).json()["ticket"]

    async def try_it(url: str) -> str:
        async with live(url, ticket=ticket) as client:
            await client.send(subscribe=["work_order.*"])
            control: str = (await client.receive())["control"]
            return control

    controls = await asyncio.gather(*(try_it(urls[n % 2]) for n in range(12)))
    assert sorted(controls) == ["problem"] * 11 + ["subscribed"]


async def test_a_ticket_carries_what_its_token_may(
    person: Any, somebody: Any, harness: Any, live: Any
) -> None:
    limited = somebody(person.tenant_id, permissions=["work_order:read"], plants=["PLANT-2"])
    ticket = (await limited.post("/ws-tickets")).json()["ticket"]
    async with live(harness.http_url, ticket=ticket) as client:
        told = await client.subscribe(ALL)
        assert "sales.order" in told["not_permitted"]
        await harness.publish(changed(1), tenant_id=person.tenant_id)
        await harness.publish(changed(2, plant_code="PLANT-2"), tenant_id=person.tenant_id)
        assert numbers([await client.receive()]) == [2]


async def test_a_ticket_waits_only_so_long(person: Any, harness: Any, live: Any) -> None:
    ticket = (await person.post("/ws-tickets")).json()
    js = await harness.jetstream()
    bucket = await js.key_value(streams.TICKETS_BUCKET)
    ttl = (await bucket.status()).ttl
    assert ttl == ticket["expires_in_seconds"] == 30
    assert ticket["ticket"] not in await bucket.keys()


@pytest.mark.parametrize("first", [{"token": "x"}, {"subscribe": [">"]}, {"ticket": "x"}, {}])
async def test_without_a_token_the_socket_closes(
    first: dict[str, Any], harness: Any, live: Any, http: Any
) -> None:
    async with live(harness.http_url) as client:
        await client.send(**first)
        assert (await client.receive())["control"] == "problem"
        assert (await closed_with(client))[0] == 4401


@pytest.mark.parametrize(
    "message",
    [
        '{"subscribe": []}',
        '{"subscribe": "work_order.*"}',
        '{"subscribe": ["work order"]}',
        '{"subscribe": ["a..b"]}',
        '{"subscribe": [1]}',
        '{"subscribe": [">"], "other": 1}',
        "[]",
        "not json",
    ],
)
async def test_a_message_that_means_nothing_closes_the_socket(
    message: str, person: Any, harness: Any, live: Any
) -> None:
    async with live(harness.http_url, person.token) as client:
        await client.connection.send(message)
        assert (await client.receive())["code"] == "malformed"
        assert (await closed_with(client))[0] == 4400


async def test_a_socket_ends_with_its_token(
    person: Any, harness: Any, live: Any, mint: Any
) -> None:
    soon = int((SYSTEM_CLOCK.now() + timedelta(seconds=2)).timestamp())
    async with live(harness.http_url, mint.token(person.tenant_id, exp=soon)) as client:
        await client.subscribe(ALL)
        assert (await client.receive())["code"] == "token_expired"
        assert (await closed_with(client))[0] == 4401


async def test_a_reconnecting_client_misses_nothing_and_sees_nothing_twice(
    person: Any, harness: Any, live: Any, another_gateway: Any
) -> None:
    count = 500
    chance = random.Random(20261120)  # noqa: S311 -- repeatable, not secret
    replica = await another_gateway()
    urls = [harness.http_url, f"http://127.0.0.1:{replica.http_port}"]
    async with live(urls[0], person.token) as client:
        cursor = (await client.subscribe("work_order.*"))["cursor"]
    noise = harness.new_tenant()
    publishing = asyncio.gather(
        publish_many(harness, person.tenant_id, count), publish_many(harness, noise, count)
    )
    seen: list[Any] = []
    connections = 0
    while len(seen) < count:
        connections += 1
        async with live(chance.choice(urls), person.token, close_timeout=0.01) as client:
            told = await client.subscribe("work_order.*", resume_from=cursor)
            assert told["resumed"] is True
            for _ in range(min(chance.randint(0, 40), count - len(seen))):
                event = await client.receive()
                seen.append(event)
                cursor = event["id"]
    await publishing
    assert connections > 10
    assert numbers(seen) == list(range(count))
    async with live(urls[0], person.token) as client:
        await client.subscribe("work_order.*", resume_from=cursor)
        assert await client.silent()


async def test_a_long_history_meets_the_present_without_a_seam(
    person: Any, harness: Any, live: Any
) -> None:
    async with live(harness.http_url, person.token) as client:
        cursor = (await client.subscribe("work_order.*"))["cursor"]
    await publish_many(harness, person.tenant_id, 1500)
    publishing = asyncio.create_task(publish_many(harness, person.tenant_id, 500, first=1500))
    async with live(harness.http_url, person.token) as client:
        await client.subscribe("work_order.*", resume_from=cursor)
        assert numbers(await client.events(2000)) == list(range(2000))
        await publishing
        assert await client.silent()


async def test_many_clients_resume_at_once(person: Any, harness: Any, live: Any) -> None:
    async with live(harness.http_url, person.token) as client:
        cursor = (await client.subscribe("work_order.*"))["cursor"]
    publishing = asyncio.create_task(publish_many(harness, person.tenant_id, 300))

    async def read(delay: float) -> list[int]:
        await asyncio.sleep(delay)
        async with live(harness.http_url, person.token) as client:
            await client.subscribe("work_order.*", resume_from=cursor)
            return numbers(await client.events(300))

    read_numbers = await asyncio.gather(*(read(n / 50) for n in range(15)))
    await publishing
    assert all(found == list(range(300)) for found in read_numbers)


async def test_a_cursor_that_cannot_be_resumed_is_told_so(
    person: Any, harness: Any, live: Any
) -> None:
    said = await harness.publish(changed(1), tenant_id=person.tenant_id)
    js = await harness.jetstream()
    last = (await js.stream_info(streams.EVENTS)).state.last_seq
    wrong = {
        f"{last}.{SYSTEM_CLOCK.new_id()}": "cursor_unknown",
        f"{last + 1000}.{said.event_id}": "cursor_unknown",
        f"{last + 1000}.-": "cursor_unknown",
        "yesterday": "cursor_malformed",
    }
    for cursor, code in wrong.items():
        async with live(harness.http_url, person.token) as client:
            told = await client.subscribe(ALL, resume_from=cursor)
            assert (told["resumed"], told["code"]) == (False, code)
            await harness.publish(changed(2), tenant_id=person.tenant_id)
            assert numbers([await client.receive()]) == [2]
    async with live(harness.http_url, person.token) as client:
        told = await client.subscribe(ALL, resume_from=5)
        assert told["code"] == "cursor_malformed"


async def test_a_cursor_older_than_the_stream_is_told_so(
    person: Any, harness: Any, live: Any
) -> None:
    async with live(harness.http_url, person.token) as client:
        await client.subscribe(ALL)
        for number in range(3):
            await harness.publish(changed(number), tenant_id=person.tenant_id)
        first, second, _third = await client.events(3)
    js = await harness.jetstream()
    await js.purge_stream(streams.EVENTS, seq=int(second["id"].split(".")[0]) + 1)
    async with live(harness.http_url, person.token) as client:
        told = await client.subscribe(ALL, resume_from=first["id"])
        assert (told["resumed"], told["code"]) == (False, "cursor_too_old")
    async with live(harness.http_url, person.token) as client:
        told = await client.subscribe(ALL, resume_from=second["id"])
        assert told["resumed"] is True
        assert numbers([await client.receive()]) == [2]


async def test_a_slow_client_is_cut_off_and_holds_nobody_up(
    person: Any, http: Any, harness: Any, live: Any, another_gateway: Any
) -> None:
    gateway = await another_gateway(socket_frames=50, socket_seconds=2)
    url = f"http://127.0.0.1:{gateway.http_port}"
    before = await measured(http, "lineside_websocket_cut_off_total")
    async with (
        live(url, person.token) as fast,
        live(url, person.token, max_queue=1) as slow,
    ):
        await fast.subscribe("work_order.*")
        await slow.subscribe("work_order.*")
        reading = asyncio.create_task(fast.events(400))
        await publish_many(harness, person.tenant_id, 400, filler="x" * 50_000)
        assert numbers(await reading) == list(range(400))
        code, reason = await closed_with(slow)
        assert (code, "resume" in reason) in {(4008, True), (None, False)}
        assert await measured(http, "lineside_websocket_cut_off_total") == before + 1
        await publish_many(harness, person.tenant_id, 1, first=400)
        assert numbers([await fast.receive()]) == [400]


async def measured(http: Any, name: str) -> float:
    lines = (await http.get("/metrics")).text.splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(f"{name} "))


async def test_many_clients_are_served_and_forgotten(
    person: Any, http: Any, harness: Any, live: Any
) -> None:
    async def read(ready: asyncio.Event, go: asyncio.Event) -> list[int]:
        async with live(harness.http_url, person.token) as client:
            await client.subscribe("work_order.*")
            ready.set()
            await go.wait()
            return numbers(await client.events(20))

    readies = [asyncio.Event() for _ in range(50)]
    go = asyncio.Event()
    reading = [asyncio.create_task(read(ready, go)) for ready in readies]
    await asyncio.gather(*(ready.wait() for ready in readies))
    go.set()
    await publish_many(harness, person.tenant_id, 20)
    assert all(found == list(range(20)) for found in await asyncio.gather(*reading))
    for _ in range(100):
        connected = await measured(http, "lineside_websocket_clients")
        if connected == 0:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{connected} clients are still counted")


async def test_a_gateway_that_stops_says_goodbye(
    person: Any, harness: Any, live: Any, another_gateway: Any
) -> None:
    gateway = await another_gateway()
    async with live(f"http://127.0.0.1:{gateway.http_port}", person.token) as client:
        await client.subscribe(ALL)
        before = asyncio.get_running_loop().time()
        await gateway.stop()
        assert (await closed_with(client))[0] == 1012
        assert asyncio.get_running_loop().time() - before < 4
