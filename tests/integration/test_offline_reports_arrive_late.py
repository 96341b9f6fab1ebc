"""Reports of a terminal that had no network: taken where they still make sense, else listed.

None is lost: what no longer makes sense waits for a supervisor, with the reason a live report
would have been refused with.
"""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any, Final

import pytest

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_testkit.floor import Floor, Json, Person
from lineside_testkit.harness import Harness
from lineside_testkit.journeys import Journey

STEP: Final = [{"operation_number": 10, "operation_name": "Print"}]


@pytest.fixture(scope="module")
async def floor(chain: Harness) -> Floor:
    lanes = [{"lane_number": f"PRESS-{n}"} for n in range(1, 13)]
    return await Floor.open(await Journey.begin(chain, routed=()), lanes=lanes, mode="suggest")


@pytest.fixture
async def boss(floor: Floor) -> AsyncIterator[Person]:
    async with floor.person("supervisor") as person:
        yield person


@pytest.fixture
async def lane(floor: Floor, boss: Person) -> str:
    """A lane that is free."""
    every = await floor.lanes(boss)
    return next(number for number, one in every.items() if one["status"] == "available")


def ago(minutes: float) -> str:
    at: datetime = SYSTEM_CLOCK.now() - timedelta(minutes=minutes)
    return at.isoformat()


async def _conflicts(boss: Person, order: Json, **query: Any) -> list[Json]:
    return await boss.items("/log-conflicts", work_order_id=order["id"], **query)


async def test_a_whole_shift_handed_in_late_counts_as_if_reported_live(
    floor: Floor, boss: Person, lane: str
) -> None:
    order = await floor.released(operations=STEP)
    for kind, minutes, fields in (
        ("start", 120, {}),
        ("pause", 90, {"reason_code": "MATERIAL", "good_quantity": "4"}),
        ("resume", 60, {}),
        ("complete", 30, {"good_quantity": "6"}),
    ):
        at = {"happened_at": ago(minutes)}
        taken = await boss.report(kind, order, lane_number=lane, **at, **fields)
        assert (taken["accepted"], taken["conflict"]) == (True, None)
    done = await boss.get(f"/work-orders/{order['id']}")
    assert (done["status"], done["quantity_completed"]) == ("completed", "10")
    started = datetime.fromisoformat(done["actual_start_at"])
    assert timedelta(minutes=119) < SYSTEM_CLOCK.now() - started < timedelta(minutes=122)
    (operation,) = done["operations"]
    assert 59 <= float(operation["actual_run_minutes"]) <= 61, "the pause is no work"


async def test_logs_are_listed_in_the_order_things_happened_with_both_times(
    floor: Floor, boss: Person, lane: str
) -> None:
    order = await floor.released()
    await boss.report("start", order, lane_number=lane, happened_at=ago(60))
    await boss.report("complete", order, lane_number=lane, good_quantity="2", happened_at=ago(10))
    await boss.report("complete", order, lane_number=lane, good_quantity="3", happened_at=ago(30))
    logs = await boss.items(f"/work-orders/{order['id']}/logs")
    assert [one["good_quantity"] for one in logs] == ["0", "3", "2"]
    assert all(one["happened_at"] < one["logged_at"] for one in logs)
    assert (await boss.get(f"/work-orders/{order['id']}"))["quantity_completed"] == "5"


async def test_a_pause_that_comes_late_shortens_the_run_it_lay_in(
    floor: Floor, boss: Person, lane: str
) -> None:
    order = await floor.released(operations=STEP)
    await boss.report("start", order, lane_number=lane, happened_at=ago(100))
    await boss.report("complete", order, lane_number=lane, good_quantity="4", happened_at=ago(20))
    await boss.report("pause", order, lane_number=lane, reason_code="JAM", happened_at=ago(80))
    await boss.report("resume", order, lane_number=lane, happened_at=ago(50))
    await boss.report("complete", order, lane_number=lane, good_quantity="6", happened_at=ago(10))
    (operation,) = (await boss.get(f"/work-orders/{order['id']}"))["operations"]
    assert 59 <= float(operation["actual_run_minutes"]) <= 61, "90 minutes less 30 of standing"


