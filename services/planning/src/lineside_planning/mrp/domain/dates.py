"""The run's calendar: buckets, and from a need to its due and start dates, remembered.

One `PlanningDates` serves any number of items and calls; the same few dates are asked for again
and again, and a working calendar is slow to ask. Make it anew when settings or calendars change.
"""

from collections.abc import Mapping
from datetime import date, timedelta

from lineside_manufacturing.timelines import NoWorkingTime
from lineside_planning.mrp.domain.facts import Item, Settings
from lineside_planning.mrp.domain.working_day_index import WorkingDayIndex


class PlanningDates:
    """Settings with a memory.

    Attributes:
        settings: What it was made of.
        today: The planning date.
        buckets: For any date, the day its netting bucket is due: never before today.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.today = settings.today
        self.buckets: Mapping[date, date] = _Buckets(settings)
        self._offsets: dict[tuple[str, bool, int, int], Offsets] = {}
        self._calendars = {c: WorkingDayIndex(own) for c, own in settings.calendars.items()}

    def offsets(self, item: Item) -> "Offsets":
        """Give the dates of an item's orders.

        Args:
            item: The item.

        Returns:
            A mapping that answers for any need date; shared by items planned alike.

        Raises:
            Nothing.
        """
        key = (item.calendar, item.is_made, item.lead_time_days, item.safety_time_days)
        found = self._offsets.get(key)
        if found is None:
            calendar = self._calendars.get(item.calendar)
            found = self._offsets[key] = Offsets(item, calendar, self.today)
        return found


class _Buckets(dict[date, date]):
    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._today, self._is_week = settings.today, settings.bucket == "week"

    def __missing__(self, day: date) -> date:
        start = day
        if self._is_week and day.toordinal() > 7:  # noqa: PLR2004 - the first Monday there is
            start = day - timedelta(days=day.weekday())
        found = self[day] = max(start, self._today)
        return found


class Offsets(dict[date, tuple[date, date]]):
    """For a need date: when the order is due (arrives) and when it starts (is ordered).

    Making: `lead_time_days` working days, the due day not counted (RULES 20). Buying: RULES 22.
    Safety time comes first, in working days, and never before today. Where the calendar has no
    working time near, both are the need date, and the need is in `failed`.

    Attributes:
        failed: Needs without working time around them.
    """

    def __init__(self, item: Item, calendar: WorkingDayIndex | None, today: date) -> None:
        super().__init__()
        self._calendar, self._today = calendar, today
        self._is_made, self._lead = item.is_made, max(item.lead_time_days, 0)
        self._safety = max(item.safety_time_days, 0)
        self.failed: set[date] = set()

    def __missing__(self, need: date) -> tuple[date, date]:
        try:
            found = self._made(need) if self._is_made else self._bought(need)
        except (NoWorkingTime, OverflowError):
            self.failed.add(need)
            found = (need, need)
        self[need] = found
        return found

    def starts_for(self, due: date) -> date:
        """Say when an order with a given due date starts, without safety time.

        Args:
            due: When it is done or arrives.

        Returns:
            Lead time earlier; `due` itself, noted in `failed`, where there is no working time.

        Raises:
            Nothing.
        """
        try:
            return self._back(due, self._lead) if self._is_made else self._left(due)
        except (NoWorkingTime, OverflowError):
            self.failed.add(due)
            return due

    def _made(self, need: date) -> tuple[date, date]:
        due = self._wanted(need)
        return due, self._back(due, self._lead)

    def _bought(self, need: date) -> tuple[date, date]:
        if self._calendar is None:
            raise NoWorkingTime("the item's calendar is not known")
        arrives = self._calendar.on_or_before(self._wanted(need))
        return arrives, self._left(arrives)

    def _left(self, arrives: date) -> date:
        if self._calendar is None:
            raise NoWorkingTime("the item's calendar is not known")
        return self._calendar.on_or_before(arrives - timedelta(days=self._lead))

    def _wanted(self, need: date) -> date:
        if not self._safety:
            return need
        return max(self._back(need, self._safety), min(need, self._today))

    def _back(self, day: date, count: int) -> date:
        if not count:
            return day
        if self._calendar is None:
            raise NoWorkingTime("the item's calendar is not known")
        return self._calendar.back(day, count)
