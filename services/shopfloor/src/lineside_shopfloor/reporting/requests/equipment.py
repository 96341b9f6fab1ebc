"""What people say of equipment: its status, its maintenance."""

from typing import Any

from lineside_chassis import pages
from lineside_chassis.errors import Refused
from lineside_chassis.requests import Requests
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.endpoint import Page
from lineside_contracts.problems import Problem, ProblemCode
from lineside_contracts.shopfloor import (
    CREATE_MAINTENANCE_RECORD,
    GET_MAINTENANCE_RECORD,
    LIST_EQUIPMENT_STATUS,
    LIST_MAINTENANCE_RECORDS,
    RECORD_EQUIPMENT_STATUS,
    UPDATE_MAINTENANCE_RECORD,
    CreateMaintenanceRecord,
    EquipmentStatus,
    EquipmentStatusEntry,
    GetMaintenanceRecord,
    ListEquipmentStatus,
    ListMaintenanceRecords,
    MaintenanceRecord,
    RecordEquipmentStatus,
    UpdateMaintenanceRecord,
)
from lineside_shopfloor.places.requests import access
from lineside_shopfloor.reporting.domain import equipment as judging
from lineside_shopfloor.reporting.domain.equipment import Placed
from lineside_shopfloor.reporting.requests import located, paging, refusing
from lineside_shopfloor.reporting.store import equipment_log, maintenance


def register(requests: Requests) -> None:
    """Answer the requests about equipment."""
    requests.answer(RECORD_EQUIPMENT_STATUS)(record_equipment_status)
    requests.answer(LIST_EQUIPMENT_STATUS)(list_equipment_status)
    requests.answer(CREATE_MAINTENANCE_RECORD)(create_maintenance_record)
    requests.answer(UPDATE_MAINTENANCE_RECORD)(update_maintenance_record)
    requests.answer(GET_MAINTENANCE_RECORD)(get_maintenance_record)
    requests.answer(LIST_MAINTENANCE_RECORDS)(list_maintenance_records)


async def record_equipment_status(
    uow: UnitOfWork, request: RecordEquipmentStatus
) -> EquipmentStatusEntry | Problem:
    """Keep what equipment can do since when."""
    found = await located.find(uow, asset_code=request.asset_code, lane_id=request.lane_id)
    start = request.started_at or uow.now
    known = await equipment_log.entries_of(
        uow, asset_code=found.asset_code, lane_id=found.lane_id, since=start
    )
    placed = judging.place(request, known, now=uow.now)
    if not isinstance(placed, Placed):
        return refusing.invalid(placed)
    entry = EquipmentStatusEntry(
        id=uow.new_id(),
        plant_code=found.plant_code,
        asset_code=found.asset_code,
        lane_id=found.lane_id,
        lane_number=found.lane_number,
        status=request.status,
        is_planned=request.is_planned,
        reason=request.reason,
        source="person",
        started_at=start,
        ended_at=request.ended_at,
        logged_at=uow.now,
        logged_by=uow.actor,
    )
    for before in placed.ended:
        equipment_log.end(uow, before, start)
    equipment_log.save(uow, entry)
    changed = [each for each in (entry, *placed.ended) if _is_planned_maintenance(each)]
    moments = [moment for each in changed for moment in (each.started_at, each.ended_at or uow.now)]
    await located.recompute(uow, found.lane_id, moments)
    return entry


async def list_equipment_status(
    uow: UnitOfWork, request: ListEquipmentStatus
) -> Page[EquipmentStatusEntry]:
    """Page through entries, the newest first."""
    plants = access.shown_plants(uow, request.plant_code)
    before = paging.before(request.cursor)
    found = await equipment_log.page(uow, request, plants=plants, before=before)
    return pages.page(found, limit=request.limit, key=lambda entry: [entry.id])


