"""What is compared of a table and of the file made of it, each read by its own database."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from lineside_shopfloor.archive.domain.columns import COLUMNS

FACTS = ("count", "least", "most", "total")
"""Of each column, in this order."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Some logs in figures.

    Attributes:
        row_count: How many they are.
        checksum: Sum of the digests of whole rows: no value can change places unnoticed.
        columns: Of each column how many values it has, the least, the greatest, and their sum (of
            what is no number, the sum of lengths).
    """

    row_count: int
    checksum: int
    columns: Mapping[str, tuple[Any, ...]]

    @classmethod
    def of(cls, figures: Sequence[Any]) -> Self:
        """Take the figures as both questions give them: count, checksum, then the columns'."""
        row_count, checksum, *rest = figures
        size = len(FACTS)
        parts = (tuple(rest[n : n + size]) for n in range(0, len(rest), size))
        columns = dict(zip(COLUMNS, parts, strict=True))
        return cls(int(row_count), int(checksum or 0), columns)


def differences(table: Fingerprint, file: Fingerprint) -> list[str]:
    """Say in which figures a file differs from the table; nothing where they are equal."""
    return list(_differences(table, file))


def _differences(table: Fingerprint, file: Fingerprint) -> Iterator[str]:
    if table.row_count != file.row_count:
        yield f"{table.row_count} rows in the table, {file.row_count} in the file"
    if table.checksum != file.checksum:
        yield "the checksum of the rows"
    for name, facts in table.columns.items():
        found = file.columns[name]
        yield from (
            f"{fact} of {name}: {mine} in the table, {other} in the file"
            for fact, mine, other in zip(FACTS, facts, found, strict=True)
            if mine != other
        )
