"""Every rule of the floor broken on purpose, over HTTP: status, code, facts, and nothing changed.

A case prepares its own work orders and lanes in a plant where people assign (mode manual), then
makes one request that must be refused. Before and after, every row of the shop floor and every
event of the tenant are the same.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_testkit import recording, states
from lineside_testkit.builders import PLANT
from lineside_testkit.floor import Floor, Json, Person, Reply, log
from lineside_testkit.harness import Harness
from lineside_testkit.journeys import Journey

OTHER_PLANT = "SOUTH"
BACKGROUND = ("mrp_run.", "oee.")
TWO_STEPS = [
    {"operation_number": 10, "operation_name": "Print"},
    {"operation_number": 20, "operation_name": "Fold"},
]


@dataclass
class Scene:
    """A floor with a supervisor, and lanes and numbers that no other case has."""

    floor: Floor
    boss: Person
    count: int = 0
    made: dict[str, Json] = field(default_factory=dict)

    def name(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}-{self.count}"

    async def lane(self, **over: Any) -> Json:
        number = self.name("LANE")
        await self.floor.add_lane(number, **over)
        return (await self.floor.lanes(self.boss))[number]

    async def assigned(self, **over: Any) -> tuple[Json, Json]:
        """A released work order on a lane of its own."""
        lane, order = await self.lane(), await self.floor.released(**over)
        await self.assign(order, lane)
        return order, lane

    async def started(self, **over: Any) -> tuple[Json, Json]:
        order, lane = await self.assigned(**over)
        first = {"operation_number": 10} if over.get("operations") else {}
        await self.boss.report("start", order, lane_id=lane["id"], **first)
        return order, lane

    async def cancelled(self) -> Json:
        order = await self.floor.released()
        done: Json = await self.boss.post(f"/work-orders/{order['id']}/cancel", {"reason": "Off"})
        return done

    async def assign(self, order: Json, lane: Json) -> Json:
        made: Json = await self.boss.post(
            f"/work-orders/{order['id']}/assign-lane", {"lane_id": lane["id"]}
        )
        return made

    def assigning(self, order: Json, lane: Json) -> "Attempt":
        path = f"/work-orders/{order['id']}/assign-lane"
        return Attempt("POST", path, {"lane_id": lane["id"]})


@dataclass(frozen=True)
class Attempt:
    """The request that must be refused."""

    method: str
    path: str
    body: Any = None
    over: Json = field(default_factory=dict)

    async def by(self, person: Person) -> Reply:
        return await person.ask(self.method, self.path, self.body, **self.over)


@dataclass(frozen=True)
class Refusal:
    """What it must be refused with; facts as far as they are known."""

    attempt: Attempt
    status: int
    code: str
    facts: Json = field(default_factory=dict)
    named: tuple[str, ...] = ()


Case = Callable[[Scene], Awaitable[Refusal]]
CASES: list[Case] = []


def case(make: Case) -> Case:
    CASES.append(make)
    return make


def reporting(kind: str, order: Json, **fields: Any) -> Attempt:
    return Attempt("POST", "/production-logs", log(kind, order, **fields))


@pytest.fixture(scope="module")
async def scene(chain: Harness) -> AsyncIterator[Scene]:
    floor = await Floor.open(await Journey.begin(chain, routed=()), lanes=(), mode="manual")
    async with floor.person("admin") as admin:
        other = {"plant_code": OTHER_PLANT, "plant_name": "South", "assignment_mode": "manual"}
        await admin.post("/plants", other)
    async with floor.person("supervisor") as boss:
        yield Scene(floor, boss)


@case
async def a_work_order_number_is_used_once(scene: Scene) -> Refusal:
    order = await scene.floor.planned()
    number = order["work_order_number"]
    body = {
        "plant_code": PLANT,
        "operation_type": "fabrication",
        "quantity_ordered": "1",
        "work_order_number": number,
    }
    return Refusal(
        Attempt("POST", "/work-orders", body),
        409,
        "work_order_number_taken",
        {"work_order_number": number},
    )


@case
async def a_sap_number_is_used_once(scene: Scene) -> Refusal:
    number = scene.name("SAP")
    await scene.floor.planned(sap_production_order=number)
    other = await scene.floor.planned()
    path = f"/work-orders/{other['id']}"
    return Refusal(Attempt("PUT", path, {"sap_production_order": number}), 409, "sap_number_taken")


@case
async def nothing_is_made_beyond_the_quantity_ordered(scene: Scene) -> Refusal:
    order, lane = await scene.started()
    await scene.boss.report("complete", order, lane_id=lane["id"], good_quantity="8")
    return Refusal(
        reporting("complete", order, lane_id=lane["id"], good_quantity="3"),
        422,
        "quantity_exceeds_ordered",
        {"ordered": "10", "completed": "8", "attempting": "3", "ceiling": "10"},
    )


@case
async def a_full_lane_takes_no_more(scene: Scene) -> Refusal:
    holder, lane = await scene.assigned()
    order = await scene.floor.released()
    return Refusal(
        scene.assigning(order, lane),
        409,
        "lane_occupied",
        {"lane_number": lane["lane_number"], "current_work_order_id": holder["id"]},
    )


@case
async def a_lane_in_maintenance_takes_nothing(scene: Scene) -> Refusal:
    lane, order = await scene.lane(), await scene.floor.released()
    await scene.boss.post(
        f"/lanes/{lane['id']}/maintenance", {"action": "start", "reason": "Bearings"}
    )
    return Refusal(
        scene.assigning(order, lane),
        409,
        "lane_unavailable",
        {"lane_number": lane["lane_number"], "status": "maintenance"},
    )


@case
async def an_inactive_lane_takes_nothing(scene: Scene) -> Refusal:
    lane, order = await scene.lane(is_active=False), await scene.floor.released()
    return Refusal(
        scene.assigning(order, lane),
        409,
        "lane_unavailable",
        {"lane_number": lane["lane_number"], "status": "inactive"},
    )


@case
async def a_lane_does_work_of_its_type(scene: Scene) -> Refusal:
    lane, order = await scene.lane(lane_type="assembly"), await scene.floor.released()
    return Refusal(scene.assigning(order, lane), 422, "lane_type_mismatch")


@case
async def a_lane_does_work_of_its_plant(scene: Scene) -> Refusal:
    number = scene.name("LANE")
    await scene.floor.add_lane(number, plant_code=OTHER_PLANT)
    lane = (await scene.floor.lanes(scene.boss))[number]
    order = await scene.floor.released()
    return Refusal(scene.assigning(order, lane), 422, "lane_plant_mismatch")


@case
async def a_lane_does_work_of_its_work_center(scene: Scene) -> Refusal:
    lane = await scene.lane(work_center_code="FINISHING")
    step = {"operation_number": 10, "operation_name": "Print", "work_center_code": "PRESS"}
    order = await scene.floor.released(operations=[step])
    return Refusal(scene.assigning(order, lane), 422, "lane_work_center_mismatch")


@case
async def a_work_order_comes_to_a_lane_once(scene: Scene) -> Refusal:
    order, lane = await scene.assigned()
    return Refusal(scene.assigning(order, lane), 409, "already_assigned")


@case
async def a_planned_work_order_gets_no_lane(scene: Scene) -> Refusal:
    order, lane = await scene.floor.planned(), await scene.lane()
    return Refusal(
        scene.assigning(order, lane), 409, "work_order_not_released", {"status": "planned"}
    )


@case
async def a_work_order_is_released_once(scene: Scene) -> Refusal:
    order = await scene.floor.released()
    return Refusal(
        Attempt("POST", f"/work-orders/{order['id']}/release"),
        409,
        "invalid_status_transition",
        {"from": "released", "to": "released", "allowed": ["in_progress", "cancelled"]},
    )


@case
async def a_cancelled_work_order_stays_cancelled(scene: Scene) -> Refusal:
    order = await scene.cancelled()
    return Refusal(
        Attempt("POST", f"/work-orders/{order['id']}/release"),
        409,
        "invalid_status_transition",
        {"from": "cancelled", "to": "released", "allowed": []},
    )


@case
async def a_completed_work_order_is_not_cancelled(scene: Scene) -> Refusal:
    order, lane = await scene.started()
    await scene.boss.report("complete", order, lane_id=lane["id"], good_quantity="10")
    return Refusal(
        Attempt("POST", f"/work-orders/{order['id']}/cancel", {"reason": "Off"}),
        409,
        "invalid_status_transition",
        {"from": "completed", "to": "cancelled", "allowed": []},
    )


@case
async def planned_work_is_not_started(scene: Scene) -> Refusal:
    order, lane = await scene.floor.planned(), await scene.lane()
    return Refusal(
        reporting("start", order, lane_id=lane["id"]),
        409,
        "work_order_not_released",
        {"status": "planned"},
    )


@case
async def cancelled_work_is_not_started(scene: Scene) -> Refusal:
    order, lane = await scene.cancelled(), await scene.lane()
    return Refusal(
        reporting("start", order, lane_id=lane["id"]),
        409,
        "work_order_final",
        {"status": "cancelled"},
    )


@case
async def work_starts_only_on_a_lane_it_was_given(scene: Scene) -> Refusal:
    order, lane = await scene.floor.released(), await scene.lane()
    return Refusal(
        reporting("start", order, lane_id=lane["id"]),
        409,
        "not_assigned",
        {"lane_number": lane["lane_number"]},
    )


@case
async def a_start_says_on_which_lane(scene: Scene) -> Refusal:
    await scene.lane()
    order = await scene.floor.released()
    return Refusal(reporting("start", order), 422, "lane_required", named=("lanes",))


def _before_a_start(kind: str, **fields: str) -> None:
    async def nothing_comes_before_a_start(scene: Scene) -> Refusal:
        order, lane = await scene.assigned()
        attempt = reporting(kind, order, lane_id=lane["id"], **fields)
        return Refusal(attempt, 409, "production_not_started")

    nothing_comes_before_a_start.__name__ += f"_{kind}"
    case(nothing_comes_before_a_start)


_before_a_start("complete", good_quantity="1")
_before_a_start("pause", reason_code="LUNCH")
_before_a_start("issue", reason_code="JAM")
_before_a_start("resume")


@case
async def what_runs_is_not_started_again(scene: Scene) -> Refusal:
    order, lane = await scene.started()
    return Refusal(reporting("start", order, lane_id=lane["id"]), 409, "already_running")


@case
async def what_is_paused_is_not_paused_again(scene: Scene) -> Refusal:
    order, lane = await scene.started()
    await scene.boss.report("pause", order, lane_id=lane["id"], reason_code="LUNCH")
    again = reporting("pause", order, lane_id=lane["id"], reason_code="LUNCH")
    return Refusal(again, 409, "already_paused")


@case
async def what_is_paused_is_resumed_and_not_started(scene: Scene) -> Refusal:
    order, lane = await scene.started()
    await scene.boss.report("pause", order, lane_id=lane["id"], reason_code="LUNCH")
    return Refusal(reporting("start", order, lane_id=lane["id"]), 409, "already_paused")


@case
async def what_runs_is_not_resumed(scene: Scene) -> Refusal:
    order, lane = await scene.started()
    return Refusal(
        reporting("resume", order, lane_id=lane["id"]), 409, "cannot_resume_without_pause"
    )


@case
async def running_work_does_not_leave_its_lane(scene: Scene) -> Refusal:
    order, lane = await scene.started()
    body = {"work_order_id": order["id"], "reason": "Urgent one"}
    return Refusal(Attempt("POST", f"/lanes/{lane['id']}/release", body), 409, "production_running")


@case
async def nobody_leaves_a_lane_who_is_not_there(scene: Scene) -> Refusal:
    order, lane = await scene.floor.released(), await scene.lane()
    body = {"work_order_id": order["id"], "reason": "Tidy up"}
    return Refusal(Attempt("POST", f"/lanes/{lane['id']}/release", body), 409, "not_assigned")


@case
async def a_log_names_one_of_several_operations(scene: Scene) -> Refusal:
    order, lane = await scene.assigned(operations=TWO_STEPS)
    return Refusal(reporting("start", order, lane_id=lane["id"]), 422, "operation_required")


@case
async def a_successor_has_the_pieces_that_came(scene: Scene) -> Refusal:
    order, lane = await scene.started(operations=TWO_STEPS)
    on = {"lane_id": lane["id"]}
    await scene.boss.report("complete", order, operation_number=10, good_quantity="4", **on)
    await scene.boss.report("start", order, operation_number=20, **on)
    return Refusal(
        reporting("complete", order, operation_number=20, good_quantity="5", **on),
        422,
        "pieces_not_available",
        {"operation_number": 20, "available": "4", "attempting": "5"},
    )


@case
async def operations_are_completed_in_sequence(scene: Scene) -> Refusal:
    order, _lane = await scene.started(operations=TWO_STEPS)
    last = order["operations"][-1]
    return Refusal(
        Attempt("POST", f"/operations/{last['id']}/complete"),
        409,
        "previous_operations_incomplete",
        {"operation_number": 20, "incomplete_operations": [10]},
    )


@case
async def a_completed_operation_takes_no_more(scene: Scene) -> Refusal:
    order, lane = await scene.started(operations=TWO_STEPS)
    done = {"operation_number": 10, "lane_id": lane["id"], "good_quantity": "4"}
    await scene.boss.report("complete", order, completes_operation=True, **done)
    return Refusal(
        reporting("start", order, **(done | {"good_quantity": "0"})), 409, "operation_final"
    )


@case
async def only_open_rework_is_resolved(scene: Scene) -> Refusal:
    order, lane = await scene.started()
    resolving = {"good_quantity": "2", "is_from_rework": True, "lane_id": lane["id"]}
    return Refusal(reporting("complete", order, **resolving), 422, "rework_not_open")


@case
async def a_correction_names_a_log_of_its_work_order(scene: Scene) -> Refusal:
    other, its_lane = await scene.started()
    wrong = await scene.boss.report("complete", other, lane_id=its_lane["id"], good_quantity="1")
    order, lane = await scene.started()
    correcting = {"corrects_log_id": wrong["id"], "good_quantity": "2", "lane_id": lane["id"]}
    return Refusal(reporting("complete", order, **correcting), 422, "correction_invalid")


@case
async def nothing_happens_in_the_future(scene: Scene) -> Refusal:
    order, lane = await scene.assigned()
    later = (SYSTEM_CLOCK.now() + timedelta(hours=1)).isoformat()
    return Refusal(
        reporting("start", order, lane_id=lane["id"], happened_at=later),
        422,
        "happened_in_future",
    )


@case
async def a_serial_number_is_made_once(scene: Scene) -> Refusal:
    serial, product = scene.name("SN"), "BROCHURE-A4"
    made = {"good_quantity": "1", "serial_numbers": [serial]}
    first, its_lane = await scene.started(product_code=product)
    await scene.boss.report("complete", first, lane_id=its_lane["id"], **made)
    order, lane = await scene.started(product_code=product)
    return Refusal(
        reporting("complete", order, lane_id=lane["id"], **made), 409, "serial_number_taken"
    )


@case
async def a_work_order_ends_short_for_a_reason(scene: Scene) -> Refusal:
    order, lane = await scene.started()
    await scene.boss.report("complete", order, lane_id=lane["id"], good_quantity="8")
    return Refusal(Attempt("POST", f"/work-orders/{order['id']}/complete"), 422, "reason_required")


@case
async def cancelling_running_work_says_what_becomes_of_it(scene: Scene) -> Refusal:
    order, lane = await scene.started(operations=TWO_STEPS)
    await scene.boss.report(
        "complete", order, operation_number=10, lane_id=lane["id"], good_quantity="4"
    )
    return Refusal(
        Attempt("POST", f"/work-orders/{order['id']}/cancel", {"reason": "Off"}),
        422,
        "work_in_process_undecided",
    )


@case
async def started_work_gets_no_further_operation(scene: Scene) -> Refusal:
    order, _lane = await scene.started(operations=TWO_STEPS)
    step = {"operation_number": 30, "operation_name": "Pack"}
    return Refusal(
        Attempt("POST", f"/work-orders/{order['id']}/operations", step), 409, "order_in_progress"
    )


@case
async def operation_numbers_are_unique_in_their_order(scene: Scene) -> Refusal:
    order = await scene.floor.planned(operations=TWO_STEPS)
    step = {"operation_number": 20, "operation_name": "Pack"}
    return Refusal(
        Attempt("POST", f"/work-orders/{order['id']}/operations", step), 409, "code_taken"
    )


@case
async def a_conflict_is_resolved_once(scene: Scene) -> Refusal:
    order = await scene.cancelled()
    earlier = (SYSTEM_CLOCK.now() - timedelta(hours=1)).isoformat()
    late = await scene.boss.report("start", order, happened_at=earlier)
    path = f"/log-conflicts/{late['conflict']['id']}/resolve"
    decision = {"action": "discard", "reason": "It was called off"}
    await scene.boss.post(path, decision)
    return Refusal(Attempt("POST", path, decision), 409, "conflict_resolved")


@case
async def what_is_not_there_is_not_found(scene: Scene) -> Refusal:
    unknown = {"id": str(SYSTEM_CLOCK.new_id())}
    return Refusal(reporting("start", unknown), 404, "not_found")


@case
async def a_change_against_an_old_version_is_stale(scene: Scene) -> Refusal:
    order = await scene.floor.planned()
    path = f"/work-orders/{order['id']}"
    seen = (await scene.boss.ask("GET", path)).headers["ETag"]
    changed = await scene.boss.ask("PUT", path, {"priority": "urgent"}, if_match=seen)
    assert changed.status == 200
    stale = Attempt("PUT", path, {"priority": "low"}, {"if_match": seen})
    return Refusal(stale, 412, "version_conflict")


@case
async def a_key_stands_for_one_request(scene: Scene) -> Refusal:
    order, lane = await scene.assigned()
    key = scene.name("KEY")
    await scene.boss.post("/production-logs", log("start", order, lane_id=lane["id"]), key=key)
    other = log("pause", order, lane_id=lane["id"], reason_code="LUNCH")
    attempt = Attempt("POST", "/production-logs", other, {"key": key})
    return Refusal(attempt, 409, "idempotency_key_reused")


@pytest.mark.parametrize("make", CASES, ids=lambda make: make.__name__)
async def test_the_rule_refuses_with_its_facts_and_nothing_changes(
    chain: Harness, scene: Scene, make: Case
) -> None:
    refusal = await make(scene)
    answer, changes = await _attempted(chain, scene.floor, refusal.attempt, scene.boss)
    assert (answer.status, answer.code) == (refusal.status, refusal.code), answer.body
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.facts(*refusal.facts) == refusal.facts, answer.body
    assert all(answer.body.get(name) for name in refusal.named), answer.body
    assert answer.body["detail"]
    assert changes == []


async def test_every_fault_of_a_report_is_named_at_once(chain: Harness, scene: Scene) -> None:
    order, _lane = await scene.assigned()
    body = log("begin", order, good_quantity="-1", worker_count=0, colour="red")
    attempt = Attempt("POST", "/production-logs", body)
    answer, changes = await _attempted(chain, scene.floor, attempt, scene.boss)
    assert (answer.status, answer.code) == (422, "validation_failed")
    paths = {fault["path"] for fault in answer.body["faults"]}
    assert paths == {"kind", "good_quantity", "worker_count", "colour"}
    assert changes == []


async def test_a_person_of_another_plant_touches_nothing(chain: Harness, scene: Scene) -> None:
    order, lane = await scene.assigned()
    async with scene.floor.person("supervisor", plants=(OTHER_PLANT,)) as stranger:
        for attempt in (
            reporting("start", order, lane_id=lane["id"]),
            Attempt("POST", f"/work-orders/{order['id']}/cancel", {"reason": "Off"}),
            Attempt("POST", f"/lanes/{lane['id']}/release", {"reason": "Mine"}),
        ):
            answer, changes = await _attempted(chain, scene.floor, attempt, stranger)
            assert (answer.status, answer.code) in {
                (403, "plant_forbidden"),
                (404, "not_found"),
            }, answer.body
            assert changes == []


async def test_what_a_role_does_not_allow_is_forbidden(chain: Harness, scene: Scene) -> None:
    order, lane = await scene.assigned()
    async with scene.floor.person("operator") as operator, scene.floor.person("viewer") as viewer:
        for person, attempt in (
            (operator, Attempt("POST", f"/work-orders/{order['id']}/release")),
            (operator, scene.assigning(order, lane)),
            (operator, Attempt("POST", f"/lanes/{lane['id']}/release", {"reason": "Mine"})),
            (viewer, reporting("start", order, lane_id=lane["id"])),
        ):
            answer, changes = await _attempted(chain, scene.floor, attempt, person)
            assert (answer.status, answer.code) == (403, "forbidden"), answer.body
            assert changes == []


async def test_an_expired_token_opens_nothing(chain: Harness, scene: Scene) -> None:
    order, lane = await scene.assigned()
    attempt = reporting("start", order, lane_id=lane["id"])
    async with scene.floor.person("operator", lifetime=-timedelta(minutes=5)) as late:
        answer, changes = await _attempted(chain, scene.floor, attempt, late)
    assert (answer.status, answer.code) == (401, "token_expired")
    assert changes == []


async def test_the_same_key_twice_is_one_report_and_one_answer(
    chain: Harness, scene: Scene
) -> None:
    order, lane = await scene.started()
    body = log("complete", order, lane_id=lane["id"], good_quantity="3")
    key = scene.name("KEY")
    several = await asyncio.gather(
        *(scene.boss.ask("POST", "/production-logs", body, key=key) for _ in range(5))
    )
    assert {answer.status for answer in several} == {201}
    assert len({answer.body["id"] for answer in several}) == 1
    attempt = Attempt("POST", "/production-logs", body, {"key": key})
    again, changes = await _attempted(chain, scene.floor, attempt, scene.boss)
    assert (again.status, again.body) == (201, several[0].body)
    assert changes == []
    counted = await scene.boss.get(f"/work-orders/{order['id']}")
    assert counted["quantity_completed"] == "3"


async def test_two_supervisors_at_the_same_instant_leave_one_assignment(scene: Scene) -> None:
    lane = await scene.lane()
    orders = [await scene.floor.released() for _ in range(8)]
    answers = await asyncio.gather(
        *(scene.assigning(order, lane).by(scene.boss) for order in orders)
    )
    won = [answer for answer in answers if not answer.is_refusal]
    assert len(won) == 1, [(answer.status, answer.code) for answer in answers]
    holder = won[0].body["work_order_id"]
    for answer in answers:
        if answer.is_refusal:
            assert (answer.status, answer.code) == (409, "lane_occupied"), answer.body
            assert answer.facts("lane_number", "current_work_order_id") == {
                "lane_number": lane["lane_number"],
                "current_work_order_id": holder,
            }
    now = await scene.boss.get(f"/lanes/{lane['id']}")
    assert [one["work_order_id"] for one in now["assignments"]] == [holder]


async def _attempted(
    chain: Harness, floor: Floor, attempt: Attempt, person: Person
) -> tuple[Reply, list[str]]:
    """Make a request; also tell which rows and events are other than before."""
    await chain.settle()
    before = await _told(chain, floor)
    answer = await attempt.by(person)
    await chain.settle()
    rows, said = await _told(chain, floor)
    return answer, states.differences(before[0], rows) + said[len(before[1]) :]


async def _told(chain: Harness, floor: Floor) -> tuple[states.State, list[str]]:
    tenant_id = floor.journey.tenant_id
    events = await recording.record(await chain.jetstream(), tenant_id)
    named = [event.name for event in events if not event.name.startswith(BACKGROUND)]
    return await states.of_tenant(chain, tenant_id), named
