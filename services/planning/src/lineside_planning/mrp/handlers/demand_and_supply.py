"""Which demands and supplies an order, a requisition or a receipt is: pure (RULES 17).

What the order path makes is firm and pegged to whom it was made for; what is left over is free.
"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from uuid import UUID

from lineside_planning.mrp.store.facts_rows import ALLOCATION
from lineside_planning.mrp.store.sources import (
    DemandRow,
    Need,
    OrderRecord,
    Pairing,
    PurchaseRecord,
    Share,
    SupplyRow,
)

OPEN = frozenset({"planned", "routed", "released", "in_progress", "on_hold"})
"""Orders that are still to bring something."""

COMPLETED = "completed"
"""Until such an order is closed its goods lie in stock for whom they were made."""

ORDER, PLANNED_ORDER, BY_PRODUCT = "production_order", "planned_order", "by_product"


def demands_of(order: OrderRecord) -> Iterator[DemandRow]:
    """State what an order is made for, and what it still needs.

    Args:
        order: As it is known.

    Returns:
        Its demands; none where it was not told of, or nothing is open.
    """
    served = _served_quantity(order)
    if served:
        yield DemandRow(
            id=_service_id(order.id),
            source_id=order.id,
            kind=order.serves_kind or "",
            name=order.serves_name or "",
            product_code=order.product_code,
            plant_code=order.plant_code,
            due_on=order.due_date,
            quantity=served,
            pairing=_pairing(order),
        )
    if order.status in OPEN:
        yield from (_component(order, need) for need in order.requirements if need.quantity > 0)


def supplies_of(order: OrderRecord) -> Iterator[SupplyRow]:
    """State what an order brings, and what lies in stock for it.

    Args:
        order: As it is known.

    Returns:
        Its supplies; while its materials are not planned it explodes.
    """
    served = _served_quantity(order)
    if order.status in OPEN:
        yield _output(order, ORDER, order.quantity_ordered, _pegged_to(order))
        yield from (_by_need(order, need) for need in order.requirements if _has_supply(need))
    elif served:
        yield _output(order, ALLOCATION, served, _service_id(order.id))


def shares_of(
    purchase: PurchaseRecord, requisitions: Mapping[UUID, PurchaseRecord]
) -> Iterator[SupplyRow]:
    """State what a requisition or receipt brings: what is allocated apart, the rest free.

    Args:
        purchase: As it is known.
        requisitions: Where a receipt's requisition is found, whose pegs it serves.

    Returns:
        Its supplies; none where nothing is to come.
    """
    if not purchase.is_open:
        return
    source = requisitions.get(purchase.requisition_id or purchase.id, purchase)
    left = min(purchase.quantity_allocated, purchase.quantity)
    free = purchase.quantity
    for requirement_id, wanted in _wanted(source.pegs).items():
        quantity = min(wanted, left)
        if quantity > 0:
            left, free = left - quantity, free - quantity
            yield _bought(purchase, quantity, requirement_id)
    if free > 0:
        yield _bought(purchase, free, None)


def _wanted(pegs: Iterable[Share]) -> dict[UUID, Decimal]:
    found: dict[UUID, Decimal] = {}
    for peg in pegs:
        if peg.requirement_id is not None:
            known = found.get(peg.requirement_id, Decimal(0))
            found[peg.requirement_id] = known + peg.quantity
    return found


def _served_quantity(order: OrderRecord) -> Decimal:
    """How much somebody outside waits for; of completed goods no more than was made."""
    if order.serves_kind is None:
        return Decimal(0)
    if order.status in OPEN:
        return order.quantity_ordered
    if order.status != COMPLETED:
        return Decimal(0)
    return min(order.quantity_completed, order.quantity_ordered)


def _service_id(order_id: UUID) -> str:
    return f"for:{order_id}"


def _pegged_to(order: OrderRecord) -> str | None:
    if order.serves_kind is not None:
        return _service_id(order.id)
    return None if order.pegged_to is None else str(order.pegged_to)


def _component(order: OrderRecord, need: Need) -> DemandRow:
    return DemandRow(
        id=str(need.id),
        source_id=order.id,
        kind=ORDER,
        name=order.production_order_number,
        product_code=need.component_code,
        plant_code=need.plant_code,
        due_on=need.needed_on,
        quantity=need.quantity,
        pairing=_pairing_of_need(need),
    )


def _pairing(order: OrderRecord) -> Pairing:
    """What is made for somebody outside and does not explode touches nothing else."""
    if order.serves_kind is None:
        return Pairing.NONE
    if order.status in OPEN:
        return Pairing.MADE if order.plan_version else Pairing.NONE
    return Pairing.LYING


def _pairing_of_need(need: Need) -> Pairing:
    return Pairing.LYING if 0 < need.quantity == need.reserved else Pairing.NONE


def _output(order: OrderRecord, kind: str, quantity: Decimal, pegged_to: str | None) -> SupplyRow:
    return SupplyRow(
        id=str(order.id),
        source_id=order.id,
        kind=kind,
        name=order.production_order_number,
        product_code=order.product_code,
        plant_code=order.plant_code,
        due_on=order.due_date,
        quantity=quantity,
        pairing=_pairing(order),
        pegged_to=pegged_to,
        explodes=kind == ORDER and not order.plan_version,
    )


def _has_supply(need: Need) -> bool:
    return need.reserved > 0 or need.quantity < 0


def _by_need(order: OrderRecord, need: Need) -> SupplyRow:
    """Stock that is reserved for a need, or the by-product a negative one is."""
    is_by_product = need.quantity < 0
    return SupplyRow(
        id=f"{BY_PRODUCT if is_by_product else 'stock'}:{need.id}",
        source_id=order.id,
        kind=BY_PRODUCT if is_by_product else ALLOCATION,
        name=order.production_order_number,
        product_code=need.component_code,
        plant_code=need.plant_code,
        due_on=need.needed_on,
        quantity=-need.quantity if is_by_product else need.reserved,
        pairing=_pairing_of_need(need),
        pegged_to=None if is_by_product else str(need.id),
    )


def _bought(purchase: PurchaseRecord, quantity: Decimal, requirement_id: UUID | None) -> SupplyRow:
    own = str(purchase.id)
    return SupplyRow(
        id=own if requirement_id is None else f"{own}/{requirement_id}",
        source_id=purchase.id,
        kind=purchase.kind,
        name=purchase.name,
        product_code=purchase.product_code,
        plant_code=purchase.plant_code,
        due_on=purchase.due_on,
        quantity=quantity,
        pegged_to=None if requirement_id is None else str(requirement_id),
    )
