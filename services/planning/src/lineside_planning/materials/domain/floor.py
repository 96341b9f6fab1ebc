"""What the floor tells materials: totals per operation, and the lots that were made."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from lineside_contracts.shopfloor import OperationTotals, WorkOrderLog
from lineside_contracts.values import Actor
from lineside_manufacturing import quantities
from lineside_planning.materials.domain.backflush import NOTHING, Report
from lineside_planning.materials.domain.conservation import RunSums
from lineside_planning.materials.domain.orders import RunFacts


@dataclass(frozen=True, slots=True)
class FloorReport:
    """The totals of one work order; `version` counts its logs."""

    work_order_id: UUID
    production_order_id: UUID
    version: int
    operations: tuple[Report, ...]


@dataclass(frozen=True, slots=True)
class OutputLot:
    """What one log made of a lot; a correction takes some back."""

    sequence_number: int
    lot_number: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Step:
    """What is reported of an order in all, at one moment.

    Attributes:
        reports: Totals of every operation of every work order.
        output_lot_number: The lot that was being made, if the report names one.
    """

    reports: Sequence[Report]
    happened_at: datetime
    recorded_by: Actor
    output_lot_number: str | None = None


@dataclass(frozen=True, slots=True)
class FloorSteps:
    """What some logs say of an order.

    Attributes:
        steps: One after the other.
        reports: What is to be stored of its work orders.
        falls: Whether any total went down.
    """

    steps: tuple[Step, ...]
    reports: tuple[FloorReport, ...]
    falls: bool


def floor_report(log: WorkOrderLog) -> FloorReport:
    """Keep what a log says its work order reached.

    Raises:
        ValueError: It is of no production order.
    """
    order_id = log.production_order_id
    if order_id is None:
        raise ValueError(f"{log.work_order_number} is of no production order")
    return FloorReport(
        work_order_id=log.id,
        production_order_id=order_id,
        version=log.version,
        operations=tuple(_report(totals) for totals in log.operations),
    )


def output_lot(log: WorkOrderLog) -> OutputLot | None:
    """Tell what a log made of a lot, if it names one."""
    if not log.lot_number or not log.good_quantity:
        return None
    sequence_number = _sequence_number(log)
    return OutputLot(sequence_number, log.lot_number, log.good_quantity)


def steps(stored: Mapping[UUID, FloorReport], logs: Sequence[WorkOrderLog]) -> FloorSteps:
    """Walk through an order's new logs, a step for each lot that was being made.

    Logs that follow each other without a change of lot are one step: totals are cumulative, so only
    the last of them says anything. Logs that are older than what is stored say nothing.

    Args:
        stored: The newest known totals of the order's work orders.
        logs: Of one order, in any order.
    """
    current = dict(stored)
    walked: list[Step] = []
    falls = False
    for log in sorted(logs, key=lambda log: (log.id, log.version)):
        before = current.get(log.id)
        if before is not None and before.version >= log.version:
            continue
        report = floor_report(log)
        falls = falls or _falls(before, report)
        is_same_lot = bool(walked) and walked[-1].output_lot_number == log.lot_number
        current[log.id] = report
        if is_same_lot:
            walked.pop()
        walked.append(_step(current, log))
    changed = [report for key, report in current.items() if report is not stored.get(key)]
    return FloorSteps(tuple(walked), tuple(changed), falls)


def standing(stored: Mapping[UUID, FloorReport], *, at: datetime, by: Actor) -> FloorSteps:
    """Say what is known of an order as one step, for materials that came to be known later."""
    reports = tuple(o for report in stored.values() for o in report.operations)
    return FloorSteps((Step(reports, at, by),), (), falls=False)


def run_sums(runs: Sequence[RunFacts], reports: Iterable[FloorReport]) -> Iterator[RunSums]:
    """Say for each run what its pieces became, and what is still open (RULES 8)."""
    told = [operation for report in reports for operation in report.operations]
    for run in runs:
        mine = [operation for operation in told if operation.sequence_number == run.sequence_number]
        processed = sum((operation.processed for operation in mine), NOTHING)
        yield RunSums(
            sequence_number=run.sequence_number,
            planned=run.planned_input,
            good=sum((operation.good for operation in mine), NOTHING),
            scrap=sum((operation.scrap for operation in mine), NOTHING),
            rework=sum((operation.rework for operation in mine), NOTHING),
            open_quantity=max(run.planned_input - processed, NOTHING),
            units_per_product=run.units_per_product,
            predecessors=run.predecessors,
            rework_in=sum((operation.rework_in for operation in mine), NOTHING),
        )


def end_units(runs: Sequence[RunFacts]) -> dict[int, Fraction]:
    """Name the operations that nothing follows, with their pieces in one product."""
    followed = {number for run in runs for number in run.predecessors}
    return {
        run.sequence_number: run.units_per_product
        for run in runs
        if run.sequence_number not in followed
    }


def finished(lots: Sequence[OutputLot], ends: Mapping[int, Fraction]) -> list[OutputLot]:
    """Keep what the last operation made of each lot, in whole products."""
    last = max(ends, default=None)
    return [
        replace(lot, quantity=_in_products(lot.quantity, ends[lot.sequence_number]))
        for lot in lots
        if lot.sequence_number == last
    ]


def lots_of_output(
    lots: Sequence[OutputLot], *, already: Decimal, quantity: Decimal
) -> list[tuple[str, Decimal]]:
    """Share finished goods out over the lots they were made as.

    Args:
        lots: What the logs of the order's last operation said, in their order, in products.
        already: So much of them was received before.
        quantity: Finished goods to be shared out.

    Returns:
        Lot and quantity; what no log gave a lot has the empty one.
    """
    made: dict[str, Decimal] = {}
    for lot in lots:
        made[lot.lot_number] = made.get(lot.lot_number, NOTHING) + lot.quantity
    shared: list[tuple[str, Decimal]] = []
    skipped, rest = already, quantity
    for lot_number, good in made.items():
        skip = min(max(good, NOTHING), skipped)
        part = min(max(good, NOTHING) - skip, rest)
        skipped -= skip
        if part > 0:
            shared.append((lot_number, part))
            rest -= part
    return [*shared, ("", rest)] if rest > 0 else shared


def _in_products(pieces: Decimal, units_per_product: Fraction) -> Decimal:
    return quantities.as_decimal(quantities.exact(pieces) / units_per_product)


def _step(current: Mapping[UUID, FloorReport], log: WorkOrderLog) -> Step:
    reports = tuple(o for report in current.values() for o in report.operations)
    return Step(reports, log.happened_at, log.logged_by, log.lot_number or None)


def _falls(before: FloorReport | None, after: FloorReport) -> bool:
    if before is None:
        return False
    now = {o.sequence_number: o.processed for o in after.operations}
    return any(now.get(o.sequence_number, NOTHING) < o.processed for o in before.operations)


def _report(totals: OperationTotals) -> Report:
    return Report(
        sequence_number=_number(totals),
        good=totals.good_quantity,
        scrap=totals.scrap_quantity,
        rework=totals.rework_quantity,
        is_completed=totals.is_completed,
        rework_in=totals.rework_in_quantity,
    )


def _sequence_number(log: WorkOrderLog) -> int:
    """The sequence number of the operation a log reports; its number where no run is behind it."""
    for totals in log.operations:
        if totals.operation_number == log.operation_number:
            return _number(totals)
    return log.operation_number or 0


def _number(totals: OperationTotals) -> int:
    return totals.operation_number if totals.sequence_number is None else totals.sequence_number
