"""A month of a tenant's logs in figures, as PostgreSQL reads the table."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import TextClause, text

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_shopfloor.archive.domain import months
from lineside_shopfloor.archive.domain.columns import COLUMNS, DECIMALS, NUMERIC, Kind
from lineside_shopfloor.archive.domain.fingerprints import Fingerprint
from lineside_shopfloor.archive.store import months as partitions

_WRITTEN = {
    Kind.TEXT: "{0}",
    Kind.UUID: "{0}::text",
    Kind.INSTANT: "(extract(epoch FROM {0}) * 1000000)::bigint::text",
    Kind.NUMBER: f"round({{0}}, {DECIMALS})::text",
    Kind.WHOLE: "{0}::text",
    Kind.FLAG: "{0}::int::text",
    Kind.TEXTS: "array_to_string({0}, chr(31))",
    Kind.JSON: "{0}::text",
}
"""The one way to write a value; `reading` writes what is in the file alike."""


@dataclass(frozen=True, slots=True)
class Measured:
    """The logs of a month as they are in the table now.

    Attributes:
        digest: Of the rows, as PostgreSQL alone computes it: what a drop is checked against.
    """

    fingerprint: Fingerprint
    digest: Decimal


async def measure(uow: UnitOfWork, month: date) -> Measured:
    """Read all logs of a month once."""
    await uow.connection.execute(partitions.LONG)
    row = (await uow.connection.execute(_MEASURES, between(month))).one()
    digest, *figures = row
    return Measured(Fingerprint.of(figures), digest or Decimal(0))


async def digest(uow: UnitOfWork, month: date) -> tuple[int, Decimal]:
    """Count and digest the logs of a month: what a drop is checked against."""
    await uow.connection.execute(partitions.LONG)
    row = (await uow.connection.execute(_DIGEST, between(month))).one()
    return row[1], row[0] or Decimal(0)


def between(month: date) -> dict[str, datetime]:
    """The parameters of a question about one month."""
    begins, ends = months.bounds(month)
    return {"begins": begins, "ends": ends}


def _figures() -> Iterator[str]:
    written = ", ".join(f"coalesce({_canonical(name)}, chr(30))" for name in COLUMNS)
    whole = f"concat_ws(chr(29), {written})"
    yield f"sum(('x' || left(md5({whole}), 15))::bit(60)::bigint)"
    for name, kind in COLUMNS.items():
        if kind in NUMERIC:
            value = f"{_canonical(name)}::bigint" if kind is Kind.INSTANT else name
            yield f"count({name}), min({value}), max({value}), sum({value})"
        else:
            value = f'({_canonical(name)}) COLLATE "C"'
            yield f"count({name}), min({value}), max({value}), sum(length({_canonical(name)}))"


def _canonical(name: str) -> str:
    return _WRITTEN[COLUMNS[name]].format(name)


def _asked(figures: Iterable[str]) -> TextClause:
    # to_jsonb orders the columns itself: partitions may have theirs in another order
    asked = ["sum(hashtextextended(to_jsonb(l)::text, 0)::numeric)", "count(*)", *figures]
    return text(
        f"SELECT {', '.join(asked)} FROM production_logs AS l"  # noqa: S608 -- columns of ours
        " WHERE logged_at >= :begins AND logged_at < :ends"
    )


_MEASURES = _asked(_figures())
_DIGEST = _asked(())
