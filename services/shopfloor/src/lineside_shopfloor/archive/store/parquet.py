"""Writes an archive: Parquet compressed with zstd, in the order given, always the same bytes."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from uuid import UUID

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from lineside_shopfloor.archive.domain import months
from lineside_shopfloor.archive.domain.columns import ALL, DECIMALS, Kind
from lineside_shopfloor.archive.store.files import CannotArchive

GROUP_ROWS = 20_000
"""Rows are skipped by the group: small enough for a filter to leave most of a month unread."""

_TYPES: Final = {
    Kind.TEXT: pa.string(),
    Kind.UUID: pa.uuid(),
    Kind.INSTANT: pa.timestamp("us", tz="UTC"),
    Kind.NUMBER: pa.decimal128(38, DECIMALS),
    Kind.WHOLE: pa.int32(),
    Kind.FLAG: pa.bool_(),
    Kind.TEXTS: pa.list_(pa.string()),
    Kind.JSON: pa.string(),
}
_FIELDS: Final = [pa.field(name, _TYPES[kind]) for name, kind in ALL.items()]


class ArchiveWriter:
    """A file being written; call its methods outside the event loop."""

    def __init__(self, path: Path, *, tenant_id: UUID, month: date) -> None:
        about = {"lineside.tenant_id": str(tenant_id), "lineside.month": months.written(month)}
        self._schema = pa.schema(_FIELDS, metadata=about)
        self._writer = pq.ParquetWriter(path, self._schema, compression="zstd")
        self._waiting: list[Any] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._writer.close()

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        """Add rows, each with the columns of the table and those derived, in their order.

        Raises:
            CannotArchive: A value does not fit.
        """
        columns = zip(*rows, strict=True)
        try:
            arrays = [
                pa.array(values, type=field.type)
                for values, field in zip(columns, self._schema, strict=True)
            ]
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            raise CannotArchive(str(error)) from error
        self._waiting.append(pa.record_batch(arrays, schema=self._schema))
        if sum(batch.num_rows for batch in self._waiting) >= GROUP_ROWS:
            self.flush()

    def flush(self) -> None:
        """Write what waits, as one group of rows."""
        if self._waiting:
            self._writer.write_table(pa.Table.from_batches(self._waiting))
            self._waiting = []
