"""What capacity knows of a production order, and how news change it.

Each source has its own version: the order, its expansion, its materials, the logs of each run. The
highest is kept, older news mean nothing, whatever order they come in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from lineside_contracts.planning import MaterialPlan, ProductionOrder, ProductionOrderStatus
from lineside_contracts.routing import Expansion, ProductionRun, RunStatus
from lineside_contracts.shopfloor import OperationStatus, WorkOrder, WorkOrderLog, WorkOrderStatus
from lineside_contracts.values import Priority
from lineside_planning.capacity.domain import material_dates
from lineside_planning.capacity.domain.centers import Take
from lineside_planning.capacity.domain.material_dates import Estimate, MaterialDate
from lineside_planning.capacity.domain.tasks import Progress, Run

OVER = frozenset(
    {
        ProductionOrderStatus.COMPLETED,
        ProductionOrderStatus.CLOSED,
        ProductionOrderStatus.CANCELLED,
    }
)
"""Orders that need nothing more."""

_URGENCY = {Priority.URGENT: 0, Priority.HIGH: 1, Priority.MEDIUM: 2, Priority.LOW: 3}
_FINISHED_RUNS = frozenset({RunStatus.COMPLETED, RunStatus.CANCELLED})
_FINISHED_OPERATIONS = frozenset({OperationStatus.COMPLETED, OperationStatus.CANCELLED})


@dataclass(frozen=True, slots=True)
class RunNews:
    """What was reported on a run.

    Attributes:
        log_version: Of the logs the progress was read from.
        progress: Done so far.
        cancelled_in: The expansion in which its work order was cancelled.
    """

    log_version: int = 0
    progress: Progress = field(default_factory=Progress)
    cancelled_in: int | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What the last answer said, as far as others act on it."""

    is_feasible: bool
    reasons: tuple[str, ...]
    completes_on: date | None
    due_date: date
    planning_version: int
    expansion_version: int
    materials_available_on: date | None


@dataclass(frozen=True, slots=True)
class OrderState:
    """An order in the eyes of capacity.

    Attributes:
        id: Of the production order.
        version: Of the answers given; 0 before the first.
        order_version: Of the newest state of the order; 0 where only its expansion is known.
        runs: Of its expansion.
        materials: What is not there yet.
        materials_available_on: When materials expect the last of them.
        allocated: What is reserved for it in stock and not yet used, by component and plant.
        news: What was reported, by run id.
        placed: The load it has, by work center.
        said: What was answered last.
        completes_at: When it will be done, by its last check.
        parent_id: The order it is made for, as that one's materials say.
    """

    id: UUID
    version: int = 0
    order_version: int = 0
    production_order_number: str = ""
    product_code: str = ""
    plant_code: str | None = None
    due_date: date | None = None
    priority: Priority = Priority.MEDIUM
    is_over: bool = False
    planning_version: int = 0
    expansion_version: int = 0
    expanded_planning_version: int = 0
    runs: tuple[Run, ...] = ()
    material_version: int = 0
    materials: tuple[MaterialDate, ...] = ()
    materials_available_on: date | None = None
    allocated: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict)
    news: Mapping[str, RunNews] = field(default_factory=dict)
    placed: Mapping[str, Sequence[Take]] = field(default_factory=dict)
    said: Said | None = None
    completes_at: datetime | None = None
    parent_id: UUID | None = None

    @property
    def is_planned(self) -> bool:
        """Whether there is something to load."""
        return bool(self.runs) and not self.is_over and self.due_date is not None

    @property
    def routed_plant_code(self) -> str | None:
        """Where its last operation is done, once it is routed (RULES 26)."""
        return self.plant_code if self.expansion_version else None

    @property
    def estimate(self) -> Estimate | None:
        """When it will be done; None where it is not checked."""
        return Estimate(self.said.completes_on, self.completes_at) if self.said else None

    @property
    def materials_on(self) -> date | None:
        """When the last material is expected; None: at once, or nobody knows."""
        if any(material.made is not None for material in self.materials):
            return material_dates.last_on(self.materials)
        return self.materials_available_on

    @property
    def turn(self) -> tuple[int, date, str]:
        """Who is loaded first: by priority, due date, number."""
        return (
            _URGENCY[self.priority],
            self.due_date or date.max,
            self.production_order_number,
        )

    @property
    def progress(self) -> dict[str, Progress]:
        """What was reported, as tasks take it."""
        return {
            run_id: Progress(is_finished=True)
            if news.cancelled_in is not None and news.cancelled_in >= self.expansion_version
            else news.progress
            for run_id, news in self.news.items()
        }


