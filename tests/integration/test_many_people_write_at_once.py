"""32 operators and 4 supervisors at once on two replicas of the floor: everybody is right.

Whoever was told "done" finds it done, nobody meets a fault of ours, no lane takes two, and what
lanes, logs and work orders say afterwards agrees to the piece.
"""

import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Final

import pytest

from lineside_testkit import recording
from lineside_testkit.floor import Floor, Json, Person, Reply, holders
from lineside_testkit.harness import Harness
from lineside_testkit.journeys import CHAIN, Journey
from lineside_testkit.servers import Servers

OPERATORS: Final = 32
SUPERVISORS: Final = 4
LANES: Final = 8
WORK_ORDERS: Final = 24
QUANTITY: Final = 30
ROUNDS: Final = 12
FIRST_FAULT: Final = 500
STEP: Final = [{"operation_number": 10, "operation_name": "Print"}]
BIG_LANE: Final = "PRESS-1"
"""It has two tracks."""


@dataclass
class Crowd:
    """Everybody, and what they were told.

    Attributes:
        good: Good pieces the API said it took, by work order.
    """

    floor: Floor
    operators: list[Person]
    supervisors: list[Person]
    orders: list[Json]
    good: defaultdict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    logs: Counter[str] = field(default_factory=Counter)
    answers: Counter[tuple[int, str | None]] = field(default_factory=Counter)
    faults: list[Reply] = field(default_factory=list)

    def note(self, reply: Reply) -> Reply:
        self.answers[(reply.status, reply.code)] += 1
        if reply.status >= FIRST_FAULT:
            self.faults.append(reply)
        return reply

    async def work(self) -> None:
        """Let everybody do what they do, at the same time."""
        async with asyncio.TaskGroup() as group:
            for number, operator in enumerate(self.operators):
                group.create_task(self._operate(operator, random.Random(number)))  # noqa: S311
            for number, supervisor in enumerate(self.supervisors):
                group.create_task(self._supervise(supervisor, random.Random(-number)))  # noqa: S311

    async def _operate(self, operator: Person, dice: random.Random) -> None:
        """Look who is on which lane, and report something there, sensible or not."""
        for _ in range(ROUNDS):
            lanes = [lane for lane in (await self._lanes(operator)) if lane["assignments"]]
            if not lanes:
                await asyncio.sleep(0.05)
                continue
            lane = dice.choice(lanes)
            order = {"id": dice.choice(holders(lane))}
            await self._report(operator, "start", order, lane)
            good = dice.randint(1, 3)
            await self._report(operator, "complete", order, lane, good=good)
            if dice.random() < 0.3:
                await self._report(operator, "pause", order, lane)
                await self._report(operator, "resume", order, lane)

    async def _report(
        self, operator: Person, kind: str, order: Json, lane: Json, *, good: int = 0
    ) -> None:
        fields = {"good_quantity": str(good)} if good else {}
        fields |= {"reason_code": "TALK"} if kind == "pause" else {}
        reply = self.note(await operator.try_report(kind, order, lane_id=lane["id"], **fields))
        if not reply.is_refusal:
            assert reply.body["accepted"]
            self.good[order["id"]] += good
            self.logs[order["id"]] += 1

    async def _supervise(self, supervisor: Person, dice: random.Random) -> None:
        """Move work about: assign, take off, put a lane into maintenance and back."""
        for _ in range(ROUNDS):
            order, lane = dice.choice(self.orders), dice.choice(await self._lanes(supervisor))
            act = dice.choice(("assign", "assign", "release", "maintain"))
            if act == "assign":
                path, body = f"/work-orders/{order['id']}/assign-lane", {"lane_id": lane["id"]}
            elif act == "release":
                path = f"/lanes/{lane['id']}/release"
                body = {"work_order_id": next(iter(holders(lane)), order["id"]), "reason": "Swap"}
            else:
                path = f"/lanes/{lane['id']}/maintenance"
                body = {"action": "start", "reason": "Cleaning"}
            self.note(await supervisor.ask("POST", path, body))
            if act == "maintain":
                self.note(await supervisor.ask("POST", path, {"action": "end", "reason": "Clean"}))

    async def _lanes(self, person: Person) -> list[Json]:
        return (await person.get("/lanes", limit=500))["items"]  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
async def pair(lineside_servers: Servers) -> AsyncIterator[Harness]:
    async with Harness.start(
        lineside_servers,
        services=(*CHAIN, "gateway"),
        replicas={"shopfloor": 2},
    ) as harness:
        yield harness


