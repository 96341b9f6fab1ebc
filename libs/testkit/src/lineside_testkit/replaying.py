"""Replays a real shop-floor log over HTTP, and says what became of every report.

replay = Replay(person, log)
await replay.prepare(tenant_code="LEVY")
await replay.run()
await replay.resolve()
assert await replay.differing_orders() == []

Logs are posted in the order of time, as many at once as do not touch the same work order or lane.
Some reports may be held back, as by a terminal that was offline for a shift.
"""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, Final, Literal

from lineside_testkit import shop_floor_log
from lineside_testkit.floor import Json, Person, Reply
from lineside_testkit.shop_floor_log import FloorLog, Log, Order, Report, Totals

PLANT: Final = "NOOL"
AT_ONCE: Final = 12
OFFLINE: Final = timedelta(hours=8)
"""How long a terminal that lost its network keeps its reports."""

Standing = Literal["accepted", "conflict", "refused"]

_NOTHING: Totals = (Decimal(0), Decimal(0), Decimal(0))
_QUANTITIES: Final = ("good_quantity", "scrap_quantity", "rework_quantity")
_PER_MILLE: Final = 1000
_FIRST_FAULT: Final = 500
_NEVER: Final = datetime.max.replace(tzinfo=UTC)
_RECORD: Final = {"action": "record", "reason": "The terminal had no network; the count is right."}


@dataclass(frozen=True)
class Outcome:
    """What was answered to one log."""

    log: Log
    standing: Standing
    code: str | None = None


@dataclass
class Replay:
    """One tenant's replay.

    Attributes:
        person: Who posts; an administrator.
        late_share: Which share of the reports is held back for `OFFLINE`.
        outcomes: By idempotency key.
        repeated: Duplicates that got the answer of the first.
        resolved: Conflicts that could be recorded in the end.
        seconds: How long `run` took.
    """

    person: Person
    log: FloorLog
    late_share: float = 0
    at_once: int = AT_ONCE
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    repeated: int = 0
    resolved: int = 0
    seconds: float = 0
    released_lanes: Counter[str] = field(default_factory=Counter)
    _work_orders: dict[str, Json] = field(default_factory=dict)
    _lanes: dict[str, Json] = field(default_factory=dict)

    async def prepare(self, *, tenant_code: str) -> None:
        """Make plant, lanes and released work orders."""
        await self.person.post(
            "/tenants",
            {
                "tenant_code": tenant_code,
                "tenant_name": "NooL",
                "available_pieces": "warn",
            },
        )
        plant = {"plant_code": PLANT, "plant_name": "NooL", "assignment_mode": "suggest"}
        await self.person.post("/plants", plant)
        tracks = _tracks_needed(self._deliveries())
        for number, name in enumerate(self.log.resources, start=1):
            self._lanes[name] = await self.person.post("/lanes", _lane(number, name, tracks[name]))
        for order in self.log.orders.values():
            made = await self.person.post("/work-orders", _work_order(order))
            self._work_orders[order.number] = await self.person.post(
                f"/work-orders/{made['id']}/release"
            )

    async def run(self) -> None:
        """Post every log, and free lanes when an order's last report there is in."""
        began = time.perf_counter()
        turns = asyncio.Semaphore(self.at_once)
        last: dict[str, asyncio.Task[None]] = {}
        async with asyncio.TaskGroup() as group:
            for touched, act in self._acts():
                before = {last[name] for name in touched if name in last}
                task = group.create_task(_after(before, turns, act))
                last |= dict.fromkeys(touched, task)
        self.seconds = time.perf_counter() - began

    async def resolve(self) -> None:
        """Let a supervisor record what makes sense by now, again and again while any does."""
        recorded = -1
        while recorded:
            recorded = 0
            conflicts = await self.person.items("/log-conflicts", limit=500)
            for conflict in sorted(conflicts, key=lambda one: one["happened_at"]):
                path = f"/log-conflicts/{conflict['id']}/resolve"
                answer = await self.person.ask("POST", path, _RECORD)
                recorded += not answer.is_refusal
            self.resolved += recorded

    async def conflicts(self) -> Counter[str]:
        """What is still on the list, by its reason."""
        return Counter(one["code"] for one in await self.person.items("/log-conflicts", limit=500))

    def standings(self) -> Counter[tuple[Standing, str]]:
        """What became of the reports: the worst that was answered to any of their logs."""
        by_report: defaultdict[str, list[Outcome]] = defaultdict(list)
        for outcome in self.outcomes.values():
            by_report[outcome.log.report.key].append(outcome)
        worst = (_worst(outcomes) for outcomes in by_report.values())
        return Counter((outcome.standing, outcome.code or "") for outcome in worst)

    async def differing_orders(self) -> list[tuple[str, Totals, Totals]]:
        """Orders whose totals are not those of the source: number, here, there.

        Here is what the work order counts, with what the list of conflicts and the refusals hold.
        """
        apart = await self._apart()
        found = []
        for number in self.log.orders:
            here = _sum([await self._counted(number), apart[number]])
            there = self.log.totals(number)
            if here != there:
                found.append((number, here, there))
        return found

    async def _counted(self, number: str) -> Totals:
        order = await self.person.get(f"/work-orders/{self._work_orders[number]['id']}")
        return _sum([_totals_of(operation) for operation in order["operations"]])

    async def _apart(self) -> defaultdict[str, Totals]:
        """What was reported but not recorded, by order."""
        numbers = {order["id"]: number for number, order in self._work_orders.items()}
        found: defaultdict[str, Totals] = defaultdict(lambda: _NOTHING)
        for conflict in await self.person.items("/log-conflicts", limit=500):
            number = numbers[conflict["work_order_id"]]
            found[number] = _sum([found[number], _totals_of(conflict["report"])])
        for outcome in self.outcomes.values():
            if outcome.standing == "refused":
                number = outcome.log.report.order
                found[number] = _sum([found[number], _totals_of(outcome.log.fields)])
        return found

    def _acts(self) -> Iterator[tuple[Sequence[str], Callable[[], Awaitable[None]]]]:
        """What is done, in order, with what it touches."""
        logs = self._deliveries()
        final = {(log.report.order, log.report.resource): log.key for log in logs}
        for log in logs:
            report = log.report
            touched = [f"order {report.order}", f"lane {report.resource}"]
            yield touched, partial(self._post, log)
            if final[(report.order, report.resource)] == log.key:
                yield touched, partial(self._leave, report)

    def _deliveries(self) -> list[Log]:
        """The logs in the order in which they reach the system."""
        return sorted(shop_floor_log.logs_of(self.log), key=self._handed_in)

    def _handed_in(self, log: Log) -> tuple[bool, datetime]:
        """When a log reaches the system; sorting is stable, so that ties keep their order."""
        if log.at is None:
            return True, _NEVER
        is_late = int(log.report.key, 16) % _PER_MILLE < self.late_share * _PER_MILLE
        return False, log.at + OFFLINE if is_late else log.at

    async def _post(self, log: Log) -> None:
        body = self._body(log)
        answer = await self._say(log, body)
        self.outcomes[log.key] = _outcome(log, answer)
        for _ in range(log.report.copies - 1):
            again = await self._say(log, body)
            if (again.status, again.body) != (answer.status, answer.body):
                raise AssertionError(f"a duplicate was answered otherwise: {again} not {answer}")
            self.repeated += 1

    async def _say(self, log: Log, body: Json) -> Reply:
        answer = await self.person.ask("POST", "/production-logs", body, key=log.key)
        if answer.status >= _FIRST_FAULT:
            raise AssertionError(f"{body} was answered with {answer}")
        return answer

    def _body(self, log: Log) -> Json:
        report = log.report
        order = self.log.orders[report.order]
        body: Json = {
            "work_order_id": self._work_orders[report.order]["id"],
            "operation_number": order.operation_number(report.activity),
            "lane_id": self._lanes[report.resource]["id"],
            "notes": _note(report),
            **log.fields,
        }
        return body if log.at is None else body | {"happened_at": log.at.isoformat()}

    async def _leave(self, report: Report) -> None:
        """The supervisor takes the order off the lane; a completed one has left it already."""
        body = {
            "work_order_id": self._work_orders[report.order]["id"],
            "reason": "Goes on elsewhere",
        }
        path = f"/lanes/{self._lanes[report.resource]['id']}/release"
        answer = await self.person.ask("POST", path, body)
        self.released_lanes[answer.code or "released"] += 1


