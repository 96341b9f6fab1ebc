"""Whether a report can mean anything at all, whatever the work order's state is."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from lineside_contracts.problems import Fault, Problem, ProblemCode
from lineside_contracts.shopfloor import LogKind, RecordProductionLog
from lineside_shopfloor.work_orders.domain.operations import FloorOperation

_QUANTITIES = ("good_quantity", "scrap_quantity", "rework_quantity")
_COUNTING = frozenset({LogKind.COMPLETE, LogKind.PAUSE, LogKind.ISSUE})


def problem_of(report: RecordProductionLog, operation: FloorOperation | None) -> Problem | None:
    """Name every fault of a report at once, by path; None where it has none."""
    reasons = list(_reasons(report))
    faults = (*_kinds(report), *_amounts(report), *_rework(report), *_serials(report))
    found = (*faults, *_decimals(report, operation), *_input(report, operation), *reasons)
    if not found:
        return None
    only_reasons = len(found) == len(reasons)
    return Problem(
        code=ProblemCode.REASON_REQUIRED if only_reasons else ProblemCode.VALIDATION_FAILED,
        detail=" ".join(fault.message for fault in found),
        faults=found,
        facts={"kind": report.kind.value} if only_reasons else {},
    )


def _kinds(report: RecordProductionLog) -> Iterator[Fault]:
    if report.completes_operation and report.kind is not LogKind.COMPLETE:
        yield _fault("completes_operation", "Only a complete report ends an operation.")
    if report.stops_production and report.kind is not LogKind.ISSUE:
        yield _fault("stops_production", "Only an issue may stop production; a pause does anyway.")
    if report.is_void and report.corrects_log_id is None:
        yield _fault("is_void", "Only a correction takes a log back: name it in corrects_log_id.")


def _amounts(report: RecordProductionLog) -> Iterator[Fault]:
    given = [name for name in _QUANTITIES if getattr(report, name) > 0]
    if report.kind not in _COUNTING:
        for name in given:
            yield _fault(name, f"A {report.kind} report carries no quantities.")
    if report.is_void:
        for name in (*given, *(["input_added_quantity"] if report.input_added_quantity else [])):
            yield _fault(name, "A log that is taken back reports nothing.")
    elif report.kind is LogKind.COMPLETE and not given and not _says_more(report):
        message = "A complete report says how many were made, or that the operation is done."
        yield _fault("good_quantity", message)


def _says_more(report: RecordProductionLog) -> bool:
    is_correction = report.corrects_log_id is not None
    added = report.input_added_quantity > 0 or report.stated_hours is not None
    return report.completes_operation or is_correction or added


def _rework(report: RecordProductionLog) -> Iterator[Fault]:
    if report.is_from_rework and report.rework_quantity > 0:
        message = "What stays in rework is not reported again; report what came out of it."
        yield _fault("rework_quantity", message)
    if report.rework_operation_number is not None and not report.is_from_rework:
        message = "Only good and scrap out of rework name where it was opened."
        yield _fault("rework_operation_number", message)


def _serials(report: RecordProductionLog) -> Iterator[Fault]:
    serials = report.serial_numbers
    if not serials:
        return
    if len(set(serials)) < len(serials):
        twice = sorted({serial for serial in serials if serials.count(serial) > 1})
        message = f"Serial numbers stand twice: {', '.join(twice[:5])}."
        yield _fault("serial_numbers", message, code="duplicate_serial_number")
    if Decimal(len(serials)) != report.good_quantity:
        message = f"{len(serials)} serial numbers for {report.good_quantity} good pieces."
        yield _fault("serial_numbers", message, code="serial_number_count")


def _decimals(report: RecordProductionLog, operation: FloorOperation | None) -> Iterator[Fault]:
    if operation is None or operation.run_id is None:
        return
    scale = 10**operation.unit_decimals
    for name in (*_QUANTITIES, "input_added_quantity"):
        if (Fraction(getattr(report, name)) * scale).denominator != 1:
            unit = f"{operation.unit_code} has {operation.unit_decimals} decimals"
            yield _fault(name, f"{getattr(report, name)} is too exact: {unit}.", code="decimals")


def _input(report: RecordProductionLog, operation: FloorOperation | None) -> Iterator[Fault]:
    if report.input_added_quantity == 0 or operation is None:
        return
    if operation.predecessor_operation_numbers:
        message = "Only a first operation gets further input; others work on what comes to them."
        yield _fault("input_added_quantity", message, code="not_a_first_operation")


def _reasons(report: RecordProductionLog) -> Iterator[Fault]:
    if report.is_void or report.reason_code is not None:
        return
    if report.kind is LogKind.ISSUE:
        yield _fault("reason_code", "An issue needs its reason.", code="reason_required")
    elif report.rework_quantity > 0:
        yield _fault("reason_code", "Rework needs its reason.", code="reason_required")


def _fault(path: str, message: str, *, code: str = "not_allowed") -> Fault:
    return Fault(code=code, path=path, message=message)
