"""Messages nobody could process: set aside with their reason, and sent back to their consumer.

A dead letter lies on `dlq.<consumer>.<original subject>` with the original headers and body. A
redrive goes to `redrive.<consumer>`, which that consumer alone reads.
"""

from dataclasses import dataclass
from datetime import datetime

import nats.js.api
from nats.js import JetStreamContext

from lineside_chassis import metrics
from lineside_chassis.delivery import (
    DEAD_LETTER_HEADER,
    ORIGINAL_ID_HEADER,
    ORIGINAL_SUBJECT_HEADER,
    original_headers,
)
from lineside_contracts import streams
from lineside_contracts.envelope import MESSAGE_ID_HEADER

REDRIVE_SUFFIX = "-redrive"
"""A consumer's second durable, on REDRIVE, is named after the first."""

_ERROR_LENGTH = 500


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message to set aside, and why."""

    consumer: str
    subject: str
    headers: dict[str, str]
    body: bytes
    stream: str
    sequence: int
    reason: str
    error: str
    attempts: int
    at: datetime


def message_id(*, consumer: str, stream: str, sequence: int) -> str:
    """Name a dead letter, so that the mover and the consumer say it once."""
    return f"dlq:{consumer}:{stream}:{sequence}"


async def publish(js: JetStreamContext, letter: DeadLetter) -> None:
    """Store a dead letter; saying the same one twice stores it once."""
    about = {
        "Subject": letter.subject,
        "Reason": letter.reason,
        "Error": _one_line(letter.error),
        "Consumer": letter.consumer,
        "Stream": letter.stream,
        "Sequence": str(letter.sequence),
        "Attempts": str(letter.attempts),
        "At": letter.at.isoformat(),
    }
    headers = {name: v for name, v in letter.headers.items() if not name.startswith("Nats-")}
    headers |= {f"{DEAD_LETTER_HEADER}{name}": value for name, value in about.items()}
    if MESSAGE_ID_HEADER in letter.headers:
        headers[ORIGINAL_ID_HEADER] = letter.headers[MESSAGE_ID_HEADER]
    headers[MESSAGE_ID_HEADER] = message_id(
        consumer=letter.consumer, stream=letter.stream, sequence=letter.sequence
    )
    subject = f"{streams.DEAD_LETTER_PREFIX}.{letter.consumer}.{letter.subject}"
    await js.publish(subject, letter.body, headers=headers)
    metrics.DEAD_LETTERS.labels(letter.consumer).inc()


async def redrive(js: JetStreamContext, sequence: int) -> None:
    """Send a dead letter back to its consumer and take it off the shelf.

    Raises:
        nats.js.errors.NotFoundError: There is none under this sequence.
    """
    message = await js.get_msg(streams.DEAD_LETTERS, seq=sequence)
    headers = dict(message.headers or {})
    consumer = headers[f"{DEAD_LETTER_HEADER}Consumer"]
    again = original_headers(streams.DEAD_LETTERS, headers)
    for name in (ORIGINAL_SUBJECT_HEADER, ORIGINAL_ID_HEADER):
        if name in headers:
            again[name] = headers[name]
    again[MESSAGE_ID_HEADER] = f"redrive:{sequence}"
    await js.publish(f"{streams.REDRIVE_PREFIX}.{consumer}", message.data or b"", headers=again)
    await js.delete_msg(streams.DEAD_LETTERS, sequence)


def redrive_config(consumer: str) -> nats.js.api.ConsumerConfig:
    """Describe the durable through which a consumer reads its redrives."""
    return nats.js.api.ConsumerConfig(
        name=f"{consumer}{REDRIVE_SUFFIX}",
        durable_name=f"{consumer}{REDRIVE_SUFFIX}",
        filter_subjects=[f"{streams.REDRIVE_PREFIX}.{consumer}"],
    )


def _one_line(error: str) -> str:
    """Headers are single lines of ASCII."""
    plain = " ".join(error.split())[:_ERROR_LENGTH]
    return plain.encode("ascii", "backslashreplace").decode("ascii")