async def _after(
    before: set[asyncio.Task[None]],
    turns: asyncio.Semaphore,
    act: Callable[[], Awaitable[None]],
) -> None:
    if before:
        await asyncio.wait(before)
    async with turns:
        await act()


def _tracks_needed(logs: Sequence[Log]) -> Counter[str]:
    """How many orders each resource has between their first and their last log, at most.

    Reports of one resource overlap in the source: a lane gets as many tracks as it needs.
    """
    last = {(log.report.order, log.report.resource): log.key for log in logs}
    present: defaultdict[str, set[str]] = defaultdict(set)
    most: Counter[str] = Counter()
    for log in logs:
        order, resource = log.report.order, log.report.resource
        present[resource].add(order)
        most[resource] = max(most[resource], len(present[resource]))
        if last[(order, resource)] == log.key:
            present[resource].discard(order)
    return most


def _outcome(log: Log, answer: Reply) -> Outcome:
    if answer.is_refusal:
        return Outcome(log, "refused", answer.code)
    if not answer.body["accepted"]:
        return Outcome(log, "conflict", answer.body["conflict"]["code"])
    return Outcome(log, "accepted")


def _worst(outcomes: Sequence[Outcome]) -> Outcome:
    return max(outcomes, key=lambda one: ("accepted", "conflict", "refused").index(one.standing))


def _totals_of(fields: Mapping[str, Any]) -> Totals:
    good, scrap, rework = (Decimal(fields.get(name) or 0) for name in _QUANTITIES)
    return good, scrap, rework


def _sum(several: Sequence[Totals]) -> Totals:
    good, scrap, rework = (sum(column, Decimal(0)) for column in zip(*several, strict=True))
    return good, scrap, rework


def _note(report: Report) -> str:
    return f"{report.worker}{' (rework)' if report.is_rework else ''}"


def _lane(number: int, name: str, capacity: int) -> Json:
    return {
        "lane_number": f"L-{number:02d}",
        "lane_name": name,
        "plant_code": PLANT,
        "lane_type": "machining",
        "capacity": capacity,
    }


def _work_order(order: Order) -> Json:
    return {
        "work_order_number": f"CASE-{order.number}",
        "plant_code": PLANT,
        "operation_type": "machining",
        "description": order.part,
        "quantity_ordered": str(order.quantity),
        "operations": [
            {"operation_number": order.operation_number(activity), "operation_name": activity}
            for activity in order.activities
        ],
    }
