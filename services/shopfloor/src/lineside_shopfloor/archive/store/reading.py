"""Archives as DuckDB reads them: another reader than the one that wrote them.

A session reads the files it was opened for and nothing else, with one thread and bounded memory.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import duckdb

from lineside_shopfloor.archive.domain.columns import ALL, COLUMNS, NUMERIC, Kind
from lineside_shopfloor.archive.domain.fingerprints import Fingerprint
from lineside_shopfloor.archive.domain.wanted import Wanted
from lineside_shopfloor.archive.store.files import ArchiveDamaged

MEMORY = "256MB"
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)

_WRITTEN: Final = {
    Kind.TEXT: "{0}",
    Kind.UUID: "{0}::VARCHAR",
    Kind.INSTANT: "epoch_us({0})::VARCHAR",
    Kind.NUMBER: "{0}::VARCHAR",
    Kind.WHOLE: "{0}::VARCHAR",
    Kind.FLAG: "{0}::INT::VARCHAR",
    Kind.TEXTS: "array_to_string({0}, chr(31))",
    Kind.JSON: "{0}",
}
_EQUAL: Final = ("work_order_id", "kind", "lane_id", "operation_number")


class Session:
    """DuckDB, open for some files; call its methods outside the event loop."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._files = [str(path) for path in paths]
        self._connection = duckdb.connect(
            ":memory:",
            config={
                "threads": 1,
                "memory_limit": MEMORY,
                "temp_directory": "",
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
            },
        )
        listed = ", ".join("'{}'".format(name.replace("'", "''")) for name in self._files)
        for setting in (
            f"allowed_paths = [{listed}]",
            "enable_external_access = false",
            "lock_configuration = true",
        ):
            self._connection.execute(f"SET {setting}")

    def close(self) -> None:
        """Give its memory back."""
        self._connection.close()

    def interrupt(self) -> None:
        """Give up what is being read; safe from any thread."""
        self._connection.interrupt()

    def fingerprint(self) -> Fingerprint:
        """Read everything once.

        Raises:
            ArchiveDamaged: DuckDB cannot read it.
        """
        asked = f"SELECT count(*), {', '.join(_figures())} FROM read_parquet($files)"  # noqa: S608
        return Fingerprint.of(self._read(asked, {})[0])

    def page(self, wanted: Wanted) -> list[dict[str, Any]]:
        """Read the logs wanted, what was recorded last first.

        Raises:
            ArchiveDamaged: DuckDB cannot read it.
        """
        conditions = dict(_conditions(wanted))
        parameters = {name: value for found in conditions.values() for name, value in found.items()}
        where = " AND ".join(conditions) or "true"
        shown = ", ".join(_shown(name) for name in ALL)
        rows = self._read(
            f"SELECT {shown} FROM read_parquet($files) WHERE {where}"  # noqa: S608 -- all of ours
            " ORDER BY logged_at DESC, id DESC LIMIT $most",
            {**parameters, "most": wanted.limit},
        )
        return [_row(values) for values in rows]

    def _read(self, sql: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
        try:
            found = self._connection.execute(sql, {"files": self._files, **parameters})
            return found.fetchall()
        except duckdb.InterruptException:
            raise
        except duckdb.Error as error:
            raise ArchiveDamaged(Path(self._files[0]).name, "unreadable") from error


def _conditions(wanted: Wanted) -> Iterator[tuple[str, dict[str, Any]]]:
    request = wanted.filters
    for name in _EQUAL:
        if (value := getattr(request, name)) is not None:
            yield f"{name} = ${name}", {name: value}
    if request.logged_by is not None:
        yield "logged_by_id = $logged_by", {"logged_by": request.logged_by}
    if request.happened_from is not None:
        yield "happened_at >= $happened_from", {"happened_from": request.happened_from}
    if request.happened_until is not None:
        yield "happened_at < $happened_until", {"happened_until": request.happened_until}
    if wanted.plants is not None:
        codes = {f"plant_{n}": code for n, code in enumerate(wanted.plants)}
        yield f"plant_code IN ({', '.join(f'${name}' for name in codes) or 'NULL'})", codes
    if wanted.before is not None:
        last = {"last_at": wanted.before[0], "last_id": wanted.before[1]}
        # the first half alone is what groups of rows are skipped by
        yield "logged_at <= $last_at AND (logged_at < $last_at OR id < $last_id)", last


def _shown(name: str) -> str:
    """DuckDB would need a further package to give an instant as such."""
    return f"epoch_us({name})" if ALL[name] is Kind.INSTANT else name


def _row(values: Sequence[Any]) -> dict[str, Any]:
    return {
        name: _value(kind, value) for (name, kind), value in zip(ALL.items(), values, strict=True)
    }


def _value(kind: Kind, value: Any) -> Any:
    if value is None:
        return None
    if kind is Kind.INSTANT:
        return _BEGINNING + timedelta(microseconds=value)
    if kind is Kind.NUMBER:
        return _plain(value)
    return value


def _plain(number: Decimal) -> Decimal:
    """Without the zeros that the file's fixed decimals add."""
    return number.quantize(Decimal(1)) if number == number.to_integral() else number.normalize()


def _figures() -> Iterator[str]:
    """As `measuring` asks PostgreSQL, word by word."""
    written = ", ".join(f"coalesce({_canonical(name)}, chr(30))" for name in COLUMNS)
    yield f"sum(('0x' || left(md5(concat_ws(chr(29), {written})), 15))::BIGINT)"
    for name, kind in COLUMNS.items():
        if kind in NUMERIC:
            value = f"epoch_us({name})" if kind is Kind.INSTANT else name
            yield f"count({name}), min({value}), max({value}), sum({value})"
        else:
            value = _canonical(name)
            yield f"count({name}), min({value}), max({value}), sum(length({value}))"


def _canonical(name: str) -> str:
    return _WRITTEN[COLUMNS[name]].format(name)
