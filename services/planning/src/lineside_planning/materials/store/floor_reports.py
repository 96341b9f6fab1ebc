"""What the floor reported of each work order, as far as materials uses it."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from lineside_chassis.tables import one_of
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.shopfloor import WorkOrderLog
from lineside_planning.materials.domain.backflush import Report
from lineside_planning.materials.domain.floor import FloorReport, OutputLot
from lineside_planning.materials.tables import material_floor_reports, material_output_lots


async def load(uow: UnitOfWork, order_ids: Sequence[UUID]) -> dict[UUID, dict[UUID, FloorReport]]:
    """Load what is known of the work orders of some production orders, by order and work order."""
    table = material_floor_reports
    query = select(table).where(one_of(table.c.production_order_id, order_ids))
    found: dict[UUID, dict[UUID, FloorReport]] = defaultdict(dict)
    for row in (await uow.connection.execute(query)).mappings():
        report = FloorReport(
            work_order_id=row["id"],
            production_order_id=row["production_order_id"],
            version=row["version"],
            operations=tuple(_report(values) for values in row["operations"]),
        )
        found[report.production_order_id][report.work_order_id] = report
    return found


async def load_lots(uow: UnitOfWork, order_ids: Sequence[UUID]) -> dict[UUID, list[OutputLot]]:
    """Load which lots some orders made, log by log."""
    table = material_output_lots
    query = select(table).where(one_of(table.c.production_order_id, order_ids))
    found: dict[UUID, list[OutputLot]] = defaultdict(list)
    for row in (await uow.connection.execute(query.order_by(table.c.log_id))).mappings():
        lot = OutputLot(row["sequence_number"], row["lot_number"], row["quantity"])
        found[row["production_order_id"]].append(lot)
    return found


def save(uow: UnitOfWork, reports: Sequence[FloorReport]) -> None:
    """Keep reports; a newer version of a work order replaces an older one."""
    rows = [
        {
            "id": report.work_order_id,
            "production_order_id": report.production_order_id,
            "version": report.version,
            "operations": [_values(operation) for operation in report.operations],
        }
        for report in reports
    ]
    uow.upsert(material_floor_reports, rows, key=("id",), newer_by="version")


def save_lots(
    uow: UnitOfWork,
    logs: Sequence[tuple[WorkOrderLog, OutputLot]],
    *,
    replaced_log_ids: Sequence[UUID],
) -> None:
    """Keep which lots were made; a log counts once, and one that was corrected not at all."""
    uow.delete(material_output_lots, [{"log_id": i} for i in replaced_log_ids], key=("log_id",))
    rows = [
        {
            "log_id": log.log_id,
            "production_order_id": log.production_order_id,
            "sequence_number": lot.sequence_number,
            "lot_number": lot.lot_number,
            "quantity": lot.quantity,
        }
        for log, lot in logs
    ]
    uow.insert_new(material_output_lots, rows, key=("log_id",))


def _report(values: dict[str, Any]) -> Report:
    return Report(
        sequence_number=values["sequence_number"],
        good=Decimal(values["good"]),
        scrap=Decimal(values["scrap"]),
        rework=Decimal(values["rework"]),
        is_completed=values["is_completed"],
        rework_in=Decimal(values.get("rework_in", "0")),
    )


def _values(report: Report) -> dict[str, Any]:
    return {
        "sequence_number": report.sequence_number,
        "good": str(report.good),
        "scrap": str(report.scrap),
        "rework": str(report.rework),
        "is_completed": report.is_completed,
        "rework_in": str(report.rework_in),
    }
