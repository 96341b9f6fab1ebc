"""Proposals of MRP that a person firmed: a bought part gets a requisition without an order.

The peg carries the proposal's id, and the database keeps it unique: saying it twice buys once.
"""

from collections.abc import Sequence

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.envelope import Received
from lineside_contracts.planning import PlannedOrderFirmed
from lineside_planning.materials.domain import requisitions
from lineside_planning.materials.domain.movements import PoolKey
from lineside_planning.materials.domain.requisitions import FirmedNeed
from lineside_planning.materials.store import bench as benches, requisition_pages
from lineside_planning.materials.store.bench import Wanted


async def on_planned_orders_firmed(
    uow: UnitOfWork, events: Sequence[Received[PlannedOrderFirmed]]
) -> None:
    """Raise requisitions for what is bought; what is made becomes an order elsewhere."""
    bought = [event for event in events if event.payload.planned_order.make_or_buy == "buy"]
    if not bought:
        return
    proposals = [event.payload.planned_order for event in bought]
    raised = await requisition_pages.of_planned_orders(uow, [p.id for p in proposals])
    wanted = Wanted(
        pools={PoolKey(p.product_code, p.plant_code) for p in proposals},
        dates={p.due_on for p in proposals},
        requisitions=raised,
        waiting=False,
    )
    bench = await benches.load(uow, wanted)
    for event, proposal in zip(bought, proposals, strict=True):
        key = PoolKey(proposal.product_code, proposal.plant_code)
        if key in bench.pools:
            need = FirmedNeed(proposal.id, key, proposal.due_on, proposal.quantity)
            requisitions.firm(bench, need, uow.actor_of(event.envelope))
    await benches.save(uow, bench, cause=bought[-1].envelope)
