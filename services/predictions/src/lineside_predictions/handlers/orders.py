"""Events in: expansions, capacity, changed and cancelled orders, progress of the floor.

Every handler does the same: take over what changed about some orders and predict them again
(`predicting`).
"""

from dataclasses import replace
from typing import Any

from lineside_chassis.consumers import Consumer
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.envelope import Received
from lineside_contracts.planning import (
    CapacityChecked,
    CapacityPlan,
    ProductionOrder,
    ProductionOrderCancelled,
    ProductionOrderChanged,
)
from lineside_contracts.routing import Expansion, ProductionRun, RoutingExpanded
from lineside_contracts.shopfloor import WorkOrder, WorkOrderStatusChanged
from lineside_predictions.domain import runs, scoring
from lineside_predictions.domain.factors import CANCELLED
from lineside_predictions.domain.order_dates import NO_FORECAST, Forecast
from lineside_predictions.domain.prediction import Project
from lineside_predictions.domain.runs import Run
from lineside_predictions.handlers import predicting
from lineside_predictions.handlers.predicting import Cause, Causes, Change
from lineside_predictions.store import floor, orders as stored_orders
from lineside_predictions.store.orders import FloorStatus, OrderRecord

ORDERS_CONSUMER = "predictions-orders"

_NOTHING_MOVED = FloorStatus({}, {})


def consumer() -> Consumer:
    """What is predicted from."""
    orders = Consumer(ORDERS_CONSUMER)
    # what is called off in the same batch must not be predicted first
    orders.on_batch(ProductionOrderChanged, ProductionOrderCancelled)(on_production_order_changed)
    orders.on_batch(RoutingExpanded)(on_routing_expanded)
    orders.on_batch(CapacityChecked)(on_capacity_checked)
    orders.on_batch(WorkOrderStatusChanged)(on_work_order_status_changed)
    return orders


async def on_routing_expanded(uow: UnitOfWork, events: list[Received[RoutingExpanded]]) -> None:
    """Predict orders whose runs are now known."""
    expansions = [event.payload.expansion for event in events]
    known = await stored_orders.load_orders(uow, [expansion.id for expansion in expansions])
    fresh = [
        _expanded(known.get(expansion.id, OrderRecord(expansion.id)), expansion)
        for expansion in expansions
        if expansion.version > known.get(expansion.id, OrderRecord(expansion.id)).expansion_version
    ]
    again = [order.id for order in fresh if order.expansion_version > 1]
    status = await stored_orders.load_floor_status(uow, again) if again else _NOTHING_MOVED
    fresh = [_marked(order, status) for order in fresh]
    names = {expansion.order.project_id: expansion.order for expansion in expansions}
    projects = {
        project_id: Project(project_id, order.project_number, order.project_name, 0)
        for project_id, order in names.items()
    }
    causes: Causes = {event.payload.expansion.id: Cause.of(event.envelope) for event in events}
    waiting = {order.id for order in fresh if order.id in known}
    floor.mark_expanded(uow, waiting, cause=events[0].envelope)
    await predicting.predict(uow, Change(fresh, known, causes, named=projects))


async def on_capacity_checked(uow: UnitOfWork, events: list[Received[CapacityChecked]]) -> None:
    """Predict orders whose finite completion is now known; one ahead of its expansion is kept."""
    plans = [event.payload.capacity_plan for event in events]
    known = await stored_orders.load_orders(uow, [plan.id for plan in plans])
    fresh = [
        _forecast(order, plan)
        for plan in plans
        if _is_news(order := known.get(plan.id, OrderRecord(plan.id)), plan)
    ]
    causes: Causes = {event.payload.capacity_plan.id: Cause.of(event.envelope) for event in events}
    await predicting.predict(uow, Change(fresh, known, causes))


async def on_production_order_changed(
    uow: UnitOfWork,
    events: list[Received[ProductionOrderChanged] | Received[ProductionOrderCancelled]],
) -> None:
    """Take over due dates and cancellations; one that arrives before its expansion is kept."""
    states = [event.payload.production_order for event in events]
    known = await stored_orders.load_orders(uow, [state.id for state in states])
    fresh = [
        _changed(known.get(state.id, OrderRecord(state.id)), state)
        for state in states
        if state.version > known.get(state.id, OrderRecord(state.id)).order_version
    ]
    causes: Causes = {
        event.payload.production_order.id: Cause.of(event.envelope) for event in events
    }
    await predicting.predict(uow, Change(fresh, known, causes))


