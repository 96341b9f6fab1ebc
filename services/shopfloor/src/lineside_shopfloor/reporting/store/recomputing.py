"""Recomputes cells: everything a production date of a lane comes to, from what happened in it.

Whoever recomputes takes the lane's turn first (an advisory lock of the transaction), then reads:
of two replicas with the same lane the later one sees all that the earlier one saw. What comes out
the same is neither written nor said, so that hearing an event twice changes nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from sqlalchemy import text

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.envelope import Envelope
from lineside_contracts.shopfloor import OeeCalculated, OeeCalculation
from lineside_manufacturing import time_spans
from lineside_manufacturing.time_spans import Span
from lineside_shopfloor.reporting.domain import cells as deciding, figures
from lineside_shopfloor.reporting.domain.cells import Cell, CellFacts
from lineside_shopfloor.reporting.domain.effectiveness import Worked
from lineside_shopfloor.reporting.domain.timetables import Slot
from lineside_shopfloor.reporting.store import facts, kept
from lineside_shopfloor.reporting.store.facts import Place, Stretch
from lineside_shopfloor.reporting.store.kept import OeeKey
from lineside_shopfloor.reporting.store.lane_times import NO_LANE, LaneTime

_TAKE_TURNS = text("""
SELECT pg_advisory_xact_lock(hashtextextended(turn, 0))
FROM unnest(CAST(:turns AS text[])) AS t (turn)
""")


@dataclass(frozen=True, slots=True)
class Laid:
    """A cell with its lane and the slots of its date."""

    cell: Cell
    lane: LaneTime
    slots: Sequence[Slot]

    @property
    def span(self) -> Span:
        """From the first moment that may belong to the date to the last."""
        return min(s.span[0] for s in self.slots), max(s.span[1] for s in self.slots)


@dataclass(frozen=True, slots=True)
class Causes:
    """The events because of which something is recomputed: by lane, and of lanes not in there."""

    by_lane: Mapping[UUID, Envelope] = field(default_factory=dict)
    otherwise: Envelope | None = None

    def of(self, lane_id: UUID) -> Envelope | None:
        """Tell what is said to have caused the new figures of a lane."""
        return self.by_lane.get(lane_id, self.otherwise)


_NOBODY = Causes()


async def recompute(
    uow: UnitOfWork,
    wanted: Iterable[tuple[LaneTime, date]],
    *,
    causes: Causes = _NOBODY,
) -> int:
    """Recompute some production dates of lanes, and say whose effectiveness is other than before.

    Args:
        uow: The transaction; its turn with these lanes ends with it.
        wanted: Lanes and dates.
        causes: The events that asked for it.

    Returns:
        How many calculations of effectiveness changed.

    Raises:
        Nothing of its own.
    """
    laid = _laid_out(wanted)
    if not laid:
        return 0
    await take_turns(uow, [each.lane for each in laid])
    found = await _facts(uow, laid)
    listed = [each.cell for each in laid]
    now = time_spans.microseconds_of(uow.now)
    summaries = {c: deciding.summary_of(c, found[c], now=now) for c in listed}
    kept.save_summary(uow, summaries, await kept.summary_keys(uow, listed))
    known = await kept.calculations(uow, [cell for cell in listed if cell.lane_id != NO_LANE])
    changed = [state for each in laid for state in calculated(uow, each, found[each.cell], known)]
    kept.save_calculations(uow, changed)
    for state in changed:
        uow.emit(OeeCalculated(oee=state), caused_by=causes.of(state.lane_id))
    return len(changed)


async def take_turns(uow: UnitOfWork, lanes: Iterable[LaneTime]) -> None:
    """Wait until nobody else recomputes these lanes; in one order, whoever asks."""
    turns = sorted({f"oee {uow.tenant_id} {lane.plant_code} {lane.lane_id}" for lane in lanes})
    await uow.connection.execute(_TAKE_TURNS, {"turns": turns})


async def facts_now(
    uow: UnitOfWork, wanted: Iterable[tuple[LaneTime, date]]
) -> list[tuple[Laid, CellFacts]]:
    """Load what some dates of lanes come to as of now, without keeping it."""
    laid = _laid_out(wanted)
    found = await _facts(uow, laid) if laid else {}
    return [(each, found[each.cell]) for each in laid]


def calculated(
    uow: UnitOfWork, laid: Laid, found: CellFacts, known: Mapping[OeeKey, OeeCalculation]
) -> Iterable[OeeCalculation]:
    """Give the states that are other than what is kept."""
    if laid.lane.lane_id == NO_LANE:
        return
    day = laid.cell.production_date
    measured = deciding.effectiveness_of(laid.cell, found, now=time_spans.microseconds_of(uow.now))
    for shift in laid.lane.timetable.shifts_of(day):
        if shift.name not in measured:
            continue
        before = known.get((laid.lane.lane_id, day, shift.name))
        state = OeeCalculation(
            **figures.shown(measured[shift.name]),
            id=before.id if before else uow.new_id(),
            version=before.version + 1 if before else 1,
            plant_code=laid.lane.plant_code,
            lane_id=laid.lane.lane_id,
            lane_number=laid.lane.lane_number or "",
            production_date=day,
            shift=shift.name,
            starts_at=time_spans.instant_of(shift.start),
            ends_at=time_spans.instant_of(shift.end),
            is_final=time_spans.instant_of(shift.end) <= uow.now,
            calculated_at=uow.now,
        )
        if before is None or not _same(before, state):
            yield state


def _laid_out(wanted: Iterable[tuple[LaneTime, date]]) -> list[Laid]:
    found = {}
    for lane, day in wanted:
        cell = Cell(lane.lane_id, lane.plant_code, day)
        if cell not in found and (slots := lane.timetable.slots_of(day)):
            found[cell] = Laid(cell, lane, slots)
    return [found[cell] for cell in sorted(found)]


async def _facts(uow: UnitOfWork, laid: Sequence[Laid]) -> dict[Cell, CellFacts]:
    stretches = [Stretch(each.lane.key, slot.span) for each in laid for slot in each.slots]
    counted = iter(await facts.counted(uow, stretches))
    happened = await facts.happened(uow, _ranges(laid))
    return {
        each.cell: CellFacts(
            timetable=each.lane.timetable,
            worked=_during(happened[each.lane.key].worked, each.span),
            counted={slot: next(counted) for slot in each.slots},
            maintained=happened[each.lane.key].maintained,
        )
        for each in laid
    }


def _during(worked: Sequence[Worked], span: Span) -> list[Worked]:
    start, end = span
    return [one for one in worked if one.start < end and (one.end is None or one.end > start)]


def _ranges(laid: Sequence[Laid]) -> list[Stretch]:
    """One range per lane, over all of its dates."""
    found: dict[Place, Span] = {}
    for each in laid:
        start, end = each.span
        known = found.get(each.lane.key, (start, end))
        found[each.lane.key] = min(start, known[0]), max(end, known[1])
    return [Stretch(place, span) for place, span in found.items()]


def _same(one: OeeCalculation, other: OeeCalculation) -> bool:
    passing = {"version", "calculated_at"}
    return one.model_dump(exclude=passing) == other.model_dump(exclude=passing)
