"""Master data of any kind: list, get, create, update, delete, import, from one description.

The table's convention: `id`, `version`, `deleted`, `created_at`, `created_by` (jsonb),
`updated_at`, `updated_by` (jsonb), and one column per field of the kind's fields model under the
field's name: scalars as scalars (ratios as text), nested models, tuples and mappings as jsonb.
`(tenant_id, <code field>)` is unique. Columns the state does not know are left alone.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Generic

from sqlalchemy import Table

from lineside_chassis import imports, master_data_store
from lineside_chassis.errors import Refused
from lineside_chassis.master_data_store import NewId, Shelf
from lineside_chassis.requests import Requests
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.endpoint import Done, Page
from lineside_contracts.envelope import AggregateState
from lineside_contracts.master_data import (
    DeleteMasterData,
    F,
    GetMasterData,
    ImportMasterData,
    ImportReport,
    ListMasterData,
    MasterDataKind,
    S,
)
from lineside_contracts.problems import Fault, Problem, ProblemCode

Check = Callable[[UnitOfWork, Sequence[Any]], Awaitable[Sequence[tuple[Fault, ...]]]]
"""Checks fields against what else is stored: the faults of each, in the same order."""

InUse = Callable[[UnitOfWork, Any], Awaitable[Problem | None]]
"""Tells why a state must not be deleted, or None."""

CHUNK_ROWS = 1_000
"""Rows of an import per statement, so that other work gets its turn; all are one transaction."""


class MasterData(Generic[F, S]):
    """Answers the requests of one kind from one table."""

    def __init__(
        self,
        kind: MasterDataKind[F, S],
        table: Table,
        *,
        check: Check | None = None,
        in_use: InUse | None = None,
        new_id: NewId = UnitOfWork.new_id,
    ) -> None:
        self.kind = kind
        self._shelf = Shelf(kind, table, new_id=new_id)
        self._check = check
        self._in_use = in_use
        self._requests: Requests | None = None

    def register(self, requests: Requests) -> None:
        """Answer the kind's requests."""
        self._requests = requests
        requests.answer(self.kind.list)(self.list_rows)
        requests.answer(self.kind.get)(self.get)
        requests.answer(self.kind.create)(self.create)
        requests.answer(self.kind.update)(self.update)
        requests.answer(self.kind.delete)(self.delete)
        requests.answer(self.kind.load)(self.load)

    async def list_rows(self, uow: UnitOfWork, request: ListMasterData) -> Page[S] | Problem:
        """Page through what is not deleted, by code."""
        return await self._shelf.page(uow, request)

    async def get(self, uow: UnitOfWork, request: GetMasterData) -> S | Problem:
        """Find one by its code."""
        return await self._existing(uow, request.code)

    async def create(self, uow: UnitOfWork, request: F) -> S | Problem:
        """Make a new one; a deleted one of the same code comes back as its next version."""
        code = self._shelf.code_of(request)
        current = (await self._shelf.load(uow, [code])).get(code)
        if current is not None and not current.deleted:
            detail = f"There is a {self.kind.name} {code} already."
            return Problem(code=ProblemCode.CODE_TAKEN, detail=detail, facts={"code": code})
        await self._refuse_faults(uow, request)
        return self._shelf.put(uow, request, current=current)

    async def update(self, uow: UnitOfWork, request: Any) -> S | Problem:
        """Replace the fields of one."""
        current = await self._existing(uow, request.code)
        _refuse_version(current, request.expected_version)
        if self._shelf.code_of(request.fields) != request.code:
            path = f"fields.{self.kind.code_field}"
            raise Refused(_invalid(Fault(code="code_fixed", path=path, message="A code stays.")))
        await self._refuse_faults(uow, request.fields, prefix="fields")
        if self._shelf.same(request.fields, current):
            return current
        return self._shelf.put(uow, request.fields, current=current)

    async def delete(self, uow: UnitOfWork, request: DeleteMasterData) -> Done | Problem:
        """Leave a tombstone, unless something still needs it."""
        current = await self._existing(uow, request.code)
        _refuse_version(current, request.expected_version)
        if self._in_use is not None and (problem := await self._in_use(uow, current)):
            return problem
        self._shelf.bury(uow, current)
        return Done()

    async def load(self, uow: UnitOfWork, request: ImportMasterData) -> ImportReport | Problem:
        """Load a CSV file, all rows or none."""
        if self._requests is None or self._requests.objects is None:
            raise RuntimeError("imports need a running service")
        data = await self._requests.objects.read(request.object_name)
        parsed = await imports.parse_aside(data, self.kind.fields)
        faults = [*parsed.faults, *self._repeated(parsed.rows)]
        if not faults:
            faults += await self._row_faults(uow, parsed.rows)
        if faults and not request.dry_run:
            return _rejected(faults)
        report = ImportReport(
            kind=self.kind.name,
            dry_run=request.dry_run,
            row_count=len(parsed.rows),
            faults=tuple(faults[: imports.MAX_FAULTS]),
        )
        if faults:
            return report
        counts = await self._load_chunks(uow, [fields for _, fields in parsed.rows], request)
        return report.model_copy(update=counts)

    async def _load_chunks(
        self, uow: UnitOfWork, rows: Sequence[F], request: ImportMasterData
    ) -> Mapping[str, int]:
        total = dict.fromkeys(("created_count", "updated_count", "unchanged_count"), 0)
        for start in range(0, len(rows), CHUNK_ROWS):
            chunk = rows[start : start + CHUNK_ROWS]
            counts = await self._shelf.put_all(uow, chunk, dry_run=request.dry_run)
            for name, count in counts.items():
                total[name] += count
            await uow.flush()
        return total

    async def _existing(self, uow: UnitOfWork, code: str) -> S:
        state = (await self._shelf.load(uow, [code])).get(code)
        if state is None or state.deleted:
            detail = f"There is no {self.kind.name} {code}."
            raise Refused(Problem(code=ProblemCode.NOT_FOUND, detail=detail, facts={"code": code}))
        return state

    async def _refuse_faults(self, uow: UnitOfWork, fields: F, *, prefix: str = "") -> None:
        if self._check is None:
            return
        (faults,) = await self._check(uow, [fields])
        if faults:
            raise Refused(_invalid(*(_below(fault, prefix) for fault in faults)))

    async def _row_faults(self, uow: UnitOfWork, rows: Sequence[tuple[int, F]]) -> list[Fault]:
        if self._check is None or not rows:
            return []
        found = await self._check(uow, [fields for _, fields in rows])
        return [
            _below(fault, f"row {line}")
            for (line, _), faults in zip(rows, found, strict=True)
            for fault in faults
        ]

    def _repeated(self, rows: Sequence[tuple[int, F]]) -> list[Fault]:
        first: dict[str, int] = {}
        faults = []
        for line, fields in rows:
            code = self._shelf.code_of(fields)
            if first.setdefault(code, line) != line:
                message = f"{code} stands in row {first[code]} already."
                path = f"row {line}.{self.kind.code_field}"
                faults.append(Fault(code="repeated_code", path=path, message=message))
        return faults


