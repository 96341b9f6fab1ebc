"""From a released order to goods in stock, through every service, by what people do over HTTP.

A hundred brochures: printing, die cutting and folding are one work order on a press, packaging is
another on the packing lane. The day is worked once; each test is a claim about it.
"""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest
from websockets.asyncio.client import connect

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts import planning
from lineside_contracts.planning import CalendarFields, LabourRateFields
from lineside_testkit import recording
from lineside_testkit.builders import BROCHURE, PLANT
from lineside_testkit.floor import Floor, Json, Person, holders, until
from lineside_testkit.harness import Harness
from lineside_testkit.journeys import Journey
from lineside_testkit.recording import Recorded
from lineside_testkit.storeroom import PAPER, Storeroom

PRESS: Final = "PRESS-1"
ZONE: Final = ZoneInfo("Europe/Berlin")
QUANTITY: Final = 100
INPUTS: Final = {10: 106, 20: 103, 30: 101, 40: 100}
"""Of printing, die cutting, folding and packaging, for a hundred (98, 99, 99.5 and 100 %)."""

OUTPUTS: Final = {10: 103, 20: 101, 30: 100, 40: 100}
PAPER_IN_STOCK: Final = 500


@dataclass
class Day:
    """What was seen on the way."""

    floor: Floor
    boss: Person
    operator: Person
    order: Json = field(default_factory=dict)
    printing: Json = field(default_factory=dict)
    packaging: Json = field(default_factory=dict)
    next: Json = field(default_factory=dict)
    seen: dict[str, Any] = field(default_factory=dict)
    frames: list[Json] = field(default_factory=list)

    async def report(self, kind: str, order: Json, number: int, **fields: Any) -> Json:
        return await self.operator.report(kind, order, operation_number=number, **fields)

    async def work_orders(self) -> list[Json]:
        found = await self.boss.items("/work-orders", production_order_id=self.order["id"])
        return sorted(found, key=lambda one: int(one["operations"][0]["operation_number"]))

    async def prediction(self) -> Json:
        (found,) = await self.boss.items("/delivery-predictions", project_number="SO-1")
        return found

    async def production_order(self, **having: Any) -> Json:
        async def read() -> Json:
            found: Json = await self.boss.get(f"/production-orders/{self.order['id']}")
            return found

        return await until(read, lambda one: all(one[k] == v for k, v in having.items()))


def ago(minutes: float) -> str:
    return (SYSTEM_CLOCK.now() - timedelta(minutes=minutes)).isoformat()


@pytest.fixture(scope="module")
async def day(chain: Harness) -> AsyncIterator[Day]:
    """The day, worked to its end."""
    async with AsyncExitStack() as stack:
        floor = await _open(chain)
        boss = await stack.enter_async_context(floor.person("admin", name="Sofia Supervisor"))
        operator = await stack.enter_async_context(floor.person("operator", name="Olga Operator"))
        worked = Day(floor, boss, operator)
        await _watched(worked)
        yield worked


async def _open(chain: Harness) -> Floor:
    """A plant that works around the clock, with paper, two presses and one packing lane."""
    journey = await Journey.begin(chain, routed=(BROCHURE,))
    every_day = {"name": "day", "weekdays": list(range(7)), "start": "00:00", "end": "00:00"}
    calendar = {"calendar_code": "ALWAYS", "calendar_name": "Always", "shifts": [every_day]}
    await journey.granted(planning.CALENDARS.create, CalendarFields.model_validate(calendar))
    await journey.granted(
        planning.LABOUR_RATES.create,
        LabourRateFields(role_code="operator", role_name="Operator", hourly_rate=Decimal(40)),
    )
    room = await Storeroom.open(journey)
    await room.bill(BROCHURE, room.line(PAPER))
    await room.put(PAPER, PAPER_IN_STOCK)
    floor = await Floor.open(journey)
    async with floor.person("admin") as admin:
        plant = await admin.get(f"/plants/{PLANT}")
        kept = ("plant_code", "plant_name", "time_zone", "is_active", "assignment_mode")
        fields = {name: plant[name] for name in kept} | {"calendar_code": "ALWAYS"}
        await admin.ask("PUT", f"/plants/{PLANT}", fields)
    await chain.settle()
    return floor


