"""A day on the demonstration's floor, through the HTTP API alone.

A supervisor puts the lanes on automatic and releases a reprint; operators start, pause for paper
that is missing, resume, report good and scrap. Everything else happens by itself: lanes take the
next order, successors are released, stock is consumed, dates move.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, Final, TypeVar

from lineside_stack.amounts import amount
from lineside_stack.api import Api
from lineside_stack.demo.purchasing import PLANT
from lineside_stack.demo.shift_clock import ShiftClock
from lineside_stack.failures import CommandError
from lineside_stack.order_picture import Json
from lineside_stack.terminal import Say

Found = TypeVar("Found")

PATIENCE_SECONDS = 30.0
LOOK_SECONDS = 0.1
LIMIT = 500
LANE: Final = "PRESS-1"
MISSING: Final = "MATERIAL"
"""The reason of the pause; reasons are the plant's own codes."""

SETUP_MINUTES = 40
PAUSE_MINUTES = 25
REPRINT: Final = {
    "plant_code": PLANT,
    "operation_type": "fabrication",
    "description": "Reprint of two damaged pallets",
    "quantity_ordered": "200",
    "priority": "urgent",
    "operations": [
        {
            "operation_number": 10,
            "operation_name": "Reprint",
            "work_center_code": "OFFSET",
            "setup_minutes": "10",
            "run_minutes": "2",
        }
    ],
}


@dataclass(frozen=True)
class People:
    """Who is there, each with a token of their own."""

    supervisor: Api
    operator: Api
    planner: Api


@dataclass(frozen=True)
class Played:
    """What was done: the production order that went through, and the reprint that followed."""

    production_order: Json
    work_orders: Sequence[Json]
    reprint: Json
    before: Json | None
    after: Json | None


