"""What happens on the floor is reported, and read again.

A live report that makes no sense is refused; a late one, which cannot be asked back, goes to the
list of conflicts.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from lineside_chassis import pages
from lineside_chassis.errors import Refused
from lineside_chassis.requests import Requests
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.endpoint import Page
from lineside_contracts.problems import Problem, ProblemCode
from lineside_contracts.shopfloor import (
    GET_PRODUCTION_LOG,
    LIST_PRODUCTION_LOGS,
    LIST_WORK_ORDER_LOGS,
    RECORD_PRODUCTION_LOG,
    GetProductionLog,
    ListProductionLogs,
    ListWorkOrderLogs,
    LogKind,
    ProductionLog,
    RecordProductionLog,
)
from lineside_shopfloor.execution.domain import answers, conflicts, judging, making
from lineside_shopfloor.execution.domain.making import Writing
from lineside_shopfloor.execution.domain.states import WorkState
from lineside_shopfloor.execution.requests import located
from lineside_shopfloor.execution.store import log_conflicts, log_pages, recording, states
from lineside_shopfloor.execution.store.floor_queries import Asked
from lineside_shopfloor.execution.store.log_pages import Seen
from lineside_shopfloor.execution.store.recording import Recorded, Refusal
from lineside_shopfloor.places.requests import access
from lineside_shopfloor.work_orders.requests import finding


def register(requests: Requests) -> None:
    """Answer the requests about logs."""
    requests.answer(RECORD_PRODUCTION_LOG)(record_production_log)
    requests.answer(LIST_PRODUCTION_LOGS)(list_production_logs)
    requests.answer(LIST_WORK_ORDER_LOGS)(list_work_order_logs)
    requests.answer(GET_PRODUCTION_LOG)(get_production_log)


async def record_production_log(
    uow: UnitOfWork, request: RecordProductionLog
) -> ProductionLog | Problem:
    """Keep a report, put a late one that makes no sense on the list, or refuse it."""
    state = await for_report(uow, request)
    become = await recording.record(uow, state, request, by=uow.actor)
    if isinstance(become, Recorded):
        return recorded(become)
    return _waiting(uow, state, request, become) or become.problem


async def for_report(uow: UnitOfWork, request: RecordProductionLog) -> WorkState:
    """Lock the work order of a report, with what the report asks for.

    Raises:
        Refused: There is none, or it is not theirs.
    """
    names_lane = request.lane_id is not None or request.lane_number is not None
    asked = Asked(
        lane_id=request.lane_id,
        lane_number=request.lane_number,
        fitting=request.kind is LogKind.START and not names_lane,
    )
    if request.corrects_log_id is not None:
        await states.lock_siblings(uow, request.work_order_id)
    state = await states.lock(uow, request.work_order_id, asked)
    return located.shown(uow, state, request.work_order_id)


def recorded(become: Recorded) -> ProductionLog:
    """Answer a report that was kept."""
    outcome = become.effects.outcome
    return answers.shown(
        become.log,
        status=outcome.work_order.status,
        is_updated="status" in outcome.touched,
    )


async def list_production_logs(uow: UnitOfWork, request: ListProductionLogs) -> Page[ProductionLog]:
    """Page through logs, what was recorded last first."""
    plants = access.shown_plants(uow, request.plant_code)
    cursor = pages.decode_cursor(request.cursor, length=2)
    before = Seen(_instant(cursor[0]), finding.id_of(cursor[1])) if cursor else None
    found = await log_pages.newest(uow, request, plants=plants, before=before)
    happening = log_pages.by_happening(request)

    def key(log: ProductionLog) -> Sequence[Any]:
        return [(log.happened_at if happening else log.logged_at).isoformat(), log.id]

    return pages.page(found, limit=request.limit, key=key)


async def list_work_order_logs(uow: UnitOfWork, request: ListWorkOrderLogs) -> Page[ProductionLog]:
    """Page through the logs of a work order, in the order things happened."""
    work_order = await finding.existing(uow, request.work_order_id)
    cursor = pages.decode_cursor(request.cursor, length=3)
    after = (_instant(cursor[0]), _instant(cursor[1]), finding.id_of(cursor[2])) if cursor else None
    found = await log_pages.of_work_order(uow, work_order, limit=request.limit, after=after)
    return pages.page(
        found,
        limit=request.limit,
        key=lambda log: [log.happened_at.isoformat(), log.logged_at.isoformat(), log.id],
    )


async def get_production_log(uow: UnitOfWork, request: GetProductionLog) -> ProductionLog:
    """Find one log."""
    log = await log_pages.one(uow, request.production_log_id)
    if log is None:
        raise Refused(
            Problem(
                code=ProblemCode.NOT_FOUND,
                detail="There is no such log.",
                facts={"production_log_id": str(request.production_log_id)},
            )
        )
    access.require_plant(uow, log.plant_code)
    return log


def _waiting(
    uow: UnitOfWork, state: WorkState, request: RecordProductionLog, refused: Refusal
) -> ProductionLog | None:
    """Put a late report on the list; None where it is refused all the same."""
    is_correction = request.corrects_log_id is not None
    if refused.log is None or is_correction or not making.is_late(request, uow.now):
        return None
    if not judging.may_wait(refused.problem):
        return None
    writing = Writing(log_id=refused.log.id, now=uow.now, by=uow.actor)
    conflict = conflicts.opened(request, refused.problem, state.work_order, writing=writing)
    log_conflicts.add(uow, conflict)
    return answers.waiting(conflict, refused.log, state.work_order.status)


def _instant(value: object) -> datetime:
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        raise finding.foreign_cursor() from None
