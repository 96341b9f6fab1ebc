"""Costs of orders: facts loaded under their row locks, saved with the statement they lead to."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import RowMapping, Select, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY, UUID as PG_UUID
from sqlalchemy.sql.expression import any_

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.planning import ProductionCost
from lineside_planning.costing.domain.facts import OrderFacts
from lineside_planning.costing.tables import costs as table

_FACTS = TypeAdapter(OrderFacts)
_LOCKED: Select[Any] = (
    select(table)
    .where(table.c.id == any_(bindparam("ids", type_=ARRAY(PG_UUID))))
    .order_by(table.c.id)
    .with_for_update()
)


class Kept:
    """An order's facts and statement as they are stored; new orders have no statement yet."""

    def __init__(self, facts: OrderFacts, state: ProductionCost | None) -> None:
        self.facts = facts
        self.state = state

    @property
    def version(self) -> int:
        """The statement's version, 0 where there is none."""
        return self.state.version if self.state else 0


async def lock(uow: UnitOfWork, ids: Sequence[UUID]) -> dict[UUID, Kept]:
    """Load orders by id and keep others from changing them; unknown ones begin empty."""
    rows = await uow.connection.execute(_LOCKED, {"ids": list(ids)})
    known = {row["id"]: _kept(row) for row in rows.mappings()}
    return {order_id: known.get(order_id) or Kept(OrderFacts(order_id), None) for order_id in ids}


async def find(uow: UnitOfWork, order_id: UUID) -> ProductionCost | None:
    """Read one order's costs."""
    rows = await uow.connection.execute(select(table.c.state).where(table.c.id == order_id))
    state = rows.scalar_one_or_none()
    return None if state is None else ProductionCost.model_validate(state)


def save(uow: UnitOfWork, before: Kept, facts: OrderFacts, state: ProductionCost) -> None:
    """Keep facts and statement; who makes the same row at the same time has to retry."""
    row = {
        "id": facts.id,
        "version": state.version,
        "plant_code": facts.plant_code,
        "project_number": facts.project_number,
        "product_code": facts.product_code,
        "is_settled": state.is_settled,
        "facts": _FACTS.dump_python(facts, mode="json"),
        "state": state,
    }
    if before.state is None:
        uow.insert(table, [row])
    else:
        uow.update(table, [row])


def _kept(row: RowMapping) -> Kept:
    return Kept(_FACTS.validate_python(row["facts"]), ProductionCost.model_validate(row["state"]))
