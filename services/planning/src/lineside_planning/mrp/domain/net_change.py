"""Net change: re-plan what an event touched, and below it only what that changes.

I/O-free and in waves, one per low-level code, so that a store loads each wave with a few queries:

    change = NetChange(dates, touched={"FG-1@MAIN": 0})
    while change.wave:
        change.plan(load(change.wave))
    save(change.changes)

What re-planned parents need now replaces what was kept of them, so nothing need be written before
the end. An item whose plan comes out as it was touches nobody. The result is the plan that
`engine.regenerate` gives for the same facts, row for row: both call `item_planning.plan_item`.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from lineside_planning.mrp.domain import item_planning, plans
from lineside_planning.mrp.domain.dates import PlanningDates
from lineside_planning.mrp.domain.facts import ItemInputs
from lineside_planning.mrp.domain.plans import ItemPlan, PlanChange, Requirement


@dataclass(frozen=True, slots=True)
class WaveItem:
    """One item of a wave, as loaded.

    Attributes:
        inputs: Its facts; `requirements` as kept, before this net change.
        kept: Its plan as kept; an empty one where there is none.
    """

    inputs: ItemInputs
    kept: ItemPlan


class NetChange:
    """One re-planning, from what was touched down to where nothing changes.

    Attributes:
        wave: Keys to load next, all of one low-level code, sorted; () when done.
        changes: What came out otherwise than it was kept, by item.
        planned_count: Items planned so far.
    """

    def __init__(self, dates: PlanningDates, touched: Mapping[str, int]) -> None:
        """Begin with what an event touched.

        Args:
            dates: Of the run; may be kept and used again while settings and calendars hold.
            touched: Items whose facts changed, with their low-level codes: stock, demand, supply,
                master data, bill, a component that appeared or went, cycle.
        """
        self._dates = dates
        self._waiting: defaultdict[int, set[str]] = defaultdict(set)
        self._replanned: dict[str, Mapping[str, list[Requirement]]] = {}
        self._parents: defaultdict[str, set[str]] = defaultdict(set)
        self.changes: dict[str, PlanChange] = {}
        self.planned_count = 0
        for key, code in touched.items():
            self._waiting[code].add(key)

    @property
    def wave(self) -> tuple[str, ...]:
        """Keys to load next."""
        return tuple(sorted(self._waiting[min(self._waiting)])) if self._waiting else ()

    def plan(self, loaded: Sequence[WaveItem]) -> tuple[PlanChange, ...]:
        """Plan a wave.

        Args:
            loaded: Every item of `wave`, in any order.

        Returns:
            The items of this wave that came out otherwise than they were kept.

        Raises:
            ValueError: If other items were loaded than the wave names.
        """
        if tuple(sorted(each.inputs.key for each in loaded)) != self.wave:
            raise ValueError("a wave is planned as a whole and alone")
        del self._waiting[min(self._waiting)]
        for each in loaded:
            self._plan(each)
        self.planned_count += len(loaded)
        keys = (each.inputs.key for each in loaded)
        return tuple(self.changes[key] for key in keys if key in self.changes)

    def _plan(self, each: WaveItem) -> None:
        key = each.inputs.key
        after = item_planning.plan_item(self._up_to_date(each.inputs), self._dates)
        before = self.changes[key].after if key in self.changes else each.kept
        if plans.same(each.kept, after):
            self.changes.pop(key, None)
        else:
            self.changes[key] = PlanChange(each.kept, after)
        if before is not after and not plans.same(before, after):
            self._touch_below(before, after, each.inputs.component_codes)

    def _up_to_date(self, inputs: ItemInputs) -> ItemInputs:
        key, parents = inputs.key, self._parents.get(inputs.key)
        if not parents:
            return inputs
        requirements = [r for r in inputs.requirements if r.parent not in parents]
        for parent in sorted(parents):
            requirements += self._replanned[parent].get(key, ())
        return replace(inputs, requirements=requirements)

    def _touch_below(
        self, before: ItemPlan, after: ItemPlan, component_codes: Mapping[str, int]
    ) -> None:
        was, now = _by_component(before), _by_component(after)
        self._replanned[after.item] = now
        for component in was.keys() | now.keys():
            if not _alike(was.get(component, []), now.get(component, [])):
                self._parents[component].add(after.item)
                self._waiting[component_codes.get(component, 0)].add(component)


def _by_component(plan: ItemPlan) -> dict[str, list[Requirement]]:
    found: dict[str, list[Requirement]] = {}
    for requirement in plan.requirements:
        found.setdefault(requirement.component, []).append(requirement)
    return found


def _alike(one: list[Requirement], other: list[Requirement]) -> bool:
    return one == other or sorted(one) == sorted(other)
