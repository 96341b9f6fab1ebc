"""Work orders with everything that happens on them, found for what a person asks."""

from uuid import UUID

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_shopfloor.execution.domain.states import WorkState
from lineside_shopfloor.execution.store import states
from lineside_shopfloor.places.requests import access
from lineside_shopfloor.work_orders.requests import finding


async def for_change(
    uow: UnitOfWork, work_order_id: UUID, expected_version: int | None
) -> WorkState:
    """Lock a work order and load what happens on it, if it still is what the person saw.

    Raises:
        Refused: It is not there, not theirs, or at another version.
    """
    state = shown(uow, await states.lock(uow, work_order_id), work_order_id)
    finding.require_version(state.work_order.version, expected_version)
    return state


async def existing(uow: UnitOfWork, work_order_id: UUID) -> WorkState:
    """Load what happens on a work order that the person may see.

    Raises:
        Refused: It is not there, or not theirs.
    """
    return shown(uow, await states.read(uow, work_order_id), work_order_id)


def shown(uow: UnitOfWork, state: WorkState | None, work_order_id: UUID) -> WorkState:
    """Let a person have what was looked for.

    Raises:
        Refused: It is not there, or not theirs.
    """
    if state is None:
        raise finding.missing(work_order_id)
    access.require_plant(uow, state.work_order.plant_code)
    return state
