"""An import told line by line: its progress as it goes, its answer as the last line.

With `Accept: application/x-ndjson` the status is 200 before anything is known; what became of the
import is the last line: `{"status": 200, "report": …}`, or `{"status": 422, "problem": …}`.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from lineside_chassis.asking import Answer
from lineside_contracts.problems import Problem
from lineside_gateway.domain import refusals
from lineside_gateway.domain.refusals import Refused
from lineside_gateway.requests import answers
from lineside_gateway.store import endings
from lineside_gateway.store.progress import News

MEDIA_TYPE = "application/x-ndjson"


def is_wanted(request: Request) -> bool:
    """Whether the client asked for lines."""
    return MEDIA_TYPE in request.headers.get("accept", "")


class LineStream(StreamingResponse):
    """Lines for as long as the client listens; when it leaves, the import is not waited for."""

    def __init__(self, lines: AsyncGenerator[bytes, None]) -> None:
        super().__init__(lines, media_type=MEDIA_TYPE)
        self._lines = lines

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the lines, and end what makes them."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._lines.aclose()


async def lines(
    request: Request, news: News, asking: Coroutine[Any, Any, Answer]
) -> AsyncGenerator[bytes, None]:
    """Ask, and write what is told meanwhile and at last."""
    answering = asyncio.create_task(asking)
    answering.add_done_callback(lambda _done: news.end())
    try:
        async for line in _told(news):
            yield line
        try:
            yield _last(request, await answering)
        except Refused as refused:
            yield _refusal(request, refused.problem)
    finally:
        await endings.end([answering])


async def _told(news: News) -> AsyncIterator[bytes]:
    async for progress in news.told():
        try:
            yield _line({"progress": orjson.loads(progress)})
        except orjson.JSONDecodeError:
            continue


def _last(request: Request, answer: Answer) -> bytes:
    if answer.status >= answers.FIRST_REFUSAL:
        return _refusal(request, answers.problem_of(answer))
    return _line({"status": answer.status, "report": orjson.Fragment(answer.body)})


def _refusal(request: Request, problem: Problem) -> bytes:
    document = refusals.document_of(
        problem,
        instance=request.url.path,
        correlation_id=str(request.state.correlation_id),
    )
    return _line({"status": problem.status, "problem": document})


def _line(value: Any) -> bytes:
    return orjson.dumps(value, default=str) + b"\n"
