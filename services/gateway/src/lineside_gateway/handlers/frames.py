"""From a message of the stream to the text a client gets.

`{"event": "work_order_status_changed", "data": {…}, "timestamp": …, "id": "<cursor>"}`: `data` is
the aggregate's state, flat, with what else the event carries (old_status, new_status) beside it.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

import orjson
import structlog

from lineside_contracts import registry
from lineside_contracts.envelope import Envelope
from lineside_gateway.domain import live
from lineside_gateway.domain.cursors import Cursor
from lineside_gateway.domain.live import LiveEvent
from lineside_gateway.store.event_log import Entry

_log = structlog.get_logger()


@dataclass(frozen=True)
class Frame:
    """One event on its way to clients; its text is written once, when the first one wants it."""

    sequence: int
    event: LiveEvent
    envelope: Envelope
    body: bytes

    @cached_property
    def text(self) -> str:
        """The message, as every client that may see it gets it."""
        document = {
            "event": self.event.name.replace(".", "_"),
            "data": _flat(self.envelope.event_type, orjson.loads(self.body)),
            "timestamp": self.envelope.occurred_at,
            "id": str(Cursor(self.sequence, self.envelope.event_id)),
        }
        return orjson.dumps(document, option=orjson.OPT_UTC_Z).decode()


def frame_of(entry: Entry) -> Frame | None:
    """Read an entry; None (and a line in the log) when it is no event anybody may be shown."""
    try:
        envelope = Envelope.from_headers(entry.headers)
        event = live.event_of(entry.subject, envelope.plant_code)
        _same_tenant(envelope.tenant_id, event.tenant_id)
    except ValueError as error:
        _log.warning("not an event", subject=entry.subject, error=str(error))
        return None
    return Frame(entry.sequence, event, envelope, entry.body)


def _same_tenant(said: UUID, addressed: UUID) -> None:
    if said != addressed:
        raise ValueError("subject and header name different tenants")


def _flat(event_type: str, payload: Any) -> Any:
    """Put the state's fields and the others side by side; an event unknown here stays as it is."""
    known = registry.BY_WIRE_NAME.get(event_type)
    state = payload.get(known.EVENT.state) if known and isinstance(payload, dict) else None
    if known is None or not isinstance(state, dict):
        return payload
    others = {name: value for name, value in payload.items() if name != known.EVENT.state}
    return state | others
