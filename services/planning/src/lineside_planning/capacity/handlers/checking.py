"""Checking a batch of orders: three loads, pure decisions, one write, and what others must hear."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.envelope import Envelope
from lineside_contracts.planning import CapacityChecked
from lineside_planning.capacity.domain import answers, checking, orders as knowing
from lineside_planning.capacity.domain.centers import Center, Take
from lineside_planning.capacity.domain.checking import Check
from lineside_planning.capacity.domain.orders import OrderState
from lineside_planning.capacity.store import loads, placing, plans
from lineside_planning.capacity.store.placing import Floor


@dataclass(frozen=True, slots=True)
class Change:
    """An order before and after some news.

    Attributes:
        cause: The event that brought them.
        is_new: Whether nothing was known of it.
        is_asked: Whether it is to be checked whatever the news say.
    """

    before: OrderState
    after: OrderState
    cause: Envelope
    is_new: bool = False
    is_asked: bool = False

    @property
    def is_checked(self) -> bool:
        """Whether its load is to be placed anew, or taken off."""
        return self.is_asked or knowing.matters(self.before, self.after)


async def save(uow: UnitOfWork, changes: Sequence[Change]) -> None:
    """Register what some news mean for orders, checking those for which it matters."""
    checked = [change for change in changes if change.is_checked]
    for change in changes:
        if not change.is_checked and (change.is_new or change.after != change.before):
            plans.save(uow, change.after, is_new=change.is_new)
    if not checked:
        return
    floor = await placing.load(
        uow,
        {code for change in checked for code in _codes(change)},
        {change.after.plant_code for change in checked},
        to_change=True,
    )
    _give_back(floor, checked)
    for change in sorted(checked, key=lambda change: change.after.turn):
        _check(uow, floor, change)
    loads.save(uow, floor.centers)


def _codes(change: Change) -> Iterable[str]:
    yield from change.before.placed
    for run in change.after.runs:
        yield run.center_code
        yield from run.alternates


def _give_back(floor: Floor, checked: Sequence[Change]) -> None:
    """Take off what the orders have, so that each finds its place among the others."""
    for change in checked:
        for code, takes in change.before.placed.items():
            floor.center(code, plant_code=change.after.plant_code).give_back(takes)
        _known(floor, change.after)
    floor.settle()


def _known(floor: Floor, order: OrderState) -> Mapping[str, Center]:
    codes = {code for run in order.runs for code in (run.center_code, *run.alternates)}
    return floor.centers_of(codes, plant_code=order.plant_code)


def _check(uow: UnitOfWork, floor: Floor, change: Change) -> None:
    order = change.after
    if not order.is_planned:
        after = replace(order, placed={}, said=None)
        plans.save(uow, after, is_new=change.is_new)
        plans.save_runs(uow, change.before, after, found=None)
        return
    plant = floor.plant(order.plant_code)
    found = checking.check(order, _known(floor, order), plant, now=floor.now)
    said = answers.said_by(order, found, plant)
    is_news = said != change.before.said
    after = replace(
        order,
        placed=_placed(found),
        said=said,
        version=order.version + is_news,
    )
    plans.save(uow, after, found=found, is_new=change.is_new)
    plans.save_runs(uow, change.before, after, found=found)
    if is_news:
        answer = answers.answer(after, found, version=after.version, now=uow.now)
        uow.emit(CapacityChecked(capacity_plan=answer), caused_by=change.cause)


def _placed(found: Check) -> dict[str, list[Take]]:
    placed: dict[str, list[Take]] = {}
    for task in found.left.ordered:
        takes = found.placed.get(task.number, ())
        if takes:
            placed.setdefault(task.center.facts.work_center_code, []).extend(takes)
    return placed
