"""What a finished order teaches: whether it was on time, and whether its predictions were kept."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_predictions.domain import scoring
from lineside_predictions.domain.scoring import NO_ACCURACY, KindOfWork
from lineside_predictions.store import experience, orders as stored_orders
from lineside_predictions.store.orders import OrderRecord


async def score(uow: UnitOfWork, orders: Sequence[OrderRecord]) -> list[OrderRecord]:
    """Score those orders that have just finished, once each; the others stay as they are."""
    finished = [order for order in orders if order.finished_on and order.is_on_time is None]
    if not finished:
        return list(orders)
    promised = await stored_orders.load_promised_dates(
        uow, [order.sales_order_id for order in finished if order.sales_order_id]
    )
    judged = {order.id: _judged(order, promised) for order in finished}
    await _count_in(uow, list(judged.values()))
    return [judged.get(order.id, order) for order in orders]


def _judged(order: OrderRecord, promised: Mapping[UUID, date]) -> OrderRecord:
    """On time is by what was promised; by what was asked for where nothing was."""
    wanted = promised.get(order.sales_order_id) if order.sales_order_id else None
    wanted = wanted or order.due_date
    is_on_time = wanted is None or (order.finished_on or wanted) <= wanted
    return replace(order, is_on_time=is_on_time)


async def _count_in(uow: UnitOfWork, orders: Sequence[OrderRecord]) -> None:
    kinds = {order.id: kind for order in orders if (kind := _kind(order))}
    by_id = {kind.id: kind for kind in kinds.values()}
    known = await experience.lock_accuracy(uow, by_id)
    seen = await experience.load_scored_projects(
        uow, [order.project_id for order in orders if order.project_id]
    )
    accuracy = {each: known.get(each, NO_ACCURACY) for each in by_id}
    for order in orders:
        kind = kinds.get(order.id)
        if kind is None or order.finished_on is None or order.project_id is None:
            continue
        scored = scoring.scores(order.marks, finished_on=order.finished_on)
        place = (order.project_id, kind.id)
        accuracy[kind.id] = scoring.add_order(
            accuracy[kind.id],
            scored,
            is_on_time=bool(order.is_on_time),
            is_new_project=place not in seen,
        )
        seen.add(place)
        experience.save_scores(uow, order.id, scored, project_id=order.project_id, kind=kind)
    experience.save_accuracy(uow, accuracy, kinds=by_id, known=known)


def _kind(order: OrderRecord) -> KindOfWork | None:
    if order.kind_of_work is None:
        return None
    codes = [run.operation_code for run in order.runs]
    return scoring.kind_of_work(order.product_category, codes)
