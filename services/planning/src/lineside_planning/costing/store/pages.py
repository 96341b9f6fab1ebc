"""Pages of costs, newest order first."""

from uuid import UUID

from sqlalchemy import select

from lineside_chassis import pages, plant_access
from lineside_chassis.errors import Refused
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.endpoint import Page
from lineside_contracts.planning import ListProductionCosts, ProductionCost
from lineside_contracts.problems import Problem, ProblemCode
from lineside_planning.costing.tables import costs as table

_EQUAL = ("project_number", "product_code", "is_settled")


async def page(uow: UnitOfWork, request: ListProductionCosts) -> Page[ProductionCost]:
    """Read one page of the costs that match.

    Raises:
        Refused: The cursor is none of ours.
    """
    query = select(table.c.state).order_by(table.c.id.desc()).limit(request.limit + 1)
    for name in _EQUAL:
        wanted = getattr(request, name)
        if wanted is not None:
            query = query.where(table.c[name] == wanted)
    if (after := pages.decode_cursor(request.cursor)) is not None:
        query = query.where(table.c.id < _order_id(str(after[0])))
    rows = await uow.connection.execute(plant_access.visible(uow, query, table.c.plant_code))
    found = [ProductionCost.model_validate(state) for state in rows.scalars()]
    return pages.page(found, limit=request.limit, key=lambda cost: [cost.id])


def _order_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        detail = "This cursor is not one of this list; start again without one."
        raise Refused(Problem(code=ProblemCode.INVALID_CURSOR, detail=detail)) from None
