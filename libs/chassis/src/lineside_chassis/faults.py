"""What pydantic found wrong, as the faults of a problem document."""

from collections.abc import Sequence

from pydantic import ValidationError

from lineside_contracts.problems import Fault


def faults_of(error: ValidationError, *, prefix: str = "") -> tuple[Fault, ...]:
    """Name every fault by its path, such as `lines[2].quantity`."""
    return tuple(
        Fault(code=found["type"], path=_path(found["loc"], prefix), message=found["msg"])
        for found in error.errors(include_url=False, include_context=False, include_input=False)
    )


def _path(location: Sequence[int | str], prefix: str) -> str:
    path = prefix
    for step in location:
        if isinstance(step, int):
            path += f"[{step}]"
        else:
            path += f".{step}" if path else step
    return path
