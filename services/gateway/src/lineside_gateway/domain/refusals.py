"""The one way a request ends early: a problem, and the headers that go with it."""

from collections.abc import Mapping, Sequence
from typing import Any

from lineside_contracts.problems import Fault, Problem, ProblemCode

MOST_FAULTS = 100
"""More faults than this help nobody and could make an answer larger than its request."""

_STANDARD = frozenset(
    {"type", "title", "status", "detail", "code", "instance", "correlation_id", "faults"}
)


class Refused(Exception):  # noqa: N818 -- a refusal is no error of ours
    """A request is answered with this problem and goes no further."""

    def __init__(self, problem: Problem, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(problem.detail)
        self.problem = problem
        self.headers = dict(headers or {})


def refuse(
    code: ProblemCode, detail: str, *, headers: Mapping[str, str] | None = None, **facts: Any
) -> Refused:
    """Word a refusal; `facts` become fields of the problem document."""
    return Refused(Problem(code=code, detail=detail, facts=facts), headers)


def unavailable(detail: str) -> Refused:
    """Say that something behind the gateway is away for the moment."""
    return refuse(ProblemCode.UNAVAILABLE, detail, headers={"Retry-After": "1"})


def document_of(problem: Problem, *, instance: str, correlation_id: str) -> dict[str, Any]:
    """Write a problem as an RFC 9457 document; its facts are top-level fields.

    A fact that is named like a standard member (a lane's `status`) would hide it: such facts are
    found under `facts` instead.
    """
    document: dict[str, Any] = {
        "type": f"urn:lineside:problem:{problem.code}",
        "title": problem.code.replace("_", " ").capitalize(),
        "status": problem.status,
        "detail": problem.detail,
        "code": str(problem.code),
        "instance": instance,
        "correlation_id": correlation_id,
        "faults": [fault.model_dump(mode="json") for fault in problem.faults],
    }
    hidden = {name: value for name, value in problem.facts.items() if name in _STANDARD}
    document |= {name: value for name, value in problem.facts.items() if name not in _STANDARD}
    return document | ({"facts": hidden} if hidden else {})


def validation_problem(faults: Sequence[Fault]) -> Problem:
    """Collect what is wrong with a request into one problem."""
    shown = tuple(faults[:MOST_FAULTS])
    count = len(faults)
    more = f"; the first {MOST_FAULTS} are listed" if count > MOST_FAULTS else ""
    return Problem(
        code=ProblemCode.VALIDATION_FAILED,
        detail=f"{count} {'thing is' if count == 1 else 'things are'} wrong{more}.",
        faults=shown,
    )
