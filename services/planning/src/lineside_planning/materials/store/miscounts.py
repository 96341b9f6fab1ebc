"""Open miscounts in, new and settled ones out with their events."""

from collections.abc import Callable, Iterable
from uuid import UUID

from sqlalchemy import RowMapping, select

from lineside_chassis.tables import one_of
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.envelope import Envelope
from lineside_contracts.planning import Discrepancy, StockDiscrepancyRecorded
from lineside_contracts.values import Actor
from lineside_planning.materials.domain.discrepancies import Miscounts, Missing
from lineside_planning.materials.domain.movements import PoolKey
from lineside_planning.materials.tables import stock_discrepancies as table

CauseOf = Callable[[UUID | None], Envelope | None]
"""The event that made an order's materials change; None outside events."""


async def load(uow: UnitOfWork, pools: Iterable[PoolKey]) -> Miscounts:
    """Load the open miscounts of some pools, whose rows the caller has locked."""
    wanted = set(pools)
    query = select(table).where(
        one_of(table.c.product_code, sorted({key.product_code for key in wanted})),
        table.c.status == "open",
    )
    miscounts = Miscounts()
    for row in (await uow.connection.execute(query)).mappings():
        missing = _missing(row)
        if missing.pool in wanted:
            miscounts.open[missing.pool, missing.production_order_id] = missing
    return miscounts


def save(uow: UnitOfWork, miscounts: Miscounts, *, cause_of: CauseOf) -> None:
    """Register what changed and tell of it, and forget it."""
    for missing in miscounts.changed:
        cause = cause_of(missing.production_order_id)
        state = _state(uow, missing, actor=uow.actor_of(cause))
        values = {**dict(state), "requirement_id": None}
        if missing.id is None:
            uow.insert(table, [values])
        else:
            uow.update(table, [values], expect_version=True)
        missing.id, missing.version = state.id, state.version
        uow.emit(StockDiscrepancyRecorded(discrepancy=state), caused_by=cause)
    miscounts.changed = []


def _missing(row: RowMapping) -> Missing:
    return Missing(
        pool=PoolKey(row["product_code"], row["plant_code"]),
        production_order_id=row["production_order_id"],
        production_order_number=row["production_order_number"],
        quantity=row["quantity_missing"],
        explanation=row["explanation"],
        id=row["id"],
        version=row["version"],
        created_at=row["created_at"],
        created_by=Actor.model_validate(row["created_by"]),
    )


def _state(uow: UnitOfWork, missing: Missing, *, actor: Actor) -> Discrepancy:
    return Discrepancy(
        id=missing.id or uow.new_id(),
        version=missing.version + 1,
        product_code=missing.pool.product_code,
        plant_code=missing.pool.plant_code,
        quantity_missing=missing.quantity,
        production_order_id=missing.production_order_id,
        production_order_number=missing.production_order_number,
        status="settled" if missing.is_settled else "open",
        explanation=missing.explanation,
        created_at=missing.created_at or uow.now,
        created_by=missing.created_by or actor,
        updated_at=uow.now,
        updated_by=actor,
    )