def project_state(
    uow: UnitOfWork, table: Table, states: Sequence[AggregateState], *, key: Sequence[str]
) -> None:
    """Keep another service's states in a projection: those columns the table has, newest wins."""
    rows = [master_data_store.row_of(state, table) for state in states]
    uow.upsert(table, rows, key=key, newer_by="version")


def _refuse_version(current: AggregateState, expected: int | None) -> None:
    if expected is not None and expected != current.version:
        raise Refused(
            Problem(
                code=ProblemCode.VERSION_CONFLICT,
                detail=f"It is at version {current.version}, not {expected}.",
                facts={"expected_version": expected, "current_version": current.version},
            )
        )


def _invalid(*faults: Fault) -> Problem:
    detail = "; ".join(fault.message for fault in faults)
    return Problem(code=ProblemCode.VALIDATION_FAILED, detail=detail, faults=faults)


def _rejected(faults: Sequence[Fault]) -> Problem:
    detail = f"Nothing was imported: the file has {len(faults)} faults."
    shown = tuple(faults[: imports.MAX_FAULTS])
    return Problem(code=ProblemCode.IMPORT_REJECTED, detail=detail, faults=shown)


def _below(fault: Fault, prefix: str) -> Fault:
    path = ".".join(part for part in (prefix, fault.path) if part)
    return fault.model_copy(update={"path": path})