async def on_work_order_status_changed(
    uow: UnitOfWork, events: list[Received[WorkOrderStatusChanged]]
) -> None:
    """Count down the work that is left."""
    states = [
        event.payload.work_order for event in events if event.payload.work_order.production_order_id
    ]
    stored_orders.save_statuses(uow, [_progress_row(state) for state in states])
    await uow.flush()
    known = await stored_orders.load_orders(
        uow, [state.production_order_id for state in states if state.production_order_id]
    )
    causes: Causes = {
        event.payload.work_order.production_order_id: Cause.of(event.envelope) for event in events
    }
    status = await stored_orders.load_floor_status(uow, known) if known else _NOTHING_MOVED
    marked = [_marked(order, status) for order in known.values()]
    await predicting.predict(uow, Change(marked, known, causes))


def _marked(order: OrderRecord, floor_status: FloorStatus) -> OrderRecord:
    marked = runs.mark_done(order.runs, floor_status.status, floor_status.ended_at)
    return replace(order, runs=marked)


def _expanded(order: OrderRecord, expansion: Expansion) -> OrderRecord:
    """Plan an order anew; while nothing of it is released, it is confirmed anew as well."""
    facts = expansion.order
    is_begun = any(run.is_released or run.processed for run in order.runs)
    kind = scoring.kind_of_work(
        facts.product_category, [run.operation_code for run in expansion.runs]
    )
    is_forecast = order.capacity_expansion_version >= expansion.version
    return replace(
        order,
        forecast=order.forecast if is_forecast else NO_FORECAST,
        expansion_version=expansion.version,
        project_id=facts.project_id,
        production_order_number=facts.production_order_number,
        sales_order_id=facts.sales_order_id,
        due_date=order.due_date if order.order_version else facts.due_date,
        quantity=facts.quantity,
        plant_code=expansion.plant_code,
        runs=tuple(_run(run) for run in expansion.runs),
        product_category=facts.product_category,
        kind_of_work=kind.id,
        marks=order.marks if is_begun else {},
    )


def _is_news(order: OrderRecord, plan: CapacityPlan) -> bool:
    return (
        plan.version > order.capacity_version and plan.expansion_version >= order.expansion_version
    )


def _forecast(order: OrderRecord, plan: CapacityPlan) -> OrderRecord:
    return replace(
        order,
        capacity_version=plan.version,
        capacity_expansion_version=plan.expansion_version,
        forecast=Forecast(plan.estimated_completion_at, plan.materials_available_on),
    )


def _run(run: ProductionRun) -> Run:
    return Run(
        id=run.id,
        sequence_number=run.sequence_number,
        predecessors=run.predecessor_sequence_numbers,
        work_minutes=run.setup_minutes + run.run_minutes,
        wait_minutes=run.wait_minutes,
        operation_code=run.operation_code,
        operation_type=run.operation_type,
        setup_minutes=run.setup_minutes,
        planned_input=run.planned_input,
        planned_output=run.planned_output,
    )


def _changed(order: OrderRecord, state: ProductionOrder) -> OrderRecord:
    return replace(
        order,
        order_version=state.version,
        project_id=state.project_id,
        due_date=state.due_date,
        status=CANCELLED if state.status == CANCELLED else order.status,
    )


def _progress_row(state: WorkOrder) -> dict[str, Any]:
    return {
        "id": state.id,
        "production_order_id": state.production_order_id,
        "status": state.status,
        "run_ids": [str(o.run_id) for o in state.operations if o.run_id],
        "version": state.version,
        "ended_at": state.actual_end_at,
        "plant_code": state.plant_code,
        "operation_type": state.operation_type,
        "work_center_codes": sorted(_work_centers(state)),
    }


def _work_centers(state: WorkOrder) -> set[str]:
    """Wherever one of its operations may run."""
    codes: set[str] = set()
    for operation in state.operations:
        codes.update(operation.alternate_work_center_codes)
        codes |= {operation.work_center_code} if operation.work_center_code else set()
    return codes
