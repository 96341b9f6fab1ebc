"""Bad master data of planning is refused with all its reasons, or reported; no run breaks off."""

import asyncio
from typing import Any

from lineside_contracts import planning
from lineside_contracts.master_data import ImportMasterData
from lineside_contracts.planning import (
    ActOnBom,
    BomFields,
    GetMrpRun,
    ListMrpExceptions,
    MrpException,
    MrpRun,
    StartMrpRun,
)
from lineside_testkit.builders import BROCHURE, PLANT
from lineside_testkit.harness import Harness
from lineside_testkit.journeys import Journey
from lineside_testkit.printing_plant import FLYER
from lineside_testkit.storeroom import INK, PAPER, PLATE, Storeroom

POCKET = "POCKET"


async def _plant(chain: Harness) -> Storeroom:
    journey = await Journey.begin(chain, routed=(FLYER,))
    return await Storeroom.open(journey)


async def _draft(room: Storeroom, product_code: str, *lines: dict[str, Any]) -> ActOnBom:
    numbered = [{"line_number": 10 * n, **line} for n, line in enumerate(lines, start=1)]
    fields = BomFields.model_validate({"product_code": product_code, "lines": numbered})
    made = await room.journey.granted(planning.CREATE_BOM, fields)
    return ActOnBom(bom_id=made.id)


async def _run(room: Storeroom, **over: Any) -> MrpRun:
    started = await room.journey.granted(planning.START_MRP_RUN, StartMrpRun(**over))
    return await room.eventually(
        planning.GET_MRP_RUN,
        GetMrpRun(mrp_run_id=started.id),
        until=lambda run: run.status not in {"queued", "running"},
    )


async def _exceptions(room: Storeroom) -> list[MrpException]:
    found: list[MrpException] = await room.journey.list_all(
        planning.LIST_MRP_EXCEPTIONS, ListMrpExceptions
    )
    return found


async def _refusal(
    room: Storeroom, path: str, body: Any, *, method: str = "POST"
) -> dict[str, str]:
    async with room.journey.http(role="planner") as planner:
        answer = await planner.request(method, path, json=body)
    assert answer.status_code == 422, answer.text
    return {fault["path"]: fault["message"] for fault in answer.json()["faults"]}


async def test_a_bill_with_many_faults_names_them_all_at_once(chain: Harness) -> None:
    room = await _plant(chain)
    draft = await _draft(
        room,
        FLYER,
        room.line("GHOST"),
        room.line(PAPER, unit_code="FURLONG"),
        room.line(INK, component_scrap_percentage="100"),
        room.line(PLATE, 0),
        room.line(FLYER),
    )
    verdict = await room.journey.granted(planning.VALIDATE_BOM, draft)
    assert not verdict.is_valid
    places = {fault.path.partition(".")[0] for fault in verdict.faults}
    assert places >= {f"lines[{n}]" for n in range(5)}, verdict.faults
    answer = await room.journey.ask(planning.ACTIVATE_BOM, draft)
    assert (answer.status, answer.problem.code) == (422, "bom_invalid")
    assert {fault.path for fault in answer.problem.faults} == {
        fault.path for fault in verdict.faults
    }


async def test_a_cycle_is_refused_with_its_path(chain: Harness) -> None:
    room = await _plant(chain)
    await room.journey.create_product(POCKET)
    await room.bill(FLYER, room.line(POCKET))
    await room.bill(POCKET, room.line(BROCHURE))
    draft = await _draft(room, BROCHURE, room.line(PAPER), room.line(FLYER))
    answer = await room.journey.ask(planning.ACTIVATE_BOM, draft)
    assert (answer.status, answer.problem.code) == (422, "bom_invalid")
    (fault,) = answer.problem.faults
    for code in (FLYER, POCKET, BROCHURE):
        assert code in fault.message
    assert (await _run(room)).status == "completed"


async def test_two_at_once_cannot_close_a_cycle_between_them(chain: Harness) -> None:
    room = await _plant(chain)
    await room.journey.create_product(POCKET)
    one = await _draft(room, FLYER, room.line(POCKET))
    other = await _draft(room, POCKET, room.line(FLYER))
    answers = await asyncio.gather(
        room.journey.ask(planning.ACTIVATE_BOM, one), room.journey.ask(planning.ACTIVATE_BOM, other)
    )
    assert sorted(answer.status for answer in answers) == [200, 422]


