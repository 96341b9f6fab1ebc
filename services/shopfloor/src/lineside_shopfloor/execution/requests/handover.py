"""What a shift hands over: read when somebody asks, nothing is kept."""

from lineside_chassis.requests import Requests
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.problems import Problem, ProblemCode
from lineside_contracts.shopfloor import GET_HANDOVER, GetHandover, Handover
from lineside_shopfloor.execution.domain import handover as deciding
from lineside_shopfloor.execution.store import handover
from lineside_shopfloor.places.requests import access
from lineside_shopfloor.places.store import places


def register(requests: Requests) -> None:
    """Answer the request."""
    requests.answer(GET_HANDOVER)(get_handover)


async def get_handover(uow: UnitOfWork, request: GetHandover) -> Handover | Problem:
    """Tell what goes on in a plant, or went on at a moment: what is to come nobody knows."""
    access.require_plant(uow, request.plant_code)
    if request.plant_code not in await places.known_plants(uow, [request.plant_code]):
        return Problem(
            code=ProblemCode.NOT_FOUND,
            detail=f"There is no plant {request.plant_code}.",
            facts={"plant_code": request.plant_code},
        )
    at = min(request.at or uow.now, uow.now)
    work_orders = await handover.active(uow, request.plant_code, at)
    happened = await handover.happened(uow, [w.id for w in work_orders], at)
    items = deciding.handed_over(work_orders, happened, at=at)
    return Handover(plant_code=request.plant_code, at=at, items=items)
