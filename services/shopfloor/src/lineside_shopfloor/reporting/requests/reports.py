"""What people ask about the days of a plant: what it produced, and how effectively."""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import Any

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
    OeeCalculation,
    OeeGroup,
    OeeReport,
)
from lineside_shopfloor.places.requests import access
from lineside_shopfloor.reporting.domain import effectiveness as summing, figures
from lineside_shopfloor.reporting.requests import refusing
from lineside_shopfloor.reporting.store import effectiveness, naming, summaries

_WEEK = timedelta(days=6)

_GROUPS: dict[str, Callable[[OeeCalculation], dict[str, Any]]] = {
    "lane": lambda one: {"lane_id": one.lane_id, "lane_number": one.lane_number},
    "shift": lambda one: {"shift": one.shift},
    "day": lambda one: {"production_date": one.production_date},
    "plant": lambda _one: {},
}


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
    found = await effectiveness.between(
        uow,
        request.plant_code,
        from_date=request.from_date,
        to_date=request.to_date,
        lane_id=request.lane_id,
    )
    return OeeReport(
        plant_code=request.plant_code,
        from_date=request.from_date,
        to_date=request.to_date,
        items=tuple(_grouped(found, request.group_by)),
        total=_group(found),
    )


async def get_lane_oee(uow: UnitOfWork, request: GetLaneOee) -> LaneOee | Problem:
    """List the shifts of one lane."""
    lane = await naming.lane_of(uow, lane_id=request.lane_id)
    if lane is None or lane.plant_code is None:
        return refusing.missing("lane", lane_id=request.lane_id)
    access.require_plant(uow, lane.plant_code)
    to_date = request.to_date or uow.now.date() + timedelta(days=1)
    from_date = request.from_date or to_date - _WEEK
    refusing.refuse_period(from_date, to_date)
    found = await effectiveness.between(
        uow, lane.plant_code, from_date=from_date, to_date=to_date, lane_id=lane.id
    )
    return LaneOee(
        lane_id=lane.id,
        lane_number=lane.number,
        plant_code=lane.plant_code,
        from_date=from_date,
        to_date=to_date,
        items=tuple(found),
        total=_group(found),
    )


def _grouped(found: Iterable[OeeCalculation], group_by: str) -> list[OeeGroup]:
    groups: dict[tuple[Any, ...], tuple[dict[str, Any], list[OeeCalculation]]] = {}
    for each in found:
        named = _GROUPS[group_by](each)
        groups.setdefault(tuple(named.values()), (named, []))[1].append(each)
    return [_group(listed, **named) for named, listed in groups.values()]


def _group(found: Sequence[OeeCalculation], **named: Any) -> OeeGroup:
    together = summing.together(figures.read(each) for each in found)
    return OeeGroup(**figures.shown(together), **named, shift_count=len(found))