class FloorDay:
    """The people of one day."""

    def __init__(self, people: People, *, clock: ShiftClock, today: date, say: Say) -> None:
        self._supervisor = people.supervisor
        self._operator = people.operator
        self._planner = people.planner
        self._today = today
        self._clock = clock
        self._say = say

    async def play(self) -> Played:
        """Take the order that gets the first press from its first sheet to its last carton.

        Raises:
            CommandError: Something that should happen by itself did not, or was refused.
        """
        await self._open_lanes()
        first = await self._first_on(LANE)
        before = await self._prediction(first)
        reprint = await self._release_reprint()
        await self._print_with_a_pause(first)
        await self._taken_by(LANE, reprint)
        order = await self._finish(first)
        after = await self._moved_prediction(first, before)
        every = await self._work_orders(first["production_order_id"])
        return Played(order, every, reprint, before, after)

    async def _open_lanes(self) -> None:
        self._say(f"{self._clock.shown} the supervisor puts the lanes of {PLANT} on automatic")
        plant = await self._planner.get(f"/plants/{PLANT}")
        kept = ("plant_code", "plant_name", "time_zone", "calendar_code", "is_active")
        fields = {name: plant[name] for name in kept} | {"assignment_mode": "automatic"}
        await self._planner.put(f"/plants/{PLANT}", fields)

    async def _release_reprint(self) -> Json:
        tomorrow = (self._today + timedelta(days=1)).isoformat()
        made = await self._supervisor.post("/work-orders", REPRINT | {"due_date": tomorrow})
        self._say(f"the supervisor releases {made['work_order_number']}, an urgent reprint")
        released: Json = await self._supervisor.post(f"/work-orders/{made['id']}/release")
        return released

    async def _print_with_a_pause(self, work_order: Json) -> None:
        (operation, *_others) = work_order["operations"]
        self._say(
            f"{self._clock.shown} {work_order['work_order_number']} is set up on {LANE}; paper "
            "runs out after half of it"
        )
        half = Decimal(operation["planned_output"]) // 2
        report = self._reporting(work_order, operation, LANE)
        await report("start", activity="setup")
        self._clock.pass_minutes(SETUP_MINUTES)
        await report("start", activity="run")
        self._run(operation, share=Decimal("0.5"))
        await report("complete", good_quantity=str(half))
        await report("pause", reason_code=MISSING)
        self._clock.pass_minutes(PAUSE_MINUTES)
        await report("resume")
        self._run(operation, share=Decimal("0.5"))
        await report("complete", **_rest(operation, already=half))

    async def _finish(self, first: Json) -> Json:
        """Do what is released next until the whole production order is done."""
        while True:
            order: Json = await self._planner.get(
                f"/production-orders/{first['production_order_id']}"
            )
            if order["status"] in {"completed", "closed"}:
                return order
            await self._do(await self._next_work(first["production_order_id"]))

    async def _do(self, work_order: Json | None) -> None:
        if work_order is None:
            await asyncio.sleep(LOOK_SECONDS)
            return
        lane = await self._lane_of(work_order)
        for operation in work_order["operations"]:
            report = self._reporting(work_order, operation, lane)
            await report("start")
            self._run(operation, share=Decimal(1))
            self._say(
                f"{self._clock.shown} {work_order['work_order_number']} "
                f"{operation['operation_name']}: {amount(operation['planned_output'])} done"
            )
            await report("complete", **_rest(operation))

    async def _lane_of(self, work_order: Json) -> str:
        """Where it is; while others are on the lanes it needs, they are done first."""
        while True:
            number, holder = await awaited(
                partial(self._placed, work_order), f"{work_order['work_order_number']} got no lane"
            )
            if holder is None:
                return number
            other: Json = await self._operator.get(f"/work-orders/{holder}")
            self._say(
                f"{work_order['work_order_number']} waits for {other['work_order_number']} on "
                f"{number}, which is done first"
            )
            await self._clear(other)

    async def _placed(self, work_order: Json) -> tuple[str, str | None] | None:
        """The lane a work order is on, or the one it needs and what holds that; else None."""
        lanes = await self._lanes()
        for number, lane in lanes.items():
            if any(one["work_order_id"] == work_order["id"] for one in lane["assignments"]):
                return number, None
        queue = await self._supervisor.get("/lane-queue", plant_code=PLANT, limit=LIMIT)
        if all(one["work_order_id"] != work_order["id"] for one in queue["items"]):
            return None
        needed = work_order["operations"][0]["work_center_code"]
        fitting = [one for one in lanes.values() if one["work_center_code"] == needed]
        if any(one["current_work_order_id"] is None for one in fitting):
            return None
        return next(((one["lane_number"], one["current_work_order_id"]) for one in fitting), None)

    def _run(self, operation: Json, *, share: Decimal) -> None:
        self._clock.pass_minutes(float(Decimal(operation["run_minutes"]) * share))

    def _reporting(
        self, work_order: Json, operation: Json, lane_number: str
    ) -> Callable[..., Awaitable[Json]]:
        async def report(kind: str, **fields: Any) -> Json:
            log = {
                "kind": kind,
                "work_order_id": work_order["id"],
                "operation_number": operation["operation_number"],
                "lane_number": lane_number,
                "happened_at": self._clock.happened_at,
                **fields,
            }
            taken: Json = await self._operator.post("/production-logs", log)
            if not taken["accepted"]:
                raise CommandError(f"{kind} was put on the conflict list: {taken['conflict']}")
            return taken

        return report

    async def _lanes(self) -> dict[str, Json]:
        page = await self._supervisor.get("/lanes", plant_code=PLANT, limit=LIMIT)
        return {lane["lane_number"]: lane for lane in page["items"]}

    async def _first_on(self, lane_number: str) -> Json:
        """What a lane takes first; what an earlier day left there is done before."""
        while True:
            found = await self._work_order_on(lane_number)
            if found["production_order_id"] and found["status"] == "released":
                return found
            await self._clear(found)

    async def _clear(self, work_order: Json) -> None:
        if work_order["status"] == "released":
            await self._do(work_order)
            return
        over = {"reason": "Left over from another day"}
        await self._supervisor.post(f"/work-orders/{work_order['id']}/complete", over)

    async def _work_order_on(self, lane_number: str) -> Json:
        async def look() -> str | None:
            lane = (await self._lanes())[lane_number]
            found: str | None = lane["current_work_order_id"]
            return found

        found = await awaited(look, f"no work order came to {lane_number}")
        work_order: Json = await self._operator.get(f"/work-orders/{found}")
        return work_order

    async def _taken_by(self, lane_number: str, work_order: Json) -> None:
        async def look() -> Json | None:
            lane = (await self._lanes())[lane_number]
            return lane if lane["current_work_order_id"] == work_order["id"] else None

        await awaited(look, f"{work_order['work_order_number']} never came to {lane_number}")
        self._say(f"{lane_number} has taken the next by itself: {work_order['work_order_number']}")

    async def _work_orders(self, production_order_id: str) -> list[Json]:
        page = await self._operator.get(
            "/work-orders", production_order_id=production_order_id, limit=LIMIT
        )
        return sorted(page["items"], key=lambda one: one["operations"][0]["operation_number"])

    async def _next_work(self, production_order_id: str) -> Json | None:
        """The first work order that is released, if any; all done is none."""

        async def look() -> list[Json] | None:
            every = await self._work_orders(production_order_id)
            ready = [one for one in every if one["status"] == "released"]
            is_over = all(one["status"] in {"completed", "cancelled"} for one in every)
            return ready or ([] if is_over else None)

        found = await awaited(look, "no successor was released")
        return found[0] if found else None

    async def _prediction(self, work_order: Json) -> Json | None:
        page = await self._supervisor.get(
            "/delivery-predictions", project_number=work_order["project_number"]
        )
        return next(iter(page["items"]), None)

    async def _moved_prediction(self, work_order: Json, before: Json | None) -> Json | None:
        """The prediction, once it has heard of the work that was done."""
        left = before["remaining_work_minutes"] if before else None

        async def look() -> Json | None:
            found = await self._prediction(work_order)
            return found if found and found["remaining_work_minutes"] != left else None

        return await awaited(look, "the prediction did not move")


def _rest(operation: Json, *, already: Decimal = Decimal(0)) -> dict[str, str]:
    """Good and scrap that are still to come, as planned."""
    output = Decimal(operation["planned_output"])
    scrap = Decimal(operation["planned_input"]) - output
    return {
        "good_quantity": str(output - already),
        "scrap_quantity": str(scrap),
        **({"reason_code": "MAKE-READY"} if scrap else {}),
    }


async def awaited(look: Callable[[], Awaitable[Found | None]], otherwise: str) -> Found:
    """Look again until there is something; `otherwise` says what there was not.

    Raises:
        CommandError: Patience is at its end.
    """
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                found = await look()
                if found is not None:
                    return found
                await asyncio.sleep(LOOK_SECONDS)
    except TimeoutError:
        raise CommandError(f"on the floor: {otherwise}") from None
