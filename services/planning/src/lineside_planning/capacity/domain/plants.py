"""Where an order's days begin and end: its plant's zone and calendar."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from lineside_manufacturing import time_spans
from lineside_manufacturing.calendars import NoWorkingTime, WorkingCalendar


@dataclass(frozen=True, slots=True)
class PlantDays:
    """A plant as far as time goes.

    Attributes:
        plant_code: None where nobody knows the order's plant: days are those of UTC then.
        time_zone: IANA name.
        calendar: The plant's own, else the standard one.
    """

    plant_code: str | None
    time_zone: str
    calendar: WorkingCalendar

    def due(self, on: date) -> int:
        """The end of the last working period of a date, or of the working day before (RULES 26)."""
        try:
            return time_spans.microseconds_of(self.calendar.end_of_working_day(on))
        except (NoWorkingTime, OverflowError):
            return self.midnight(on + timedelta(days=1))

    def midnight(self, on: date) -> int:
        """Where a date begins; what arrives on it counts for all of it (RULES 22)."""
        wall = datetime.combine(on, time())
        return time_spans.local_microseconds(wall, ZoneInfo(self.time_zone))

    def date_of(self, moment: int) -> date:
        """The local date of a moment."""
        return time_spans.instant_of(moment).astimezone(ZoneInfo(self.time_zone)).date()

    def working_date_of(self, moment: int) -> date:
        """The first date by whose end, as due dates go, a moment has come."""
        day = self.date_of(moment) - timedelta(days=1)
        try:
            while self.due(day) < moment:
                day = self.calendar.next_working_day(day)
        except NoWorkingTime:
            return self.date_of(moment)
        return day
