"""Plans to rows and back: pure, so that a worker process can do it too.

An item's plan lies in four tables: planned_orders and mrp_exceptions row by row, because people
list them; its pegs in one array of `pegging`; what it takes of a component in one array of
`mrp_requirements`. Reading gives the very `ItemPlan` that was written.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from lineside_manufacturing import quantities
from lineside_planning.mrp.domain import explanations
from lineside_planning.mrp.domain.plans import (
    ItemPlan,
    Message,
    OrderEntry,
    Peg,
    PlanChange,
    PlannedOrder,
    Requirement,
)
from lineside_planning.mrp.store import item_keys

Row = dict[str, Any]
Array = Sequence[Any]

_SAFE = 2**62
"""Larger whole numbers are written as text: JSON readers take them for floats."""

PLAN_KEYS: Mapping[str, tuple[str, ...]] = {
    "planned_orders": ("plan_key",),
    "mrp_requirements": ("product_code", "plant_code", "parent_code"),
    "pegging": ("product_code", "plant_code"),
    "mrp_exceptions": ("product_code", "plant_code", "kind", "reference", "ordinal"),
}
"""The tables of a plan and what finds a row of theirs."""

PLAN_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "planned_orders": (
        *("product_code", "plant_code", "plan_key", "status", "make_or_buy", "quantity"),
        *("net_quantity", "need_on", "due_on", "release_on", "purchase_quantity", "ledger"),
    ),
    "mrp_requirements": ("product_code", "plant_code", "parent_code", "needs"),
    "pegging": ("product_code", "plant_code", "pegs"),
    "mrp_exceptions": (
        *("product_code", "plant_code", "kind", "reference", "ordinal", "quantity", "from_date"),
        *("to_date", "path", "message"),
    ),
}
"""What a plan's rows consist of, besides what the database adds."""


@dataclass(slots=True)
class PlanWrites:
    """What has to be written to bring kept plans to new ones, by table."""

    deletes: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    upserts: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))


class KeptRows(NamedTuple):
    """The rows of one item's plan as they were read."""

    orders: Sequence[Array] = ()
    needs: Sequence[tuple[str, Any]] = ()
    pegs: Array | None = None
    messages: Sequence[Array] = ()


def writes(changes: Iterable[PlanChange], decimals: Mapping[str, int]) -> PlanWrites:
    """State the differences between plans as rows.

    Args:
        changes: Plans before and after.
        decimals: Of each item's unit, by key; 0 where it is missing.

    Returns:
        Rows to delete and to put.

    Raises:
        Nothing.
    """
    found = PlanWrites()
    for change in changes:
        key = change.after.item
        at = item_keys.parse(key)._asdict()
        scale = decimals.get(key, 0)
        _orders(found, change, at, scale)
        _requirements(found, change, at["plant_code"])
        _pegs(found, change, at)
        _messages(found, change, at, scale)
    return found


def pool_of(table: str, row: Mapping[str, Any]) -> tuple[str, str]:
    """Say whose plan a row belongs to.

    Args:
        table: The row's table.
        row: As `writes` gives it, to be put or deleted.

    Returns:
        Product and plant.

    Raises:
        KeyError: If it is no such row.
    """
    if table == "planned_orders":
        return item_keys.parse_plan_key(row["plan_key"])
    if table == "mrp_requirements":
        return row["parent_code"], row["plant_code"]
    return row["product_code"], row["plant_code"]


def _orders(found: PlanWrites, change: PlanChange, at: Row, decimals: int) -> None:
    found.deletes["planned_orders"] += [{"plan_key": own} for own in change.removed_orders]
    found.upserts["planned_orders"] += [
        {
            **at,
            "plan_key": order.id,
            "status": "proposed",
            "make_or_buy": order.kind,
            "quantity": quantities.decimal_of(order.quantity, decimals),
            "net_quantity": quantities.decimal_of(order.net, decimals),
            "need_on": order.need_on,
            "due_on": order.due_on,
            "release_on": order.starts_on,
            "purchase_quantity": order.purchase_quantity,
            "ledger": [[e.kind, _whole(e.steps), e.explanation] for e in order.ledger],
        }
        for order in change.written_orders
    ]


def _requirements(found: PlanWrites, change: PlanChange, plant_code: str) -> None:
    parent = item_keys.parse(change.after.item).product_code
    was, now = _by_component(change.before), _by_component(change.after)
    for component in was.keys() | now.keys():
        at = {
            "product_code": item_keys.parse(component).product_code,
            "plant_code": plant_code,
            "parent_code": parent,
        }
        if component not in now:
            found.deletes["mrp_requirements"].append(at)
        elif was.get(component) != now[component]:
            row = {**at, "needs": needs_array(now[component])}
            found.upserts["mrp_requirements"].append(row)


def _pegs(found: PlanWrites, change: PlanChange, at: Row) -> None:
    before, after = change.before, change.after
    if after.is_empty:
        found.deletes["pegging"].append(at)
    elif before.is_empty or before.pegs != after.pegs:
        found.upserts["pegging"].append({**at, "pegs": [_peg_array(peg) for peg in after.pegs]})