async def create_maintenance_record(
    uow: UnitOfWork, request: CreateMaintenanceRecord
) -> MaintenanceRecord | Problem:
    """Plan maintenance, or write down what was done."""
    found = await located.find(uow, asset_code=request.asset_code, lane_id=request.lane_id)
    given = request.model_dump(exclude={"asset_code", "lane_id"})
    record = judging.with_times(
        MaintenanceRecord(
            **given,
            id=uow.new_id(),
            version=1,
            plant_code=found.plant_code,
            asset_code=found.asset_code,
            lane_id=found.lane_id,
            lane_number=found.lane_number,
            created_at=uow.now,
            created_by=uow.actor,
            updated_at=uow.now,
            updated_by=uow.actor,
        ),
        now=uow.now,
    )
    if faults := judging.maintenance_faults(record, now=uow.now):
        return refusing.invalid(faults)
    maintenance.add(uow, record)
    await _recompute(uow, record)
    return record


async def update_maintenance_record(
    uow: UnitOfWork, request: UpdateMaintenanceRecord
) -> MaintenanceRecord | Problem:
    """Change what may be changed."""
    before = await _existing(
        uow,
        GetMaintenanceRecord(maintenance_record_id=request.maintenance_record_id),
        for_update=True,
    )
    _refuse_version(before, request.expected_version)
    given = {name: value for name, value in request.change if value is not None}
    if "status" in given and (
        problem := judging.transition_problem(before.status, given["status"])
    ):
        return problem
    record = judging.with_times(before.model_copy(update=given | _stamp(uow, before)), now=uow.now)
    if faults := judging.maintenance_faults(record, now=uow.now):
        return refusing.invalid(
            fault.model_copy(update={"path": f"change.{fault.path}"}) for fault in faults
        )
    maintenance.change(uow, record)
    await _recompute(uow, before, record)
    return record


async def get_maintenance_record(
    uow: UnitOfWork, request: GetMaintenanceRecord
) -> MaintenanceRecord:
    """Find one record."""
    return await _existing(uow, request)


async def list_maintenance_records(
    uow: UnitOfWork, request: ListMaintenanceRecords
) -> Page[MaintenanceRecord]:
    """Page through records, the newest first."""
    plants = access.shown_plants(uow, request.plant_code)
    before = paging.before(request.cursor)
    found = await maintenance.page(uow, request, plants=plants, before=before)
    return pages.page(found, limit=request.limit, key=lambda record: [record.id])


async def _existing(
    uow: UnitOfWork, request: GetMaintenanceRecord, *, for_update: bool = False
) -> MaintenanceRecord:
    record_id = request.maintenance_record_id
    record = await maintenance.one(uow, record_id, for_update=for_update)
    if record is None:
        raise Refused(refusing.missing("maintenance record", maintenance_record_id=record_id))
    access.require_plant(uow, record.plant_code)
    return record


async def _recompute(uow: UnitOfWork, *records: MaintenanceRecord) -> None:
    """Planned maintenance changes what was planned of its lane."""
    moments = [
        moment
        for record in records
        if record.is_planned
        for moment in (
            record.planned_start_at,
            record.planned_end_at,
            record.actual_start_at,
            record.actual_end_at,
        )
    ]
    await located.recompute(uow, records[-1].lane_id, moments)


def _refuse_version(record: MaintenanceRecord, expected: int | None) -> None:
    if expected is None or expected == record.version:
        return
    raise Refused(
        Problem(
            code=ProblemCode.VERSION_CONFLICT,
            detail=f"It is at version {record.version}, not {expected}.",
            facts={"expected_version": expected, "current_version": record.version},
        )
    )


def _stamp(uow: UnitOfWork, before: MaintenanceRecord) -> dict[str, Any]:
    return {"version": before.version + 1, "updated_at": uow.now, "updated_by": uow.actor}


def _is_planned_maintenance(entry: EquipmentStatusEntry) -> bool:
    return entry.is_planned and entry.status is EquipmentStatus.MAINTENANCE
