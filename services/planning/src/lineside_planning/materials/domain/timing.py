"""When an order's operations are to start: backward from the due date, never before now (RULES 26).

Until a schedule is published. What has no working time gets the due date itself, and a warning.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal, cast
from zoneinfo import ZoneInfo

from lineside_contracts.problems import Fault
from lineside_manufacturing import run_timing
from lineside_manufacturing.calendars import NoWorkingTime, WorkingCalendar
from lineside_manufacturing.run_timing import NoWindow, TimedRun
from lineside_planning.master_data.domain.places import Places
from lineside_planning.materials.domain.orders import OrderFacts, RunFacts

_FULL = 100


@dataclass(frozen=True, slots=True)
class Starts:
    """When an order and each of its operations are to start.

    Attributes:
        first_on: Local date of the first start: effectivity is judged by it.
        of_run: Instant and local date by sequence number.
        otherwise: For what belongs to no operation.
        warnings: Why the dates are only the due date.
    """

    first_on: date
    of_run: dict[int, tuple[datetime, date]]
    otherwise: tuple[datetime, date]
    warnings: tuple[Fault, ...] = ()

    def at(self, sequence_number: int) -> tuple[datetime, date]:
        """When an operation starts."""
        return self.of_run.get(sequence_number, self.otherwise)


def starts_of(order: OrderFacts, places: Places, *, plant_code: str, now: datetime) -> Starts:
    """Plan the starts of an order's operations.

    Args:
        order: With its runs.
        places: Calendars of its work centers and plants.
        plant_code: The order's plant.
        now: Nothing starts earlier.
    """
    plant = places.plant(plant_code)
    try:
        due_at = plant.calendar.end_of_working_day(order.due_date)
        windows = run_timing.backward_windows(
            [_timed(run, places, plant_code) for run in order.runs], due_at=due_at, not_before=now
        )
    except (NoWorkingTime, OverflowError, ValueError) as error:
        return _on_due_date(order, plant.time_zone, str(error))
    if isinstance(windows, NoWindow):
        return _on_due_date(order, plant.time_zone, windows.reason)
    of_run = {}
    for run in order.runs:
        start = windows[run.sequence_number].start_at
        calendar = places.plant(run.plant_code or plant_code).calendar
        of_run[run.sequence_number] = (start, calendar.local_date(start))
    first = min(of_run.values(), default=(due_at, plant.calendar.local_date(due_at)))
    return Starts(first_on=first[1], of_run=of_run, otherwise=first)


def _timed(run: RunFacts, places: Places, plant_code: str) -> TimedRun:
    center = places.work_centers.get(run.work_center_code or "")
    calendar: WorkingCalendar = places.calendar_of(
        work_center_code=run.work_center_code, plant_code=run.plant_code or plant_code
    )
    efficiency = center.efficiency_percentage if center else _FULL
    return TimedRun(
        sequence_number=run.sequence_number,
        predecessors=run.predecessors,
        setup_minutes=run.setup_minutes,
        run_minutes=run.run_minutes,
        calendar=calendar,
        wait_minutes=run.wait_minutes,
        planned_input=run.planned_input,
        planned_output=run.planned_output,
        units_per_product=run.units_per_product,
        transfer_batch_quantity=run.transfer_batch_quantity,
        setup_scrap_quantity=run.setup_scrap_quantity,
        unit_decimals=run.unit_decimals,
        time_basis=cast("Literal['per_unit', 'fixed', 'per_batch']", run.time_basis),
        batch_size=run.batch_size,
        efficiency_percentage=efficiency,  # type: ignore[arg-type]
    )


def _on_due_date(order: OrderFacts, zone: str, reason: str) -> Starts:
    at = datetime.combine(order.due_date, time.min, ZoneInfo(zone))
    message = f"No planned start could be found, so materials are needed on the due date: {reason}"
    warning = Fault(code="no_working_time", message=message)
    return Starts(
        first_on=order.due_date, of_run={}, otherwise=(at, order.due_date), warnings=(warning,)
    )
