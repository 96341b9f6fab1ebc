"""What keeps a row of master data from being deleted: whatever still speaks of it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.problems import Problem, ProblemCode

Users = Callable[[UnitOfWork, str], Awaitable[Sequence[str]]]
"""Names some of what uses a code."""


async def keep(uow: UnitOfWork, code: str, users: Mapping[str, Users]) -> Problem | None:
    """Refuse a deletion where something uses the code; `users` by the word for them."""
    for word, named_by in users.items():
        if named := await named_by(uow, code):
            detail = f"{code} is used by {word}: {', '.join(named)}."
            return Problem(code=ProblemCode.IN_USE, detail=detail, facts={"used_by": list(named)})
    return None
