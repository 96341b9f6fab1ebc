"""Where the supply of a production order comes from, and whom it serves: down to the ends."""

from lineside_chassis.requests import Requests
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts import planning
from lineside_contracts.planning import GetPegging, Pegging, PeggingNode
from lineside_contracts.problems import Problem
from lineside_planning.mrp.requests import access
from lineside_planning.mrp.store import chains, naming
from lineside_planning.mrp.store.chains import Link
from lineside_planning.mrp.store.naming import Names


def register(requests: Requests) -> None:
    """Answer the request about pegging."""
    requests.answer(planning.GET_PEGGING)(get_pegging)


async def get_pegging(uow: UnitOfWork, request: GetPegging) -> Pegging | Problem:
    """Follow an order's chain in both directions."""
    order_id = request.production_order_id
    order = await chains.find_order(uow, order_id)
    if order is None:
        facts = {"production_order_id": str(order_id)}
        return access.not_found("production order", order_id, **facts)
    access.require_plant(uow, order.plant_code)
    pool = (order.product_code, order.plant_code)
    above = await chains.upstream(uow, order_id, pool)
    below = await chains.downstream(uow, order_id, pool)
    names = await naming.load(uow, naming.ids_of(link.own.peg for link in [*above, *below]))
    return Pegging(
        production_order_id=order_id,
        production_order_number=order.production_order_number,
        serves=tuple(_node(link, names) for link in above),
        served_by=tuple(_node(link, names) for link in below),
    )


def _node(link: Link, names: Names) -> PeggingNode:
    return PeggingNode(
        level=link.level,
        direction=link.direction,
        product_code=link.own.pool[0],
        peg=naming.peg(link.own.peg, names, link.own.decimals),
    )
