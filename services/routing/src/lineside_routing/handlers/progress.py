"""Work orders in: the runs they carry out follow their status, and that of their operations."""

from lineside_chassis.consumers import Consumer
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.envelope import Received
from lineside_contracts.shopfloor import WorkOrderProgressed, WorkOrderStatusChanged
from lineside_routing.store import runs


def listen(consumer: Consumer) -> None:
    """Register what happens when a work order moves on, or something is reported on it."""

    @consumer.on_batch(WorkOrderStatusChanged, WorkOrderProgressed)
    async def on_work_order(
        uow: UnitOfWork, events: list[Received[WorkOrderStatusChanged | WorkOrderProgressed]]
    ) -> None:
        await runs.follow(uow, [event.payload.work_order for event in events])
