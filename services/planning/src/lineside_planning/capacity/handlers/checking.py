"""Checking a batch of orders: three loads, pure decisions, one write, and what others must hear."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.envelope import Envelope
from lineside_contracts.planning import CapacityChecked
from lineside_planning.capacity.domain import answers, checking, families, orders as knowing
from lineside_planning.capacity.domain.centers import Center, Take
from lineside_planning.capacity.domain.checking import Check
from lineside_planning.capacity.domain.families import States
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
    def is_news(self) -> bool:
        """Whether there is anything to keep."""
        return self.after != self.before

    @property
    def is_checked(self) -> bool:
        """Whether its load is to be placed anew, or taken off."""
        return self.is_asked or (self.is_news and knowing.matters(self.before, self.after))


async def save(uow: UnitOfWork, changes: Sequence[Change], *, known: States) -> None:
    """Register what some news mean for orders, checking those for which it matters.

    Whose materials come from an order that is checked may have to be checked as well, once its
    children are: everybody above it has the same locks and turns.

    Args:
        uow: The unit of work.
        changes: One for each order with news.
        known: The orders as they were, locked, and their parents up to the top.
    """
    states = {**known, **{change.after.id: change.after for change in changes}}
    heard = [_hearing(change, states) for change in changes]
    due = {change.after.id: change for change in heard if change.is_checked}
    above = _above(due.values(), heard, states=states)
    for change in heard:
        if change.after.id not in due and change.after.id not in above and change.is_news:
            plans.save(uow, change.after, is_new=change.is_new)
    if due:
        await _check_all(uow, due, above=above, states=states)


def _hearing(change: Change, states: States) -> Change:
    after = families.with_children(change.after, states)
    return change if after is change.after else replace(change, after=after)


def _above(due: Iterable[Change], heard: Iterable[Change], *, states: States) -> dict[UUID, Change]:
    """The parents, up to the top, of orders that are checked; without those of them."""
    told = {change.after.id: change for change in heard}
    checked = {change.after.id for change in due}
    above: dict[UUID, Change] = {}
    for change in due:
        for parent in families.parents(change.after, states):
            if parent.id in above:
                break
            if parent.id not in checked:
                known = Change(parent, parent, change.cause)
                above[parent.id] = told.get(parent.id, known)
    return above


async def _check_all(
    uow: UnitOfWork,
    due: Mapping[UUID, Change],
    *,
    above: Mapping[UUID, Change],
    states: dict[UUID, OrderState],
) -> None:
    """Check orders, children before parents; of those above them whoever hears something new."""
    family = {**due, **above}
    floor = await _load(uow, family.values())
    for change in due.values():
        floor.give_back(change.before)
    floor.settle()
    for order in families.children_first([change.after for change in family.values()]):
        change = _hearing(family[order.id], states)
        if order.id in due:
            states[order.id] = _check(uow, floor, change)
        elif change.is_checked:
            floor.settle(floor.give_back(change.before))
            states[order.id] = _check(uow, floor, change)
        elif change.is_news:
            plans.save(uow, change.after, is_new=change.is_new)
    loads.save(uow, floor.centers)


async def _load(uow: UnitOfWork, changes: Collection[Change]) -> Floor:
    """Take the turns of all work centers that may be needed, and lay them out."""
    codes = {code for change in changes for code in _codes(change)}
    plants = {change.after.plant_code for change in changes}
    floor = await placing.load(uow, codes, plants, to_change=True)
    for change in changes:
        _known(floor, change.after)
    return floor


def _codes(change: Change) -> Iterable[str]:
    yield from change.before.placed
    for run in change.after.runs:
        yield run.center_code
        yield from run.alternates


def _known(floor: Floor, order: OrderState) -> Mapping[str, Center]:
    codes = {code for run in order.runs for code in (run.center_code, *run.alternates)}
    return floor.centers_of(codes, plant_code=order.plant_code)


def _check(uow: UnitOfWork, floor: Floor, change: Change) -> OrderState:
    order = change.after
    if not order.is_planned:
        after = replace(order, placed={}, said=None, completes_at=None)
        plans.save(uow, after, is_new=change.is_new)
        plans.save_runs(uow, change.before, after, found=None)
        return after
    plant = floor.plant(order.plant_code)
    found = checking.check(order, _known(floor, order), plant, now=floor.now)
    said = answers.said_by(order, found, plant)
    is_news = said != change.before.said
    after = replace(
        order,
        placed=_placed(found),
        said=said,
        completes_at=answers.instant(found.completes),
        version=order.version + is_news,
    )
    plans.save(uow, after, found=found, is_new=change.is_new)
    plans.save_runs(uow, change.before, after, found=found)
    if is_news:
        answer = answers.answer(after, found, version=after.version, now=uow.now)
        uow.emit(CapacityChecked(capacity_plan=answer), caused_by=change.cause)
    return after


def _placed(found: Check) -> dict[str, list[Take]]:
    placed: dict[str, list[Take]] = {}
    for task in found.left.ordered:
        takes = found.placed.get(task.number, ())
        if takes:
            placed.setdefault(task.center.facts.work_center_code, []).extend(takes)
    return placed
