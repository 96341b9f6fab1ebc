"""Fetches a durable's messages and feeds them to an engine; never creates the durable."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

import nats.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from lineside_chassis import metrics, stopping
from lineside_chassis.pull_requests import PullRequests

INFO_SECONDS = 15.0
FIRST_BACKOFF_SECONDS = 0.2
LAST_BACKOFF_SECONDS = 5.0
LAST_FETCH_SECONDS = 0.25
"""At the end a fetch may bring in what is under way; an idle one is cancelled."""

_log = structlog.get_logger()


class Processor(Protocol):
    """What takes the messages."""

    async def process(self, messages: Sequence[Msg]) -> None:
        """See a batch through."""


class Puller:
    """The loop of one durable."""

    def __init__(
        self,
        *,
        client: Client,
        stream: str,
        durable: str,
        processor: Processor,
        batch_size: int,
        fetch_seconds: float,
    ) -> None:
        self.stream = stream
        self.durable = durable
        self._client = client
        self._js = client.jetstream()
        self._processor = processor
        self._batch_size = batch_size
        self._fetch_seconds = fetch_seconds
        self._backoff = FIRST_BACKOFF_SECONDS

    async def run(self, stop: asyncio.Event) -> None:
        """Pull and process until stopped; the batch in hand is finished."""
        if not await self._await_durable(stop):
            return
        pulls = await PullRequests.open(self._client, stream=self.stream, durable=self.durable)
        watching = asyncio.create_task(self._watch())
        try:
            while not stop.is_set():
                await self._process(await self._fetch(pulls, stop))
        finally:
            watching.cancel()
            await _give_back(pulls.subscription)

    async def check(self) -> None:
        """Ask the broker for the durable, and note how far behind it is.

        Raises:
            nats.errors.Error: It is not there, or the broker is not.
        """
        info = await self._js.consumer_info(self.stream, self.durable)
        waiting = (info.num_pending or 0) + (info.num_ack_pending or 0)
        metrics.CONSUMER_LAG.labels(self.durable).set(waiting)

    async def _process(self, messages: Sequence[Msg]) -> None:
        if not messages:
            return
        try:
            await self._processor.process(messages)
        except Exception as error:  # noqa: BLE001 -- what is not acked comes again
            _log.error("batch left to redelivery", consumer=self.durable, exc_info=error)
            await asyncio.sleep(FIRST_BACKOFF_SECONDS)

    async def _fetch(self, pulls: PullRequests, stop: asyncio.Event) -> Sequence[Msg]:
        fetching = asyncio.create_task(pulls.batch(self._batch_size, seconds=self._fetch_seconds))
        stopped = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({fetching, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if not fetching.done():
                await asyncio.wait({fetching}, timeout=LAST_FETCH_SECONDS)
        finally:
            stopped.cancel()
            await stopping.cancel([fetching])
        return await self._outcome(fetching, stop)

    async def _outcome(
        self, fetching: "asyncio.Task[list[Msg]]", stop: asyncio.Event
    ) -> Sequence[Msg]:
        if fetching.cancelled():
            return []
        match fetching.exception():
            case None:
                self._backoff = FIRST_BACKOFF_SECONDS
                return fetching.result()
            case TimeoutError():
                return []
            case nats.errors.Error() as error:
                await self._back_off("cannot fetch", error, stop)
                return []
            case error:
                raise error

    async def _back_off(self, what: str, error: Exception, stop: asyncio.Event) -> None:
        _log.warning(what, consumer=self.durable, error=str(error))
        await stopping.within(stop, self._backoff)
        self._backoff = min(self._backoff * 2, LAST_BACKOFF_SECONDS)

    async def _await_durable(self, stop: asyncio.Event) -> bool:
        """Wait until provisioning has made the durable; False when stopped before."""
        while not stop.is_set():
            try:
                await stopping.unless(stop, self.check())
            except (nats.errors.Error, TimeoutError) as error:
                await self._back_off("waiting for consumer", error, stop)
            else:
                self._backoff = FIRST_BACKOFF_SECONDS
                return not stop.is_set()
        return False

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(INFO_SECONDS)
            try:
                await self.check()
            except (nats.errors.Error, TimeoutError) as error:
                _log.warning("consumer is away", consumer=self.durable, error=str(error))


async def _give_back(subscription: Subscription) -> None:
    """Messages that arrived after the last fetch go to another replica at once."""
    queue = subscription._pending_queue  # noqa: SLF001 -- nats-py has no public way
    try:
        while not queue.empty():
            message = queue.get_nowait()
            if message.reply:
                await message.nak()
        await subscription.unsubscribe()
    except nats.errors.Error as error:
        _log.info("left to redelivery", error=str(error))
