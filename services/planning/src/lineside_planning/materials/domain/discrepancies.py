"""Miscounts: more was used than was there. Stock stays at zero, and a count settles it (RULES 18).

What is missing is kept per pool and order: later reports add to it, corrections take from it, and a
person's count of the product in that plant settles it.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from lineside_contracts.values import Actor
from lineside_planning.materials.domain.movements import PoolKey

NOTHING = Decimal(0)


@dataclass(slots=True)
class Missing:
    """What an order used of a pool beyond what lay there.

    Attributes:
        id: None until it is stored.
        version: 0 until it is stored.
        quantity: What is missing; 0 where corrections took all of it back.
    """

    pool: PoolKey
    production_order_id: UUID | None
    production_order_number: str | None
    quantity: Decimal = NOTHING
    is_settled: bool = False
    explanation: str = ""
    id: UUID | None = None
    version: int = 0
    created_at: datetime | None = None
    created_by: Actor | None = None


@dataclass(slots=True)
class Miscounts:
    """The open miscounts of some pools, and those to be saved, open or settled."""

    open: dict[tuple[PoolKey, UUID | None], Missing] = field(default_factory=dict)
    changed: list[Missing] = field(default_factory=list)

    def change(self, missing: Missing) -> None:
        """Note that one is to be saved."""
        if not any(noted is missing for noted in self.changed):
            self.changed.append(missing)


def record(
    miscounts: Miscounts,
    pool: PoolKey,
    quantity: Decimal,
    *,
    order_id: UUID | None,
    order_number: str | None,
    unit_code: str,
) -> Missing:
    """Note that an order used more than there was.

    Args:
        miscounts: Where.
        pool: Of what.
        quantity: Above zero: so much more than lay there.
        order_id: The order that used it.
        order_number: Its number.
        unit_code: For the words.
    """
    key = (pool, order_id)
    missing = miscounts.open.setdefault(key, Missing(pool, order_id, order_number))
    missing.quantity += quantity
    missing.explanation = (
        f"{order_number or 'Somebody'} used {missing.quantity} {unit_code} of"
        f" {pool.product_code} more than the books say lay in plant"
        f" {pool.plant_code or '(none)'}; count it."
    )
    miscounts.change(missing)
    return missing


def take_back(
    miscounts: Miscounts, pool: PoolKey, quantity: Decimal, *, order_id: UUID | None
) -> Decimal:
    """Let a correction first undo what was missing: that never lay there.

    Returns:
        How much of the quantity that was.
    """
    key = (pool, order_id)
    missing = miscounts.open.get(key)
    if missing is None:
        return NOTHING
    part = min(quantity, missing.quantity)
    missing.quantity -= part
    miscounts.change(missing)
    if missing.quantity == 0:
        missing.is_settled = True
        missing.explanation = "A correction of what was reported took it back."
        del miscounts.open[key]
    return part


def settle(miscounts: Miscounts, pool: PoolKey, *, counted: Decimal, unit_code: str) -> None:
    """Let a count settle every open miscount of a pool."""
    for key in [key for key in miscounts.open if key[0] == pool]:
        missing = miscounts.open.pop(key)
        missing.is_settled = True
        missing.explanation += f" A count found {counted} {unit_code}."
        miscounts.change(missing)
