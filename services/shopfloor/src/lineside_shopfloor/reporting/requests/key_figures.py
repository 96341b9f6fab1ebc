"""Key figures of a plant against their targets, and yields against their plans."""

from datetime import timedelta
from fractions import Fraction

from lineside_chassis.requests import Requests
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.problems import Problem
from lineside_contracts.shopfloor import (
    GET_KPIS,
    GET_YIELDS,
    GetKpis,
    GetYields,
    Kpis,
    Yields,
)
from lineside_manufacturing import time_spans
from lineside_shopfloor.places.requests import access
from lineside_shopfloor.reporting.domain import (
    key_figures as dividing,
)
from lineside_shopfloor.reporting.requests import refusing
from lineside_shopfloor.reporting.store import effectiveness, key_figures, lane_times
from lineside_shopfloor.reporting.store.effectiveness import Asked
from lineside_shopfloor.reporting.store.lane_times import NO_LANE

_YIELD_DAYS = timedelta(days=90)


def register(requests: Requests) -> None:
    """Answer the requests about key figures."""
    requests.answer(GET_KPIS)(get_kpis)
    requests.answer(GET_YIELDS)(get_yields)


async def get_kpis(uow: UnitOfWork, request: GetKpis) -> Kpis | Problem:
    """Tell the key figures of a plant."""
    access.require_plant(uow, request.plant_code)
    refusing.refuse_period(request.from_date, request.to_date)
    times = await lane_times.load(uow, lane_ids=[], plant_codes=[request.plant_code], since=uow.now)
    plant = times.of(NO_LANE, request.plant_code)
    if plant is None:
        return refusing.missing("plant", plant_code=request.plant_code)
    finished = await key_figures.finished(
        uow,
        request.plant_code,
        since=time_spans.instant_of(plant.timetable.day_span(request.from_date)[0]),
        until=time_spans.instant_of(plant.timetable.day_span(request.to_date)[1]),
        zone=plant.timetable.zone.key,
    )
    asked = Asked(request.plant_code, request.from_date, request.to_date)
    _, total = await effectiveness.groups(uow, asked, "plant")
    worked = total.figures
    targets = await key_figures.targets(uow)
    return Kpis(
        plant_code=request.plant_code,
        from_date=request.from_date,
        to_date=request.to_date,
        on_time_delivery=dividing.share(
            Fraction(finished.on_time), Fraction(finished.dated), targets.on_time
        ),
        without_planned_end_count=finished.count - finished.dated,
        lane_occupancy=dividing.share(worked.run + worked.setup, worked.planned, targets.occupancy),
        planned_hours_share=dividing.share(
            Fraction(finished.planned_hours), Fraction(finished.actual_hours), targets.hours
        ),
        without_actual_hours_count=finished.count - finished.measured,
        throughput=dividing.throughput(finished),
    )


async def get_yields(uow: UnitOfWork, request: GetYields) -> Yields:
    """Compare yields of the last 90 days with their plans, the largest difference first."""
    plants = access.shown_plants(uow, request.plant_code)
    since = uow.now - _YIELD_DAYS
    sums = await key_figures.yields(uow, since=since, plants=plants)
    found = [one for one in map(dividing.yield_of, sums) if one is not None]
    found.sort(key=lambda one: (-abs(one.difference_points), one.operation_name))
    return Yields(plant_code=request.plant_code, since=since, items=tuple(found))