@pytest.fixture(scope="module")
async def crowd(pair: Harness) -> AsyncIterator[Crowd]:
    """A floor on which everybody has worked, and everything has come to rest."""
    lanes = [
        {"lane_number": f"PRESS-{n}", "capacity": 2 if n == 1 else 1} for n in range(1, LANES + 1)
    ]
    floor = await Floor.open(await Journey.begin(pair, routed=()), lanes=lanes)
    orders = [
        await floor.released(quantity_ordered=str(QUANTITY), priority=priority, operations=STEP)
        for _ in range(WORK_ORDERS // 4)
        for priority in ("low", "medium", "high", "urgent")
    ]
    async with AsyncExitStack() as stack:

        async def people(role: str, count: int) -> list[Person]:
            return [
                await stack.enter_async_context(floor.person(role, name=f"{role} {number}"))
                for number in range(count)
            ]

        everybody = Crowd(
            floor,
            operators=await people("operator", OPERATORS),
            supervisors=await people("supervisor", SUPERVISORS),
            orders=orders,
        )
        await everybody.work()
        await pair.settle(timeout=60)
        yield everybody


async def test_nobody_meets_a_fault_of_ours(crowd: Crowd) -> None:
    assert crowd.faults == [], crowd.answers
    assert crowd.answers[(201, None)] > OPERATORS, crowd.answers


async def test_every_piece_somebody_was_told_of_is_counted_once(crowd: Crowd) -> None:
    boss = crowd.supervisors[0]
    for order in crowd.orders:
        found = await boss.get(f"/work-orders/{order['id']}")
        logs = await boss.items(f"/work-orders/{order['id']}/logs", limit=500)
        logged = sum((Decimal(one["good_quantity"]) for one in logs), Decimal(0))
        told = crowd.good[order["id"]]
        (operation,) = found["operations"]
        counted = (Decimal(found["quantity_completed"]), Decimal(operation["good_quantity"]))
        assert counted == (told, told), order
        assert logged == told, order
        assert told <= QUANTITY
        assert (found["status"] == "completed") == (told == QUANTITY)


async def test_no_lane_ever_had_two_on_a_track(crowd: Crowd) -> None:
    spans: defaultdict[tuple[str, int], list[tuple[datetime, datetime | None]]] = defaultdict(list)
    for one in await crowd.supervisors[0].items("/lane-assignments", limit=500):
        until = one["released_at"]
        spans[(one["lane_number"], one["track"])].append(
            (
                datetime.fromisoformat(one["assigned_at"]),
                datetime.fromisoformat(until) if until else None,
            )
        )
    assert {number for number, _track in spans} <= {f"PRESS-{n}" for n in range(1, LANES + 1)}
    assert {track for number, track in spans if number != BIG_LANE} == {1}
    for track, held in spans.items():
        held.sort(key=lambda span: span[0])
        for (_since, until), (later, _until) in pairwise(held):
            assert until is not None, track
            assert until <= later, track


async def test_lanes_hold_what_is_open_and_nothing_that_is_over(crowd: Crowd) -> None:
    boss = crowd.supervisors[0]
    statuses = {one["id"]: one["status"] for one in await boss.items("/work-orders", limit=500)}
    for lane in (await crowd.floor.lanes(boss)).values():
        held = [statuses[order_id] for order_id in holders(lane)]
        assert set(held) <= {"released", "in_progress"}, lane
        assert len(held) <= lane["capacity"]
        is_full = len(held) == lane["capacity"]
        assert lane["status"] == ("occupied" if is_full else "available"), lane


async def test_versions_count_every_change_once(crowd: Crowd, pair: Harness) -> None:
    said = await recording.record(await pair.jetstream(), crowd.floor.journey.tenant_id)
    versions: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for message in said:
        family = message.name.partition(".")[0]
        if family in {"work_order", "production_log", "lane"}:
            aggregate = message.subject.rpartition(".")[2]
            versions[(family, aggregate)].append(int(message.headers["ce-aggregateversion"]))
    for about, found in versions.items():
        assert found == list(range(found[0], found[0] + len(found))), about
    for order_id, count in crowd.logs.items():
        written = versions[("production_log", order_id)]
        assert len(written) >= count, "maintenance writes pauses of its own"


async def test_nothing_was_dead_lettered(pair: Harness, crowd: Crowd) -> None:
    assert crowd.answers
    assert await pair.dead_letters() == []
