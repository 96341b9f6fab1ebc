"""Requisitions as everybody reads them."""

from collections.abc import Sequence

from lineside_contracts.planning import PurchaseRequisition, RequisitionPeg, RequisitionStatus
from lineside_planning.materials.domain.bench import NOTHING, Peg, Requisition

SHOWN_PEGS = 1000
"""So many pegs are named one by one; the rest stands in one sum, or a part that all orders of a
day need would make an event no broker takes."""


def purchase_requisition(requisition: Requisition) -> PurchaseRequisition:
    """Write a requisition as everybody reads it."""
    return PurchaseRequisition.model_construct(
        id=requisition.id,
        version=requisition.version,
        requisition_number=requisition.number,
        status=RequisitionStatus(requisition.status),
        product_code=requisition.product_code,
        product_name=requisition.product_name,
        plant_code=requisition.plant_code,
        needed_on=requisition.needed_on,
        arrive_on=requisition.arrive_on,
        order_by=requisition.order_by,
        is_late=requisition.is_late,
        quantity_needed=requisition.quantity_needed,
        quantity=requisition.quantity,
        unit_code=requisition.unit_code,
        vendor_code=requisition.vendor_code,
        purchase_quantity=requisition.purchase_quantity,
        purchase_unit_code=requisition.purchase_unit_code,
        lead_time_days=requisition.lead_time_days,
        unit_cost=requisition.unit_cost,
        explanation=requisition.explanation,
        pegs=_pegs(requisition.pegs),
        purchase_order_number=requisition.purchase_order_number,
        receipt_id=requisition.receipt_id,
        created_at=requisition.created_at,
        created_by=requisition.created_by,
        updated_at=requisition.updated_at,
        updated_by=requisition.updated_by,
    )


def _pegs(pegs: Sequence[Peg]) -> tuple[RequisitionPeg, ...]:
    shown = tuple(
        RequisitionPeg.model_construct(
            production_order_id=peg.order_id,
            production_order_number=peg.order_number,
            requirement_id=peg.requirement_id,
            planned_order_id=peg.planned_order_id,
            quantity=peg.quantity,
        )
        for peg in pegs[:SHOWN_PEGS]
    )
    rest = pegs[SHOWN_PEGS:]
    if not rest:
        return shown
    quantity = sum((peg.quantity for peg in rest), NOTHING)
    more = RequisitionPeg(production_order_number=f"({len(rest)} more)", quantity=quantity)
    return (*shown, more)
