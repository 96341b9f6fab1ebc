"""Work centers ready to be loaded: what master data say of them, and what is taken of them."""

from collections.abc import Iterable, Mapping

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_manufacturing import time_spans
from lineside_planning.capacity.domain import centers
from lineside_planning.capacity.domain.centers import Center, CenterFacts
from lineside_planning.capacity.domain.orders import OrderState
from lineside_planning.capacity.domain.plants import PlantDays
from lineside_planning.capacity.domain.tasks import NOWHERE
from lineside_planning.capacity.store import loads
from lineside_planning.master_data.domain.places import Places, WorkCenterFacts
from lineside_planning.master_data.store import calendars


class Floor:
    """The work centers and plants of one transaction."""

    def __init__(self, places: Places, taken: Mapping[str, Mapping[int, int]], *, now: int) -> None:
        self.now = now
        self._places = places
        self._taken = taken
        self._centers: dict[str, Center] = {}
        self._nowhere: dict[str | None, Center] = {}

    @property
    def centers(self) -> Iterable[Center]:
        """Those that were asked for so far."""
        return self._centers.values()

    def center(self, code: str, *, plant_code: str | None) -> Center:
        """A work center; one that nobody has told of is one unit in the order's plant."""
        known = self._centers.get(code)
        if known is None:
            facts = self._places.work_centers.get(code)
            made = _facts(facts) if facts else self._unknown(code, plant_code)
            known = centers.loaded(made, self._taken.get(code, {}), now=self.now)
            self._centers[code] = known
        return known

    def centers_of(self, codes: Iterable[str], *, plant_code: str | None) -> dict[str, Center]:
        """The work centers of an order, and where runs without one go."""
        found = {code: self.center(code, plant_code=plant_code) for code in codes if code}
        nowhere = self._nowhere.get(plant_code)
        if nowhere is None:
            nowhere = centers.loaded(self._without(plant_code), {}, now=self.now)
            self._nowhere[plant_code] = nowhere
        return {**found, NOWHERE: nowhere}

    def plant(self, plant_code: str | None) -> PlantDays:
        """A plant's days."""
        facts = self._places.plant(plant_code)
        return PlantDays(plant_code, facts.time_zone, facts.calendar)

    def give_back(self, order: OrderState) -> list[Center]:
        """Take off what an order has, so that it finds its place among the others; say where."""
        touched = []
        for code, takes in order.placed.items():
            center = self.center(code, plant_code=order.plant_code)
            center.give_back(takes)
            touched.append(center)
        return touched

    def settle(self, touched: Iterable[Center] | None = None) -> None:
        """Move late work on, once what is placed anew is given back: everywhere, or somewhere."""
        for center in self._centers.values() if touched is None else touched:
            center.settle()

    def _unknown(self, code: str, plant_code: str | None) -> CenterFacts:
        plant = self._places.plant(plant_code)
        return CenterFacts(
            code,
            None,
            plant_code,
            plant.calendar,
            1,
            is_known=False,
            calendar_name=plant.calendar_name,
        )

    def _without(self, plant_code: str | None) -> CenterFacts:
        plant = self._places.plant(plant_code)
        return CenterFacts(
            NOWHERE,
            None,
            plant_code,
            plant.calendar,
            None,
            calendar_name=plant.calendar_name,
        )


async def load(
    uow: UnitOfWork, codes: Iterable[str], plant_codes: Iterable[str | None], *, to_change: bool
) -> Floor:
    """Load some work centers with their load, and plants.

    Args:
        uow: The unit of work.
        codes: Work centers.
        plant_codes: Of the orders.
        to_change: Take the turn of the work centers first, so that nobody else changes them.
    """
    wanted = {code for code in codes if code}
    if to_change and wanted:
        await loads.take_turns(uow, wanted)
    places = await calendars.load(uow, work_center_codes=wanted, plant_codes=set(plant_codes))
    taken = await loads.load(uow, wanted, to_change=to_change) if wanted else {}
    return Floor(places, taken, now=time_spans.microseconds_of(uow.now))


def _facts(facts: WorkCenterFacts) -> CenterFacts:
    return CenterFacts(
        work_center_code=facts.work_center_code,
        work_center_name=facts.work_center_name,
        plant_code=facts.plant_code,
        calendar=facts.calendar,
        units=facts.parallel_units if facts.is_active else 0,
        efficiency_percentage=facts.efficiency_percentage,
        calendar_name=facts.calendar_name,
    )
