"""Finding what a request names: the work order, at the version the person saw, in their plants."""

from uuid import UUID

from lineside_chassis.errors import Refused
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.problems import Problem, ProblemCode
from lineside_contracts.shopfloor import WorkOrder
from lineside_shopfloor.places.requests import access
from lineside_shopfloor.work_orders.store import work_orders


async def existing(uow: UnitOfWork, work_order_id: UUID, *, for_update: bool = False) -> WorkOrder:
    """Find a work order that the person may see, locked where it is to be changed.

    Raises:
        Refused: There is none, or it belongs to a plant that is not theirs.
    """
    return shown(
        uow, await work_orders.one(uow, work_order_id, for_update=for_update), work_order_id
    )


async def for_change(
    uow: UnitOfWork, work_order_id: UUID, expected_version: int | None
) -> WorkOrder:
    """Lock a work order, if it still is what the person saw.

    Raises:
        Refused: It is not there, not theirs, or at another version.
    """
    work_order = await existing(uow, work_order_id, for_update=True)
    require_version(work_order.version, expected_version)
    return work_order


def shown(uow: UnitOfWork, work_order: WorkOrder | None, work_order_id: UUID) -> WorkOrder:
    """Let a person have a work order that was looked for.

    Raises:
        Refused: It is not there, or not theirs.
    """
    if work_order is None:
        raise missing(work_order_id)
    access.require_plant(uow, work_order.plant_code)
    return work_order


def missing(work_order_id: UUID) -> Refused:
    """Refuse what names a work order that is not there."""
    return Refused(
        Problem(
            code=ProblemCode.NOT_FOUND,
            detail="There is no such work order.",
            facts={"work_order_id": str(work_order_id)},
        )
    )


def require_version(current: int, expected: int | None) -> None:
    """Let a change be made to what the person saw.

    Raises:
        Refused: Somebody else has changed it since.
    """
    if expected is None or expected == current:
        return
    raise Refused(
        Problem(
            code=ProblemCode.VERSION_CONFLICT,
            detail=f"It is at version {current}, not {expected}.",
            facts={"expected_version": expected, "current_version": current},
        )
    )


def id_of(value: object) -> UUID:
    """Read an id of a cursor.

    Raises:
        Refused: The cursor is none of ours.
    """
    try:
        return UUID(str(value))
    except ValueError:
        raise foreign_cursor() from None


def foreign_cursor() -> Refused:
    """Refuse a cursor of another list."""
    detail = "This cursor is not valid here; start again without one."
    return Refused(Problem(code=ProblemCode.INVALID_CURSOR, detail=detail))
