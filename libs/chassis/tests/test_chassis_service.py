"""A service from its start to its end: probes, waiting, advisories."""

import asyncio
import json
import socket
import sys
from typing import Any

import httpx

from lineside_chassis import provisioning
from lineside_chassis.consumers import Consumer
from lineside_chassis.requests import Requests
from lineside_chassis.service import Service
from lineside_contracts import streams


def free_port() -> Any:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def test_probes_tell_what_is_wrong(rig: Any, until: Any) -> None:
    consumer = Consumer("trial-probed")
    consumer.on(rig.made)(handle)
    port = free_port()
    await rig.start(
        consumers=[consumer],
        settings=rig.settings(http_port=port),
    )
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
        assert (await http.get("/health")).status_code == 200
        ready = (await http.get("/ready")).json()
        assert ready["ready"], ready
        document = (await http.get("/asyncapi.json")).json()
        assert document["info"]["title"] == "Lineside events of trial"
        assert "lineside_sql_statements_total" in (await http.get("/metrics")).text
        await rig.client.jetstream().delete_consumer(streams.EVENTS, "trial-probed")
        answer = await http.get("/ready")
        assert answer.status_code == 503
        assert "NotFound" in answer.json()["checks"]["trial-probed"]


async def handle(uow: Any, event: Any) -> None:
    """Do nothing."""


async def test_a_service_waits_for_what_is_not_there_yet(rig: Any, until: Any) -> None:
    handled = []
    consumer = Consumer("trial-late")

    @consumer.on(rig.made)
    async def on_made(uow: Any, event: Any) -> None:
        handled.append(event)

    service = Service(
        name="trial", settings=rig.settings(), database=rig.new_database(), consumers=[consumer]
    )
    stop = asyncio.Event()
    running = asyncio.create_task(service.run(stop))
    rig.running.append((stop, running))
    await asyncio.sleep(0.3)
    await rig.publish(rig.event())
    await provisioning.provision_consumers(rig.client, [service])

    async def arrived() -> Any:
        return handled

    await until(arrived)


async def test_a_message_that_kills_every_handler_becomes_a_dead_letter(
    rig: Any, until: Any
) -> None:
    await rig.publish(rig.event())
    js = rig.client.jetstream()
    await rig.start(consumers=[named(rig, "trial-idle")])
    advisory = {
        "stream": streams.EVENTS,
        "consumer": "trial-other",
        "stream_seq": 1,
        "deliveries": 50,
    }
    subject = "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.EVENTS.trial-other"
    for _ in range(2):
        await js.publish(subject, json.dumps(advisory).encode())
    (letter,) = await until(lambda: rig.messages(streams.DEAD_LETTERS))
    assert letter.headers["Lineside-Dlq-Reason"] == "max_deliveries"
    assert letter.headers["Nats-Msg-Id"] == "dlq:trial-other:EVENTS:1"
    await asyncio.sleep(0.2)
    assert len(await rig.messages(streams.DEAD_LETTERS)) == 1


def named(rig: Any, name: Any) -> Any:
    consumer = Consumer(name)
    consumer.on(rig.moved)(handle)
    return consumer


async def test_provisioning_again_changes_nothing(rig: Any) -> None:
    js = rig.client.jetstream()
    before = [(await js.stream_info(name)).config for name in (streams.EVENTS, streams.REDRIVE)]
    await provisioning.provision_streams(rig.client)
    after = [(await js.stream_info(name)).config for name in (streams.EVENTS, streams.REDRIVE)]
    assert before == after
    assert before[0].compression == "s2"
    assert before[0].republish.dest == "{{wildcard(1)}}.{{wildcard(2)}}"


async def test_buckets_are_brought_up_to_date(rig: Any) -> None:
    js = rig.client.jetstream()
    await js.delete_key_value(streams.TICKETS_BUCKET)
    await js.delete_object_store(streams.IMPORTS_BUCKET)
    await js.create_object_store(streams.IMPORTS_BUCKET, ttl=7 * provisioning.DAY)
    for _ in range(2):
        await provisioning.provision_streams(rig.client)
        imports = (await js.stream_info(f"OBJ_{streams.IMPORTS_BUCKET}")).config
        assert imports.max_age == provisioning.DAY
        tickets = (await js.stream_info(f"KV_{streams.TICKETS_BUCKET}")).config
        assert (tickets.max_age, tickets.storage) == (30, "memory")
    store = await js.object_store(streams.IMPORTS_BUCKET)
    await store.put("file", b"a")
    assert (await store.get("file")).data == b"a"


async def test_a_service_that_looks_for_its_durable_stops_though_the_broker_is_away(
    rig: Any, until: Any, broker: Any
) -> None:
    consumer = named(rig, "trial-unprovisioned")
    settings = rig.settings(shutdown_seconds=20)
    service = Service("trial", settings, rig.new_database(), consumers=[consumer])
    stop = asyncio.Event()
    running = asyncio.create_task(service.run(stop))
    await asyncio.wait_for(service.wait_started(), 10)
    broker.kill()
    try:
        await asyncio.sleep(1)
        stop.set()
        await asyncio.wait_for(running, 2)
    finally:
        broker.start()

    async def reconnected() -> bool:
        return bool(rig.client.is_connected)

    await until(reconnected)


async def test_a_service_stops_though_the_broker_is_away(rig: Any, until: Any, broker: Any) -> None:
    requests = Requests("trial")
    await rig.start(consumers=[named(rig, "trial-idle")], requests=[requests])
    broker.kill()
    try:
        await asyncio.sleep(0.2)
        await rig.stop()
    finally:
        broker.start()

    async def reconnected() -> bool:
        return bool(rig.client.is_connected)

    await until(reconnected)


PROCESS = """
import sys
from lineside_chassis.database import Database
from lineside_chassis.requests import Requests
from lineside_chassis.service import Service, run_forever
from lineside_chassis.settings import ServiceSettings

settings = ServiceSettings()
database = Database(settings.database_url, service="trial")
run_forever(Service("trial", settings, database, requests=[Requests("trial")]))
"""


async def test_a_process_ends_cleanly_when_told(rig: Any) -> None:
    settings = rig.settings()
    environment = {
        "LINESIDE_DATABASE_URL": settings.database_url,
        "LINESIDE_RELAY_DATABASE_URL": settings.relay_database_url,
        "LINESIDE_NATS_URL": settings.nats_url,
        "LINESIDE_OTLP_ENDPOINT": "http://127.0.0.1:9",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROCESS, env=environment, stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    lines: list[dict[str, str]] = []
    async with asyncio.timeout(20):
        while not lines or lines[-1]["event"] != "started":
            lines.append(json.loads(await process.stderr.readline()))
        process.terminate()
        assert await process.wait() == 0
    assert lines[-1]["service"] == "trial"
    assert lines[-1]["level"] == "info"
