"""Work orders in: the runs they carry out follow their status."""

from lineside_chassis.consumers import Consumer
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.envelope import Received
from lineside_contracts.shopfloor import WorkOrderStatusChanged
from lineside_routing.store import runs


def listen(consumer: Consumer) -> None:
    """Register what happens when a work order's status changes."""

    @consumer.on_batch(WorkOrderStatusChanged)
    async def on_work_order_status_changed(
        uow: UnitOfWork, events: list[Received[WorkOrderStatusChanged]]
    ) -> None:
        await runs.follow(uow, [event.payload.work_order for event in events])
