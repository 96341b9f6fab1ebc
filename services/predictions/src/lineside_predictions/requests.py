"""Questions from the gateway: predictions of projects, their history, and how right they were."""

from lineside_chassis import pages
from lineside_chassis.requests import Requests
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts import predictions as contract
from lineside_contracts.endpoint import Page
from lineside_contracts.predictions import Calibration, DeliveryPrediction, PastPrediction
from lineside_contracts.problems import Problem, ProblemCode
from lineside_predictions.domain import scoring
from lineside_predictions.store import experience, projects

SERVICE = "predictions"

LISTED_GROUPS = 200
"""Kinds of work in one calibration view, those with most orders."""


def requests() -> Requests:
    """What this service answers."""
    answers = Requests(SERVICE)
    answers.answer(contract.GET_DELIVERY_PREDICTION)(get_delivery_prediction)
    answers.answer(contract.LIST_DELIVERY_PREDICTIONS)(list_delivery_predictions)
    answers.answer(contract.LIST_PREDICTION_HISTORY)(list_prediction_history)
    answers.answer(contract.GET_CALIBRATION)(get_calibration)
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


async def list_prediction_history(
    uow: UnitOfWork, request: contract.ListPredictionHistory
) -> Page[PastPrediction] | Problem:
    """Answer with what was published of a project, the newest first."""
    before = pages.decode_cursor(request.cursor)
    if before is not None and not isinstance(before[0], int):
        return Problem(code=ProblemCode.INVALID_CURSOR, detail="This cursor is of another list.")
    found = await projects.list_history(
        uow,
        request.project_id,
        before=before[0] if before else None,
        limit=request.limit + 1,
    )
    return pages.page(found, limit=request.limit, key=lambda past: (past.version,))


async def get_calibration(uow: UnitOfWork, request: contract.GetCalibration) -> Calibration:
    """Answer with how many dates of finished orders were kept, overall and by kind of work."""
    found = await experience.list_accuracy(uow, product_category=request.product_category)
    return Calibration(
        overall=scoring.view(scoring.together([accuracy for _, accuracy in found])),
        groups=tuple(scoring.view(accuracy, kind) for kind, accuracy in found[:LISTED_GROUPS]),
    )
