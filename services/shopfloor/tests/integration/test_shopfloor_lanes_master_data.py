"""Lanes as master data: numbers per plant, and what they take follows at once."""

from typing import Any

from lineside_contracts.master_data import DeleteMasterData, ImportMasterData
from lineside_contracts.shopfloor import (
    ASSIGN_LANE,
    GET_LANE,
    LANES,
    AssignLane,
    GetLane,
    LaneStatusChanged,
)

UPDATE: Any = LANES.update_request


def changed(floor: Any, code: Any, number: str = "L1", **over: Any) -> Any:
    return UPDATE(code=str(code), fields=floor.lane_fields(number, **over))


async def statuses(floor: Any, count: int) -> list[tuple[str, str, str]]:
    said = await floor.harness.events(LaneStatusChanged, tenant_id=floor.tenant, count=count)
    return [
        (e.payload.lane.lane_number, e.payload.old_status.value, e.payload.new_status.value)
        for e in said
    ]


async def test_two_plants_have_lanes_of_the_same_number(lane_floor: Any) -> None:
    for code in ("MAIN", "NORTH"):
        await lane_floor.plant(code)
    main = await lane_floor.lane()
    north = await lane_floor.lane(plant_code="NORTH")
    taken = await lane_floor.refused(LANES.create, lane_floor.lane_fields())
    assert taken.code == "code_taken"
    problem = await lane_floor.refused(LANES.update, changed(lane_floor, "L1", capacity=2))
    assert (problem.code, problem.facts) == (
        "ambiguous_code",
        {"code": "L1", "plant_codes": ["MAIN", "NORTH"]},
    )
    await lane_floor.granted(LANES.update, changed(lane_floor, main, capacity=3))
    await lane_floor.granted(
        LANES.update,
        changed(lane_floor, "L1", capacity=2, plant_code="NORTH"),
        plants=frozenset({"NORTH"}),
    )
    assert (await lane_floor.state(main)).capacity == 3
    assert (await lane_floor.state(north)).capacity == 2
    moved = await lane_floor.refused(
        LANES.update, changed(lane_floor, main, "L2", plant_code="NORTH")
    )
    assert [fault.path for fault in moved.faults] == ["fields.plant_code", "fields.lane_number"]
    await lane_floor.granted(LANES.delete, DeleteMasterData(code=str(north)))
    await lane_floor.granted(LANES.update, changed(lane_floor, "L1", capacity=1))
    gone = await lane_floor.refused(GET_LANE, GetLane(lane_id=north))
    assert gone.code == "not_found"


async def test_a_file_loads_the_same_numbers_into_two_plants(lane_floor: Any) -> None:
    for code in ("MAIN", "NORTH"):
        await lane_floor.plant(code)
    rows = [f"L{n},Lane {n},{code},assembly,1" for n in (1, 2) for code in ("MAIN", "NORTH")]
    header = "lane_number,lane_name,plant_code,lane_type,capacity"
    name = await lane_floor.harness.upload("\n".join([header, *rows]))
    report = await lane_floor.granted(LANES.load, ImportMasterData(object_name=name))
    assert report.created_count == 4
    assert {status[1:] for status in await statuses(lane_floor, 4)} == {("inactive", "available")}
    again = "\n".join([header, *rows, "L1,Lane 1,MAIN,assembly,1"])
    name = await lane_floor.harness.upload(again)
    refused = await lane_floor.refused(LANES.load, ImportMasterData(object_name=name))
    assert [fault.code for fault in refused.faults] == ["repeated_code"]
    name = await lane_floor.harness.upload(f"{header}\nL1,Lane 1,NORTH,assembly,4")
    report = await lane_floor.granted(LANES.load, ImportMasterData(object_name=name))
    assert report.updated_count == 1


async def test_what_a_lane_takes_follows_what_is_written_of_it(lane_floor: Any) -> None:
    await lane_floor.plant()
    lane_id = await lane_floor.lane()
    await lane_floor.granted(LANES.update, changed(lane_floor, "L1", is_active=False))
    assert (await lane_floor.state(lane_id)).status == "inactive"
    work_order = await lane_floor.released()
    assign = AssignLane(work_order_id=work_order.id, lane_id=lane_id)
    problem = await lane_floor.refused(ASSIGN_LANE, assign)
    assert (problem.code, problem.facts["status"]) == ("lane_unavailable", "inactive")
    await lane_floor.granted(LANES.update, changed(lane_floor, "L1"))
    await lane_floor.granted(ASSIGN_LANE, assign)
    await lane_floor.granted(LANES.update, changed(lane_floor, "L1", capacity=2))
    state = await lane_floor.state(lane_id)
    assert (state.status, state.capacity, state.master_data_version) == ("available", 2, 4)
    await lane_floor.granted(LANES.update, changed(lane_floor, "L1"))
    assert await statuses(lane_floor, 6) == [
        ("L1", "inactive", "available"),
        ("L1", "available", "inactive"),
        ("L1", "inactive", "available"),
        ("L1", "available", "occupied"),
        ("L1", "occupied", "available"),
        ("L1", "available", "occupied"),
    ]


async def test_a_lane_with_work_on_it_stays_as_it_is(lane_floor: Any) -> None:
    await lane_floor.plant()
    lane_id = await lane_floor.lane(capacity=2)
    for _ in range(2):
        work_order = await lane_floor.released()
        await lane_floor.granted(
            ASSIGN_LANE, AssignLane(work_order_id=work_order.id, lane_id=lane_id)
        )
    problem = await lane_floor.refused(
        LANES.update,
        changed(lane_floor, "L1", capacity=1, is_active=False, lane_type="testing"),
    )
    assert {(fault.code, fault.path) for fault in problem.faults} == {
        ("in_use", "fields.is_active"),
        ("in_use", "fields.capacity"),
        ("in_use", "fields.lane_type"),
    }
    problem = await lane_floor.refused(LANES.delete, DeleteMasterData(code="L1"))
    assert (problem.code, len(problem.facts["needed_by"])) == ("in_use", 2)
