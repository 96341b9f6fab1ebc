"""Plants and work centers with their working calendars: pure values, built by `store.calendars`.

A work center works by its own calendar, else by its plant's, else by the standard one, in the
plant's zone, and not in maintenance windows of its own or of the whole plant (RULES 28).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from lineside_manufacturing import calendars
from lineside_manufacturing.calendars import WorkingCalendar
from lineside_manufacturing.stored_calendars import (
    STANDARD_CALENDAR,
    CalendarContent,
    CalendarSource,
    Closure,
    calendar_name,
    closures_of,
    working_calendar,
)

__all__ = [
    "STANDARD_CALENDAR",
    "CalendarContent",
    "CalendarSource",
    "Closure",
    "Places",
    "PlantFacts",
    "WorkCenterFacts",
    "calendar_name",
    "closures_of",
    "working_calendar",
]


@dataclass(frozen=True, slots=True)
class PlantFacts:
    """A plant; one nobody has told us of yet is in the tenant's zone and works as standard.

    Attributes:
        calendar_name: Code of the calendar it works by, for people.
        is_known: Whether it was told of.
    """

    plant_code: str
    time_zone: str
    calendar: WorkingCalendar
    calendar_name: str = STANDARD_CALENDAR
    is_known: bool = True


@dataclass(frozen=True, slots=True)
class WorkCenterFacts:
    """A work center.

    Attributes:
        parallel_units: Of its lanes that are not inactive, where it has lanes (RULES 11): may be 0;
            else its own.
        calendar_name: Code of the calendar it works by, for people.
    """

    work_center_code: str
    work_center_name: str
    plant_code: str
    time_zone: str
    calendar: WorkingCalendar
    calendar_name: str
    parallel_units: int
    efficiency_percentage: Decimal
    hourly_rate: Decimal
    overhead_rate: Decimal
    material_issue_method: Literal["backflush", "pick"]
    labour_role: str
    is_active: bool


@dataclass(frozen=True)
class Places:
    """What is known of the plants and work centers asked for.

    Attributes:
        time_zone: The tenant's.
    """

    time_zone: str
    plants: Mapping[str, PlantFacts]
    work_centers: Mapping[str, WorkCenterFacts]

    def plant(self, plant_code: str | None) -> PlantFacts:
        """Find a plant; an unknown one, or none, works as standard in the tenant's zone."""
        known = self.plants.get(plant_code or "")
        if known is not None:
            return known
        calendar = calendars.standard_calendar(self.time_zone)
        return PlantFacts(plant_code or "", self.time_zone, calendar, is_known=False)

    def calendar_of(
        self, *, work_center_code: str | None, plant_code: str | None
    ) -> WorkingCalendar:
        """Find the calendar that work goes by: the work center's, else the plant's."""
        center = self.work_centers.get(work_center_code or "")
        return center.calendar if center else self.plant(plant_code).calendar
