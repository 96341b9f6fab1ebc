"""kill -9 on the gateway while somebody watches: the sequence they see is that of the stream."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest

from lineside_contracts import streams
from lineside_contracts.envelope import MESSAGE_ID_HEADER
from lineside_stack import instances, live_events
from lineside_stack.instances import AsProcess
from lineside_stack.live_events import Frame, Subscription
from lineside_testkit.harness import Harness
from lineside_testkit.journeys import CHAIN, Journey
from lineside_testkit.servers import Servers

KILLS = 4
PER_TURN = 6
SEEN_BETWEEN = 25
SECONDS = 60


@dataclass
class Watcher:
    """Somebody at a screen."""

    events: list[Frame] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    _more: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def watch(self, subscription: Subscription) -> None:
        following = live_events.follow(subscription, tell=self.told.append)
        async with contextlib.aclosing(following) as events:
            async for event in events:
                async with self._more:
                    self.events.append(event)
                    self._more.notify_all()

    async def has_seen(self, count: int) -> None:
        async with asyncio.timeout(SECONDS), self._more:
            await self._more.wait_for(lambda: len(self.events) >= count)


@pytest.fixture(scope="module")
async def processes(lineside_servers: Servers) -> AsyncIterator[Harness]:
    services = (*CHAIN, "gateway")
    async with Harness.start(lineside_servers, services=services, processes=True) as harness:
        yield harness


async def test_a_watcher_sees_every_event_once_and_in_order(processes: Harness) -> None:
    journey = await Journey.begin(processes)
    beginning = await _end_of_stream(processes)
    (gateway,) = processes.installation.instances["gateway"]
    assert isinstance(gateway, AsProcess)
    watcher = Watcher()
    subscription = Subscription(
        processes.http_url,
        lambda: processes.token("admin", tenant_id=journey.tenant_id),
        [">"],
        f"{beginning}.-",
    )
    watching = asyncio.create_task(watcher.watch(subscription))
    for turn in range(KILLS):
        numbers = range(turn * PER_TURN, (turn + 1) * PER_TURN)
        await journey.confirm(*(journey.document(f"SO-{number}") for number in numbers))
        await watcher.has_seen(len(watcher.events) + SEEN_BETWEEN)
        gateway.kill()
        gateway.restart()
    await instances.wait_until_ready(gateway)
    await processes.settle(timeout=SECONDS)
    said = await _said(processes, journey.tenant_id, after=beginning)
    await watcher.has_seen(len(said))
    watching.cancel()
    assert len(watcher.told) >= KILLS
    assert [event["id"] for event in watcher.events][: len(said)] == said


async def _end_of_stream(harness: Harness) -> int:
    js = await harness.jetstream()
    return (await js.stream_info(streams.EVENTS)).state.last_seq


async def _said(harness: Harness, tenant_id: UUID, *, after: int) -> list[str]:
    """The cursors of a tenant's events, as the stream holds them."""
    js = await harness.jetstream()
    found: list[Any] = []
    for sequence in range(after + 1, await _end_of_stream(harness) + 1):
        message = await js.get_msg(streams.EVENTS, sequence)
        if str(tenant_id) in (message.subject or "").split("."):
            found.append(f"{sequence}.{(message.headers or {})[MESSAGE_ID_HEADER]}")
    return found
