"""Documents handed in with a token: one at a time, or a file of them."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from lineside_chassis.database import Database
from lineside_chassis.errors import Refused
from lineside_chassis.requests import Requests
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts import sales
from lineside_contracts.problems import Problem, ProblemCode
from lineside_contracts.sales import (
    ImportSalesOrders,
    SalesImportReport,
    SalesOrderAnswer,
    SubmitSalesDocument,
)
from lineside_sales_bridge import adapters, intake
from lineside_sales_bridge.adapters import order_files
from lineside_sales_bridge.adapters.order_files import OrderRead, UnreadableFile
from lineside_sales_bridge.domain import documents
from lineside_sales_bridge.domain.documents import Reading
from lineside_sales_bridge.domain.verdicts import Accepted, Rejected, Submission

API = "api"
IMPORT = "import"

T = TypeVar("T")

MAX_FILE_ORDERS = 10_000
"""The answer names every order, and has to fit into one message."""

CHUNK_ORDERS = 200
"""Orders of a file per transaction: each is judged alone, and its locks are soon free again."""


@dataclass(frozen=True, slots=True)
class DocumentRequests:
    """The handlers, with what they need beyond their unit of work.

    Attributes:
        requests: Where the imports bucket is found once the service runs.
        database: Stores a refusal while the refused request itself is rolled back.
    """

    requests: Requests
    database: Database

    async def submit(
        self, uow: UnitOfWork, request: SubmitSalesDocument
    ) -> SalesOrderAnswer | Problem:
        """Judge one document."""
        reading, raw = adapters.read(request.document)
        submission = _submission(uow, reading, raw, source=API)
        ruling = await _known_tenant(intake.rule_patiently(uow, submission))
        if isinstance(ruling, Rejected):
            async with self.database.unit_of_work(uow.context) as refusing:
                intake.save(refusing, [ruling])
            return intake.problem_of(ruling)
        intake.save(uow, [ruling])
        return ruling.answer

    async def load(
        self, uow: UnitOfWork, request: ImportSalesOrders
    ) -> SalesImportReport | Problem:
        """Judge every order of a file alone, and tell what became of each."""
        if self.requests.objects is None:
            raise RuntimeError("imports need a running service")
        data = await self.requests.objects.read(request.object_name)
        try:
            read = await asyncio.to_thread(order_files.split, data, request.format)
        except UnreadableFile as unreadable:
            return _unreadable(unreadable)
        if len(read) > MAX_FILE_ORDERS:
            return _too_many(len(read))
        return _report(await self._take_in_chunks(uow, read))

    async def _take_in_chunks(
        self, uow: UnitOfWork, read: Sequence[OrderRead]
    ) -> list[Accepted | Rejected]:
        submissions = [_submission(uow, reading, raw, source=IMPORT) for reading, raw in read]
        deadline = intake.patience_deadline()
        rulings: list[Accepted | Rejected] = []
        for start in range(0, len(submissions), CHUNK_ORDERS):
            chunk = submissions[start : start + CHUNK_ORDERS]
            taking = intake.take_all(self.database, uow.context, chunk, deadline=deadline)
            rulings += await _known_tenant(taking)
        return rulings


def register(answered: Requests, database: Database) -> None:
    """Answer the endpoints of this room."""
    handlers = DocumentRequests(answered, database)
    answered.answer(sales.SUBMIT_SALES_DOCUMENT)(handlers.submit)
    answered.answer(sales.IMPORT_SALES_ORDERS)(handlers.load)


async def _known_tenant(work: Awaitable[T]) -> T:
    """Refuse what an organisation asks that is not known here."""
    try:
        return await work
    except intake.UnknownTenant as unknown:
        problem = Problem(code=ProblemCode.FORBIDDEN, detail=f"The {unknown}.")
        raise Refused(problem) from unknown


def _submission(uow: UnitOfWork, reading: Reading, raw: str, *, source: str) -> Submission:
    return Submission(
        id=uow.new_id(),
        reading=documents.of_tenant(reading, uow.tenant_id),
        raw=raw,
        source=source,
        is_patient=True,
    )


def _unreadable(unreadable: UnreadableFile) -> Problem:
    return Problem(
        code=ProblemCode.IMPORT_REJECTED,
        detail="No order of this file was read.",
        faults=unreadable.faults,
    )


def _too_many(count: int) -> Problem:
    detail = f"The file holds {count} orders; split it into files of at most {MAX_FILE_ORDERS}."
    return Problem(code=ProblemCode.PAYLOAD_TOO_LARGE, detail=detail)


def _report(rulings: Sequence[Accepted | Rejected]) -> SalesImportReport:
    answers = tuple(ruling.answer for ruling in rulings)
    statuses = Counter(answer.status for answer in answers)
    return SalesImportReport(
        order_count=len(answers),
        accepted_count=len(answers) - statuses["duplicate"] - statuses["rejected"],
        duplicate_count=statuses["duplicate"],
        rejected_count=statuses["rejected"],
        answers=answers,
    )
