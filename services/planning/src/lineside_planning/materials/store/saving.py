"""Benches saved: exactly what differs, in one statement, with the events that tell of it.

Stock and receipts first, then requisitions, then plans: whoever reads the events in order never
meets a need whose supply nobody has told of. Rows that vanish take a second statement.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Table

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.envelope import Envelope
from lineside_contracts.planning import (
    MaterialPlan,
    MaterialPlanned,
    MaterialShortageDetected,
    PurchaseRequisitionChanged,
    PurchaseRequisitionCreated,
    ReceiptChanged,
    StockChanged,
)
from lineside_planning.master_data.domain import numbering
from lineside_planning.master_data.store import numbers
from lineside_planning.materials.domain import (
    documents,
    receiving,
    requisitions,
    states,
    stock_states,
)
from lineside_planning.materials.domain.bench import (
    NOTHING,
    Allocation,
    Bench,
    Plan,
    Pool,
    Receipt,
    Requirement,
    Requisition,
)
from lineside_planning.materials.domain.movements import PoolKey
from lineside_planning.materials.store import bench_rows, movements
from lineside_planning.materials.tables import (
    inventory,
    material_allocations,
    material_plans,
    material_requirements,
    purchase_requisitions,
    receipts,
    requisition_pegs,
)

PREFIX = "PR"
"""Of requisition numbers."""

_SILENT = frozenset({"version", "planned_at", "order_version", "order_status"})
"""A plan of which nothing else changed is not told of."""

_USED = frozenset({"issued_quantity"})
_NOT_TOLD_OF_RECEIPTS = frozenset({"version", "quantity_allocated", "updated_at", "updated_by"})

Causes = Mapping[UUID, Envelope]
Row = dict[str, Any]


async def save(
    uow: UnitOfWork,
    bench: Bench,
    *,
    causes: Causes | None = None,
    cause: Envelope | None = None,
) -> None:
    """Write what was decided and tell of it; afterwards the bench carries the new versions.

    Args:
        uow: The unit of work.
        bench: As decided and served.
        causes: Which event made an order's plan change.
        cause: What made everything else change; the last of `causes` where it is not given.
    """
    saving = _Saving(uow, bench, causes or {}, cause)
    requisitions.follow(bench, saving.actor_of_pool)
    await saving.number_requisitions()
    states.refresh(bench)
    saving.write_stock()
    saving.write_receipts()
    for requisition in bench.requisitions.values():
        saving.write_requisition(requisition)
    for plan in bench.plans.values():
        saving.write_plan(plan)
    saving.delete_what_vanished()
    bench.announcements = []


class Differs(IntEnum):
    """How much of a plan is other than it was."""

    NOTHING = 0
    USED = 1
    """Only what was issued or is held: an announcement of its own tells of that."""
    TELLING = 2


class _Saving:
    """One save: where to, what, and what it follows from."""

    def __init__(
        self, uow: UnitOfWork, bench: Bench, causes: Causes, cause: Envelope | None
    ) -> None:
        self.uow, self.bench, self.causes = uow, bench, causes
        self.otherwise = cause or next(reversed(list(causes.values())), None)
        self.of_pool = {
            requirement.pool_key: causes[plan.id]
            for plan in bench.plans.values()
            if plan.id in causes
            for requirement in (*plan.requirements, *plan.removed)
        }
        self.vanished: list[tuple[Table, UUID]] = []

    def cause_of_pool(self, key: PoolKey) -> Envelope | None:
        """The event that made something of a pool change."""
        return self.of_pool.get(key, self.otherwise)

    def actor_of_pool(self, key: PoolKey) -> Any:
        """Who made it change."""
        return self.uow.actor_of(self.cause_of_pool(key))

    def cause_of_plan(self, plan: Plan) -> Envelope | None:
        """The order's own event, else that of a pool which serves it."""
        if plan.id in self.causes:
            return self.causes[plan.id]
        found = (self.of_pool[r.pool_key] for r in plan.requirements if r.pool_key in self.of_pool)
        return next(found, self.otherwise)

    async def number_requisitions(self) -> None:
        """Give those that are new their numbers, after every other lock."""
        new = [r for r in self.bench.requisitions.values() if not r.number]
        if not new:
            return
        series = [self._series(requisition) for requisition in new]
        taken = await numbers.take(self.uow, Counter(series))
        for requisition, its in zip(new, series, strict=True):
            requisition.number = taken.next_number(its)

    def _series(self, requisition: Requisition) -> numbering.NumberSeries:
        zone = self.bench.places.plant(requisition.plant_code).time_zone
        return numbering.series_of(PREFIX, time_zone=zone, now=self.bench.now)

    def write_stock(self) -> None:
        """Pools that differ; what lies in them is told of, allocations alone are not."""
        change: Counter[PoolKey] = Counter()
        for movement in self.bench.room.movements:
            change[movement.pool] += movement.quantity  # type: ignore[assignment]
        movements.register(self.uow, self.bench, causes=self.causes, cause=self.otherwise)
        for pool in self.bench.pools.values():
            before = self.bench.stored[pool.id]
            if bench_rows.pool_row(pool) == before:
                continue
            if self._lies_differently(pool, before):
                pool.version += 1
            row = bench_rows.pool_row(pool)
            self.uow.update(inventory, [row | {"updated_at": self.bench.now}])
            if pool.version != before["version"]:
                said = StockChanged(
                    stock=stock_states.stock(self.bench, pool),
                    quantity_change=change.get(pool.key) or NOTHING,
                )
                self.uow.emit(said, caused_by=self.cause_of_pool(pool.key))
            self.bench.stored[pool.id] = row

    def _lies_differently(self, pool: Pool, before: Row) -> bool:
        return (pool.on_hand, pool.blocked, pool.is_recorded) != (
            before["quantity_on_hand"],
            before["quantity_blocked"],
            before["is_recorded"],
        )

    def write_receipts(self) -> None:
        """Receipts that differ; allocations alone are not told of."""
        for receipt in self.bench.receipts.values():
            before = self.bench.stored.get(receipt.id)
            row = bench_rows.receipt_row(receipt)
            if row == before:
                continue
            if _differs(row, before, besides=_NOT_TOLD_OF_RECEIPTS):
                self._tell_receipt(receipt)
                row = bench_rows.receipt_row(receipt)
            self._write(receipts, row, before)

    def _tell_receipt(self, receipt: Receipt) -> None:
        receipt.version += 1
        said = ReceiptChanged(receipt=receiving.state(receipt))
        self.uow.emit(said, caused_by=self.cause_of_pool(receipt.pool_key))

    def write_requisition(self, requisition: Requisition) -> None:
        """A requisition and its pegs, where they differ."""
        before = self.bench.stored.get(requisition.id)
        changed = [
            peg for peg in requisition.pegs if self._is_changed(peg.id, bench_rows.peg_row(peg))
        ]
        if bench_rows.requisition_row(requisition) == before and not changed:
            return
        cause = self.cause_of_pool(requisition.pool_key)
        requisition.version += 1
        requisition.updated_at = self.bench.now
        requisition.updated_by = self.uow.actor_of(cause)
        self._write(purchase_requisitions, bench_rows.requisition_row(requisition), before)
        for peg in changed:
            self._write(requisition_pegs, bench_rows.peg_row(peg), self.bench.stored.get(peg.id))
        state = documents.purchase_requisition(requisition)
        said = (
            PurchaseRequisitionCreated(purchase_requisition=state)
            if before is None
            else PurchaseRequisitionChanged(purchase_requisition=state)
        )
        self.uow.emit(said, caused_by=cause)

    def write_plan(self, plan: Plan) -> None:
        """A plan with its requirements and what they hold, where they differ, and its events."""
        before = self.bench.stored.get(plan.id)
        shorter = [r for r in plan.requirements if self._is_shorter(r)]
        differs = self._write_requirements(plan)
        if _differs(bench_rows.plan_row(plan), before, besides=_SILENT):
            differs = Differs.TELLING
        announced = [make for order_id, make in self.bench.announcements if order_id == plan.id]
        if differs is Differs.TELLING or (differs is Differs.USED and not announced):
            announced.append(lambda state: MaterialPlanned(material_plan=state))
        if shorter:
            announced.append(partial(_lacking, shorter))
        cause = self.cause_of_plan(plan)
        for make in announced:
            plan.version += 1
            self.uow.emit(make(states.material_plan(plan)), caused_by=cause)
        row = bench_rows.plan_row(plan)
        if row != before:
            self._write(material_plans, row, before)

    def _write_requirements(self, plan: Plan) -> "Differs":
        differs = Differs.TELLING if plan.removed else Differs.NOTHING
        for requirement in plan.requirements:
            row = bench_rows.requirement_row(requirement)
            before = self.bench.stored.get(requirement.id)
            if row != before:
                self._write(material_requirements, row, before)
                used = not _differs(row, before, besides=_USED)
                differs = max(differs, Differs.USED if used else Differs.TELLING)
            if self._write_held(requirement.allocations):
                differs = max(differs, Differs.USED)
        for requirement in plan.removed:
            self._write_held(requirement.allocations)
            if requirement.id in self.bench.stored:
                self.vanished.append((material_requirements, requirement.id))
        if self._write_held(plan.goods):
            differs = max(differs, Differs.USED)
        return differs

    def _write_held(self, held: Iterable[Allocation]) -> bool:
        """Allocations that differ; those given back vanish."""
        differs = False
        for allocation in held:
            row = bench_rows.allocation_row(allocation)
            before = self.bench.stored.get(allocation.id)
            if row == before:
                continue
            if allocation.quantity:
                self._write(material_allocations, row, before)
            elif before is not None:
                self.vanished.append((material_allocations, allocation.id))
            differs = True
        return differs

    def _is_shorter(self, requirement: Requirement) -> bool:
        before = self.bench.stored.get(requirement.id)
        return requirement.short > (before["short_quantity"] if before else NOTHING)

    def _is_changed(self, row_id: UUID, row: Row) -> bool:
        return self.bench.stored.get(row_id) != row

    def _write(self, table: Table, row: Row, before: Row | None) -> None:
        if before is None:
            self.uow.insert(table, [row])
        else:
            self.uow.update(table, [row])
        self.bench.stored[row["id"]] = row

    def delete_what_vanished(self) -> None:
        """Delete what nobody holds or needs any more, last."""
        self.vanished += [
            (requisition_pegs, peg.id)
            for peg in self.bench.removed_pegs
            if peg.id in self.bench.stored
        ]
        for table, row_id in self.vanished:
            self.uow.delete(table, [{"id": row_id}], key=("id",))
        self.bench.removed_pegs = []


def _lacking(shorter: Sequence[Requirement], state: MaterialPlan) -> MaterialShortageDetected:
    shortages = tuple(states.shortage(requirement) for requirement in shorter)
    return MaterialShortageDetected(material_plan=state, shortages=shortages)


def _differs(row: Row, before: Row | None, *, besides: frozenset[str]) -> bool:
    if before is None:
        return True
    return any(row[name] != before[name] for name in row if name not in besides)
