"""Expansions and their runs: the hot path. Loads are set-based, whatever the size of a batch."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, or_, select

from lineside_chassis.tables import one_of
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.problems import Fault
from lineside_contracts.routing import Expansion, ProductionRun, RunStatus
from lineside_routing import tables
from lineside_routing.domain.orders import ExpansionStatus, Known, OrderFacts
from lineside_routing.store import ratios

_expansions, _runs = tables.expansions.c, tables.production_runs.c
_KNOWN = (
    _expansions.id,
    _expansions.version,
    _expansions.status,
    _expansions.order_version,
    _expansions.planning_version,
    _expansions.product_category,
    _expansions.faults,
    _expansions.waiting_order,
    _expansions.waiting_correlation_id,
)
_FINAL = (RunStatus.COMPLETED, RunStatus.CANCELLED)


@dataclass(frozen=True, slots=True)
class StoredRun:
    """A run that exists, as far as planning it again asks."""

    id: UUID
    sequence_number: int
    status: RunStatus


@dataclass(frozen=True)
class Scope:
    """Which failed expansions may work now: by product, by category, or by name."""

    product_codes: Sequence[str] = ()
    categories: Sequence[str] = ()
    order_ids: Sequence[UUID] = ()


async def locked(uow: UnitOfWork, order_ids: Sequence[UUID]) -> Mapping[UUID, Known]:
    """Load and lock the expansions of some orders, in the order of their ids."""
    query = select(*_KNOWN).where(one_of(_expansions.id, sorted(order_ids)))
    return {known.id: known for known in await _locked(uow, query)}


async def waiting(
    uow: UnitOfWork, scope: Scope, *, after: UUID | None, limit: int
) -> Sequence[Known]:
    """Load and lock the next failed expansions of a scope, in the order of their ids."""
    query = (
        select(*_KNOWN)
        .where(_expansions.status == ExpansionStatus.FAILED)
        .where(
            or_(
                one_of(_expansions.product_code, scope.product_codes),
                one_of(_expansions.product_category, scope.categories),
                one_of(_expansions.id, scope.order_ids),
            )
        )
        .limit(limit)
    )
    if after is not None:
        query = query.where(_expansions.id > after)
    return await _locked(uow, query)


async def runs_of(
    uow: UnitOfWork, order_ids: Sequence[UUID]
) -> Mapping[UUID, Mapping[int, StoredRun]]:
    """Load what runs some orders have, by order and sequence number."""
    found: dict[UUID, dict[int, StoredRun]] = {}
    if not order_ids:
        return found
    query = select(_runs.production_order_id, _runs.id, _runs.sequence_number, _runs.status).where(
        one_of(_runs.production_order_id, order_ids)
    )
    for order_id, run_id, number, status in await uow.connection.execute(query):
        found.setdefault(order_id, {})[number] = StoredRun(run_id, number, RunStatus(status))
    return found


def save(
    uow: UnitOfWork,
    expansion: Expansion,
    *,
    facts: OrderFacts,
    product_category: str | None,
    known: Known | None,
    correlation_id: UUID,
) -> None:
    """Register an expansion or its failure; a failed one keeps its order's facts."""
    failed = bool(expansion.faults)
    row = {
        **_order_columns(facts),
        "version": expansion.version,
        "status": ExpansionStatus.FAILED if failed else ExpansionStatus.EXPANDED,
        "product_category": product_category,
        "routing_id": expansion.routing_id,
        "routing_code": expansion.routing_code,
        "routing_version": expansion.routing_version,
        "plant_code": expansion.plant_code,
        "waiting_order": facts.model_dump(mode="json") if failed else None,
        "waiting_correlation_id": correlation_id if failed else None,
        "warnings": list(expansion.warnings),
        "faults": list(expansion.faults),
        "updated_at": uow.now,
    }
    _write(uow, row, is_new=known is None)


def keep_waiting(
    uow: UnitOfWork, facts: OrderFacts, *, product_category: str | None, correlation_id: UUID
) -> None:
    """Register newer facts of an order whose failure was announced already."""
    row = {
        "id": facts.order.production_order_id,
        "order_version": facts.order_version,
        "product_category": product_category,
        "waiting_order": facts.model_dump(mode="json"),
        "waiting_correlation_id": correlation_id,
        "updated_at": uow.now,
    }
    uow.update(tables.expansions, [row])