def with_order(state: OrderState, order: ProductionOrder) -> OrderState:
    """Take the order's own state."""
    if order.version <= state.order_version:
        return state
    return replace(
        state,
        order_version=order.version,
        production_order_number=order.production_order_number,
        product_code=order.product_code,
        plant_code=state.routed_plant_code or order.plant_code,
        due_date=order.due_date,
        priority=order.priority,
        planning_version=max(state.planning_version, order.planning_version),
        is_over=order.status in OVER,
    )


def with_expansion(state: OrderState, expansion: Expansion) -> OrderState:
    """Take the runs of an expansion; a failed one has none."""
    if expansion.version <= state.expansion_version:
        return state
    about = expansion.order
    known = state.order_version > 0
    return replace(
        state,
        expansion_version=expansion.version,
        expanded_planning_version=about.planning_version,
        runs=tuple([_run(run) for run in expansion.runs]),
        production_order_number=about.production_order_number,
        product_code=about.product_code,
        plant_code=expansion.plant_code or state.plant_code,
        due_date=state.due_date if known else about.due_date,
        priority=state.priority if known else about.priority,
        planning_version=max(state.planning_version, about.planning_version),
    )


def with_materials(state: OrderState, plan: MaterialPlan) -> OrderState:
    """Take when its materials are there, as far as they are not."""
    if plan.version <= state.material_version:
        return state
    return replace(
        state,
        material_version=plan.version,
        materials=material_dates.missing(plan, state.materials),
        materials_available_on=plan.available_on,
        allocated=material_dates.allocated(plan),
        production_order_number=state.production_order_number or plan.production_order_number,
        product_code=state.product_code or plan.product_code,
    )


def with_parent(state: OrderState, parent_id: UUID) -> OrderState:
    """Take for which order it is made."""
    return state if state.parent_id == parent_id else replace(state, parent_id=parent_id)


def tells_of_runs(work_order: WorkOrder) -> bool:
    """Whether a work order's state says that runs are finished."""
    if work_order.status in {WorkOrderStatus.COMPLETED, WorkOrderStatus.CANCELLED}:
        return True
    return any(operation.status in _FINISHED_OPERATIONS for operation in work_order.operations)


def with_work_order(state: OrderState, work_order: WorkOrder) -> OrderState:
    """Take which operations of a work order are finished."""
    news = dict(state.news)
    for operation in work_order.operations:
        if operation.run_id is None:
            continue
        run_id = str(operation.run_id)
        before = news.get(run_id, RunNews())
        if work_order.status is WorkOrderStatus.CANCELLED:
            news[run_id] = replace(before, cancelled_in=work_order.expansion_version or 0)
        elif operation.status in _FINISHED_OPERATIONS or _is_done(work_order):
            news[run_id] = replace(before, progress=replace(before.progress, is_finished=True))
    return state if news == state.news else replace(state, news=news)


def with_log(state: OrderState, log: WorkOrderLog) -> OrderState:
    """Take what has been reported in all on the operations of a work order."""
    news = dict(state.news)
    for totals in log.operations:
        if totals.run_id is None:
            continue
        run_id = str(totals.run_id)
        before = news.get(run_id, RunNews())
        if log.version <= before.log_version:
            continue
        finished = totals.is_completed or before.progress.is_finished
        progress = Progress(totals.good_quantity + totals.scrap_quantity, finished)
        news[run_id] = replace(before, log_version=log.version, progress=progress)
    return state if news == state.news else replace(state, news=news)


def matters(before: OrderState, after: OrderState) -> bool:
    """Whether news ask for a new check, or for the load to be taken off."""
    if before.is_planned != after.is_planned:
        return True
    if before.expansion_version != after.expansion_version:
        return True  # others wait for the answer to this very expansion
    if not after.is_planned:
        return bool(after.placed)
    return (
        before.due_date != after.due_date
        or before.plant_code != after.plant_code
        or before.planning_version != after.planning_version
        or before.progress != after.progress
        or before.materials != after.materials
    )


def _is_done(work_order: WorkOrder) -> bool:
    return work_order.status is WorkOrderStatus.COMPLETED


def _run(run: ProductionRun) -> Run:
    return Run(
        sequence_number=run.sequence_number,
        operation_name=run.operation_name,
        work_center_code=run.work_center_code,
        setup_minutes=run.setup_minutes,
        run_minutes=run.run_minutes,
        run_id=str(run.id),
        alternates=run.alternate_work_center_codes,
        predecessors=run.predecessor_sequence_numbers,
        wait_minutes=run.wait_minutes,
        planned_input=run.planned_input,
        planned_output=run.planned_output,
        units_per_product=run.units_per_product,
        unit_decimals=run.unit_decimals,
        transfer_batch_quantity=run.transfer_batch_quantity,
        setup_scrap_quantity=run.setup_scrap_quantity,
        time_basis=run.time_basis,
        batch_size=run.batch_size,
        is_finished=run.status in _FINISHED_RUNS,
    )
