import pytest

from lineside_contracts.problems import ProblemCode
from lineside_contracts.shopfloor import WorkOrderStatus as S
from lineside_shopfloor.work_orders.domain import transitions

ALLOWED = {
    (S.PLANNED, S.RELEASED),
    (S.PLANNED, S.CANCELLED),
    (S.RELEASED, S.IN_PROGRESS),
    (S.RELEASED, S.CANCELLED),
    (S.IN_PROGRESS, S.COMPLETED),
    (S.IN_PROGRESS, S.CANCELLED),
}


@pytest.mark.parametrize("old", S)
@pytest.mark.parametrize("new", S)
def test_only_the_steps_of_the_specification_are_allowed(old: S, new: S) -> None:
    assert transitions.is_allowed(old, new) == ((old, new) in ALLOWED)


@pytest.mark.parametrize("status", S)
def test_completed_and_cancelled_are_final(status: S) -> None:
    assert transitions.is_final(status) == (status in {S.COMPLETED, S.CANCELLED})


def test_a_refusal_names_what_is_allowed() -> None:
    problem = transitions.refusal(S.RELEASED, S.COMPLETED)
    assert problem.code is ProblemCode.INVALID_STATUS_TRANSITION
    assert problem.facts == {
        "from": "released",
        "to": "completed",
        "allowed": ["in_progress", "cancelled"],
    }
    assert problem.status == 409
