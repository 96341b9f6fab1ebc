"""What people ask about the days of a plant: what it produced, and how effectively."""

from datetime import date, timedelta

from lineside_chassis.requests import Requests
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.problems import Problem
from lineside_contracts.shopfloor import (
    GET_DAILY_PRODUCTION_SUMMARY,
    GET_LANE_OEE,
    GET_OEE,
    DailyProductionSummary,
    GetDailyProductionSummary,
    GetLaneOee,
    GetOee,
    LaneOee,
    OeeGroup,
    OeeReport,
)
from lineside_shopfloor.places.requests import access
from lineside_shopfloor.reporting.domain import effectiveness as summing, figures
from lineside_shopfloor.reporting.requests import refusing
from lineside_shopfloor.reporting.store import effectiveness, naming, summaries
from lineside_shopfloor.reporting.store.effectiveness import Asked, Group

_WEEK = timedelta(days=6)


def register(requests: Requests) -> None:
    """Answer the requests about days."""
    requests.answer(GET_DAILY_PRODUCTION_SUMMARY)(get_daily_production_summary)
    requests.answer(GET_OEE)(get_oee)
    requests.answer(GET_LANE_OEE)(get_lane_oee)


async def get_daily_production_summary(
    uow: UnitOfWork, request: GetDailyProductionSummary
) -> DailyProductionSummary:
    """Sum up a date of a plant."""
    access.require_plant(uow, request.plant_code)
    items, total, calculated_at = await summaries.totals(uow, request)
    return DailyProductionSummary(
        plant_code=request.plant_code,
        date=request.date,
        basis=request.basis,
        items=tuple(items),
        total=total,
        calculated_at=calculated_at,
    )


async def get_oee(uow: UnitOfWork, request: GetOee) -> OeeReport:
    """Sum up the effectiveness of a plant by lane, shift or day."""
    access.require_plant(uow, request.plant_code)
    refusing.refuse_period(request.from_date, request.to_date)
    groups, total = await effectiveness.groups(
        uow,
        Asked(request.plant_code, request.from_date, request.to_date, request.lane_id),
        request.group_by,
    )
    return OeeReport(
        plant_code=request.plant_code,
        from_date=request.from_date,
        to_date=request.to_date,
        items=tuple(_group(each) for each in groups),
        total=_group(total),
    )


async def get_lane_oee(uow: UnitOfWork, request: GetLaneOee) -> LaneOee | Problem:
    """List the shifts of one lane."""
    lane = await naming.lane_of(uow, lane_id=request.lane_id)
    if lane is None or lane.plant_code is None:
        return refusing.missing("lane", lane_id=request.lane_id)
    access.require_plant(uow, lane.plant_code)
    from_date, to_date = _lane_period(uow, request)
    found = await effectiveness.shifts(uow, Asked(lane.plant_code, from_date, to_date, lane.id))
    total = summing.together(map(figures.read, found))
    return LaneOee(
        lane_id=lane.id,
        lane_number=lane.number,
        plant_code=lane.plant_code,
        from_date=from_date,
        to_date=to_date,
        items=tuple(found),
        total=_group(Group({}, total, len(found))),
    )


def _lane_period(uow: UnitOfWork, request: GetLaneOee) -> tuple[date, date]:
    to_date = request.to_date or uow.now.date() + timedelta(days=1)
    refusing.refuse_period(to_date, to_date)
    from_date = request.from_date or to_date - _WEEK
    refusing.refuse_period(from_date, to_date)
    return from_date, to_date


def _group(group: Group) -> OeeGroup:
    return OeeGroup(**figures.shown(group.figures), **group.named, shift_count=group.shift_count)
