"""Orders that are made for each other: children feed their parents, up to what is sold.

A parent's materials from a child are there when the child is done, so children are checked first
and tell their parents. An order has one parent; that orders form a circle is a mistake in somebody
else's data, and then every order still has its turn once.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from uuid import UUID

from lineside_manufacturing import topology
from lineside_planning.capacity.domain.material_dates import MaterialDate
from lineside_planning.capacity.domain.orders import OrderState

States = Mapping[UUID, OrderState]


def with_children(order: OrderState, states: States) -> OrderState:
    """Take the estimates of an order's children.

    Args:
        order: The parent.
        states: Orders as they are now; of a child that is not among them the last estimate stays.
    """
    if all(material.child_id is None for material in order.materials):
        return order
    materials = tuple([_with_child(material, states) for material in order.materials])
    return order if materials == order.materials else replace(order, materials=materials)


def _with_child(material: MaterialDate, states: States) -> MaterialDate:
    child = states.get(material.child_id) if material.child_id is not None else None
    if child is None or child.is_over or child.estimate == material.made:
        return material
    return replace(material, made=child.estimate)


def parents(order: OrderState, states: States) -> Iterator[OrderState]:
    """The parent of an order, its parent, and so on, as far as they are known; each once."""
    walked = {order.id}
    while order.parent_id is not None and order.parent_id not in walked:
        above = states.get(order.parent_id)
        if above is None:
            return
        yield above
        walked.add(above.id)
        order = above


def missing_parents(states: States) -> set[UUID]:
    """Parents that are not among some orders; of an order that is over nobody asks for them."""
    asked = {order.parent_id for order in states.values() if not order.is_over}
    return {parent_id for parent_id in asked if parent_id is not None} - states.keys()


def children_first(orders: Iterable[OrderState]) -> list[OrderState]:
    """Put orders in the order in which they are placed: by turn, no parent before its child."""
    by_turn = sorted(orders, key=lambda order: order.turn)
    place = {order.id: index for index, order in enumerate(by_turn)}
    before: dict[int, list[int]] = {index: [] for index in range(len(by_turn))}
    for index, order in enumerate(by_turn):
        above = place.get(order.parent_id) if order.parent_id is not None else None
        if above is not None and above != index:
            before[above].append(index)
    if not any(before.values()):
        return by_turn
    return [by_turn[index] for index in topology.order(before)[0]]
