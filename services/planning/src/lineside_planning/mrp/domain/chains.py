"""Pegging over many items: from a sales line down to what is bought for it, and back up.

Pegs of one item say which of its supplies serves which of its demands. An order's id is a supply id
in its own item and a demand id (kind `order`) in those of its components: following it in either
direction gives the tree a planner looks at.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from lineside_planning.mrp.domain.plans import ItemPlan, Peg

MAX_NODES = 10_000
"""A tree ends here: an order that serves a thousand others must not fill a page or the memory."""


@dataclass(frozen=True, slots=True)
class ItemPeg:
    """A peg and whose it is.

    Attributes:
        item: Key of the item both sides are of.
        peg: The peg.
    """

    item: str
    peg: Peg


@dataclass(frozen=True, slots=True)
class PegNode:
    """One peg in a tree.

    Attributes:
        item: Key of the item.
        peg: What serves what.
        children: Downwards: pegs of the components that the serving order takes; upwards: pegs
            of the order that takes this item.
        is_cut: Whether the tree ended here for its size.
    """

    item: str
    peg: Peg
    children: tuple["PegNode", ...]
    is_cut: bool = False


FindPegs = Callable[[str], Sequence[ItemPeg]]
"""Pegs by an id, in order."""


class PegIndex:
    """Pegs of any number of plans, found from both sides.

    Attributes:
        owners: As given.
        by_demand: What serves a demand, or the components of an order (by the order's id).
        by_supply: What a supply, a planned order or a by-product's order serves.
    """

    def __init__(self, plans: Iterable[ItemPlan], owners: Mapping[str, str] | None = None) -> None:
        """Gather pegs.

        Args:
            plans: The plans to look in.
            owners: For a demand that is the known component of an order: that order's supply id.
        """
        self.owners = owners or {}
        demands: defaultdict[str, list[ItemPeg]] = defaultdict(list)
        supplies: defaultdict[str, list[ItemPeg]] = defaultdict(list)
        for plan in plans:
            for peg in plan.pegs:
                row = ItemPeg(plan.item, peg)
                demands[self.owners.get(peg.demand_id, peg.demand_id)].append(row)
                supplies[peg.supply_id].append(row)
        self.by_demand: FindPegs = lambda own: demands.get(own, [])
        self.by_supply: FindPegs = lambda own: supplies.get(own, [])


def serving(demand_id: str, by_demand: FindPegs) -> tuple[PegNode, ...]:
    """Follow a demand (or an order's components) down to stock, receipts and what is bought.

    Args:
        demand_id: A demand's id, or an order's.
        by_demand: Finds pegs by demand id.

    Returns:
        The trees of what serves it, as far as `MAX_NODES`.

    Raises:
        Nothing.
    """
    return _Tree(by_demand, _order_that_takes).of(demand_id)


def served(
    supply_id: str, by_supply: FindPegs, owners: Mapping[str, str] | None = None
) -> tuple[PegNode, ...]:
    """Follow a planned order or receipt up to the demands it is for.

    Args:
        supply_id: A planned order's or a supply's id.
        by_supply: Finds pegs by supply id.
        owners: For a demand that is the known component of an order: that order's supply id.

    Returns:
        The trees of what it serves, as far as `MAX_NODES`.

    Raises:
        Nothing.
    """
    known = owners or {}

    def onward(peg: Peg) -> str:
        own = peg.demand_id
        return known.get(own, "") if peg.demand_kind == "demand" else own

    return _Tree(by_supply, onward).of(supply_id)


def _order_that_takes(peg: Peg) -> str:
    """The serving order's id; its components are its demands. Stock takes nothing."""
    return "" if peg.supply_kind in ("stock", "by_product") else peg.supply_id


class _Tree:
    def __init__(self, find: FindPegs, onward: Callable[[Peg], str]) -> None:
        self._find, self._onward, self._count = find, onward, 0

    def of(self, own: str) -> tuple[PegNode, ...]:
        """Build the trees that begin at an id; low-level codes end the descent."""
        return tuple(self._node(row) for row in (self._find(own) if own else ()))

    def _node(self, row: ItemPeg) -> PegNode:
        self._count += 1
        if self._count > MAX_NODES:
            return PegNode(row.item, row.peg, (), is_cut=True)
        return PegNode(row.item, row.peg, self.of(self._onward(row.peg)))