def _messages(found: PlanWrites, change: PlanChange, at: Row, decimals: int) -> None:
    was, now = _numbered(change.before.messages), _numbered(change.after.messages)
    for identity in was.keys() - now.keys():
        found.deletes["mrp_exceptions"].append({**at, **_named(identity)})
    for identity, message in now.items():
        if was.get(identity) != message:
            row = {
                **at,
                **_named(identity),
                "quantity": quantities.decimal_of(message.quantity, decimals),
                "from_date": message.on,
                "to_date": message.to,
                "path": message.path,
                "message": message.text or explanations.told_message(message, decimals),
            }
            found.upserts["mrp_exceptions"].append(row)


def kept_plan(key: str, rows: KeptRows, decimals: int) -> ItemPlan:
    """Read an item's plan.

    Args:
        key: Of the item.
        rows: As stored.
        decimals: Of the item's unit.

    Returns:
        The plan.

    Raises:
        ValueError: If a row is none of ours.
    """
    return ItemPlan(
        key,
        orders=tuple(_order(key, row, decimals) for row in rows.orders),
        requirements=tuple(
            requirement
            for component, needs in rows.needs
            for requirement in requirements_of(needs, component=component, parent=key)
        ),
        pegs=tuple(map(_peg, rows.pegs or ())),
        messages=tuple(_message(row, decimals) for row in rows.messages),
    )


def pegs_of(pegs: Sequence[Array]) -> list[Peg]:
    """Read an item's pegs.

    Args:
        pegs: As stored.

    Returns:
        The pegs.

    Raises:
        ValueError: If one is none of ours.
    """
    return list(map(_peg, pegs))


def needs_array(requirements: Sequence[Requirement]) -> Array:
    """Write what a parent takes of a component: its lines once, then one array for each order.

    Args:
        requirements: All of one parent and component.

    Returns:
        `[[[line id, scrap, told], …], [[line, kind, order, starts, due, need, over, of, over], …]]`

    Raises:
        Nothing.
    """
    lines: dict[tuple[str, str, str], int] = {}
    orders = []
    for r in requirements:
        line = lines.setdefault((r.line_id, str(r.scrap_percentage), r.told), len(lines))
        parts = (r.numerator, r.denominator, r.parent_numerator, r.parent_denominator)
        whose = (line, r.order_kind, r.order_id, r.starts_on, r.due_on)
        orders.append([*whose, *map(_whole, parts)])
    return [list(lines), orders]


def requirements_of(needs: Array, *, component: str, parent: str) -> list[Requirement]:
    """Read what `needs_array` wrote.

    Args:
        needs: The array.
        component: Key of the component.
        parent: Key of the parent.

    Returns:
        The requirements, in the order they were written.

    Raises:
        ValueError: If it is no such array.
    """
    lines = [(line_id, Decimal(scrap), told) for line_id, scrap, told in needs[0]]
    day, whole = date.fromisoformat, int
    found = []
    for line, kind, order, starts, due, need, over, of, parts in needs[1]:
        line_id, scrap, told = lines[line]
        numbers = (whole(need), whole(over), whole(of), whole(parts))
        row = (component, parent, kind, order, day(starts), day(due), *numbers, line_id)
        found.append(Requirement(*row, scrap, told))
    return found


def _by_component(plan: ItemPlan) -> dict[str, list[Requirement]]:
    found: defaultdict[str, list[Requirement]] = defaultdict(list)
    for requirement in plan.requirements:
        found[requirement.component].append(requirement)
    return found


def _order(key: str, row: Array, decimals: int) -> PlannedOrder:
    plan_key, kind, quantity, net, need_on, due_on, starts_on, bought, ledger = row
    return PlannedOrder(
        id=plan_key,
        item=key,
        kind=kind,
        quantity=_steps(quantity, decimals),
        net=_steps(net, decimals),
        need_on=date.fromisoformat(need_on),
        due_on=date.fromisoformat(due_on),
        starts_on=date.fromisoformat(starts_on),
        purchase_quantity=None if bought is None else Decimal(bought),
        ledger=tuple(OrderEntry(entry, int(steps), told) for entry, steps, told in ledger),
    )


def _peg_array(peg: Peg) -> Array:
    return [*peg[:6], _whole(peg.quantity)]


def _peg(row: Array) -> Peg:
    demand_kind, demand_id, demand_on, supply_kind, supply_id, supply_on, quantity = row
    demanded, supplied = date.fromisoformat(demand_on), date.fromisoformat(supply_on)
    return Peg(demand_kind, demand_id, demanded, supply_kind, supply_id, supplied, int(quantity))


def _numbered(messages: Iterable[Message]) -> dict[tuple[str, str, int], Message]:
    """Number messages alike; in one order, so that kept ones get the numbers they are kept by."""
    found: dict[tuple[str, str, int], Message] = {}
    for message in sorted(messages, key=repr):
        ordinal = 0
        while (message.kind, message.reference, ordinal) in found:
            ordinal += 1
        found[message.kind, message.reference, ordinal] = message
    return found


def _named(identity: tuple[str, str, int]) -> Row:
    return dict(zip(("kind", "reference", "ordinal"), identity, strict=True))


def _message(row: Array, decimals: int) -> Message:
    kind, reference, quantity, on, to, path, text = row
    return Message(
        kind=kind,
        reference=reference,
        quantity=_steps(quantity, decimals),
        on=None if on is None else date.fromisoformat(on),
        to=None if to is None else date.fromisoformat(to),
        path=tuple(path),
        text=text if kind == "bad_parameters" else "",
    )


def _steps(quantity: str, decimals: int) -> int:
    return int(Decimal(quantity).scaleb(decimals))


def _whole(number: int) -> int | str:
    return number if -_SAFE < number < _SAFE else str(number)
