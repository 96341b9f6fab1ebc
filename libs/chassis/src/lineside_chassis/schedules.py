"""Timers: messages the broker sends at an instant, or every day at a plant's local time.

A schedule is a message in TIMERS that the broker turns into others when its time comes (JetStream
message schedules). Its subject is its name: saying it again replaces it, so that there is one
however many replicas say it. It is said through the outbox, so that it is true exactly when the
transaction is. What comes of it is read by a durable like any other message.

    uow → register(…) → outbox → schedule.<service>.<job>.<tenant>.<key>
        → (the broker, in time) → timer.<service>.<job>.<tenant>.<key> → consumer(…) → handler
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import orjson

from lineside_chassis.ingress import IngressMessage, RawConsumer, RawItem
from lineside_chassis.processing import HANDLED, Outcome
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts import streams

SCHEDULE_HEADER = "Nats-Schedule"
TARGET_HEADER = "Nats-Schedule-Target"
FIRED_SECONDS_HEADER = "Nats-Schedule-TTL"
ROLLUP_HEADER = "Nats-Rollup"
TTL_HEADER = "Nats-TTL"

FIRED_LIVES = "24h"
"""A service that was away longer finds newer ones waiting."""

CANCELLED_LIVES = "1m"
DAYS_AHEAD = 366
"""A year shows every offset a zone has."""

_TOKENS = 5


@dataclass(frozen=True)
class Schedule:
    """What is to be sent, and when.

    Attributes:
        service: Whose it is, as in subjects ("predictions").
        job: What it is for; one token.
        key: Which of the job's; one token. Saying the same key again replaces the schedule.
        pattern: `at(…)`, `daily(…)`, or a cron expression of six fields in UTC.
        body: What the handler gets, as JSON.
    """

    service: str
    job: str
    key: str
    pattern: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)

    def subject(self, tenant_id: UUID) -> str:
        """Where the schedule itself lies."""
        return self._under(streams.SCHEDULE_PREFIX, tenant_id)

    def target(self, tenant_id: UUID) -> str:
        """Where what comes of it is sent."""
        return self._under(streams.TIMER_PREFIX, tenant_id)

    def _under(self, prefix: str, tenant_id: UUID) -> str:
        return f"{prefix}.{self.service}.{self.job}.{tenant_id}.{self.key}"


@dataclass(frozen=True, slots=True)
class Fired:
    """A schedule whose time has come."""

    job: str
    key: str
    body: Mapping[str, Any]


OnFired = Callable[[UnitOfWork, Sequence[Fired]], Awaitable[None]]
"""Handles what fired of one job, for one tenant."""


def at(instant: datetime) -> str:
    """Once, at an instant; at once where it has passed.

    Args:
        instant: Aware.
    """
    return f"@at {instant.astimezone(UTC).isoformat().replace('+00:00', 'Z')}"


def daily(local_time: time, zone: str, *, now: datetime) -> str:
    """Every day, at each instant at which it may be this local time: a cron pattern in UTC.

    The broker can tell zones itself, but only where its machine has a zone database, which the
    image of the server lacks; a schedule it does not understand it refuses for ever. So a zone
    with daylight saving gives two hours, and `is_due` tells which of them counts today.

    Args:
        local_time: By the clock on the wall, without seconds.
        zone: IANA name; UTC stands in for one nobody knows.
        now: From when on the zone's offsets are looked at.
    """
    days = [now.date() + timedelta(days=n) for n in range(DAYS_AHEAD)]
    local = _zone(zone)
    instants = {datetime.combine(day, local_time, local).astimezone(UTC).time() for day in days}
    minutes, hours = {i.minute for i in instants}, {i.hour for i in instants}
    return f"0 {_listed(minutes)} {_listed(hours)} * * *"


def is_due(local_time: time, zone: str, *, now: datetime) -> bool:
    """Whether a local time of today has come, so that what fires now is not an hour early."""
    return now.astimezone(_zone(zone)).time() >= local_time


def register(uow: UnitOfWork, schedule: Schedule) -> None:
    """Say a schedule once this unit is committed; one of the same name is replaced."""
    headers = {
        SCHEDULE_HEADER: schedule.pattern,
        TARGET_HEADER: schedule.target(uow.tenant_id),
        FIRED_SECONDS_HEADER: FIRED_LIVES,
    }
    uow.post(schedule.subject(uow.tenant_id), headers=headers, body=orjson.dumps(schedule.body))


def cancel(uow: UnitOfWork, schedule: Schedule) -> None:
    """Take a schedule back once this unit is committed; its pattern and body do not matter."""
    headers = {ROLLUP_HEADER: "sub", TTL_HEADER: CANCELLED_LIVES}
    uow.post(schedule.subject(uow.tenant_id), headers=headers, body=b"{}")


def consumer(name: str, *, service: str, jobs: Mapping[str, OnFired]) -> RawConsumer:
    """Make the durable consumer of a service's timers.

    Args:
        name: Of the durable; a constant.
        service: As in the schedules.
        jobs: What is called, by job; it gets all that fired of a tenant in one batch.
    """

    async def handle(uow: UnitOfWork, items: list[RawItem]) -> Sequence[Outcome]:
        for job, on_fired in jobs.items():
            fired = [item.content for item in items if item.content.job == job]
            if fired:
                await uow.flush()
                await on_fired(uow, fired)
        return [HANDLED] * len(items)

    return RawConsumer(
        name,
        stream=streams.TIMERS,
        filter_subjects=[f"{streams.TIMER_PREFIX}.{service}.{job}.*.*" for job in sorted(jobs)],
        classify=_classify,
        handle=handle,
    )


def _classify(message: IngressMessage) -> RawItem | str:
    """Read a timer; each firing is a message of its own, whatever the schedule's own id was."""
    parts = message.subject.split(".")
    if len(parts) != _TOKENS:
        return f"{message.subject} is no timer"
    try:
        tenant, body = UUID(parts[3]), orjson.loads(message.body or b"{}")
    except ValueError as error:
        return f"no valid timer: {error}"
    if not isinstance(body, dict):
        return "the body of a timer is a JSON object"
    key = uuid5(NAMESPACE_OID, f"{streams.TIMERS}#{message.stream_sequence}")
    return RawItem(tenant, key, message, Fired(job=parts[2], key=parts[4], body=body))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def _listed(numbers: set[int]) -> str:
    return ",".join(map(str, sorted(numbers)))