async def _watched(day: Day) -> None:
    """Work the day while a WebSocket client writes down what it is told."""
    harness = day.floor.journey.harness
    token = harness.token("viewer", tenant_id=day.floor.journey.tenant_id)
    async with connect(f"{harness.http_url.replace('http', 'ws')}/ws") as socket:
        await socket.send(json.dumps({"token": token}))
        await socket.send(json.dumps({"subscribe": [">"]}))
        assert json.loads(await socket.recv())["control"] == "subscribed"
        await _work(day)
        await harness.settle()
        last = (await _said(day))[-1]
        while not day.frames or last.headers["ce-id"] not in day.frames[-1]["id"]:
            day.frames.append(json.loads(await socket.recv()))


async def _work(day: Day) -> None:
    await _confirm_and_release(day)
    day.seen["prediction before"] = await day.prediction()
    day.seen["lane at first"] = await day.floor.on_lane(day.boss, PRESS, day.printing)
    await _let_one_wait(day)
    await _print(day)
    await _cut_and_fold(day)
    day.seen["lane afterwards"] = await day.floor.on_lane(day.boss, PRESS, day.next)
    await _pack(day)
    day.order = await day.production_order(status="completed")


async def _confirm_and_release(day: Day) -> None:
    journey = day.floor.journey
    line = journey.line(quantity=str(QUANTITY))
    await journey.confirm(journey.document("SO-1", lines=[line]))
    (order,) = await journey.production_orders(count=1, status="routed", materials_status="covered")
    day.order = order.model_dump(mode="json")
    await day.boss.post(f"/production-orders/{order.id}/release")
    day.printing, day.packaging = await until(
        day.work_orders, lambda found: [one["status"] for one in found] == ["released", "planned"]
    )


async def _let_one_wait(day: Day) -> None:
    """The other press is taken; a third work order has to wait for the first."""
    step = {"operation_number": 10, "operation_name": "Reprint", "work_center_code": "PRESS"}
    other = await day.floor.released(operations=[step], priority="low")
    await day.floor.on_lane(day.boss, "PRESS-2", other)
    day.next = await day.floor.released(operations=[step], priority="urgent")

    async def read() -> Json:
        found: Json = await day.boss.get("/lane-queue", plant_code=PLANT)
        return found

    day.seen["queue"] = await until(read, lambda queue: bool(queue["items"]))


async def _print(day: Day) -> None:
    """Start, run out of paper, go on, report what is good and what is not."""
    on: Json = {"lane_number": PRESS}
    day.seen["first log"] = await day.report(
        "start", day.printing, 10, activity="setup", happened_at=ago(240), **on
    )
    await day.report("start", day.printing, 10, activity="run", happened_at=ago(230), **on)
    await day.report("complete", day.printing, 10, good_quantity="50", happened_at=ago(200), **on)
    paused = {"reason_code": "MATERIAL", "notes": "No paper"}
    await day.report("pause", day.printing, 10, happened_at=ago(190), **paused, **on)
    day.seen["while paused"] = await day.boss.get(f"/work-orders/{day.printing['id']}")
    await day.report("resume", day.printing, 10, happened_at=ago(170), **on)
    rest = {"good_quantity": "53", "scrap_quantity": "3", "reason_code": "MAKE-READY"}
    await day.report(
        "complete", day.printing, 10, completes_operation=True, happened_at=ago(150), **rest, **on
    )


async def _cut_and_fold(day: Day) -> None:
    for number, minutes in ((20, 140), (30, 100)):
        on: Json = {"lane_number": PRESS}
        await day.report("start", day.printing, number, happened_at=ago(minutes), **on)
        made = {
            "good_quantity": str(OUTPUTS[number]),
            "scrap_quantity": str(INPUTS[number] - OUTPUTS[number]),
        }
        day.seen["last log"] = await day.report(
            "complete", day.printing, number, happened_at=ago(minutes - 30), **made, **on
        )


