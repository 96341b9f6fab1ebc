"""What others say, as the records mrp keeps: pure."""

from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from lineside_contracts.planning import (
    MaterialPlan,
    MaterialRequirement,
    ProductionOrder,
    PurchaseRequisition,
    Receipt,
    ReceiptStatus,
    RequisitionStatus,
    Stock,
)
from lineside_planning.mrp.store.sources import (
    Need,
    OrderRecord,
    PurchaseRecord,
    Share,
    StockRecord,
)

STOCK_PROJECT = "STOCK"
"""The project of orders that are made for nobody in particular."""

REQUISITION, RECEIPT = "requisition", "receipt"


def with_order(known: OrderRecord | None, order: ProductionOrder) -> OrderRecord:
    """Take in an order; what is older than what is known changes nothing.

    Args:
        known: What is kept of it.
        order: As it was told.

    Returns:
        What is to be kept.
    """
    before = known or OrderRecord(order.id)
    if order.version <= before.version:
        return before
    kind, name = _served(order)
    return replace(
        before,
        version=order.version,
        production_order_number=order.production_order_number,
        status=order.status.value,
        product_code=order.product_code,
        plant_code=order.plant_code or "",
        quantity_ordered=order.quantity_ordered,
        quantity_completed=order.quantity_completed,
        due_date=order.due_date,
        serves_kind=kind,
        serves_name=name,
    )


def with_materials(known: OrderRecord | None, plan: MaterialPlan) -> OrderRecord:
    """Take in an order's materials; what is older changes nothing.

    Args:
        known: What is kept of the order.
        plan: As it was told.

    Returns:
        What is to be kept.
    """
    before = known or OrderRecord(plan.id)
    if plan.version <= before.plan_version:
        return before
    needs = tuple(_need(requirement) for requirement in plan.requirements)
    open_needs = tuple(need for need in needs if need.quantity)
    return replace(before, plan_version=plan.version, requirements=open_needs)


def pegged(known: OrderRecord | None, child_id: UUID, requirement_id: UUID) -> OrderRecord:
    """Note for which of its parent's requirements a child order is made.

    Args:
        known: What is kept of the child.
        child_id: The child order.
        requirement_id: The parent's requirement.

    Returns:
        What is to be kept.
    """
    return replace(known or OrderRecord(child_id), pegged_to=requirement_id)


def of_requisition(requisition: PurchaseRequisition) -> PurchaseRecord:
    """Say what a requisition brings while nobody has ordered it."""
    is_open = requisition.status is RequisitionStatus.OPEN
    pegs = tuple(
        Share(peg.requirement_id, peg.planned_order_id, peg.quantity) for peg in requisition.pegs
    )
    return PurchaseRecord(
        id=requisition.id,
        kind=REQUISITION,
        version=requisition.version,
        requisition_id=None,
        is_open=is_open,
        name=requisition.requisition_number,
        product_code=requisition.product_code,
        plant_code=requisition.plant_code,
        due_on=requisition.arrive_on,
        quantity=requisition.quantity,
        quantity_allocated=sum((peg.quantity for peg in pegs), Decimal(0)),
        pegs=pegs,
    )


def of_receipt(receipt: Receipt) -> PurchaseRecord:
    """Say what of a scheduled receipt is still to come."""
    left = receipt.quantity - receipt.quantity_received
    return PurchaseRecord(
        id=receipt.id,
        kind=RECEIPT,
        version=receipt.version,
        requisition_id=receipt.requisition_id,
        is_open=receipt.status is ReceiptStatus.OPEN and left > 0,
        name=receipt.receipt_number,
        product_code=receipt.product_code,
        plant_code=receipt.plant_code,
        due_on=receipt.expected_on,
        quantity=max(left, Decimal(0)),
        quantity_allocated=receipt.quantity_allocated,
    )


def of_stock(stock: Stock) -> StockRecord:
    """Say what lies in a pool and may be planned with."""
    return StockRecord(stock.product_code, stock.plant_code, stock.version, stock.quantity_on_hand)


def _served(order: ProductionOrder) -> tuple[str | None, str | None]:
    if order.parent_order_id is not None:
        return None, None
    if order.sales_order_number is not None and order.sales_line_number is not None:
        return "sales_order_line", f"{order.sales_order_number}/{order.sales_line_number}"
    if order.project_number != STOCK_PROJECT:
        return "project", order.project_number
    return None, None


def _need(requirement: MaterialRequirement) -> Need:
    """What is open: needed less issued, never across zero; stock allocated to it is reserved."""
    rest = requirement.needed_quantity - requirement.issued_quantity
    is_by_product = requirement.needed_quantity < 0
    quantity = min(rest, Decimal(0)) if is_by_product else max(rest, Decimal(0))
    reserved = min(requirement.allocated_from_stock, max(quantity, Decimal(0)))
    return Need(
        id=requirement.id,
        component_code=requirement.component_code,
        plant_code=requirement.plant_code,
        quantity=quantity,
        reserved=reserved,
        needed_on=requirement.needed_on,
    )
