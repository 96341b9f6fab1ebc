"""Reading what services said: the events of one tenant, straight from the streams."""

import asyncio
from typing import Any
from uuid import UUID

import nats.errors
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig, DeliverPolicy

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts import envelope, streams
from lineside_contracts.envelope import Envelope, EventPayload, Payload, Received

ACTOR_ID = "0190b5c0-0000-7000-8000-000000000001"
ACTOR_NAME = "Toni Tester"
_BATCH = 200
_QUIET_SECONDS = 0.05
"""After the events asked for, a moment is waited for more than that."""


def envelope_of(
    payload: EventPayload,
    *,
    tenant_id: UUID,
    caused_by: Envelope | None = None,
    event_id: UUID | None = None,
) -> Envelope:
    """Write what travels around an event, as its publisher would.

    Args:
        payload: Id and version are those of its state.
        tenant_id: Whose it is.
        caused_by: The event whose correlation it carries.
        event_id: A new one when None.
    """
    return Envelope(
        event_id=event_id or SYSTEM_CLOCK.new_id(),
        event_type=payload.EVENT.wire_name,
        tenant_id=tenant_id,
        aggregate_id=payload.state.id,
        aggregate_version=payload.state.version,
        occurred_at=SYSTEM_CLOCK.now(),
        source="lineside/testkit",
        correlation_id=caused_by.correlation_id if caused_by else SYSTEM_CLOCK.new_id(),
        causation_id=caused_by.event_id if caused_by else None,
        actor_id=ACTOR_ID,
        actor_name=ACTOR_NAME,
        plant_code=envelope.plant_of(payload),
    )


def received(payload: Payload, tenant_id: UUID) -> Received[Payload]:
    """Give an event as a consumer's handler gets it."""
    return Received(envelope_of(payload, tenant_id=tenant_id), payload)


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
    stream = stream_of(payload_type)
    messages = await _collect(js, stream, subject, count=count, seconds=timeout_seconds)
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


def stream_of(payload_type: type[EventPayload]) -> str:
    """The stream an event lies in."""
    return streams.stream_of_event(payload_type.EVENT.name)


async def _collect(
    js: JetStreamContext, stream: str, subject: str, *, count: int, seconds: float
) -> list[Msg]:
    subscription = await js.pull_subscribe(
        subject,
        stream=stream,
        config=ConsumerConfig(
            deliver_policy=DeliverPolicy.ALL, mem_storage=True, inactive_threshold=60
        ),
    )
    found: list[Msg] = []
    clock = asyncio.get_running_loop().time
    until = clock() + seconds
    try:
        while True:
            left = max(until - clock(), _QUIET_SECONDS)
            wait = left if len(found) < count else _QUIET_SECONDS
            found += await subscription.fetch(_BATCH, timeout=wait)
    except (nats.errors.TimeoutError, TimeoutError):
        return found
    finally:
        await subscription.unsubscribe()


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
