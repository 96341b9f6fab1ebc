"""What people do to lanes by hand: place, take off, pin, read; and what they may not."""

from typing import Any

from lineside_contracts.shopfloor import (
    ASSIGN_LANE,
    GET_LANE,
    GET_LANE_QUEUE,
    LIST_LANE_ASSIGNMENTS,
    LIST_LANES,
    LIST_WORK_ORDER_LOGS,
    RECORD_PRODUCTION_LOG,
    RELEASE_LANE,
    SET_ASSIGNMENT_PIN,
    SET_LANE_MAINTENANCE,
    AssignLane,
    GetLane,
    GetLaneQueue,
    LaneReleased,
    ListLaneAssignments,
    ListLanes,
    ListWorkOrderLogs,
    RecordProductionLog,
    ReleaseLane,
    SetAssignmentPin,
    SetLaneMaintenance,
)

NORTH_ONLY = frozenset({"NORTH"})


async def test_what_a_person_places_is_pinned_and_the_work_orders_status_stays(
    lane_floor: Any,
) -> None:
    plant = await lane_floor.plant()
    lane_id = await lane_floor.lane()
    work_order = await lane_floor.released()
    held = await lane_floor.granted(
        ASSIGN_LANE,
        AssignLane(work_order_id=work_order.id, lane_number="L1", notes="Customer waits"),
    )
    assert (held.origin, held.is_pinned, held.track, held.notes) == (
        "manual",
        True,
        1,
        "Customer waits",
    )
    state = await lane_floor.state(lane_id)
    assert (state.status, state.current_work_order_id, state.plant_id) == (
        "occupied",
        work_order.id,
        plant.id,
    )
    assert (state.assignments, state.master_data_version) == ((held,), 1)
    loose = await lane_floor.granted(
        SET_ASSIGNMENT_PIN, SetAssignmentPin(assignment_id=held.id, is_pinned=False)
    )
    assert loose == held.model_copy(update={"is_pinned": False})
    assert (await lane_floor.state(lane_id)).assignments == (loose,)


async def test_only_what_is_released_and_unchanged_comes_to_a_lane_that_fits(
    lane_floor: Any,
) -> None:
    await lane_floor.plant()
    await lane_floor.plant("NORTH")
    await lane_floor.lane()
    north = await lane_floor.lane("L1", plant_code="NORTH")
    await lane_floor.lane("L2", lane_type="testing")
    await lane_floor.lane("L3", work_center_code="BENCH-2")
    operation = {"operation_number": 10, "operation_name": "Fold", "work_center_code": "BENCH-1"}
    planned = await lane_floor.planned()
    work_order = await lane_floor.released(operations=[operation])

    async def code(work: Any, **over: Any) -> str:
        request = AssignLane(work_order_id=work.id, **over)
        return str((await lane_floor.refused(ASSIGN_LANE, request)).code)

    assert await code(planned, lane_number="L1") == "work_order_not_released"
    assert await code(work_order, lane_number="L1", expected_version=1) == "version_conflict"
    assert await code(work_order, lane_id=north) == "lane_plant_mismatch"
    assert await code(work_order, lane_number="L2") == "lane_type_mismatch"
    assert await code(work_order, lane_number="L3") == "lane_work_center_mismatch"
    assert await code(work_order, lane_number="L9") == "not_found"
    assert await code(work_order, lane_id=work_order.id) == "not_found"
    assert await code(work_order) == "validation_failed"
    history = await lane_floor.granted(LIST_LANE_ASSIGNMENTS, ListLaneAssignments())
    assert history.items == ()


async def test_work_leaves_a_lane_unless_it_runs_there(lane_floor: Any) -> None:
    await lane_floor.plant()
    lane_id = await lane_floor.lane()
    work_order = await lane_floor.released()
    await lane_floor.granted(ASSIGN_LANE, AssignLane(work_order_id=work_order.id, lane_id=lane_id))
    await lane_floor.track(work_order.id, lane_id, "running")
    release = ReleaseLane(lane_id=lane_id, reason="Urgent job")
    problem = await lane_floor.refused(RELEASE_LANE, release)
    assert (problem.code, problem.facts) == (
        "production_running",
        {
            "lane_number": "L1",
            "work_order_id": str(work_order.id),
            "work_order_number": work_order.work_order_number,
            "operation_numbers": [10],
        },
    )
    await lane_floor.track(work_order.id, lane_id, "paused")
    state = await lane_floor.granted(RELEASE_LANE, release)
    assert (state.status, state.assignments) == ("available", ())
    (said,) = await lane_floor.harness.events(LaneReleased, tenant_id=lane_floor.tenant)
    assert said.payload.assignment.release_reason == "Urgent job"
    assert (await lane_floor.refused(RELEASE_LANE, release)).code == "not_assigned"
    queue = await lane_floor.granted(GET_LANE_QUEUE, GetLaneQueue(plant_code="MAIN"))
    assert [one.work_order_id for one in queue.items] == [work_order.id]


async def test_of_several_on_a_lane_one_is_named(lane_floor: Any) -> None:
    await lane_floor.plant()
    lane_id = await lane_floor.lane(capacity=2)
    work = [await lane_floor.released() for _ in range(2)]
    for one in work:
        await lane_floor.granted(ASSIGN_LANE, AssignLane(work_order_id=one.id, lane_id=lane_id))
    problem = await lane_floor.refused(RELEASE_LANE, ReleaseLane(lane_id=lane_id))
    assert [fault.path for fault in problem.faults] == ["work_order_id"]
    named = ReleaseLane(lane_id=lane_id, work_order_id=work[0].id)
    state = await lane_floor.granted(RELEASE_LANE, named)
    assert state.current_work_order_id == work[1].id
    active = ListLaneAssignments(lane_id=lane_id, is_active=True)
    (held,) = (await lane_floor.granted(LIST_LANE_ASSIGNMENTS, active)).items
    assert held.work_order_id == work[1].id