async def test_a_report_on_an_order_cancelled_meanwhile_waits_for_a_supervisor(
    floor: Floor, boss: Person, lane: str
) -> None:
    order = await floor.released()
    await boss.post(f"/work-orders/{order['id']}/cancel", {"reason": "Called off"})
    late = await boss.report("start", order, lane_number=lane, happened_at=ago(60))
    assert (late["accepted"], late["conflict"]["code"]) == (False, "work_order_final")
    assert late["conflict"]["facts"] == {"status": "cancelled"}
    (listed,) = await _conflicts(boss, order)
    assert listed["id"] == late["conflict"]["id"] == late["id"]
    assert listed["report"]["kind"] == "start"
    assert await boss.items(f"/work-orders/{order['id']}/logs") == []


async def test_the_same_report_made_live_is_refused_and_not_listed(
    floor: Floor, boss: Person, lane: str
) -> None:
    order = await floor.released()
    await boss.post(f"/work-orders/{order['id']}/cancel", {"reason": "Called off"})
    answer = await boss.try_report("start", order, lane_number=lane)
    assert (answer.status, answer.code) == (409, "work_order_final")
    assert await _conflicts(boss, order) == []


async def test_pieces_beyond_the_order_wait_and_are_recorded_as_a_supervisor_counts_them(
    floor: Floor, boss: Person, lane: str
) -> None:
    order = await floor.released()
    await boss.report("start", order, lane_number=lane, happened_at=ago(60))
    await boss.report("complete", order, lane_number=lane, good_quantity="7", happened_at=ago(50))
    late = await boss.report(
        "complete", order, lane_number=lane, good_quantity="6", happened_at=ago(40)
    )
    conflict = late["conflict"]
    assert conflict["code"] == "quantity_exceeds_ordered"
    assert (await boss.get(f"/work-orders/{order['id']}"))["quantity_completed"] == "7"
    path = f"/log-conflicts/{conflict['id']}/resolve"
    again = await boss.ask("POST", path, {"action": "record", "reason": "As it stands"})
    assert (again.status, again.code) == (422, "quantity_exceeds_ordered")
    decision = {"action": "record", "reason": "Counted again: three", "good_quantity": "3"}
    resolved = await boss.post(path, decision)
    assert (resolved["status"], bool(resolved["log_id"])) == ("recorded", True)
    done = await boss.get(f"/work-orders/{order['id']}")
    assert (done["quantity_completed"], done["status"]) == ("10", "completed")
    assert await _conflicts(boss, order) == []


async def test_a_discarded_report_changes_nothing_and_is_kept_with_who_decided(
    floor: Floor, boss: Person, lane: str
) -> None:
    order = await floor.released()
    late = await boss.report("resume", order, lane_number=lane, happened_at=ago(60))
    assert late["conflict"]["code"] == "production_not_started"
    path = f"/log-conflicts/{late['conflict']['id']}/resolve"
    await boss.post(path, {"action": "discard", "reason": "Wrong order scanned"})
    (kept,) = await _conflicts(boss, order, status="discarded")
    assert kept["resolution_reason"] == "Wrong order scanned"
    assert kept["resolved_by"]["name"]
    assert (await boss.get(f"/work-orders/{order['id']}"))["status"] == "released"


async def test_a_conflict_makes_sense_once_what_was_missing_has_come(
    floor: Floor, boss: Person, lane: str
) -> None:
    order = await floor.released()
    early = await boss.report(
        "complete", order, lane_number=lane, good_quantity="4", happened_at=ago(30)
    )
    assert early["conflict"]["code"] == "production_not_started"
    await boss.report("start", order, lane_number=lane, happened_at=ago(60))
    path = f"/log-conflicts/{early['conflict']['id']}/resolve"
    await boss.post(path, {"action": "record", "reason": "The start came after it"})
    found = await boss.get(f"/work-orders/{order['id']}")
    assert (found["status"], found["quantity_completed"]) == ("in_progress", "4")


async def test_malformed_reports_are_refused_however_late(
    floor: Floor, boss: Person, lane: str
) -> None:
    order = await floor.released()
    unknown = await boss.try_report(
        "start", order, lane_number=lane, operation_number=999, happened_at=ago(60)
    )
    assert unknown.is_refusal
    assert await _conflicts(boss, order) == []