async def _pack(day: Day) -> None:
    released = await day.floor.work_order(day.operator, day.packaging, status="released")
    day.seen["packing lane"] = await day.floor.on_lane(day.boss, "PACK-1", released)
    await day.report("start", released, 40, happened_at=ago(60))
    await day.report("complete", released, 40, good_quantity="100", happened_at=ago(20))


async def _said(day: Day) -> list[Recorded]:
    journey = day.floor.journey
    return await recording.record(await journey.harness.jetstream(), journey.tenant_id)


async def test_a_released_work_order_gets_a_lane_by_itself(day: Day) -> None:
    (assignment,) = day.seen["lane at first"]["assignments"]
    assert assignment["origin"] == "automatic"
    assert not assignment["is_pinned"]
    assert day.seen["lane at first"]["status"] == "occupied"


async def test_who_finds_no_free_lane_waits_in_the_queue(day: Day) -> None:
    (waiting,) = day.seen["queue"]["items"]
    assert (waiting["work_order_id"], waiting["position"]) == (day.next["id"], 1)
    assert waiting["suggested_lane_id"] is None
    assert waiting["waits_because"]


async def test_the_first_start_puts_order_and_work_order_in_progress(day: Day) -> None:
    first = day.seen["first log"]
    assert first["work_order_status_updated"]
    assert first["work_order_status"] == "in_progress"
    assert (first["lane_number"], first["logged_by_name"]) == (PRESS, "Olga Operator")
    assert first["work_order_number"] == day.printing["work_order_number"]
    steps = [
        json.loads(message.body)["new_status"]
        for message in await _said(day)
        if message.name == "production_order.status_changed"
    ]
    assert steps == ["routed", "in_progress"]


async def test_a_pause_does_not_end_the_work_order(day: Day) -> None:
    assert day.seen["while paused"]["status"] == "in_progress"
    assert day.seen["while paused"]["operations"][0]["good_quantity"] == "50"


async def test_the_last_good_piece_completes_the_work_order_and_frees_its_lane(day: Day) -> None:
    assert day.seen["last log"]["work_order_status"] == "completed"
    assert day.seen["last log"]["work_order_status_updated"]
    done = await day.boss.get(f"/work-orders/{day.printing['id']}")
    assert (done["status"], done["quantity_completed"]) == ("completed", "100")
    assert {one["status"] for one in done["operations"]} == {"completed"}
    assert done["actual_start_date"] == _local(done["actual_start_at"]).isoformat()
    history = await day.boss.items("/lane-assignments", work_order_id=day.printing["id"])
    assert [bool(one["released_at"]) for one in history] == [True]


async def test_hours_are_those_of_the_logs(day: Day) -> None:
    done = await day.boss.get(f"/work-orders/{day.printing['id']}")
    printing = done["operations"][0]
    assert round(float(printing["actual_setup_minutes"])) == 10
    assert round(float(printing["actual_run_minutes"])) == 60, "80 minutes less a pause of 20"


async def test_the_next_in_the_queue_takes_the_lane(day: Day) -> None:
    assert holders(day.seen["lane afterwards"]) == [day.next["id"]]


async def test_the_successor_is_released_and_placed_by_itself(day: Day) -> None:
    assert holders(day.seen["packing lane"]) == [day.packaging["id"]]
    released = [
        message.name
        for message in await _said(day)
        if message.subject.endswith(day.packaging["id"])
        and json.loads(message.body).get("new_status") == "released"
    ]
    assert released == ["work_order.status_changed"]


async def test_the_production_order_is_completed_with_its_goods_in_stock(day: Day) -> None:
    assert day.order["status"] == "completed"
    said = [one for one in await _said(day) if one.name == "production_order.completed"]
    assert len(said) == 1
    assert Decimal(day.order["quantity_completed"]) == QUANTITY
    stock = await day.boss.get(f"/stock/{BROCHURE}/{PLANT}")
    assert Decimal(stock["quantity_on_hand"]) == QUANTITY
    assert Decimal(stock["quantity_allocated"]) == QUANTITY, "they wait for their sales line"


async def test_backflush_took_the_paper_of_what_was_printed(day: Day) -> None:
    stock = await day.boss.get(f"/stock/{PAPER}/{PLANT}")
    materials = await day.boss.get(f"/production-orders/{day.order['id']}/materials")
    (paper,) = materials["material_plan"]["requirements"]
    assert Decimal(stock["quantity_on_hand"]) == PAPER_IN_STOCK - INPUTS[10]
    assert Decimal(paper["issued_quantity"]) == INPUTS[10], "scrap has used paper as well"


