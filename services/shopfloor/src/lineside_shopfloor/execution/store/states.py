"""A work order with everything a decision on its reports needs, in two statements.

The first locks the work order; the second begins after the lock is ours, so that it sees what the
holder before us wrote: operations and tracks of a statement that waited for the lock itself would
be those of before. What other work orders gave is read without a lock: it grows, and a correction
that lowers it locks them all (`lock_siblings`).
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.shopfloor import WorkOrder
from lineside_shopfloor import tables
from lineside_shopfloor.execution.domain import states
from lineside_shopfloor.execution.domain.plans import Plan
from lineside_shopfloor.execution.domain.states import WorkState
from lineside_shopfloor.execution.store import floor_facts, floor_queries
from lineside_shopfloor.execution.store.floor_queries import Asked, Sentence
from lineside_shopfloor.work_orders.store import work_orders

_WORK_ORDERS = tables.work_orders
_NOTHING = Asked()
_ABOUT = ("production_order_id", "plant_code", "operation_type")


async def lock(uow: UnitOfWork, work_order_id: UUID, asked: Asked = _NOTHING) -> WorkState | None:
    """Lock a work order and load what is known of it; None where there is none."""
    return await _load(uow, work_order_id, asked, for_update=True)


async def read(uow: UnitOfWork, work_order_id: UUID, asked: Asked = _NOTHING) -> WorkState | None:
    """Load what is known of a work order, without locking it."""
    return await _load(uow, work_order_id, asked, for_update=False)


async def lock_siblings(uow: UnitOfWork, work_order_id: UUID) -> None:
    """Lock a work order and the others of its production order, in the order of their ids.

    Whoever takes pieces back has to: none of them may use these meanwhile.
    """
    own = select(_WORK_ORDERS.c.production_order_id).where(_WORK_ORDERS.c.id == work_order_id)
    query = (
        select(_WORK_ORDERS.c.id)
        .where(
            or_(
                _WORK_ORDERS.c.id == work_order_id,
                _WORK_ORDERS.c.production_order_id == own.scalar_subquery(),
            )
        )
        .order_by(_WORK_ORDERS.c.id)
        .with_for_update(key_share=True)
    )
    await uow.connection.execute(query)


async def with_following(uow: UnitOfWork, state: WorkState) -> WorkState:
    """Add the operations of other work orders that take pieces of this one's."""
    order_id, numbers = state.work_order.production_order_id, list(state.plan.operations)
    if order_id is None or not numbers:
        return state
    query = floor_queries.following(state.work_order.id, order_id, numbers)
    rows = (await uow.connection.execute(query)).all()
    return replace(state, following=tuple(floor_facts.elsewhere(row) for row in rows))


async def _load(
    uow: UnitOfWork, work_order_id: UUID, asked: Asked, *, for_update: bool
) -> WorkState | None:
    locking = floor_queries.lock(for_update=for_update)
    row = (await _asked(uow, locking, {"work_order_id": work_order_id})).one_or_none()
    if row is None:
        return None
    fields = dict(zip(work_orders.FIELDS, row, strict=False))
    around = floor_queries.around(floor_queries.shape_of(fields, asked))
    given = {
        **{name: fields[name] for name in _ABOUT},
        "work_order_id": work_order_id,
        "lane_id": asked.lane_id,
        "lane_number": asked.lane_number,
    }
    facts = (await _asked(uow, around, given)).one()
    return _state({**fields, "operations": floor_facts.operations(facts)}, row.log_version, facts)


async def _asked(uow: UnitOfWork, sentence: Sentence, given: Mapping[str, Any]) -> Any:
    parameters = {**given, **sentence.constants}
    return await uow.connection.exec_driver_sql(sentence.sql, parameters)


def _state(fields: Mapping[str, Any], log_version: int, facts: Any) -> WorkState:
    work_order = WorkOrder.model_validate(fields)
    rules = floor_facts.rules(facts)
    tracks = floor_facts.tracks(facts)
    return WorkState(
        work_order=work_order,
        log_version=log_version,
        progress=states.stored_progress(work_order, tracks),
        plan=Plan.of(work_order, tolerance_percentage=rules.tolerance_percentage),
        rules=rules,
        lanes=floor_facts.lanes(facts),
        held=floor_facts.held(facts),
        named=floor_facts.named(facts),
        fitting=floor_facts.fitting(facts),
        before={other.operation_number: other for other in floor_facts.before(facts)},
    )
