"""Lanes, logs, people, equipment, reports and archives: a stranger gets nothing of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from pydantic import BaseModel

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts import registry, shopfloor
from lineside_contracts.endpoint import Endpoint
from lineside_contracts.master_data import DeleteMasterData, GetMasterData, ListMasterData
from lineside_contracts.shopfloor import AssetFields, LaneFields
from lineside_testkit import isolation, states
from lineside_testkit.builders import PLANT
from lineside_testkit.floor import Floor
from lineside_testkit.harness import Harness
from lineside_testkit.journeys import Journey

NAMES_NOTHING = frozenset({"create", "import"})
FOUND_NOTHING = frozenset({404, 422})
"""A lane or plant nobody has is not found; where it is part of a question, it is a fault of it."""

LANE, ASSET = "PRESS-1", "PRESS-1-MACHINE"

Question = tuple[Endpoint[Any, Any], BaseModel]


@dataclass(frozen=True)
class Owner:
    """A tenant on whose floor something of everything has happened."""

    floor: Floor
    work_order_id: UUID
    lane_id: UUID
    log_id: UUID
    conflict_id: UUID
    assignment_id: UUID
    allocation_id: UUID
    maintenance_id: UUID


@pytest.fixture(scope="module")
async def owner(chain: Harness) -> Owner:
    journey = await Journey.begin(chain, routed=())
    floor = await Floor.open(journey, lanes=[{"lane_number": LANE}], mode="manual")
    asset = {"asset_code": ASSET, "asset_name": "Press", "asset_kind": "plant", "plant_code": PLANT}
    await journey.granted(shopfloor.ASSETS.create, AssetFields.model_validate(asset))
    order = await floor.released()
    async with floor.person("admin") as admin:
        path = f"/work-orders/{order['id']}/assign-lane"
        assigned = await admin.post(path, {"lane_number": LANE})
        log = await admin.report("start", order, lane_number=LANE)
        late = (SYSTEM_CLOCK.now() - timedelta(hours=2)).isoformat()
        conflict = await admin.report("pause", order, lane_number=LANE, happened_at=late)
        assert not conflict["accepted"]
        people = {"work_order_id": order["id"], "user_id": "somebody"}
        allocation = await admin.post("/manpower", people)
        repair = {"lane_id": assigned["lane_id"], "maintenance_kind": "corrective"}
        repair |= {"is_planned": False, "description": "It rattles."}
        maintenance = await admin.post("/maintenance-records", repair)
        status = {"lane_id": assigned["lane_id"], "status": "down"}
        await admin.post("/equipment-status", status)
    await chain.settle()
    return Owner(
        floor=floor,
        work_order_id=UUID(order["id"]),
        lane_id=UUID(assigned["lane_id"]),
        log_id=UUID(log["id"]),
        conflict_id=UUID(conflict["conflict"]["id"]),
        assignment_id=UUID(assigned["id"]),
        allocation_id=UUID(allocation["id"]),
        maintenance_id=UUID(maintenance["id"]),
    )


def _of_lanes(owner: Owner) -> Iterable[Question]:
    lane = {"lane_id": owner.lane_id}
    yield shopfloor.LIST_LANES, shopfloor.ListLanes()
    yield shopfloor.GET_LANE, shopfloor.GetLane(**lane)
    yield shopfloor.RELEASE_LANE, shopfloor.ReleaseLane(**lane)
    yield shopfloor.SET_LANE_MAINTENANCE, shopfloor.SetLaneMaintenance(**lane, action="start")
    yield shopfloor.GET_LANE_QUEUE, shopfloor.GetLaneQueue(plant_code=PLANT)
    yield shopfloor.LIST_LANE_ASSIGNMENTS, shopfloor.ListLaneAssignments(**lane)
    pin = shopfloor.SetAssignmentPin(assignment_id=owner.assignment_id, is_pinned=False)
    yield shopfloor.SET_ASSIGNMENT_PIN, pin
    fields = {"lane_number": LANE, "lane_name": "Mine", "plant_code": PLANT}
    taken = LaneFields.model_validate(fields | {"lane_type": "fabrication"})
    update = shopfloor.LANES.update_request
    yield shopfloor.LANES.update, update.model_validate({"code": LANE, "fields": taken})
    yield shopfloor.LANES.delete, DeleteMasterData(code=str(owner.lane_id))


def _of_logs(owner: Owner) -> Iterable[Question]:
    order = {"work_order_id": owner.work_order_id}
    yield shopfloor.RECORD_PRODUCTION_LOG, shopfloor.RecordProductionLog(**order, kind="issue")
    yield shopfloor.LIST_PRODUCTION_LOGS, shopfloor.ListProductionLogs()
    yield shopfloor.GET_PRODUCTION_LOG, shopfloor.GetProductionLog(production_log_id=owner.log_id)
    yield shopfloor.LIST_WORK_ORDER_LOGS, shopfloor.ListWorkOrderLogs(**order)
    yield shopfloor.LIST_LOG_CONFLICTS, shopfloor.ListLogConflicts()
    drop = shopfloor.ResolveLogConflict(
        log_conflict_id=owner.conflict_id, action="discard", reason="mine now"
    )
    yield shopfloor.RESOLVE_LOG_CONFLICT, drop
    yield shopfloor.LIST_ARCHIVES, shopfloor.ListArchives()
    yield shopfloor.QUERY_ARCHIVED_LOGS, shopfloor.QueryArchivedLogs(month_from="2026-01")


def _of_people(owner: Owner) -> Iterable[Question]:
    order = {"work_order_id": owner.work_order_id}
    place = {"manpower_allocation_id": owner.allocation_id}
    yield shopfloor.ALLOCATE_MANPOWER, shopfloor.AllocateManpower(**order, user_id="me")
    yield shopfloor.LIST_MANPOWER, shopfloor.ListManpower()
    yield shopfloor.RELEASE_MANPOWER, shopfloor.ReleaseManpower(**place)
    change = shopfloor.ManpowerChange(notes="mine now")
    yield shopfloor.UPDATE_MANPOWER, shopfloor.UpdateManpower(**place, change=change)
    yield shopfloor.GET_LABOUR_COST, shopfloor.GetLabourCost(**order)
    yield shopfloor.GET_HANDOVER, shopfloor.GetHandover(plant_code=PLANT)


def _of_equipment(owner: Owner) -> Iterable[Question]:
    record = {"maintenance_record_id": owner.maintenance_id}
    yield shopfloor.LIST_EQUIPMENT_STATUS, shopfloor.ListEquipmentStatus()
    down = shopfloor.RecordEquipmentStatus(lane_id=owner.lane_id, status="down")
    yield shopfloor.RECORD_EQUIPMENT_STATUS, down
    yield shopfloor.LIST_MAINTENANCE_RECORDS, shopfloor.ListMaintenanceRecords()
    yield shopfloor.GET_MAINTENANCE_RECORD, shopfloor.GetMaintenanceRecord(**record)
    change = shopfloor.MaintenanceChange(findings="mine now")
    update = shopfloor.UpdateMaintenanceRecord(**record, change=change)
    yield shopfloor.UPDATE_MAINTENANCE_RECORD, update
    kind = shopfloor.ASSETS
    fields = {"asset_code": ASSET, "asset_name": "Mine", "asset_kind": "plant"}
    taken = AssetFields.model_validate(fields | {"plant_code": PLANT})
    yield kind.list, ListMasterData()
    yield kind.get, GetMasterData(code=ASSET)
    yield kind.update, kind.update_request.model_validate({"code": ASSET, "fields": taken})
    yield kind.delete, DeleteMasterData(code=ASSET)


def _of_reports(owner: Owner) -> Iterable[Question]:
    today = SYSTEM_CLOCK.now().date()
    span = {"plant_code": PLANT, "from_date": today - timedelta(days=1), "to_date": today}
    yield shopfloor.LIST_DAILY_WORK_LOGS, shopfloor.ListDailyWorkLogs()
    summary = shopfloor.GetDailyProductionSummary(plant_code=PLANT, date=today)
    yield shopfloor.GET_DAILY_PRODUCTION_SUMMARY, summary
    yield shopfloor.GET_OEE, shopfloor.GetOee.model_validate(span)
    yield shopfloor.GET_LANE_OEE, shopfloor.GetLaneOee(lane_id=owner.lane_id)
    yield shopfloor.GET_KPIS, shopfloor.GetKpis.model_validate(span)
    yield shopfloor.GET_YIELDS, shopfloor.GetYields()


def _questions(owner: Owner) -> Iterable[Question]:
    for part in (_of_lanes, _of_logs, _of_people, _of_equipment, _of_reports):
        yield from part(owner)


async def test_every_endpoint_answers_a_stranger_with_nothing(chain: Harness, owner: Owner) -> None:
    stranger = Journey(chain, chain.new_tenant())
    tenant_id = owner.floor.journey.tenant_id
    before = await states.of_tenant(chain, tenant_id)
    asked = set()
    for endpoint, request in _questions(owner):
        asked.add(endpoint.subject)
        answer = await stranger.ask(endpoint, request)
        if answer.status == 200:
            items = getattr(answer.body, "items", None)
            assert items == (), (endpoint.subject, answer.body)
        else:
            assert answer.status in FOUND_NOTHING, (endpoint.subject, answer.body)
    every = {
        endpoint.subject
        for endpoint in registry.endpoints()
        if endpoint.noun in isolation.FLOOR_IN_DEPTH and endpoint.verb not in NAMES_NOTHING
    }
    assert asked == every
    states.insist_equal(before, await states.of_tenant(chain, tenant_id))


async def test_the_owner_gets_all_of_it(owner: Owner) -> None:
    """The claim above would prove nothing if nobody got anything."""
    reads = [(e, r) for e, r in _questions(owner) if e.kind == "read"]
    for endpoint, request in reads:
        if endpoint is shopfloor.QUERY_ARCHIVED_LOGS:
            continue
        answer = await owner.floor.journey.ask(endpoint, request)
        assert answer.status == 200, (endpoint.subject, answer.body)


async def test_nobody_reads_a_month_of_logs_by_itself(chain: Harness) -> None:
    """Partitions are reached through their table, where the policy is."""
    url = chain.installation.database("shopfloor").urls["app"]
    app = url.replace("postgresql+psycopg://", "postgresql://")
    async with await psycopg.AsyncConnection.connect(app, autocommit=True) as connection:
        rows = await connection.execute(
            "SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r'"
        )
        months = [name for (name,) in await rows.fetchall()]
        assert len(months) > 3
        for month in months:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                await connection.execute(f'SELECT count(*) FROM "{month}"')  # noqa: S608
