"""Pegging of one item: which supply serves which demand, first needed from first there.

Netting has made sure that in every bucket there is enough, so walking both sides in order serves
every demand wholly and in time. The safety stock is served like a demand of the first bucket.
"""

from collections.abc import Sequence

from lineside_planning.mrp.domain.needs import Need, Source
from lineside_planning.mrp.domain.plans import Peg


def serve(needs: Sequence[Need], sources: Sequence[Source]) -> list[Peg]:
    """Match demands and supplies, both in their order.

    Args:
        needs: Demands, sorted.
        sources: Supplies, sorted; in all at least what the demands take.

    Returns:
        The pegs, in the order of the demands.

    Raises:
        Nothing.
    """
    pegs: list[Peg] = []
    supplies = iter(sources)
    offered: Source | None = None
    left = 0
    for _, on, demand_kind, demand, quantity in needs:
        open_quantity = quantity
        while open_quantity:
            if offered is None or not left:
                offered = next(supplies, None)
                if offered is None:
                    return pegs
                left = offered.quantity
            _, _, there, kind, supply, _ = offered
            taken = min(left, open_quantity)
            pegs.append(Peg(demand_kind, demand, on, kind, supply, there, taken))
            open_quantity -= taken
            left -= taken
    return pegs
