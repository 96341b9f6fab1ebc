"""What the queries of this package share: an array parameter of ids."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam


def any_id(ids: Iterable[UUID]) -> Any:
    """Any of some ids, as one array parameter: each once, in order."""
    return any_(bindparam(None, sorted(set(ids)), type_=ARRAY(Uuid), unique=True))
