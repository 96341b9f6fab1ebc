"""Asks a durable for messages, so that an answer never waits for a deadline.

nats-py's `fetch` mixes lingering with not waiting: now and then it holds a message until its own
deadline, because the status that would end it belongs to an earlier request (seen: 1 in 100 orders
3 to 5 s late). Here every request ends by itself: "all you have, at once" with its last message
or a status, "the next one" with one message. A status comes on the request's own reply subject, a
message on its own.
"""

import asyncio
from collections.abc import Mapping

import nats.errors
import orjson
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

NO_MESSAGES = "404"
REQUEST_TIMEOUT = "408"
NO_RESPONDERS = "503"
ANSWER_SECONDS = 2.0
"""So long an answer of the broker may take; after that the connection is thought to be lost."""


class PullRequests:
    """The requests of one puller and the inbox they are answered in."""

    def __init__(self, client: Client, subscription: Subscription, *, api: str, inbox: str) -> None:
        self.subscription = subscription
        self._client = client
        self._api = api
        self._inbox = inbox
        self._number = 0

    @classmethod
    async def open(cls, client: Client, *, stream: str, durable: str) -> "PullRequests":
        """Subscribe an inbox of its own for a durable's messages."""
        inbox = client.new_inbox()
        subscription = await client.subscribe(f"{inbox}.*")
        api = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{durable}"
        return cls(client, subscription, api=api, inbox=inbox)

    async def batch(self, size: int, *, seconds: float) -> list[Msg]:
        """Get what is there, up to `size`; when nothing is, wait for the first to come.

        Raises:
            nats.errors.Error: The durable or the broker is not there, or takes no request now.
        """
        found = await self._ask({"batch": size, "no_wait": True}, size)
        if found:
            return found
        lingering = {"batch": 1, "expires": int(seconds * 1_000_000_000)}
        first = await self._ask(lingering, 1, seconds=seconds)
        if not first or size == 1:
            return first
        return first + await self._ask({"batch": size - 1, "no_wait": True}, size - 1)

    async def _ask(
        self, request: Mapping[str, object], count: int, *, seconds: float = 0.0
    ) -> list[Msg]:
        self._number += 1
        reply = f"{self._inbox}.{self._number}"
        await self._client.publish(self._api, orjson.dumps(request), reply=reply)
        messages: list[Msg] = []
        deadline = asyncio.get_running_loop().time() + seconds + ANSWER_SECONDS
        while len(messages) < count:
            left = deadline - asyncio.get_running_loop().time()
            try:
                message = await self.subscription.next_msg(timeout=max(left, 0.001))
            except TimeoutError:
                break
            if not message.subject.startswith(self._inbox):
                messages.append(message)
            elif message.subject == reply:
                _judge(message)
                break
        return messages


def _judge(message: Msg) -> None:
    """A request is over: because nothing more is there, or because something is wrong."""
    status = (message.headers or {}).get("Status")
    if status == NO_RESPONDERS:
        raise nats.errors.NoRespondersError
    if status not in {NO_MESSAGES, REQUEST_TIMEOUT}:
        description = (message.headers or {}).get("Description", "")
        raise nats.errors.Error(f"pull refused: {status} {description}")
