"""The safety net: messages whose consumer died on every delivery become dead letters as well.

The broker tells of a message that ran out of deliveries; the mover fetches it and sets it aside
under the same message id that the consumer would have used.
"""

from collections.abc import Sequence

import nats.js.api
import nats.js.errors
import orjson
import structlog
from nats.aio.msg import Msg
from nats.js import JetStreamContext

from lineside_chassis import dead_letters
from lineside_chassis.clock import Clock
from lineside_chassis.dead_letters import REDRIVE_SUFFIX
from lineside_chassis.delivery import original_headers, original_subject
from lineside_contracts import streams

DURABLE = "advisory-mover"

_log = structlog.get_logger()


class AdvisoryMover:
    """Turns advisories into dead letters; every service runs one, on one shared durable."""

    def __init__(self, js: JetStreamContext, *, clock: Clock) -> None:
        self._js = js
        self._clock = clock

    async def process(self, messages: Sequence[Msg]) -> None:
        """Move what each advisory names; an advisory that fails comes again."""
        for message in messages:
            advisory = orjson.loads(message.data)
            if advisory.get("consumer") != DURABLE:
                await self._move(advisory, kind=message.subject)
            await message.ack()

    async def _move(self, advisory: dict[str, str], *, kind: str) -> None:
        stream, sequence = advisory["stream"], int(advisory["stream_seq"])
        try:
            message = await self._js.get_msg(stream, seq=sequence)
        except nats.js.errors.NotFoundError:
            _log.warning("an undeliverable message is gone", stream=stream, sequence=sequence)
            return
        headers = dict(message.headers or {})
        letter = dead_letters.DeadLetter(
            consumer=advisory["consumer"].removesuffix(REDRIVE_SUFFIX),
            subject=original_subject(stream, message.subject or "", headers),
            headers=original_headers(stream, headers),
            body=message.data or b"",
            stream=stream,
            sequence=sequence,
            reason="terminated" if "MSG_TERMINATED" in kind else "max_deliveries",
            error="the consumer never finished with it",
            attempts=int(advisory.get("deliveries", 0)),
            at=self._clock.now(),
        )
        await dead_letters.publish(self._js, letter)
        if stream == streams.REDRIVE:
            await self._js.delete_msg(stream, sequence)


def config() -> nats.js.api.ConsumerConfig:
    """Describe the shared durable."""
    return nats.js.api.ConsumerConfig(name=DURABLE, durable_name=DURABLE)