async def test_lines_whose_effectivity_overlaps_are_refused(chain: Harness) -> None:
    room = await _plant(chain)
    twice = {"line_number": 10}
    draft = await _draft(
        room,
        FLYER,
        room.line(PAPER, **twice, effective_until="2026-12-31"),
        room.line(PAPER, 2, **twice, effective_from="2026-12-31"),
        room.line(INK, effective_from="2027-02-01", effective_until="2027-01-01"),
    )
    answer = await room.journey.ask(planning.ACTIVATE_BOM, draft)
    assert (answer.status, answer.problem.code) == (422, "bom_invalid")
    places = {fault.path.partition(".")[0] for fault in answer.problem.faults}
    assert "lines[2]" in places
    assert places & {"lines[0]", "lines[1]"}


async def test_lot_sizes_that_cannot_be_are_refused(chain: Harness) -> None:
    room = await _plant(chain)
    product = {
        "product_code": "LOTS",
        "product_name": "Lots",
        "lot_sizing": "fixed_order_quantity",
        "fixed_lot_quantity": "0",
        "lot_multiple_quantity": "-5",
        "lot_period_days": 0,
    }
    faults = await _refusal(room, "/products", product)
    assert faults.keys() == {"fixed_lot_quantity", "lot_multiple_quantity", "lot_period_days"}


async def test_a_lot_rule_without_its_size_is_refused(chain: Harness) -> None:
    room = await _plant(chain)
    product = {
        "product_code": "LOTS",
        "product_name": "Lots",
        "plant_code": PLANT,
        "make_or_buy": "buy",
        "lot_sizing": "fixed_order_quantity",
    }
    faults = await _refusal(room, "/products", product)
    assert "fixed_lot_quantity" in faults


async def test_a_calendar_without_working_time_is_refused(chain: Harness) -> None:
    room = await _plant(chain)
    holiday = {"calendar_code": "IDLE", "calendar_name": "Nobody works", "shifts": []}
    async with room.journey.http(role="planner") as planner:
        answer = await planner.post("/calendars", json=holiday)
    assert answer.status_code == 422, answer.text
    assert [fault["code"] for fault in answer.json()["faults"]] == ["no_working_time"]


async def test_a_plant_that_never_works_again_is_reported(chain: Harness) -> None:
    room = await _plant(chain)
    journey = room.journey
    closed = planning.MaintenanceWindowFields(
        maintenance_window_code="CLOSED",
        plant_code=PLANT,
        starts_at="2020-01-01T00:00:00Z",
        ends_at="2099-01-01T00:00:00Z",
    )
    await journey.granted(planning.MAINTENANCE_WINDOWS.create, closed)
    await room.bill(FLYER, room.line(PAPER))
    await chain.settle()
    lines = [journey.line(product_code=FLYER, quantity="98")]
    await journey.confirm(journey.document("SO-1001", lines=lines))
    (order,) = await journey.production_orders(count=1, capacity_status="infeasible")
    plan = await room.capacity(order.id)
    assert plan.reasons
    assert [load.utilization_percent for load in plan.work_centers] == [None]
    assert (await _run(room)).status == "completed"
    assert await chain.dead_letters(tenant_id=journey.tenant_id) == []


BAD_BOMS = (
    "product_code,base_quantity,line_number,component_code,quantity,unit_code\n"
    f"{FLYER},1,10,{PAPER},1,\n"
    f"{FLYER},1,20,GHOST,1,\n"
    f"{FLYER},1,30,{INK},many,\n"
    f"{BROCHURE},0,10,{PAPER},1,FURLONG\n"
)


async def test_a_bad_file_of_bills_names_its_lines_and_loads_nothing(chain: Harness) -> None:
    room = await _plant(chain)
    name = await chain.upload(BAD_BOMS)
    answer = await room.journey.ask(planning.IMPORT_BOMS, ImportMasterData(object_name=name))
    assert answer.status == 422
    rows = {fault.path.partition(".")[0] for fault in answer.problem.faults}
    assert rows >= {"row 4", "row 5"}
    page = await room.journey.granted(planning.LIST_BOMS, planning.ListBoms())
    assert page.items == ()


async def test_a_run_over_strange_data_ends_and_a_check_agrees(chain: Harness) -> None:
    room = await _plant(chain)
    journey = room.journey
    await journey.create_product(POCKET, supply_policy="make_to_stock", safety_stock_quantity="50")
    await room.bill(FLYER, room.line(POCKET, "0.333333"), room.line(PAPER, "1e-6"))
    await room.put(PAPER, 1)
    lines = [journey.line(product_code=FLYER, quantity="1")]
    await journey.confirm(journey.document("SO-1001", lines=lines))
    await journey.production_orders(count=1, materials_status="short")
    await chain.settle()
    run = await _run(room)
    assert (run.status, run.reason) == ("completed", None)
    check = await _run(room, kind="check")
    assert (check.status, check.differences) == ("completed", ())
    assert POCKET in {one.product_code for one in await _exceptions(room)}, "it has no bill"
