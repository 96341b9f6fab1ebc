"""What was committed is published: in order, whatever dies in between."""

import asyncio
from typing import Any

from lineside_chassis import relay as relays
from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_chassis.relay import Relay, Retention
from lineside_contracts import streams


class Relays:
    """Relays that a test starts and kills."""

    def __init__(self, rig: Any) -> None:
        self.rig = rig
        self.running: list[tuple[Relay, asyncio.Task[None]]] = []

    def start(self, **options: Any) -> Any:
        relay = Relay(self.rig.url("relay"), service="trial", client=self.rig.client, **options)
        self.running.append((relay, asyncio.create_task(relay.run(asyncio.Event()))))
        return relay

    async def kill(self, relay: Any) -> None:
        for known, task in self.running:
            if known is relay:
                while not task.done():
                    task.cancel()
                    await asyncio.wait({task}, timeout=1)

    async def __aenter__(self) -> Any:
        return self

    async def __aexit__(self, *_: object) -> None:
        for relay, _task in self.running:
            await self.kill(relay)


async def commit(rig: Any, *events: Any) -> None:
    async with rig.database.unit_of_work(rig.context()) as uow:
        for event in events:
            uow.emit(event)


async def published(rig: Any, count: Any) -> Any:
    info = await rig.client.jetstream().stream_info(streams.EVENTS)
    return info.state.messages >= count


async def test_one_publish_is_one_message_and_a_plain_one_for_operators(
    rig: Any, until: Any
) -> None:
    plain = []

    async def hear(message: Any) -> None:
        plain.append(message.subject)

    await rig.client.subscribe("work_order.created", cb=hear)
    await rig.client.subscribe("sales.order.confirmed", cb=hear)
    async with Relays(rig) as started:
        started.start()
        await commit(rig, rig.event())
        await until(lambda: published(rig, 1))
    js = rig.client.jetstream()
    tenant = SYSTEM_CLOCK.new_id()
    await js.publish(f"sales.order.confirmed.{tenant}.{tenant}", b"{}")
    await asyncio.sleep(0.2)
    assert plain == ["work_order.created"]
    assert (await js.stream_info(streams.EVENTS)).state.messages == 2
    assert (await js.stream_info(streams.SALES_INGRESS)).state.messages == 0


async def test_an_ingress_message_is_one_message_and_no_event(rig: Any) -> None:
    js = rig.client.jetstream()
    await js.publish("sales.order.confirmed", b"{}")
    await js.publish(f"sales.order.confirmed.{rig.tenant}", b"{}")
    await asyncio.sleep(0.1)
    assert (await js.stream_info(streams.SALES_INGRESS)).state.messages == 2
    assert (await js.stream_info(streams.EVENTS)).state.messages == 0


async def test_a_crash_between_publish_and_delete_neither_loses_nor_doubles(
    rig: Any, until: Any, monkeypatch: Any
) -> None:
    await commit(rig, *(rig.event() for _ in range(30)))
    monkeypatch.setattr(relays, "BATCH", 10)
    original = Relay._execute  # noqa: SLF001 -- where the crash is

    async def dies(self: Any, connection: Any, sql: Any, parameters: Any) -> None:
        raise asyncio.CancelledError

    async with Relays(rig) as started:
        monkeypatch.setattr(Relay, "_execute", dies)
        started.start()
        await until(lambda: published(rig, 10))
        await asyncio.sleep(0.1)
        assert await rig.rows("SELECT count(*) FROM outbox") == [(30,)]
        monkeypatch.setattr(Relay, "_execute", original)
        started.start()
        await until(lambda: published(rig, 30))
        await asyncio.sleep(0.1)
    messages = await rig.messages(streams.EVENTS)
    assert len({message.headers["ce-id"] for message in messages}) == len(messages) == 30
    assert await rig.rows("SELECT count(*) FROM outbox") == [(0,)]


async def test_another_replica_takes_over(rig: Any, until: Any) -> None:
    async with Relays(rig) as started:
        first = started.start()
        await until(lambda: leads(first))
        second = started.start()
        await commit(rig, rig.event())
        await until(lambda: published(rig, 1))
        assert not second.leading
        await started.kill(first)
        await commit(rig, rig.event())
        await until(lambda: published(rig, 2))
        assert second.leading


async def leads(relay: Any) -> Any:
    return relay.leading


async def test_events_of_an_aggregate_keep_their_order(rig: Any, until: Any) -> None:
    thing = SYSTEM_CLOCK.new_id()
    async with Relays(rig) as started:
        relay = started.start()
        rig.database.notify_relay = relay.notify
        for version in range(1, 31):
            await commit(rig, rig.event(thing_id=thing, version=version))
        await until(lambda: published(rig, 30))
    messages = await rig.messages(streams.EVENTS)
    assert [int(m.headers["ce-aggregateversion"]) for m in messages] == list(range(1, 31))


async def test_a_broker_that_dies_and_returns_gets_everything(
    rig: Any, until: Any, broker: Any
) -> None:
    async with Relays(rig) as started:
        started.start()
        await commit(rig, rig.event())
        await until(lambda: published(rig, 1))
        broker.kill()
        await commit(rig, *(rig.event() for _ in range(5)))
        await asyncio.sleep(0.5)
        assert await rig.rows("SELECT count(*) FROM outbox") == [(5,)]
        broker.start()

        async def empty() -> Any:
            return (await rig.rows("SELECT count(*) FROM outbox")) == [(0,)]

        await until(empty, 20)
    messages = await rig.messages(streams.EVENTS)
    assert len({message.headers["ce-id"] for message in messages}) == len(messages) == 6


async def test_what_is_old_is_forgotten(rig: Any, until: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(relays, "FIRST_PRUNE_SECONDS", 0)
    ids = [SYSTEM_CLOCK.new_id() for _ in range(3)]
    async with rig.database.consuming(rig.context(), consumer="c", event_ids=ids) as (_, new):
        assert new == frozenset(ids)
    await rig.rows(
        "UPDATE inbox SET received_at = now() - interval '15 days' WHERE event_id <> %s", ids[0]
    )

    async def pruned() -> Any:
        return await rig.rows("SELECT event_id FROM inbox") == [(ids[0],)]

    async with Relays(rig) as started:
        started.start(retention=Retention(inbox_days=14))
        await until(pruned)
