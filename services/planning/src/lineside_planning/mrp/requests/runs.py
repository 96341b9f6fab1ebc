"""MRP runs for people: ask for one, list, look, call off."""

from lineside_chassis.requests import Requests
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts import planning
from lineside_contracts.endpoint import Page
from lineside_contracts.planning import (
    GetMrpRun,
    ListMrpRuns,
    MrpRun,
    MrpRunStatus,
    StartMrpRun,
)
from lineside_contracts.problems import Problem, ProblemCode
from lineside_planning.mrp.requests import access
from lineside_planning.mrp.store import planning as planning_state, runs


def register(requests: Requests) -> None:
    """Answer the requests about runs."""
    requests.answer(planning.START_MRP_RUN)(start_run)
    requests.answer(planning.LIST_MRP_RUNS)(list_runs)
    requests.answer(planning.GET_MRP_RUN)(get_run)
    requests.answer(planning.CANCEL_MRP_RUN)(cancel_run)


async def start_run(uow: UnitOfWork, request: StartMrpRun) -> MrpRun:
    """Queue a run; a replica that has nothing else to do takes it."""
    await planning_state.lock(uow)
    return await runs.queue(uow, request.kind, reason=request.reason)


async def list_runs(uow: UnitOfWork, request: ListMrpRuns) -> Page[MrpRun]:
    """Page through the runs, newest first."""
    return await runs.page(uow, request)


async def get_run(uow: UnitOfWork, request: GetMrpRun) -> MrpRun | Problem:
    """Read one run."""
    found = await runs.find(uow, request.mrp_run_id)
    return found or _missing(request)


async def cancel_run(uow: UnitOfWork, request: GetMrpRun) -> MrpRun | Problem:
    """Call a run off: nothing of it is saved."""
    run = await runs.find(uow, request.mrp_run_id, locked=True)
    if run is None:
        return _missing(request)
    if run.status in runs.ENDED:
        return Problem(
            code=ProblemCode.MRP_RUN_ENDED,
            detail=f"Run {run.mrp_run_number} is {run.status} already.",
            facts={"status": run.status},
        )
    return runs.change(uow, run, tells=True, status=MrpRunStatus.CANCELLED, finished_at=uow.now)


def _missing(request: GetMrpRun) -> Problem:
    run_id = request.mrp_run_id
    return access.not_found("MRP run", run_id, mrp_run_id=str(run_id))
