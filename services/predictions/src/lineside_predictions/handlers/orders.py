"""Events in: expansions, capacity, changed and cancelled orders, progress of the floor.

Every handler does the same: take over what changed about some orders, predict these orders again,
combine them with the other orders of their projects, and say what is news.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from lineside_chassis.consumers import Consumer
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.envelope import Envelope, Received
from lineside_contracts.planning import (
    CapacityChecked,
    CapacityPlan,
    ProductionOrder,
    ProductionOrderCancelled,
    ProductionOrderChanged,
)
from lineside_contracts.predictions import DeliveryPredictionUpdated
from lineside_contracts.routing import Expansion, ProductionRun, RoutingExpanded
from lineside_contracts.shopfloor import WorkOrder, WorkOrderStatusChanged
from lineside_manufacturing import calendars
from lineside_manufacturing.calendars import WorkingCalendar
from lineside_predictions.domain import order_dates, prediction
from lineside_predictions.domain.order_dates import NO_FORECAST, Forecast, Run
from lineside_predictions.domain.prediction import (
    CANCELLED,
    COMPLETED,
    OPEN,
    Project,
    ProjectOrder,
    ProjectRecord,
)
from lineside_predictions.store import orders as stored_orders, projects as stored_projects
from lineside_predictions.store.orders import OrderRecord

ORDERS_CONSUMER = "predictions-orders"

Causes = dict[UUID | None, Envelope]
"""The event that made an order be predicted again, by production order."""


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
    status = await stored_orders.load_run_status(uow, again) if again else {}
    fresh = [replace(order, runs=order_dates.mark_done(order.runs, status)) for order in fresh]
    names = {expansion.order.project_id: expansion.order for expansion in expansions}
    projects = {
        project_id: Project(project_id, order.project_number, order.project_name, 0)
        for project_id, order in names.items()
    }
    causes: Causes = {event.payload.expansion.id: event.envelope for event in events}
    await _predict(uow, fresh, known=known, projects=projects, causes=causes)


async def on_capacity_checked(uow: UnitOfWork, events: list[Received[CapacityChecked]]) -> None:
    """Predict orders whose finite completion is now known; one ahead of its expansion is kept."""
    plans = [event.payload.capacity_plan for event in events]
    known = await stored_orders.load_orders(uow, [plan.id for plan in plans])
    fresh = [
        _forecast(order, plan)
        for plan in plans
        if _is_news(order := known.get(plan.id, OrderRecord(plan.id)), plan)
    ]
    causes: Causes = {event.payload.capacity_plan.id: event.envelope for event in events}
    await _predict(uow, fresh, known=known, projects={}, causes=causes)


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
    causes: Causes = {event.payload.production_order.id: event.envelope for event in events}
    await _predict(uow, fresh, known=known, projects={}, causes=causes)


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
        event.payload.work_order.production_order_id: event.envelope for event in events
    }
    status = await stored_orders.load_run_status(uow, known) if known else {}
    marked = [
        replace(order, runs=order_dates.mark_done(order.runs, status)) for order in known.values()
    ]
    await _predict(uow, marked, known=known, projects={}, causes=causes)


async def _predict(
    uow: UnitOfWork,
    changed: Sequence[OrderRecord],
    *,
    known: Container[UUID],
    projects: Mapping[UUID, Project],
    causes: Causes,
) -> None:
    """Predict some orders and their projects again, save everything, say what is news."""
    if not changed:
        return
    project_ids = {order.project_id for order in changed if order.project_id}
    around = await stored_projects.load_surroundings(
        uow,
        project_ids=project_ids,
        plant_codes=[order.plant_code for order in changed if order.plant_code],
    )
    held = around.projects
    predicted = [_with_date(uow, order, around.plants) for order in changed]
    stored_orders.save_orders(uow, predicted, known=known)
    orders = await stored_orders.load_orders_of_projects(uow, held) if held else {}
    orders |= {order.id: order for order in predicted}
    by_project: dict[UUID | None, list[ProjectOrder]] = {}
    for order in orders.values():
        if part := order.as_project_order():
            by_project.setdefault(order.project_id, []).append(part)
    records = [
        held.get(each) or ProjectRecord(projects[each], None)
        for each in sorted(project_ids)
        if each in held or each in projects
    ]
    news = [
        made
        for record in records
        if (made := prediction.renew(record, by_project.get(record.project.id, []), now=uow.now))
    ]
    for made in news:
        fresh = [order for order in predicted if order.project_id == made.project.id]
        cause = next((causes[order.id] for order in fresh if order.id in causes), None)
        _say(uow, made, fresh, before=held.get(made.project.id), cause=cause)
    stored_projects.save_predictions(uow, news, known=held)


def _say(
    uow: UnitOfWork,
    made: ProjectRecord,
    fresh: Sequence[OrderRecord],
    *,
    before: ProjectRecord | None,
    cause: Envelope | None,
) -> None:
    if made.prediction is None:
        return
    old = before.prediction if before else None
    event = DeliveryPredictionUpdated(
        delivery_prediction=made.prediction,
        previous_predicted_date=old.predicted_date if old else None,
        changed_orders=tuple(
            prediction.listed(part) for order in fresh if (part := order.as_project_order())
        ),
    )
    uow.emit(event, caused_by=cause)


def _with_date(
    uow: UnitOfWork, order: OrderRecord, plants: Mapping[str, WorkingCalendar]
) -> OrderRecord:
    """Predict an order whose runs are known."""
    if not order.expansion_version or order.status == CANCELLED:
        return order
    is_done = bool(order.runs) and all(run.is_done for run in order.runs)
    if is_done and order.status == COMPLETED:
        return order
    dates = order_dates.predict_order(
        order.runs,
        now=uow.now,
        calendar=plants.get(order.plant_code or "", calendars.standard_calendar("UTC")),
        forecast=order.forecast,
    )
    return replace(order, status=COMPLETED if is_done else OPEN, dates=dates)


def _expanded(order: OrderRecord, expansion: Expansion) -> OrderRecord:
    facts = expansion.order
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
    }
