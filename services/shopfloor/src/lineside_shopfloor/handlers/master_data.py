"""Facts of other services: the tenant's rules and the names of projects.

Consumer `shopfloor-master-data`; the newest version of each wins, whatever order they come in.
"""

from lineside_chassis.consumers import Consumer
from lineside_chassis.master_data import project_state
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts import streams
from lineside_contracts.envelope import Received
from lineside_contracts.planning import ProjectChanged, TenantChanged
from lineside_shopfloor import tables

MASTER_DATA = "shopfloor-master-data"
"""The durable's name: its place in the stream, never changed."""


def consumer() -> Consumer:
    """Build the consumer."""
    master_data = Consumer(MASTER_DATA, stream=streams.MASTER_DATA)
    master_data.on_batch(TenantChanged)(on_tenant_changed)
    master_data.on_batch(ProjectChanged)(on_project_changed)
    return master_data


async def on_tenant_changed(uow: UnitOfWork, events: list[Received[TenantChanged]]) -> None:
    """Keep the tenant's rules."""
    states = [event.payload.tenant for event in events]
    project_state(uow, tables.tenant_settings, states, key=("id",))


async def on_project_changed(uow: UnitOfWork, events: list[Received[ProjectChanged]]) -> None:
    """Keep the names of projects."""
    states = [event.payload.project for event in events]
    project_state(uow, tables.projects, states, key=("id",))
