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
from typing import Any, Final

from lineside_stack.amounts import amount
from lineside_stack.api import Api
from lineside_stack.demo.floor_view import LOOK_SECONDS, FloorView
from lineside_stack.demo.purchasing import PLANT
from lineside_stack.demo.shift_clock import ShiftClock
from lineside_stack.failures import CommandError
from lineside_stack.order_picture import Json
from lineside_stack.terminal import Say

LANE: Final = "PRESS-1"
MISSING: Final = "MATERIAL"
"""The reason of the pause; reasons are the plant's own codes."""

WASTE: Final = "WASTE"
"""The reason of what had to be thrown away: what the routing expects to be lost."""

PACE = Decimal("1.08")
"""Work takes a little longer than the routing says."""

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
    after: Json


class FloorDay:
    """The people of one day."""

    def __init__(self, people: People, *, clock: ShiftClock, today: date, say: Say) -> None:
        self._supervisor = people.supervisor
        self._view = FloorView(people.supervisor)
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
        before = await self._view.prediction(first)
        reprint = await self._release_reprint()
        await self._print_with_a_pause(first)
        await self._view.taken_by(LANE, reprint)
        self._say(f"{LANE} has taken the next by itself: {reprint['work_order_number']}")
        order = await self._finish(first)
        after = await self._view.moved_prediction(first, before)
        every = await self._view.work_orders(first["production_order_id"])
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
            found = await self._view.next_work(first["production_order_id"])
            if found is None:
                await asyncio.sleep(LOOK_SECONDS)
            else:
                await self._clear(found)

    async def _do(self, work_order: Json) -> None:
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
            number, holder = await self._view.place_of(work_order)
            if holder is None:
                return number
            other = await self._view.work_order(holder)
            self._say(
                f"{work_order['work_order_number']} waits for {other['work_order_number']} on "
                f"{number}, which is done first"
            )
            await self._clear(other)

    def _run(self, operation: Json, *, share: Decimal) -> None:
        self._clock.pass_minutes(float(Decimal(operation["run_minutes"]) * share * PACE))

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

    async def _first_on(self, lane_number: str) -> Json:
        """What a lane takes first; what an earlier day left there is done before."""
        while True:
            found = await self._view.work_order_on(lane_number)
            if found["production_order_id"] and found["status"] == "released":
                return found
            await self._clear(found)

    async def _clear(self, work_order: Json) -> None:
        if work_order["status"] == "released":
            await self._do(work_order)
            return
        over = {"reason": "Left over from another day"}
        await self._supervisor.post(f"/work-orders/{work_order['id']}/complete", over)


def _rest(operation: Json, *, already: Decimal = Decimal(0)) -> dict[str, str]:
    """Good and scrap that are still to come, as planned."""
    output = Decimal(operation["planned_output"])
    scrap = Decimal(operation["planned_input"]) - output
    return {
        "good_quantity": str(output - already),
        "scrap_quantity": str(scrap),
        **({"reason_code": WASTE} if scrap else {}),
    }
