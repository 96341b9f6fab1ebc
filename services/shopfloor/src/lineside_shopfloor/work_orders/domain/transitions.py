"""The state machine of work orders (SPEC 10): the whole table, and what it refuses."""

from collections.abc import Mapping

from lineside_contracts.problems import Problem, ProblemCode
from lineside_contracts.shopfloor import WorkOrderStatus

_S = WorkOrderStatus

ALLOWED: Mapping[WorkOrderStatus, tuple[WorkOrderStatus, ...]] = {
    _S.PLANNED: (_S.RELEASED, _S.CANCELLED),
    _S.RELEASED: (_S.IN_PROGRESS, _S.CANCELLED),
    _S.IN_PROGRESS: (_S.COMPLETED, _S.CANCELLED),
    _S.COMPLETED: (),
    _S.CANCELLED: (),
}
"""Where each status leads; the last two are final."""

STARTED = frozenset({_S.IN_PROGRESS, _S.COMPLETED})
"""Work has been done: an amendment comes too late."""

NOT_STARTED = frozenset({_S.PLANNED, _S.RELEASED})
"""Still free to be planned anew."""


def is_allowed(old: WorkOrderStatus, new: WorkOrderStatus) -> bool:
    """Say whether a work order may go from one status to another."""
    return new in ALLOWED[old]


def is_final(status: WorkOrderStatus) -> bool:
    """Say whether nothing follows a status."""
    return not ALLOWED[status]


def refusal(old: WorkOrderStatus, new: WorkOrderStatus) -> Problem:
    """Refuse a step and name what is allowed instead (RULES 39)."""
    allowed = [status.value for status in ALLOWED[old]]
    instead = f"it may become {' or '.join(allowed)}" if allowed else "that is final"
    return Problem(
        code=ProblemCode.INVALID_STATUS_TRANSITION,
        detail=f"A work order that is {old} cannot become {new}; {instead}.",
        facts={"from": old.value, "to": new.value, "allowed": allowed},
    )
