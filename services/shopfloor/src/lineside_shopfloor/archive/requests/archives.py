"""What people ask about archives: which there are, and the logs in them."""

from datetime import UTC, date, datetime
from uuid import UUID

from lineside_chassis import pages
from lineside_chassis.errors import Refused
from lineside_chassis.requests import Requests
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.endpoint import Page
from lineside_contracts.problems import Problem, ProblemCode
from lineside_contracts.shopfloor import (
    LIST_ARCHIVES,
    QUERY_ARCHIVED_LOGS,
    ListArchives,
    ProductionLog,
    ProductionLogArchive,
    QueryArchivedLogs,
)
from lineside_shopfloor.archive.domain import months
from lineside_shopfloor.archive.store import archives
from lineside_shopfloor.archive.store.browsing import Browser
from lineside_shopfloor.archive.store.files import ArchiveDamaged
from lineside_shopfloor.places.requests import access


def register(requests: Requests, browser: Browser) -> None:
    """Answer the requests about archives."""

    async def query(uow: UnitOfWork, request: QueryArchivedLogs) -> Page[ProductionLog]:
        return await query_archived_logs(uow, request, browser)

    requests.answer(LIST_ARCHIVES)(list_archives)
    requests.answer(QUERY_ARCHIVED_LOGS)(query)


async def list_archives(uow: UnitOfWork, request: ListArchives) -> Page[ProductionLogArchive]:
    """Page through the archives, the last month first."""
    found = await archives.between(
        uow,
        first=_month(request.month_from),
        last=_month(request.month_until),
        before=_before(request.cursor),
        limit=request.limit + 1,
    )
    page = pages.page(found, limit=request.limit, key=lambda archive: archive.key)
    items = tuple(archive.shown() for archive in page.items)
    return Page[ProductionLogArchive](items=items, next_cursor=page.next_cursor)


async def query_archived_logs(
    uow: UnitOfWork, request: QueryArchivedLogs, browser: Browser
) -> Page[ProductionLog]:
    """Page through archived logs, what was recorded last first.

    Raises:
        Refused: A file is gone, or another than was archived.
    """
    plants = access.shown_plants(uow, request.plant_code)
    try:
        found = await browser.page(uow, request, plants=plants, before=_last(request.cursor))
    except ArchiveDamaged as damage:
        raise Refused(_damaged(damage)) from damage
    return pages.page(found, limit=request.limit, key=_key)


def _key(log: ProductionLog) -> tuple[str, UUID]:
    return log.logged_at.astimezone(UTC).isoformat(), log.id


def _damaged(damage: ArchiveDamaged) -> Problem:
    return Problem(
        code=ProblemCode.ARCHIVE_DAMAGED,
        detail=f"The archive {damage.file_name} is {damage.reason}; put the file back as it was.",
        facts={
            "month": damage.month,
            "file_name": damage.file_name,
            "reason": damage.reason,
        },
    )


def _month(text: str | None) -> date | None:
    return None if text is None else months.read(text)


def _before(cursor: str | None) -> tuple[date, int] | None:
    last = pages.decode_cursor(cursor, length=2)
    if last is None:
        return None
    try:
        return date.fromisoformat(str(last[0])), int(last[1])
    except (TypeError, ValueError):
        raise _foreign_cursor() from None


def _last(cursor: str | None) -> tuple[datetime, UUID] | None:
    last = pages.decode_cursor(cursor, length=2)
    if last is None:
        return None
    try:
        return datetime.fromisoformat(str(last[0])).astimezone(UTC), UUID(str(last[1]))
    except ValueError:
        raise _foreign_cursor() from None


def _foreign_cursor() -> Refused:
    detail = "This cursor is not valid here; start again without one."
    return Refused(Problem(code=ProblemCode.INVALID_CURSOR, detail=detail))
