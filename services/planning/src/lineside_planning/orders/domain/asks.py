"""What sales or a parent order asks of an order, against what the order has: the differences."""

from datetime import date
from typing import Any

from lineside_planning.orders.domain import orders
from lineside_planning.orders.domain.orders import Ask, PlannedOrder

FIELDS = {
    "product_code": "product_code",
    "quantity": "quantity_ordered",
    "due_date": "due_date",
    "priority": "priority",
}
"""Fields of an ask, and the order's own names for them."""

_RE_EXPANDING = frozenset({"product_code", "quantity"})


def changed_fields(before: Ask | None, after: Ask) -> frozenset[str]:
    """Name what is asked for differently; all of it where nothing was asked before."""
    return frozenset(
        name for name in FIELDS if before is None or getattr(before, name) != getattr(after, name)
    )


def take_over(order: PlannedOrder, ask: Ask, fields: frozenset[str]) -> PlannedOrder:
    """Give an order some fields of what is asked, as they are."""
    return order.having(**{FIELDS[name]: getattr(ask, name) for name in fields})


def replan_if(order: PlannedOrder, fields: frozenset[str]) -> PlannedOrder:
    """Ask routing, materials and capacity anew where product or quantity changed."""
    return orders.replan(order) if fields & _RE_EXPANDING else order


def differences(order: PlannedOrder, ask: Ask) -> frozenset[str]:
    """Name what an order has otherwise than it is asked for."""
    return frozenset(
        name for name, field in FIELDS.items() if getattr(ask, name) != getattr(order.state, field)
    )


def facts_of(order: PlannedOrder, ask: Ask) -> dict[str, dict[str, str]]:
    """Write the differences down for a person: what is, and what is asked."""
    names = sorted(differences(order, ask))
    return {
        "old": {name: _plain(getattr(order.state, FIELDS[name])) for name in names},
        "new": {name: _plain(getattr(ask, name)) for name in names},
    }


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
