"""Which logs of a file are asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which logs of a file are asked for.

    Attributes:
        filters: The request; its fields are the columns' names.
        limit: How many at most.
        plants: Codes of the plants to show; None for all.
        before: When the last row seen was recorded, and its id.
    """

    filters: Any
    limit: int
    plants: Sequence[str] | None = None
    before: tuple[datetime, UUID] | None = None
