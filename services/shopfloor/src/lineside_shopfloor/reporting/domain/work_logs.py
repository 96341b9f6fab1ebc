"""What is wrong with a daily work log, every fault at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from lineside_contracts.problems import Fault
from lineside_contracts.shopfloor import CreateDailyWorkLog

COMMON_SHIFTS = frozenset({"morning", "afternoon", "night"})
"""Names that every plant may use, whatever its calendar says."""

_HOURS_OF_A_DAY = 25
"""The day on which clocks are set back has so many."""


@dataclass(frozen=True, slots=True)
class Named:
    """What a work log names, as far as it is known here."""

    id: UUID
    number: str
    plant_code: str | None


@dataclass(frozen=True, slots=True)
class LogFacts:
    """What a work log is checked against.

    Attributes:
        today: The plant's date; None where there is no such plant.
        shifts: Names of the shifts by which the plant or the lane works.
    """

    today: date | None
    shifts: frozenset[str] = frozenset()
    lane: Named | None = None
    work_order: Named | None = None


def faults_of(request: CreateDailyWorkLog, facts: LogFacts) -> tuple[Fault, ...]:
    """Find everything that is wrong with a work log.

    Args:
        request: The work log.
        facts: What it names.

    Returns:
        Faults, none where it may be kept.

    Raises:
        Nothing.
    """
    return (
        *_of_plant(request, facts),
        *_of_shift(request, facts),
        *_of_lane(request, facts),
        *_of_work_order(request, facts),
        *_of_hours(request),
    )


def _of_plant(request: CreateDailyWorkLog, facts: LogFacts) -> Iterator[Fault]:
    if facts.today is None:
        yield _fault("unknown_plant", "plant_code", f"There is no plant {request.plant_code}.")
    elif request.work_date > facts.today:
        message = f"{request.work_date} has not come yet in {request.plant_code}."
        yield _fault("date_in_future", "work_date", message)


def _of_shift(request: CreateDailyWorkLog, facts: LogFacts) -> Iterator[Fault]:
    allowed = COMMON_SHIFTS | facts.shifts
    if request.shift not in allowed:
        yield Fault(
            code="unknown_shift",
            path="shift",
            message=f"{request.shift} is none of {', '.join(sorted(allowed))}.",
            facts={"allowed": sorted(allowed)},
        )


def _of_lane(request: CreateDailyWorkLog, facts: LogFacts) -> Iterator[Fault]:
    path = "lane_id" if request.lane_id is not None else "lane_number"
    asked = request.lane_id or request.lane_number
    if asked is None:
        return
    if facts.lane is None:
        yield _fault("unknown_lane", path, f"There is no lane {asked}.")
    elif facts.lane.plant_code != request.plant_code:
        message = f"Lane {facts.lane.number} is in plant {facts.lane.plant_code}."
        yield _fault("lane_plant_mismatch", path, message)


def _of_work_order(request: CreateDailyWorkLog, facts: LogFacts) -> Iterator[Fault]:
    path = "work_order_id" if request.work_order_id is not None else "work_order_number"
    asked = request.work_order_id or request.work_order_number
    if asked is None:
        return
    if facts.work_order is None:
        yield _fault("unknown_work_order", path, f"There is no work order {asked}.")
    elif facts.work_order.plant_code not in {None, request.plant_code}:
        found = facts.work_order
        message = f"Work order {found.number} belongs to plant {found.plant_code}."
        yield _fault("work_order_plant_mismatch", path, message)


def _of_hours(request: CreateDailyWorkLog) -> Iterator[Fault]:
    most = request.workers_present * _HOURS_OF_A_DAY
    if request.hours_worked > most:
        message = f"{request.workers_present} workers have at most {most} hours in a day."
        yield _fault("too_many_hours", "hours_worked", message)


def _fault(code: str, path: str, message: str) -> Fault:
    return Fault(code=code, path=path, message=message)
