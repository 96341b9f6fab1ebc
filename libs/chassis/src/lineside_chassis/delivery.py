"""One message as JetStream handed it over, with the original back in place when it is a redrive."""

from collections.abc import Mapping
from dataclasses import dataclass

from nats.aio.msg import Msg

from lineside_contracts import streams
from lineside_contracts.envelope import MESSAGE_ID_HEADER

DEAD_LETTER_HEADER = "Lineside-Dlq-"
ORIGINAL_SUBJECT_HEADER = f"{DEAD_LETTER_HEADER}Subject"
ORIGINAL_ID_HEADER = f"{DEAD_LETTER_HEADER}Message-Id"


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message and where it came from; `stream` and `sequence` name it among all messages."""

    message: Msg
    subject: str
    headers: dict[str, str]
    body: bytes
    stream: str
    sequence: int
    delivered_count: int

    @property
    def place(self) -> tuple[str, int]:
        """Its stream and sequence."""
        return (self.stream, self.sequence)

    @classmethod
    def of(cls, message: Msg) -> "Delivery":
        """Read what JetStream says about a message."""
        about = message.metadata
        headers = dict(message.headers or {})
        subject = original_subject(about.stream, message.subject, headers)
        return cls(
            message=message,
            subject=subject,
            headers=original_headers(about.stream, headers),
            body=message.data,
            stream=about.stream,
            sequence=about.sequence.stream,
            delivered_count=about.num_delivered,
        )


def original_subject(stream: str, subject: str, headers: Mapping[str, str]) -> str:
    """Tell the subject a message first had; only a redrive may say that it had another."""
    if stream != streams.REDRIVE:
        return subject
    return headers.get(ORIGINAL_SUBJECT_HEADER, subject)


def original_headers(stream: str, headers: Mapping[str, str]) -> dict[str, str]:
    """Leave out what a dead letter added, and give a redrive its first message id back."""
    first = {name: v for name, v in headers.items() if not name.startswith(DEAD_LETTER_HEADER)}
    if stream == streams.REDRIVE and ORIGINAL_ID_HEADER in headers:
        first[MESSAGE_ID_HEADER] = headers[ORIGINAL_ID_HEADER]
    return first
