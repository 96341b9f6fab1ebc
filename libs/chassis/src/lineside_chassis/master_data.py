"""Master data of any kind: list, get, create, update, delete, import, from one description.

The table's convention: `id`, `version`, `deleted`, `created_at`, `created_by` (jsonb),
`updated_at`, `updated_by` (jsonb), and one column per field of the kind's fields model under the
field's name: scalars as scalars (ratios as text), nested models, tuples and mappings as jsonb.
`(tenant_id, <code field>)` is unique, with the scope field between where the kind has one. Columns
the state does not know are left alone. A kind with a `plant_code` shows and lets be written only
the rows of the asker's plants.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Generic
from uuid import UUID

from sqlalchemy import Table

from lineside_chassis import master_data_checks, master_data_store, plant_access
from lineside_chassis.errors import Refused
from lineside_chassis.master_data_checks import Check, Findings
from lineside_chassis.master_data_loading import Loading
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

__all__ = ["AfterWrite", "Check", "Findings", "InUse", "MasterData", "project_state"]

InUse = Callable[[UnitOfWork, Any], Awaitable[Problem | None]]
"""Tells why a state must not be deleted, or None."""


AfterWrite = Callable[[UnitOfWork, Sequence[UUID]], Awaitable[None]]
"""Does what follows from rows that were written, in their transaction; they are stored by then."""


class MasterData(Generic[F, S]):
    """Answers the requests of one kind from one table.

    `shares_global_rows` tells of rows without a tenant, which all read and nobody here writes.
    """

    def __init__(
        self,
        kind: MasterDataKind[F, S],
        table: Table,
        *,
        check: Check | None = None,
        in_use: InUse | None = None,
        new_id: NewId = UnitOfWork.new_id,
        shares_global_rows: bool = False,
    ) -> None:
        self.kind = kind
        self._shelf = Shelf(kind, table, new_id=new_id, shares_global_rows=shares_global_rows)
        self._check = check
        self._in_use = in_use
        self._after_write: AfterWrite | None = None
        self._requests: Requests | None = None

    def followed_by(self, after_write: AfterWrite) -> "MasterData[F, S]":
        """Let something follow from every row made, changed or deleted, by hand or by import."""
        self._after_write = after_write
        return self

    def register(self, requests: Requests) -> None:
        """Answer the kind's requests."""
        self._requests = requests
        if not self.kind.has_own_reads:
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
        """Find one by its code (or id), the tenant's own first."""
        state = await self._own(uow, request.code)
        state = state or await self._shelf.find_global(uow, request.code)
        if state is None:
            return self._missing(request.code)
        plant_access.require(uow, [state])
        return state

    async def create(self, uow: UnitOfWork, request: F) -> S | Problem:
        """Make a new one; a deleted one of the same code comes back as its next version."""
        plant_access.require(uow, [request])
        current = await self._shelf.load(uow, self._shelf.key_of(request))
        if current is not None and not current.deleted:
            code = self._shelf.code_of(request)
            detail = f"There is a {self.kind.name} {code} already."
            return Problem(code=ProblemCode.CODE_TAKEN, detail=detail, facts={"code": code})
        await master_data_checks.refuse(self._check, uow, request)
        return await self._written(uow, self._shelf.put(uow, request, current=current))

    async def update(self, uow: UnitOfWork, request: Any) -> S | Problem:
        """Replace the fields of one."""
        current = await self._writable(uow, request.code)
        plant_access.require(uow, [request.fields])
        _refuse_version(current, request.expected_version)
        self._refuse_other_key(request.fields, current)
        await master_data_checks.refuse(self._check, uow, request.fields, prefix="fields")
        if self._shelf.same(request.fields, current):
            return current
        return await self._written(uow, self._shelf.put(uow, request.fields, current=current))

    async def delete(self, uow: UnitOfWork, request: DeleteMasterData) -> Done | Problem:
        """Leave a tombstone, unless something still needs it."""
        current = await self._writable(uow, request.code)
        _refuse_version(current, request.expected_version)
        if self._in_use is not None and (problem := await self._in_use(uow, current)):
            return problem
        self._shelf.bury(uow, current)
        await self._written(uow, current)
        return Done()

    async def load(self, uow: UnitOfWork, request: ImportMasterData) -> ImportReport | Problem:
        """Load a CSV file, all rows or none."""
        if self._requests is None or self._requests.objects is None:
            raise RuntimeError("imports need a running service")
        loading = Loading(uow, self._shelf, self._check, after_write=self._after_write)
        return await loading.run(request, self._requests.objects)

    async def _written(self, uow: UnitOfWork, state: S) -> S:
        if self._after_write is not None:
            await uow.flush()
            await self._after_write(uow, [state.id])
        return state

    async def _own(self, uow: UnitOfWork, code: str) -> S | None:
        found = await self._shelf.find(uow, code)
        if len(found) > 1:
            # a code that others use elsewhere is still one's own where one sees no other
            found = plant_access.theirs(uow, found)
        if len(found) > 1:
            raise Refused(self._ambiguous(code, found))
        return found[0] if found else None

    def _refuse_other_key(self, fields: F, current: S) -> None:
        names = (self.kind.scope_field, self.kind.code_field)
        faults = [
            Fault(code="code_fixed", path=f"fields.{name}", message=f"{_words(name)} stays.")
            for name in names
            if name and getattr(fields, name) != getattr(current, name)
        ]
        if faults:
            raise Refused(master_data_checks.invalid(*faults))

    def _ambiguous(self, code: str, found: Sequence[S]) -> Problem:
        scope = str(self.kind.scope_field)
        values = sorted(str(getattr(state, scope)) for state in found)
        return Problem(
            code=ProblemCode.AMBIGUOUS_CODE,
            detail=f"There are {self.kind.path} {code} in {' and '.join(values)}; name one by id.",
            facts={"code": code, f"{scope}s": values},
        )

    async def _writable(self, uow: UnitOfWork, code: str) -> S:
        state = await self._own(uow, code)
        if state is None:
            is_global = await self._shelf.find_global(uow, code) is not None
            raise Refused(self._global(code) if is_global else self._missing(code))
        plant_access.require(uow, [state])
        return state

    def _missing(self, code: str) -> Problem:
        detail = f"There is no {self.kind.name} {code}."
        return Problem(code=ProblemCode.NOT_FOUND, detail=detail, facts={"code": code})

    def _global(self, code: str) -> Problem:
        name = f"{self.kind.name.capitalize().replace('_', ' ')} {code}"
        return Problem(
            code=ProblemCode.FORBIDDEN,
            detail=f"{name} belongs to all tenants; create your own of the same code.",
            facts={"code": code, "is_global": True},
        )


def project_state(
    uow: UnitOfWork, table: Table, states: Sequence[AggregateState], *, key: Sequence[str]
) -> None:
    """Keep another service's states in a projection: those columns the table has, newest wins."""
    rows = [master_data_store.row_of(state, table) for state in states]
    uow.upsert(table, rows, key=key, newer_by="version")


def _words(name: str) -> str:
    return f"A {name.replace('_', ' ')}"


def _refuse_version(current: AggregateState, expected: int | None) -> None:
    if expected is not None and expected != current.version:
        raise Refused(
            Problem(
                code=ProblemCode.VERSION_CONFLICT,
                detail=f"It is at version {current.version}, not {expected}.",
                facts={"expected_version": expected, "current_version": current.version},
            )
        )
