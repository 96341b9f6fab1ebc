"""Overall equipment effectiveness of a lane in a shift, exact, with every edge case (RULES 30).

Source:
    RULES 30; S. Nakajima, Introduction to TPM (1988), for the three factors.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import reduce

from lineside_contracts.shopfloor import OeeFlag
from lineside_manufacturing import time_spans
from lineside_manufacturing.time_spans import Span
from lineside_shopfloor.reporting.domain import spans

MINUTE = 60_000_000
"""Microseconds in a minute."""


@dataclass(frozen=True, slots=True)
class Worked:
    """A stretch in which a work order was set up, ran or stood on a lane; open without `end`.

    Attributes:
        activity: setup, run or pause.
        start: Microseconds since 1970.
        end: The same; None while it goes on.
        operation_type: Of its work order.
    """

    activity: str
    start: int
    end: int | None
    operation_type: str = ""


@dataclass(frozen=True, slots=True)
class Pieces:
    """What was counted of one operation, without what came out of rework.

    Attributes:
        ideal_minutes: Of one piece by its standard; None where it has none.
    """

    good: Fraction = Fraction(0)
    scrap: Fraction = Fraction(0)
    rework: Fraction = Fraction(0)
    ideal_minutes: Fraction | None = Fraction(0)

    @property
    def count(self) -> Fraction:
        """All that was made."""
        return self.good + self.scrap + self.rework


@dataclass(frozen=True, slots=True)
class Figures:
    """The sums that effectiveness is made of: minutes and pieces."""

    planned: Fraction = Fraction(0)
    run: Fraction = Fraction(0)
    setup: Fraction = Fraction(0)
    stopped: Fraction = Fraction(0)
    ideal: Fraction = Fraction(0)
    good: Fraction = Fraction(0)
    scrap: Fraction = Fraction(0)
    rework: Fraction = Fraction(0)
    flags: frozenset[OeeFlag] = frozenset()

    @property
    def count(self) -> Fraction:
        """All that was made."""
        return self.good + self.scrap + self.rework


@dataclass(frozen=True, slots=True)
class Oee:
    """The factors and their product, 1 being all; None where one has no meaning."""

    availability: Fraction | None = None
    performance: Fraction | None = None
    quality: Fraction | None = None
    oee: Fraction | None = None


def measure(
    planned: Sequence[Span], worked: Sequence[Worked], pieces: Iterable[Pieces], *, now: int
) -> Figures:
    """Sum up a shift of a lane.

    Args:
        planned: The shift less breaks and planned maintenance; disjoint, ascending.
        worked: Intervals of all work on the lane, in any order, that may reach beyond the shift.
        pieces: What was counted in the shift, by operation.
        now: Microseconds since 1970; what is planned later does not count yet.

    Returns:
        Sums; run time is that in which at least one work order ran, setup that in which none ran,
        stopped the rest in which work stood. Open intervals end with the shift, or now.

    Raises:
        Nothing.
    """
    due = spans.until(planned, now)
    run = _union(worked, "run", due, now)
    setup = time_spans.without(_union(worked, "setup", due, now), run)
    busy = time_spans.merged([*run, *setup])
    stopped = time_spans.without(_union(worked, "pause", due, now), busy)
    counted = list(pieces)
    figures = Figures(
        planned=_minutes(due),
        run=_minutes(run),
        setup=_minutes(setup),
        stopped=_minutes(stopped),
        ideal=sum((p.count * (p.ideal_minutes or 0) for p in counted), Fraction(0)),
        good=sum((p.good for p in counted), Fraction(0)),
        scrap=sum((p.scrap for p in counted), Fraction(0)),
        rework=sum((p.rework for p in counted), Fraction(0)),
    )
    return flagged(figures, _noted(worked, counted, due, now))


def flagged(figures: Figures, noted: Iterable[OeeFlag] = ()) -> Figures:
    """Add what the figures themselves say to what was noted of them."""
    shown = {
        OeeFlag.PERFORMANCE_ABOVE_ONE: figures.run > 0 and figures.ideal > figures.run,
        OeeFlag.SCRAP_ABOVE_GOOD: figures.scrap > figures.good,
        OeeFlag.PIECES_WITHOUT_RUN: figures.run == 0 and figures.count > 0,
    }
    flags = frozenset(noted) | {flag for flag, is_so in shown.items() if is_so}
    return replace(figures, flags=flags)


def together(figures: Iterable[Figures]) -> Figures:
    """Sum numerators and denominators of several shifts or lanes; flags of any are kept."""
    summed = reduce(_plus, figures, Figures())
    return flagged(summed, summed.flags)


def oee_of(figures: Figures) -> Oee:
    """Divide (RULES 30).

    Args:
        figures: Of one shift, or of many together.

    Returns:
        All None without planned time. Without run time availability and OEE are 0, the others
        None. Without pieces quality is None, performance and OEE are 0. Performance may exceed 1.

    Raises:
        Nothing.
    """
    if not figures.planned:
        return Oee()
    if not figures.run:
        return Oee(availability=Fraction(0), oee=Fraction(0))
    availability = figures.run / figures.planned
    if not figures.count:
        return Oee(availability, performance=Fraction(0), oee=Fraction(0))
    performance = figures.ideal / figures.run
    quality = figures.good / figures.count
    return Oee(availability, performance, quality, availability * performance * quality)


def _plus(one: Figures, other: Figures) -> Figures:
    return Figures(
        planned=one.planned + other.planned,
        run=one.run + other.run,
        setup=one.setup + other.setup,
        stopped=one.stopped + other.stopped,
        ideal=one.ideal + other.ideal,
        good=one.good + other.good,
        scrap=one.scrap + other.scrap,
        rework=one.rework + other.rework,
        flags=one.flags | other.flags,
    )


def _union(worked: Sequence[Worked], activity: str, bounds: list[Span], now: int) -> list[Span]:
    of_kind = [
        spans.believed(each.start, each.end, now=now)
        for each in worked
        if each.activity == activity
    ]
    return spans.within(time_spans.merged(of_kind), bounds)


def _noted(
    worked: Sequence[Worked], counted: Sequence[Pieces], due: list[Span], now: int
) -> set[OeeFlag]:
    noted = set()
    going_on = [w for w in worked if w.end is None and w.activity != "pause"]
    still = [spans.believed(w.start, None, now=now) for w in going_on]
    if spans.within(time_spans.merged(still), due):
        noted.add(OeeFlag.OPEN_INTERVAL)
    if any(each.count and not each.ideal_minutes for each in counted):
        noted.add(OeeFlag.WITHOUT_STANDARD)
    return noted


def _minutes(measured: Iterable[Span]) -> Fraction:
    return Fraction(spans.length(measured), MINUTE)
