"""A late report that no longer makes sense: kept for a supervisor, who records or drops it."""

from datetime import UTC
from uuid import UUID

from lineside_contracts.problems import Problem, ProblemCode
from lineside_contracts.shopfloor import (
    LogConflict,
    RecordProductionLog,
    ResolveLogConflict,
    WorkOrder,
)
from lineside_shopfloor.execution.domain.making import Writing
from lineside_shopfloor.places.domain.facts import Stamp

_CHANGEABLE = ("good_quantity", "scrap_quantity", "rework_quantity", "happened_at")


def opened(
    report: RecordProductionLog, problem: Problem, work_order: WorkOrder, *, writing: Writing
) -> LogConflict:
    """Keep a report with the reason why it does not make sense."""
    return LogConflict(
        id=writing.log_id,
        version=1,
        status="open",
        work_order_id=work_order.id,
        work_order_number=work_order.work_order_number,
        plant_code=work_order.plant_code,
        code=problem.code.value,
        detail=problem.detail,
        facts=problem.facts,
        report=report,
        happened_at=(report.happened_at or writing.now).astimezone(UTC),
        logged_at=writing.now,
        logged_by=writing.by,
    )


def decision_problem(conflict: LogConflict, request: ResolveLogConflict) -> Problem | None:
    """Tell why a conflict cannot be decided as asked."""
    if conflict.status != "open":
        return Problem(
            code=ProblemCode.CONFLICT_RESOLVED,
            detail=f"It is {conflict.status} already.",
            facts={"status": conflict.status, "log_id": str(conflict.log_id or "") or None},
        )
    if not request.reason.strip():
        return Problem(
            code=ProblemCode.REASON_REQUIRED,
            detail="Say why.",
            facts={"action": request.action},
        )
    return None


def changed_report(conflict: LogConflict, request: ResolveLogConflict) -> RecordProductionLog:
    """Take the report with what the supervisor states otherwise."""
    given = {name: value for name in _CHANGEABLE if (value := getattr(request, name)) is not None}
    at = given.pop("happened_at", conflict.happened_at)
    return conflict.report.model_copy(update={**given, "happened_at": at})


def decided(
    conflict: LogConflict, request: ResolveLogConflict, *, stamp: Stamp, log_id: UUID | None
) -> LogConflict:
    """Close a conflict.

    Args:
        conflict: Open.
        request: What was decided.
        stamp: When, and by whom.
        log_id: The log it became; None where it was dropped.
    """
    return conflict.model_copy(
        update={
            "version": conflict.version + 1,
            "status": "recorded" if log_id is not None else "discarded",
            "resolved_at": stamp.at,
            "resolved_by": stamp.by,
            "resolution_reason": request.reason,
            "log_id": log_id,
        }
    )