async def test_the_board_and_the_history_come_in_pages(lane_floor: Any) -> None:
    await lane_floor.plant()
    await lane_floor.plant("NORTH")
    for number in ("L2", "L1", "L3"):
        await lane_floor.lane(number)
    await lane_floor.lane("L1", plant_code="NORTH")
    first = await lane_floor.granted(LIST_LANES, ListLanes(limit=2))
    rest = await lane_floor.granted(LIST_LANES, ListLanes(limit=2, cursor=first.next_cursor))
    assert [(one.plant_code, one.lane_number) for one in (*first.items, *rest.items)] == [
        ("MAIN", "L1"),
        ("MAIN", "L2"),
        ("MAIN", "L3"),
        ("NORTH", "L1"),
    ]
    assert rest.next_cursor is None
    for number in ("L1", "L2", "L3"):
        one = await lane_floor.released()
        await lane_floor.granted(ASSIGN_LANE, AssignLane(work_order_id=one.id, lane_number=number))
    page = await lane_floor.granted(LIST_LANE_ASSIGNMENTS, ListLaneAssignments(limit=2))
    more = ListLaneAssignments(limit=2, cursor=page.next_cursor)
    last = await lane_floor.granted(LIST_LANE_ASSIGNMENTS, more)
    assert [one.lane_number for one in (*page.items, *last.items)] == ["L3", "L2", "L1"]
    occupied = await lane_floor.granted(LIST_LANES, ListLanes(status="occupied", search="l2"))
    assert [one.lane_number for one in occupied.items] == ["L2"]


async def test_people_limited_to_a_plant_touch_and_see_its_lanes_only(lane_floor: Any) -> None:
    await lane_floor.plant()
    lane_id = await lane_floor.lane()
    work_order = await lane_floor.released()
    held = await lane_floor.granted(
        ASSIGN_LANE, AssignLane(work_order_id=work_order.id, lane_id=lane_id)
    )
    for endpoint, request in (
        (GET_LANE, GetLane(lane_id=lane_id)),
        (GET_LANE_QUEUE, GetLaneQueue(plant_code="MAIN")),
        (ASSIGN_LANE, AssignLane(work_order_id=work_order.id, lane_id=lane_id)),
        (RELEASE_LANE, ReleaseLane(lane_id=lane_id)),
        (SET_ASSIGNMENT_PIN, SetAssignmentPin(assignment_id=held.id, is_pinned=False)),
    ):
        problem = await lane_floor.refused(endpoint, request, plants=NORTH_ONLY)
        assert problem.code == "plant_forbidden", endpoint.subject
    lanes = await lane_floor.granted(LIST_LANES, ListLanes(), plants=NORTH_ONLY)
    history = await lane_floor.granted(
        LIST_LANE_ASSIGNMENTS, ListLaneAssignments(), plants=NORTH_ONLY
    )
    assert (lanes.items, history.items) == ((), ())


async def test_maintenance_pauses_what_runs_and_leaves_it_on_the_lane(lane_floor: Any) -> None:
    await lane_floor.plant()
    lane_id = await lane_floor.lane()
    work_order = await lane_floor.released()
    await lane_floor.granted(ASSIGN_LANE, AssignLane(work_order_id=work_order.id, lane_id=lane_id))
    start = {"work_order_id": work_order.id, "kind": "start", "operation_number": 10}
    await lane_floor.granted(
        RECORD_PRODUCTION_LOG, RecordProductionLog.model_validate(start | {"lane_id": lane_id})
    )
    begin = SetLaneMaintenance(lane_id=lane_id, action="start", reason="New belt")
    state = await lane_floor.granted(SET_LANE_MAINTENANCE, begin)
    assert (state.status, state.status_reason) == ("maintenance", "New belt")
    assert [held.work_order_id for held in state.assignments] == [work_order.id]
    logs = await lane_floor.granted(
        LIST_WORK_ORDER_LOGS, ListWorkOrderLogs(work_order_id=work_order.id)
    )
    kinds = {log.kind: (log.reason_code, log.notes) for log in logs.items}
    assert kinds["pause"] == ("maintenance", "New belt")
    assert (await lane_floor.refused(SET_LANE_MAINTENANCE, begin)).code == "lane_unavailable"
    resume = RecordProductionLog.model_validate(start | {"kind": "resume", "lane_id": lane_id})
    assert (await lane_floor.refused(RECORD_PRODUCTION_LOG, resume)).code == "lane_unavailable"
    end = SetLaneMaintenance(lane_id=lane_id, action="end")
    state = await lane_floor.granted(SET_LANE_MAINTENANCE, end)
    assert (state.status, state.current_work_order_id) == ("occupied", work_order.id)
    problem = await lane_floor.refused(SET_LANE_MAINTENANCE, end)
    assert (problem.code, problem.facts["from"]) == ("invalid_status_transition", "occupied")
    await lane_floor.granted(RECORD_PRODUCTION_LOG, resume)
    release = ReleaseLane(lane_id=lane_id, reason="Urgent job")
    assert (await lane_floor.refused(RELEASE_LANE, release)).code == "production_running"
