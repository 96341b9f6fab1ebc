"""Daily work logs: written once, read in pages."""

from lineside_chassis import pages
from lineside_chassis.requests import Requests
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.endpoint import Page
from lineside_contracts.problems import Problem
from lineside_contracts.shopfloor import (
    CREATE_DAILY_WORK_LOG,
    LIST_DAILY_WORK_LOGS,
    CreateDailyWorkLog,
    DailyWorkLog,
    ListDailyWorkLogs,
)
from lineside_shopfloor.places.requests import access
from lineside_shopfloor.reporting.domain import work_logs as judging
from lineside_shopfloor.reporting.domain.work_logs import LogFacts
from lineside_shopfloor.reporting.requests import paging, refusing
from lineside_shopfloor.reporting.store import lane_times, naming, work_logs
from lineside_shopfloor.reporting.store.lane_times import NO_LANE


def register(requests: Requests) -> None:
    """Answer the requests about daily work logs."""
    requests.answer(CREATE_DAILY_WORK_LOG)(create_daily_work_log)
    requests.answer(LIST_DAILY_WORK_LOGS)(list_daily_work_logs)


async def create_daily_work_log(
    uow: UnitOfWork, request: CreateDailyWorkLog
) -> DailyWorkLog | Problem:
    """Keep what a shift says of itself."""
    access.require_plant(uow, request.plant_code)
    facts = await _facts(uow, request)
    if faults := judging.faults_of(request, facts):
        return refusing.invalid(faults)
    named = {"lane_id", "lane_number", "work_order_id", "work_order_number"}
    log = DailyWorkLog(
        **request.model_dump(exclude=named),
        id=uow.new_id(),
        lane_id=facts.lane.id if facts.lane else None,
        lane_number=facts.lane.number if facts.lane else None,
        work_order_id=facts.work_order.id if facts.work_order else None,
        work_order_number=facts.work_order.number if facts.work_order else None,
        logged_at=uow.now,
        logged_by=uow.actor,
        logged_by_name=uow.actor.name,
    )
    work_logs.save(uow, log)
    return log


async def list_daily_work_logs(uow: UnitOfWork, request: ListDailyWorkLogs) -> Page[DailyWorkLog]:
    """Page through work logs, the newest first."""
    plants = access.shown_plants(uow, request.plant_code)
    before = paging.before(request.cursor)
    found = await work_logs.page(uow, request, plants=plants, before=before)
    return pages.page(found, limit=request.limit, key=lambda log: [log.id])


async def _facts(uow: UnitOfWork, request: CreateDailyWorkLog) -> LogFacts:
    lane = await naming.lane_of(
        uow, lane_id=request.lane_id, number=request.lane_number, plant_code=request.plant_code
    )
    work_order = await naming.work_order_of(
        uow, work_order_id=request.work_order_id, number=request.work_order_number
    )
    times = await lane_times.load(
        uow,
        lane_ids=[lane.id] if lane else [],
        plant_codes=[request.plant_code],
        since=uow.now,
    )
    plant = times.of(NO_LANE, request.plant_code)
    if plant is None:
        return LogFacts(None, frozenset(), lane, work_order)
    working = times.of(lane.id, None) if lane else None
    shifts = plant.timetable.shift_names | (working or plant).timetable.shift_names
    today = uow.now.astimezone(plant.timetable.zone).date()
    return LogFacts(today, shifts, lane, work_order)
