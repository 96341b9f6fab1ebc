"""Master data: what each kind looks like, who owns it, and the requests every kind answers alike.

A kind is described once (`MasterDataKind`); its five requests, its import, its routes and its
`<kind>.changed` event follow from the description.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any, Generic, TypeVar

from pydantic import ConfigDict, Field, create_model

from lineside_contracts.endpoint import Done, Endpoint, Page
from lineside_contracts.envelope import AggregateState, EventPayload
from lineside_contracts.permissions import Permission
from lineside_contracts.problems import Fault
from lineside_contracts.values import Actor, Code, Frozen, Instant, Request


class Fields(Request):
    """What a person may write of a kind; the state adds what the system knows."""


class MasterDataState(AggregateState):
    """What every master data row carries besides its fields."""

    deleted: bool = False
    created_at: Instant
    created_by: Actor
    updated_at: Instant
    updated_by: Actor


F = TypeVar("F", bound=Fields)
S = TypeVar("S", bound=MasterDataState)


class ListMasterData(Request):
    """Which rows: a page of those that match."""

    limit: Annotated[int, Field(ge=1, le=500)] = 50
    cursor: str | None = None
    search: Annotated[str, Field(max_length=100)] | None = Field(
        default=None, description="Part of the code or name, any case."
    )


class GetMasterData(Request):
    """One row by its code; one of a scoped kind by its id as well."""

    code: Code


class DeleteMasterData(Request):
    """Delete one row by its code (or id); `expected_version` comes from If-Match."""

    code: Code
    expected_version: int | None = None


class ImportMasterData(Request):
    """Load a CSV file that lies in the object store; all rows or none."""

    object_name: str
    dry_run: bool = False


class ImportReport(Frozen):
    """What an import did: row counts, or every fault with its line number."""

    kind: str
    dry_run: bool
    row_count: int
    created_count: int = 0
    updated_count: int = 0
    unchanged_count: int = 0
    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = Field(
        default=(), description="What was loaded and should be looked at, by row."
    )


@dataclass(frozen=True)
class MasterDataKind(Generic[F, S]):
    """One kind of master data.

    Attributes:
        name: Singular noun of requests and event ("product" publishes `product.changed`).
        path: Plural of its address ("products").
        service: The service that owns it.
        code_field: The field people know it by.
        name_field: The field that holds its display name, searched beside the code.
        fields: What a person writes. state: What everybody reads. changed: Its event.
        has_own_reads: Its owner answers list and get in a form of its own.
        scope_field: The field within whose values a code is unique ("plant_code"); such a row is
            addressed by its id, or by its code where that means one row.
    """

    name: str
    path: str
    service: str
    code_field: str
    name_field: str
    fields: type[F]
    state: type[S]
    changed: type[EventPayload]
    manage: Permission = Permission.MASTERDATA_MANAGE
    read: Permission = Permission.MASTERDATA_READ
    tags: tuple[str, ...] = field(default=("master data",))
    has_own_reads: bool = False
    scope_field: str | None = None

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:  # type: ignore[type-arg]
        """Every endpoint of the kind."""
        reads = () if self.has_own_reads else (self.list, self.get)
        return (*reads, self.create, self.update, self.delete, self.load)

    def _endpoint(self, verb: str, request: Any, answer: Any, *, status: int = 200) -> Any:
        writes = verb not in {"list", "get"}
        return Endpoint(
            service=self.service,
            noun=self.name,
            verb=verb,
            request=request,
            answer=answer,
            permission=self.manage if writes else self.read,
            kind="write" if writes else "read",
            success_status=status,
        )

    @cached_property
    def update_request(self) -> type[Request]:
        """The fields plus the code they are stored under and the version they replace."""
        return create_model(
            f"Update{self.fields.__name__}",
            __base__=Request,
            code=(Code, ...),
            expected_version=(int | None, None),
            fields=(self.fields, ...),
        )

    @cached_property
    def page(self) -> type[Page[S]]:
        """One page of states."""
        return Page[self.state]  # type: ignore[name-defined]

    @cached_property
    def list(self) -> Endpoint[ListMasterData, Page[S]]:
        """Page through the rows."""
        endpoint: Endpoint[ListMasterData, Page[S]] = self._endpoint(
            "list", ListMasterData, self.page
        )
        return endpoint

    @cached_property
    def get(self) -> Endpoint[GetMasterData, S]:
        """Read one row."""
        endpoint: Endpoint[GetMasterData, S] = self._endpoint("get", GetMasterData, self.state)
        return endpoint

    @cached_property
    def create(self) -> Endpoint[F, S]:
        """Make a new row; its code must be free."""
        endpoint: Endpoint[F, S] = self._endpoint("create", self.fields, self.state, status=201)
        return endpoint

    @cached_property
    def update(self) -> Endpoint[Any, S]:
        """Replace the fields of a row."""
        endpoint: Endpoint[Any, S] = self._endpoint("update", self.update_request, self.state)
        return endpoint

    @cached_property
    def delete(self) -> Endpoint[DeleteMasterData, Done]:
        """Delete a row that nothing needs any more."""
        endpoint: Endpoint[DeleteMasterData, Done] = self._endpoint(
            "delete", DeleteMasterData, Done
        )
        return endpoint

    @cached_property
    def load(self) -> Endpoint[ImportMasterData, ImportReport]:
        """Load many rows from CSV, all or none."""
        endpoint: Endpoint[ImportMasterData, ImportReport] = self._endpoint(
            "import", ImportMasterData, ImportReport
        )
        return endpoint


class MasterDataChanged(EventPayload):
    """Base of every `<kind>.changed` event; a deletion is a state with `deleted` set."""

    model_config = ConfigDict(frozen=True, extra="ignore")
