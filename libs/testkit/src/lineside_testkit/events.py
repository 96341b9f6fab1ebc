"""Reading what services said: the events of one tenant, straight from the streams."""

from typing import Any
from uuid import UUID

import nats.errors
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig, DeliverPolicy

from lineside_contracts import envelope, streams
from lineside_contracts.envelope import Envelope, Payload, Received

_BATCH = 200
_QUIET_SECONDS = 0.05
"""After the events asked for, a moment is waited for more than that."""


async def read(
    js: JetStreamContext,
    payload_type: type[Payload],
    *,
    tenant_id: UUID,
    count: int,
    timeout_seconds: float,
) -> list[Received[Payload]]:
    """Wait until a tenant has at least `count` events of a type; return all there are.

    Raises:
        AssertionError: Fewer came in time.
    """
    subject = f"{payload_type.EVENT.name}.{tenant_id}.*"
    messages = await _collect(js, subject, count=count, timeout_seconds=timeout_seconds)
    if len(messages) < count:
        raise AssertionError(
            f"{count} x {payload_type.EVENT.name} awaited, {len(messages)} came in "
            f"{timeout_seconds} s; the tenant's events: {await _said(js, tenant_id)}"
        )
    return [
        Received(
            envelope=Envelope.from_headers(message.headers or {}),
            payload=envelope.decode_payload(payload_type, message.data),
        )
        for message in messages
    ]


def stream_of(payload_type: type[envelope.EventPayload]) -> str:
    """The stream an event lies in."""
    masters = streams.MASTER_DATA_AGGREGATES
    return streams.MASTER_DATA if payload_type.EVENT.aggregate in masters else streams.EVENTS


async def _collect(
    js: JetStreamContext, subject: str, *, count: int, timeout_seconds: float
) -> list[Msg]:
    stream = (
        streams.MASTER_DATA if ".changed." in subject and _is_master(subject) else streams.EVENTS
    )
    subscription = await js.pull_subscribe(
        subject,
        stream=stream,
        config=ConsumerConfig(
            deliver_policy=DeliverPolicy.ALL, mem_storage=True, inactive_threshold=60
        ),
    )
    found: list[Msg] = []
    try:
        while True:
            wait = timeout_seconds if len(found) < count else _QUIET_SECONDS
            found += await subscription.fetch(_BATCH, timeout=wait)
    except (nats.errors.TimeoutError, TimeoutError):
        return found
    finally:
        await subscription.unsubscribe()


def _is_master(subject: str) -> bool:
    return subject.partition(".")[0] in streams.MASTER_DATA_AGGREGATES


async def _said(js: JetStreamContext, tenant_id: UUID) -> dict[str, int]:
    """Count a tenant's events by subject, for the message of a failed test."""
    counts: dict[str, int] = {}
    for stream in (streams.EVENTS, streams.MASTER_DATA):
        for subject in (f"*.*.{tenant_id}.*", f"*.*.*.{tenant_id}.*"):
            info = await js.stream_info(stream, subjects_filter=subject)
            state: dict[str, Any] = info.state.subjects or {}
            for name, number in state.items():
                plain = name.partition(f".{tenant_id}")[0]
                counts[plain] = counts.get(plain, 0) + number
    return counts
