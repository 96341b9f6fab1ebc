"""What the queries of this package share: array parameters, each value once, in order."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, any_, bindparam


def any_id(ids: Iterable[UUID]) -> Any:
    """Any of some ids, as one array parameter: each once, in order."""
    return any_(bindparam(None, sorted(set(ids)), type_=ARRAY(Uuid), unique=True))


def any_text(values: Iterable[str]) -> Any:
    """Any of some texts, as one array parameter: each once, in order."""
    return any_(bindparam(None, sorted(set(values)), type_=ARRAY(Text), unique=True))
