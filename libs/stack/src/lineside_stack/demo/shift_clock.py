"""When things happen on the demonstration's floor: in its latest early shift that is over.

Nobody waits eight hours for a demonstration: the terminals hand in a whole shift at once, as they
do after a day without a network, and each report says when it happened.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Berlin")
SHIFT_BEGINS = time(6)
SHIFT_ENDS = time(14)
BREAK_BEGINS = time(10)
BREAK = timedelta(minutes=30)
_FRIDAY = 4


@dataclass
class ShiftClock:
    """Local time on the floor; it goes on only when told.

    Attributes:
        on: The day of the shift.
    """

    on: date
    _now: datetime

    @classmethod
    def of_latest(cls, now: datetime) -> "ShiftClock":
        """Begin the latest early shift that has ended; nobody works at weekends."""
        local = now.astimezone(ZONE)
        on = local.date() if local.time() >= SHIFT_ENDS else local.date() - timedelta(days=1)
        while on.weekday() > _FRIDAY:
            on -= timedelta(days=1)
        return cls(on, datetime.combine(on, SHIFT_BEGINS, ZONE))

    @property
    def happened_at(self) -> str:
        """The present instant of the floor."""
        return self._now.isoformat()

    @property
    def shown(self) -> str:
        """The present time as the clock on the wall shows it."""
        return f"{self._now:%H:%M}"

    def pass_minutes(self, minutes: float) -> None:
        """Let time go by; what reaches into the break goes on after it."""
        begins = datetime.combine(self.on, BREAK_BEGINS, ZONE)
        later = self._now + timedelta(minutes=minutes)
        self._now = later + BREAK if self._now < begins < later else later
