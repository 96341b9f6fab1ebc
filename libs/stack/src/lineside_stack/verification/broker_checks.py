"""Checks of NATS: streams and consumers are what the code declares."""

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any

import nats.js.errors
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig, StreamConfig

from lineside_chassis import advisories, dead_letters, provisioning
from lineside_chassis.service import Service
from lineside_contracts import streams
from lineside_stack.verification import findings
from lineside_stack.verification.findings import Finding

_STREAM_FIELDS = (
    "subjects",
    "retention",
    "storage",
    "compression",
    "allow_direct",
    "max_age",
    "duplicate_window",
    "allow_msg_schedules",
)


async def check(js: JetStreamContext, services: Iterable[Service]) -> AsyncIterator[Finding]:
    """Compare the broker with the declarations."""
    for declared in provisioning.stream_configs():
        yield await _stream(js, declared)
    for stream in (f"OBJ_{streams.IMPORTS_BUCKET}", f"KV_{streams.TICKETS_BUCKET}"):
        yield await _bucket(js, stream)
    for stream, durable, subjects in _durables(services):
        yield await _consumer(js, stream, durable, subjects)


async def _stream(js: JetStreamContext, declared: StreamConfig) -> Finding:
    name = declared.name or ""
    try:
        found = (await js.stream_info(name)).config
    except nats.js.errors.NotFoundError:
        return findings.held(f"stream {name}", "is as declared", problem="missing")
    problem = findings.listed(_differences(declared, found))
    return findings.held(f"stream {name}", "is as declared", problem=problem)


def _differences(declared: StreamConfig, found: StreamConfig) -> list[str]:
    wrong = [
        f"{field} is {_plain(getattr(found, field))}"
        for field in _STREAM_FIELDS
        if _plain(getattr(declared, field)) != _plain(getattr(found, field))
    ]
    if _republish(declared) != _republish(found):
        wrong.append(f"republishes {_republish(found)}")
    return wrong


def _plain(value: Any) -> Any:
    """Unset, zero and nothing are the same to the broker; so is the order of subjects."""
    if isinstance(value, list):
        return sorted(value)
    return value or None


def _republish(config: StreamConfig) -> tuple[str | None, str | None] | None:
    rule: Any = config.republish
    if rule is None:
        return None
    if isinstance(rule, Mapping):
        return (rule.get("src"), rule.get("dest"))
    return (rule.src, rule.dest)


async def _bucket(js: JetStreamContext, stream: str) -> Finding:
    """Buckets are streams by another name; what lies in one must not lie there for ever."""
    about = f"bucket {stream}"
    try:
        found = (await js.stream_info(stream)).config
    except nats.js.errors.NotFoundError:
        return findings.held(about, "exists and forgets", problem="missing")
    problem = None if found.max_age else "keeps everything"
    return findings.held(about, "exists and forgets", problem=problem)


def _durables(services: Iterable[Service]) -> list[tuple[str, str, list[str] | None]]:
    found: list[tuple[str, str, list[str] | None]] = [
        (streams.ADVISORIES, advisories.DURABLE, None)
    ]
    for service in services:
        for consumer in service.consumers:
            redrive = dead_letters.redrive_config(consumer.name)
            found.append((consumer.stream, consumer.name, list(consumer.filter_subjects)))
            found.append((streams.REDRIVE, redrive.name or "", redrive.filter_subjects))
    return found


async def _consumer(
    js: JetStreamContext, stream: str, durable: str, subjects: list[str] | None
) -> Finding:
    try:
        found = (await js.consumer_info(stream, durable)).config
    except nats.js.errors.NotFoundError:
        return findings.held(f"consumer {durable}", "is as declared", problem="missing")
    problem = findings.listed(_consumer_differences(found, subjects))
    return findings.held(f"consumer {durable}", "is as declared", problem=problem)


def _consumer_differences(found: ConsumerConfig, subjects: list[str] | None) -> list[str]:
    wrong = []
    heard = found.filter_subjects or ([found.filter_subject] if found.filter_subject else [])
    if subjects is not None and sorted(heard) != sorted(subjects):
        wrong.append(f"hears {sorted(heard)}")
    for name, wanted in (
        ("ack_policy", "explicit"),
        ("ack_wait", provisioning.ACK_WAIT_SECONDS),
        ("max_deliver", provisioning.MAX_DELIVER),
        ("max_ack_pending", provisioning.MAX_ACK_PENDING),
    ):
        value = getattr(found, name)
        if value != wanted:
            wrong.append(f"{name} is {value}")
    return wrong
