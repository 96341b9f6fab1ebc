"""Late reports that no longer made sense: listed, and decided by a supervisor."""

from lineside_chassis import pages
from lineside_chassis.errors import Refused
from lineside_chassis.requests import Requests
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.endpoint import Page
from lineside_contracts.problems import Problem, ProblemCode
from lineside_contracts.shopfloor import (
    LIST_LOG_CONFLICTS,
    RESOLVE_LOG_CONFLICT,
    ListLogConflicts,
    LogConflict,
    ResolveLogConflict,
)
from lineside_shopfloor.execution.domain import conflicts
from lineside_shopfloor.execution.requests import production_logs
from lineside_shopfloor.execution.store import log_conflicts, recording
from lineside_shopfloor.execution.store.recording import Refusal
from lineside_shopfloor.places.domain.facts import Stamp
from lineside_shopfloor.places.requests import access
from lineside_shopfloor.work_orders.requests import finding


def register(requests: Requests) -> None:
    """Answer the requests about conflicts."""
    requests.answer(LIST_LOG_CONFLICTS)(list_log_conflicts)
    requests.answer(RESOLVE_LOG_CONFLICT)(resolve_log_conflict)


async def list_log_conflicts(uow: UnitOfWork, request: ListLogConflicts) -> Page[LogConflict]:
    """Page through reports that wait, the oldest first."""
    plants = access.shown_plants(uow, request.plant_code)
    cursor = pages.decode_cursor(request.cursor)
    after = finding.id_of(cursor[0]) if cursor else None
    found = await log_conflicts.page(uow, request, plants=plants, after=after)
    return pages.page(found, limit=request.limit, key=lambda conflict: [conflict.id])


async def resolve_log_conflict(
    uow: UnitOfWork, request: ResolveLogConflict
) -> LogConflict | Problem:
    """Record a report after all, as its reporter's, or drop it.

    Who decides at the same moment as somebody else fails on the version and is told so.
    """
    conflict = await log_conflicts.one(uow, request.log_conflict_id)
    if conflict is None:
        raise Refused(_missing(request))
    access.require_plant(uow, conflict.plant_code)
    finding.require_version(conflict.version, request.expected_version)
    if problem := conflicts.decision_problem(conflict, request):
        return problem
    log_id = None
    if request.action == "record":
        report = conflicts.changed_report(conflict, request)
        state = await production_logs.for_report(uow, report)
        become = await recording.record(uow, state, report, by=conflict.logged_by)
        if isinstance(become, Refusal):
            return become.problem
        log_id = become.log.id
    stamp = Stamp(at=uow.now, by=uow.actor)
    decided = conflicts.decided(conflict, request, stamp=stamp, log_id=log_id)
    log_conflicts.save(uow, decided)
    return decided


def _missing(request: ResolveLogConflict) -> Problem:
    return Problem(
        code=ProblemCode.NOT_FOUND,
        detail="There is no such conflict.",
        facts={"log_conflict_id": str(request.log_conflict_id)},
    )
