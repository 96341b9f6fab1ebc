"""Checks of the contracts: nothing incompatible with what was frozen, and with what is stored."""

import json
from collections.abc import AsyncIterator
from importlib.util import find_spec
from pathlib import Path

import nats.js.errors
from nats.js import JetStreamContext
from pydantic import ValidationError

from lineside_contracts import documents, envelope, registry, streams
from lineside_contracts.envelope import EventPayload
from lineside_stack.verification import findings
from lineside_stack.verification.findings import Finding

PACKAGE = "lineside_contracts"


async def check(js: JetStreamContext) -> AsyncIterator[Finding]:
    """Compare today's events with the frozen schemas, and read the newest stored one of each."""
    yield _frozen()
    yield _every_event_has_a_stream()
    for event in registry.EVENTS:
        yield await _newest(js, event)


def _frozen() -> Finding:
    """Installed without its repository, a package has no frozen schemas to compare with."""
    found = find_spec(PACKAGE)
    origin = Path(found.origin) if found and found.origin else Path()
    folder = origin.resolve().parents[2] / "schemas"
    today = documents.schemas()
    broken = [
        f"{file.stem}: {difference}"
        for file in sorted(folder.glob("*.json"))
        for difference in documents.incompatibilities(
            json.loads(file.read_text()), today.get(file.name, {})
        )
    ]
    return findings.held(
        "contracts", "no event broke its frozen schema", problem=findings.listed(broken)
    )


def _every_event_has_a_stream() -> Finding:
    held = {subject.removesuffix(".*.*.*") for subject in streams.event_subjects()}
    held |= set(streams.MASTER_DATA_AGGREGATES)
    lost = [event.EVENT.name for event in registry.EVENTS if event.EVENT.aggregate not in held]
    return findings.held("contracts", "every event has a stream", problem=findings.listed(lost))


async def _newest(js: JetStreamContext, event: type[EventPayload]) -> Finding:
    """An old event nobody can read any more would be found too late by a rebuild."""
    stream = streams.stream_of_event(event.EVENT.name)
    claim = "the newest stored one is read by today's code"
    try:
        message = await js.get_last_msg(stream, f"{event.EVENT.name}.*.*")
    except nats.js.errors.NotFoundError:
        return Finding(event.EVENT.wire_name, f"{claim} (none is stored)")
    try:
        envelope.decode_payload(event, message.data or b"")
    except ValidationError as error:
        problem: str | None = str(error).replace("\n", " ")
    else:
        problem = None
    return findings.held(event.EVENT.wire_name, claim, problem=problem)
