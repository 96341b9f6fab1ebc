"""An order's materials read, with the documents that its explanations name."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_planning.materials.domain.bench import Plan
from lineside_planning.materials.domain.explanations import Documents
from lineside_planning.materials.store import bench, bench_rows
from lineside_planning.materials.tables import material_orders, material_plans

_DOCUMENTS = text("""
SELECT 'receipt' AS kind, c.id, c.receipt_number AS number, c.expected_on AS day
FROM material_allocations a JOIN receipts c ON c.id = a.receipt_id
WHERE a.production_order_id = :id
UNION ALL
SELECT 'requisition', g.requirement_id, q.requisition_number, q.order_by
FROM requisition_pegs g JOIN purchase_requisitions q ON q.id = g.requisition_id
WHERE g.requirement_id IN (SELECT id FROM material_requirements WHERE production_order_id = :id)
  AND q.status = 'open'
UNION ALL
SELECT 'child', o.id, o.production_order_number, NULL
FROM material_requirements r JOIN material_orders o ON o.id = r.child_order_id
WHERE r.production_order_id = :id
""")


async def find(uow: UnitOfWork, order_id: UUID) -> tuple[Plan, Documents] | None:
    """Read an order's plan and the documents behind it; nothing is locked."""
    query = (
        select(material_plans, material_orders.c.status.label("stands_at"))
        .join(material_orders, material_orders.c.id == material_plans.c.id)
        .where(material_plans.c.id == order_id)
    )
    row = (await uow.connection.execute(query)).mappings().one_or_none()
    if row is None:
        return None
    plan = bench_rows.plan(row)
    plan.order_status = row["stands_at"]  # a change of status alone changes no plan
    await bench.requirements_of(uow, [plan])
    rows = await uow.connection.execute(_DOCUMENTS, {"id": order_id})
    found: dict[str, dict[UUID, Any]] = {"receipt": {}, "requisition": {}, "child": {}}
    for kind, key, number, day in rows:
        found[kind][key] = (number, day)
    return plan, _documents(found)


def _documents(found: Mapping[str, Mapping[UUID, tuple[str, date]]]) -> Documents:
    return Documents(
        receipts=found["receipt"],
        requisitions=found["requisition"],
        children={key: number for key, (number, _) in found["child"].items()},
    )
