"""Effectiveness as it is kept, of a lane by shift or of a plant by group, summed where it lies.

Shifts that have not ended are measured as of now in place of what is kept of them, also where
nothing was reported yet.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, literal, select

from lineside_chassis.tables import one_of
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.shopfloor import OeeCalculation, OeeFlag
from lineside_shopfloor.reporting.domain import effectiveness, figures
from lineside_shopfloor.reporting.domain.cells import Cell
from lineside_shopfloor.reporting.domain.effectiveness import Figures
from lineside_shopfloor.reporting.store import kept, lane_times, recomputing
from lineside_shopfloor.reporting.store.kept import OEE

_TWO_DAYS = timedelta(days=2)

GROUPS: dict[str, tuple[str, ...]] = {
    "lane": ("lane_id", "lane_number"),
    "shift": ("shift",),
    "day": ("production_date",),
    "plant": (),
}
_SUMS = {
    "planned": OEE.c.planned_minutes,
    "run": OEE.c.run_minutes,
    "setup": OEE.c.setup_minutes,
    "stopped": OEE.c.stopped_minutes,
    "ideal": OEE.c.ideal_minutes,
    "good": OEE.c.good_quantity,
    "scrap": OEE.c.scrap_quantity,
    "rework": OEE.c.rework_quantity,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """Which shifts: those of a plant (or one of its lanes) between two dates, both included."""

    plant_code: str
    from_date: date
    to_date: date
    lane_id: UUID | None = None

    @property
    def conditions(self) -> list[ColumnElement[bool]]:
        """The same of kept rows."""
        c = OEE.c
        found: list[ColumnElement[bool]] = [
            c.plant_code == self.plant_code,
            c.production_date.between(self.from_date, self.to_date),
        ]
        return found if self.lane_id is None else [*found, c.lane_id == self.lane_id]


@dataclass(frozen=True, slots=True)
class Group:
    """What some shifts come to.

    Attributes:
        named: What they have in common, by field.
    """

    named: dict[str, Any] = field(default_factory=dict)
    figures: Figures = field(default_factory=Figures)
    shift_count: int = 0

    def plus(self, other: "Group") -> "Group":
        """Add the shifts of another group of the same name."""
        summed = effectiveness.together([self.figures, other.figures])
        return Group(self.named, summed, self.shift_count + other.shift_count)


async def shifts(uow: UnitOfWork, asked: Asked) -> list[OeeCalculation]:
    """Load shift by shift, in the order of date, lane and start."""
    rows = (await uow.connection.execute(select(OEE).where(*asked.conditions))).all()
    found = {state.id: state for state in map(kept.calculation, rows)}
    found |= {state.id: state for state in await _going_on(uow, asked)}
    return sorted(found.values(), key=lambda s: (s.production_date, s.lane_number, s.starts_at))


async def groups(uow: UnitOfWork, asked: Asked, group_by: str) -> tuple[list[Group], Group]:
    """Sum shifts by group, and all together.

    Args:
        uow: The transaction.
        asked: Which shifts.
        group_by: A key of `GROUPS`.
    """
    names = GROUPS[group_by]
    going_on = await _going_on(uow, asked)
    listed = await _kept_groups(uow, asked, names, without=[state.id for state in going_on])
    listed += [_group_of(state, names) for state in going_on]
    found: dict[tuple[Any, ...], Group] = {}
    for each in listed:
        key = tuple(each.named.values())
        found[key] = found[key].plus(each) if key in found else each
    total = Group(
        {},
        effectiveness.together(each.figures for each in found.values()),
        sum(each.shift_count for each in found.values()),
    )
    return sorted(found.values(), key=_order), total


async def _kept_groups(
    uow: UnitOfWork, asked: Asked, names: Sequence[str], *, without: Sequence[UUID]
) -> list[Group]:
    columns = [OEE.c[name] for name in names]
    query = select(
        *columns,
        func.count().label("shift_count"),
        *(func.sum(column).label(name) for name, column in _SUMS.items()),
        *(func.bool_or(literal(flag.value) == OEE.c.flags.any_()).label(flag) for flag in OeeFlag),
    ).where(*asked.conditions, ~one_of(OEE.c.id, list(without)))
    rows = (await uow.connection.execute(query.group_by(*columns))).mappings().all()
    return [
        Group(
            {name: row[name] for name in names},
            Figures(
                **{name: Fraction(row[name]) for name in _SUMS},
                flags=frozenset(flag for flag in OeeFlag if row[flag]),
            ),
            row["shift_count"],
        )
        for row in rows
        if row["shift_count"]
    ]


def _order(group: Group) -> list[str]:
    return [str(group.named.get(name)) for name in ("lane_number", "production_date", "shift")]


def _group_of(state: OeeCalculation, names: Sequence[str]) -> Group:
    return Group({name: getattr(state, name) for name in names}, figures.read(state), 1)


async def _going_on(uow: UnitOfWork, asked: Asked) -> list[OeeCalculation]:
    today = uow.now.date()
    if not asked.from_date - _TWO_DAYS <= today <= asked.to_date + _TWO_DAYS:
        return []
    times = await lane_times.load_plant(
        uow, asked.plant_code, since=uow.now - _TWO_DAYS, lane_id=asked.lane_id
    )
    wanted = [(lane, lane.timetable.production_date_of(uow.now)) for lane in times.lanes.values()]
    cells = [Cell(lane.lane_id, lane.plant_code, day) for lane, day in wanted]
    before = await kept.calculations(uow, cells)
    measured: Iterable[OeeCalculation] = (
        state
        for laid, facts in await recomputing.facts_now(uow, wanted)
        for state in recomputing.calculated(uow, laid, facts, before)
    )
    return [
        state
        for state in measured
        if not state.is_final and asked.from_date <= state.production_date <= asked.to_date
    ]