def cancel(uow: UnitOfWork, facts: OrderFacts, *, known: Known | None) -> None:
    """Register that an order is cancelled; one never seen before leaves a tombstone."""
    if known is None:
        tombstone: dict[str, Any] = {
            "version": 0,
            "plant_code": facts.plant_code,
            "warnings": [],
            "faults": [],
        }
        row = {**_order_columns(facts), **tombstone, "product_category": None}
    else:
        row = {
            "id": known.id,
            "order_version": facts.order_version,
            "waiting_order": None,
            "waiting_correlation_id": None,
        }
    row |= {"status": ExpansionStatus.CANCELLED, "updated_at": uow.now}
    _write(uow, row, is_new=known is None)


def save_runs(uow: UnitOfWork, expansion: Expansion, *, stored: Mapping[int, StoredRun]) -> None:
    """Register an expansion's runs; those of sequence numbers it no longer has are cancelled."""
    new, revived, kept = [], [], []
    for run in expansion.runs:
        earlier = stored.get(run.sequence_number)
        row = _run_row(run, expansion)
        if earlier is None:
            new.append(row)
        elif earlier.status is RunStatus.CANCELLED:
            revived.append(row)
        else:
            kept.append({name: value for name, value in row.items() if name != "status"})
    uow.insert(tables.production_runs, new)
    uow.update(tables.production_runs, revived)
    uow.update(tables.production_runs, kept)
    numbers = {run.sequence_number for run in expansion.runs}
    cancel_runs(uow, [run for number, run in stored.items() if number not in numbers])


def cancel_runs(uow: UnitOfWork, runs: Sequence[StoredRun]) -> None:
    """Register runs as cancelled, but for those that are completed."""
    rows = [
        {"id": run.id, "status": RunStatus.CANCELLED} for run in runs if run.status not in _FINAL
    ]
    uow.update(tables.production_runs, rows)


async def read(uow: UnitOfWork, order_id: UUID) -> Expansion | None:
    """Load the expansion of an order with its runs; None where it never had one."""
    query = select(tables.expansions).where(_expansions.id == order_id, _expansions.version > 0)
    row = (await uow.connection.execute(query)).mappings().one_or_none()
    if row is None:
        return None
    runs = (
        select(tables.production_runs)
        .where(_runs.production_order_id == order_id, _runs.expansion_version == row["version"])
        .order_by(_runs.sequence_number)
    )
    found = (await uow.connection.execute(runs)).mappings().all()
    return Expansion.model_validate(
        {**row, "order": row["order_facts"], "runs": [dict(run) for run in found]}
    )


async def usage_count(uow: UnitOfWork, routing_id: UUID) -> int:
    """Tell how many orders are planned by a template version."""
    query = select(func.count()).where(
        _expansions.routing_id == routing_id, _expansions.status == ExpansionStatus.EXPANDED
    )
    return (await uow.connection.execute(query)).scalar_one()


def _write(uow: UnitOfWork, row: Mapping[str, Any], *, is_new: bool) -> None:
    write: Callable[..., None] = uow.insert if is_new else uow.update
    write(tables.expansions, [row])


def _order_columns(facts: OrderFacts) -> dict[str, Any]:
    return {
        "id": facts.order.production_order_id,
        "order_version": facts.order_version,
        "planning_version": facts.order.planning_version,
        "product_code": facts.order.product_code,
        "order_facts": facts.order.model_dump(mode="json"),
    }


def _run_row(run: ProductionRun, expansion: Expansion) -> dict[str, Any]:
    return {
        **vars(run),  # the fields as they are: the database's encoding writes each once
        "units_per_product": ratios.text(run.units_per_product),
        "production_order_id": expansion.id,
        "expansion_version": expansion.version,
    }


async def _locked(uow: UnitOfWork, query: Select[Any]) -> Sequence[Known]:
    found = await uow.connection.execute(query.order_by(_expansions.id).with_for_update())
    return [_known(row) for row in found]


def _known(row: Row[Any]) -> Known:
    waiting_order = row.waiting_order
    return Known(
        id=row.id,
        version=row.version,
        status=ExpansionStatus(row.status),
        order_version=row.order_version,
        planning_version=row.planning_version,
        product_category=row.product_category,
        faults=tuple(map(Fault.model_validate, row.faults)),
        waiting_order=OrderFacts.model_validate(waiting_order) if waiting_order else None,
        waiting_correlation_id=row.waiting_correlation_id,
    )