async def test_what_it_cost_follows_from_what_was_done(day: Day) -> None:
    async def read() -> Json:
        found: Json = await day.boss.get(f"/production-orders/{day.order['id']}/cost")
        return found

    cost = await until(read, lambda one: one["order_status"] == "completed")
    assert Decimal(cost["actual"]["material"]) > 0
    hours = sum(
        Decimal(o["actual_hours"]) for one in await day.work_orders() for o in one["operations"]
    )
    assert hours > 2


async def test_the_prediction_moves_with_the_work(day: Day) -> None:
    before = day.seen["prediction before"]

    async def read() -> Json:
        return await day.prediction()

    after = await until(read, lambda one: Decimal(one["remaining_work_minutes"]) == 0)
    assert Decimal(before["remaining_work_minutes"]) > 0
    assert after["predicted_date"] <= before["predicted_date"]


async def test_effectiveness_of_the_press_is_calculated_from_its_logs(day: Day) -> None:
    today = SYSTEM_CLOCK.now().astimezone(ZONE).date()
    span = {"from_date": today - timedelta(days=1), "to_date": today}

    async def read() -> Json:
        found: Json = await day.boss.get("/oee", plant_code=PLANT, group_by="lane", **span)
        return {one["lane_number"]: one for one in found["items"]}

    lanes = await until(read, lambda one: Decimal(one.get(PRESS, _NONE)["good_quantity"]) == 304)
    press = lanes[PRESS]
    assert Decimal(press["scrap_quantity"]) == 6
    assert Decimal(press["quality"]) == pytest.approx(Decimal(304) / 310, abs=Decimal("0.000001"))
    assert round(float(press["run_minutes"])) == 120
    assert round(float(press["setup_minutes"])) == 10
    product = Decimal(press["availability"]) * Decimal(press["performance"])
    assert Decimal(press["oee"]) == pytest.approx(
        product * Decimal(press["quality"]), abs=Decimal("0.00001")
    )


_NONE: Final = {"good_quantity": "0"}


async def test_the_daily_summary_holds_what_was_made(day: Day) -> None:
    good, scrap, reports = Decimal(0), Decimal(0), 0
    today = SYSTEM_CLOCK.now().astimezone(ZONE).date()
    for on in (today - timedelta(days=1), today):
        found = await day.boss.get(
            "/daily-production-summary", plant_code=PLANT, date=on, group_by="plant"
        )
        good += Decimal(found["total"]["good_quantity"])
        scrap += Decimal(found["total"]["scrap_quantity"])
        reports += found["total"]["log_count"]
    assert (good, scrap) == (Decimal(404), Decimal(6))
    assert reports == 12


async def test_a_websocket_client_was_told_every_event_once_and_in_order(day: Day) -> None:
    heard = [frame["id"].partition(".")[2] for frame in day.frames]
    assert len(heard) == len(set(heard))
    first = heard[0]
    said = [message.headers["ce-id"] for message in await _permitted(day)]
    assert heard == said[said.index(first) :][: len(heard)]
    names = {frame["event"] for frame in day.frames}
    assert names >= {
        "work_order_status_changed",
        "production_log_recorded",
        "lane_assigned",
        "lane_released",
        "lane_status_changed",
        "production_order_completed",
        "delivery_prediction_updated",
    }


async def test_a_frame_says_old_and_new_status_as_flat_fields(day: Day) -> None:
    frame = next(one for one in day.frames if one["event"] == "lane_status_changed")
    assert frame["data"].keys() >= {
        "id",
        "lane_number",
        "old_status",
        "new_status",
        "current_work_order_id",
        "plant_id",
    }


async def _permitted(day: Day) -> Sequence[Recorded]:
    """A viewer hears nothing of costs."""
    return [one for one in await _said(day) if not one.name.startswith("production_cost.")]


def _local(instant: str) -> date:
    return datetime.fromisoformat(instant).astimezone(ZONE).date()
