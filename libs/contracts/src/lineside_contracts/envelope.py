"""What travels around every event: CloudEvents 1.0 attributes as NATS headers, JSON as body.

Source: CloudEvents 1.0.2, "NATS Protocol Binding", binary content mode.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Generic, TypeVar
from uuid import UUID

from lineside_contracts.values import Frozen

MESSAGE_ID_HEADER = "Nats-Msg-Id"
TRACE_HEADER = "traceparent"
REPLY_HEADER = "Lineside-Reply-To"


@dataclass(frozen=True)
class EventType:
    """Name and schema version of an event, and which aggregate's state it carries.

    `aggregate` is the first token(s) of the subject ("work_order", "sales.order"), `verb` the next;
    `state` names the payload field that holds the whole state of the aggregate after the change.
    """

    aggregate: str
    verb: str
    state: str
    version: int = 1

    @property
    def name(self) -> str:
        """The event's plain subject, e.g. `work_order.created`."""
        return f"{self.aggregate}.{self.verb}"

    @property
    def wire_name(self) -> str:
        """The value of `ce-type`, e.g. `work_order.created.v1`."""
        return f"{self.name}.v{self.version}"


class AggregateState(Frozen):
    """The public state of an aggregate: its id, and its version counted from 1 without gaps."""

    id: UUID
    version: int


class EventPayload(Frozen):
    """The body of an event. Subclasses set `EVENT` and carry the state it names."""

    EVENT: ClassVar[EventType]

    @property
    def state(self) -> AggregateState:
        """The aggregate's whole public state after the change."""
        state: AggregateState = getattr(self, self.EVENT.state)
        return state


Payload = TypeVar("Payload", bound=EventPayload)


@dataclass(frozen=True, slots=True)
class Envelope:
    """Everything about an event that is not its payload."""

    event_id: UUID
    event_type: str
    tenant_id: UUID
    aggregate_id: UUID
    aggregate_version: int
    occurred_at: datetime
    source: str
    correlation_id: UUID
    causation_id: UUID | None = None
    actor_id: str | None = None
    actor_name: str | None = None
    plant_code: str | None = None
    trace_parent: str | None = None

    def headers(self) -> dict[str, str]:
        """Write the envelope as NATS headers; absent attributes are left out."""
        pairs = {
            MESSAGE_ID_HEADER: str(self.event_id),
            "ce-specversion": "1.0",
            "ce-id": str(self.event_id),
            "ce-type": self.event_type,
            "ce-source": self.source,
            "ce-time": self.occurred_at.isoformat(),
            "ce-subject": str(self.aggregate_id),
            "ce-tenantid": str(self.tenant_id),
            "ce-aggregateversion": str(self.aggregate_version),
            "ce-correlationid": str(self.correlation_id),
            "ce-causationid": str(self.causation_id) if self.causation_id else None,
            "ce-actorid": self.actor_id,
            "ce-actorname": _ascii(self.actor_name),
            "ce-plantid": _ascii(self.plant_code),
            TRACE_HEADER: self.trace_parent,
            "content-type": "application/json",
        }
        return {name: value for name, value in pairs.items() if value is not None}

    @classmethod
    def from_headers(cls, headers: Mapping[str, str]) -> "Envelope":
        """Read an envelope back.

        Raises:
            ValueError: An attribute is missing or is not what it should be.
        """
        try:
            return cls(
                event_id=UUID(headers["ce-id"]),
                event_type=headers["ce-type"],
                tenant_id=UUID(headers["ce-tenantid"]),
                aggregate_id=UUID(headers["ce-subject"]),
                aggregate_version=int(headers["ce-aggregateversion"]),
                occurred_at=datetime.fromisoformat(headers["ce-time"]),
                source=headers.get("ce-source", ""),
                correlation_id=UUID(headers["ce-correlationid"]),
                causation_id=_uuid(headers.get("ce-causationid")),
                actor_id=headers.get("ce-actorid"),
                actor_name=_unicode(headers.get("ce-actorname")),
                plant_code=_unicode(headers.get("ce-plantid")),
                trace_parent=headers.get(TRACE_HEADER),
            )
        except KeyError as missing:
            raise ValueError(f"the event has no header {missing.args[0]}") from None


@dataclass(frozen=True, slots=True)
class Received(Generic[Payload]):
    """An event as a consumer gets it: envelope and decoded payload."""

    envelope: Envelope
    payload: Payload


def subject_of(event_type: EventType, tenant_id: UUID, aggregate_id: UUID) -> str:
    """The canonical subject `<aggregate>.<event>.<tenant>.<aggregate id>`."""
    return f"{event_type.name}.{tenant_id}.{aggregate_id}"


def _uuid(value: str | None) -> UUID | None:
    return UUID(value) if value else None


def _ascii(value: str | None) -> str | None:
    """NATS headers are ASCII: anything else is escaped."""
    return value.encode("unicode_escape").decode("ascii") if value is not None else None


def _unicode(value: str | None) -> str | None:
    return value.encode("ascii").decode("unicode_escape") if value is not None else None


def decode_payload(payload_type: type[Payload], body: bytes) -> Payload:
    """Validate a body against its model.

    Raises:
        pydantic.ValidationError: The body is not valid JSON or breaks the schema.
    """
    return payload_type.model_validate_json(body)


def encode_payload(payload: EventPayload) -> bytes:
    """Write a payload as JSON; decimals are strings, instants ISO 8601."""
    return payload.model_dump_json().encode()


def plant_of(payload: EventPayload) -> str | None:
    """The plant an event belongs to, where its aggregate has one."""
    state = payload.state
    if "plant_code" not in type(state).model_fields:
        return None
    code: str | None = state.plant_code  # type: ignore[attr-defined]
    return code
