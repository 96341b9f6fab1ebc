"""Facts of other services: the tenant's rules, the names of projects, when work centers work.

Consumer `shopfloor-master-data`; the newest version of each wins, whatever order they come in. A
changed calendar dates nothing anew by itself: the next expansion or due date does.
"""

from lineside_chassis.consumers import Consumer
from lineside_chassis.master_data import project_state
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts import streams
from lineside_contracts.envelope import Received
from lineside_contracts.planning import (
    CalendarChanged,
    LabourRateChanged,
    MaintenanceWindowChanged,
    ProductChanged,
    ProjectChanged,
    TenantChanged,
)
from lineside_contracts.routing import WorkCenterChanged
from lineside_shopfloor import tables

MASTER_DATA = "shopfloor-master-data"
"""The durable's name: its place in the stream, never changed."""


def consumer() -> Consumer:
    """Build the consumer."""
    master_data = Consumer(MASTER_DATA, stream=streams.MASTER_DATA)
    master_data.on_batch(TenantChanged)(on_tenant_changed)
    master_data.on_batch(ProjectChanged)(on_project_changed)
    master_data.on_batch(CalendarChanged)(on_calendar_changed)
    master_data.on_batch(MaintenanceWindowChanged)(on_maintenance_window_changed)
    master_data.on_batch(WorkCenterChanged)(on_work_center_changed)
    master_data.on_batch(ProductChanged)(on_product_changed)
    master_data.on_batch(LabourRateChanged)(on_labour_rate_changed)
    return master_data


async def on_tenant_changed(uow: UnitOfWork, events: list[Received[TenantChanged]]) -> None:
    """Keep the tenant's rules."""
    states = [event.payload.tenant for event in events]
    project_state(uow, tables.tenant_settings, states, key=("id",))


async def on_project_changed(uow: UnitOfWork, events: list[Received[ProjectChanged]]) -> None:
    """Keep the names of projects."""
    states = [event.payload.project for event in events]
    project_state(uow, tables.projects, states, key=("id",))


async def on_calendar_changed(uow: UnitOfWork, events: list[Received[CalendarChanged]]) -> None:
    """Keep shifts and holidays."""
    states = [event.payload.calendar for event in events]
    project_state(uow, tables.calendars, states, key=("id",))


async def on_maintenance_window_changed(
    uow: UnitOfWork, events: list[Received[MaintenanceWindowChanged]]
) -> None:
    """Keep when nobody works."""
    states = [event.payload.maintenance_window for event in events]
    project_state(uow, tables.maintenance_windows, states, key=("id",))


async def on_work_center_changed(
    uow: UnitOfWork, events: list[Received[WorkCenterChanged]]
) -> None:
    """Keep where each work center stands, by which calendar it works, and how well."""
    states = [event.payload.work_center for event in events]
    project_state(uow, tables.work_centers, states, key=("id",))


async def on_product_changed(uow: UnitOfWork, events: list[Received[ProductChanged]]) -> None:
    """Keep the category of each product: changing over within one costs least."""
    states = [event.payload.product for event in events]
    project_state(uow, tables.products, states, key=("id",))


async def on_labour_rate_changed(
    uow: UnitOfWork, events: list[Received[LabourRateChanged]]
) -> None:
    """Keep what an hour of each role costs."""
    states = [event.payload.labour_rate for event in events]
    project_state(uow, tables.labour_rates, states, key=("id",))
