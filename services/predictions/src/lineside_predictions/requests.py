"""Questions from the gateway: the newest prediction of a project, or of all of them."""

from lineside_chassis import pages
from lineside_chassis.requests import Requests
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts import predictions as contract
from lineside_contracts.endpoint import Page
from lineside_contracts.predictions import DeliveryPrediction
from lineside_contracts.problems import Problem, ProblemCode
from lineside_predictions.store import projects

SERVICE = "predictions"


def requests() -> Requests:
    """What this service answers."""
    answers = Requests(SERVICE)
    answers.answer(contract.GET_DELIVERY_PREDICTION)(get_delivery_prediction)
    answers.answer(contract.LIST_DELIVERY_PREDICTIONS)(list_delivery_predictions)
    return answers


async def get_delivery_prediction(
    uow: UnitOfWork, request: contract.GetDeliveryPrediction
) -> DeliveryPrediction | Problem:
    """Answer with the newest prediction of a project."""
    found = await projects.load_prediction(uow, request.project_id)
    return found or Problem(
        code=ProblemCode.NOT_FOUND,
        detail=f"there is no prediction for project {request.project_id}",
    )


async def list_delivery_predictions(
    uow: UnitOfWork, request: contract.ListDeliveryPredictions
) -> Page[DeliveryPrediction] | Problem:
    """Answer with a page of newest predictions, by project number."""
    after = pages.decode_cursor(request.cursor)
    found = await projects.list_predictions(
        uow,
        after=after[0] if after else None,
        limit=request.limit + 1,
        project_number=request.project_number,
    )
    return pages.page(found, limit=request.limit, key=lambda p: (p.project_number,))
