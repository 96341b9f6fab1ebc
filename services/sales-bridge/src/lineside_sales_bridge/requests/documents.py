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
from lineside_sales_bridge.domain.rulings import Accepted, Rejected, Submission

API = "api"
IMPORT = "import"

T = TypeVar("T")

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
        rulings: list[Accepted | Rejected] = []
        for start in range(0, len(read), CHUNK_ORDERS):
            chunk = read[start : start + CHUNK_ORDERS]
            rulings += await self._take(uow, chunk)
        return _report(rulings)

    async def _take(self, uow: UnitOfWork, chunk: Sequence[OrderRead]) -> list[Accepted | Rejected]:
        submissions = [_submission(uow, reading, raw, source=IMPORT) for reading, raw in chunk]
        return await _known_tenant(intake.take_all(self.database, uow.context, submissions))


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
