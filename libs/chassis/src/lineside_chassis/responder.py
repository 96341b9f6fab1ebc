"""Answers a service's requests over core NATS: always, whatever happens inside."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import nats.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from lineside_chassis import asking, broker, errors, metrics, requests, tracing
from lineside_chassis.asking import Answer
from lineside_chassis.database import Database
from lineside_chassis.errors import Refused
from lineside_chassis.requests import Answerer, Question, Requests
from lineside_contracts import endpoint as names
from lineside_contracts.problems import Problem, ProblemCode

HEADER_ROOM = 1024
"""Bytes of the broker's limit left to the answer's headers."""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds an answer may take; loading a file takes longer than anything else."""

    request_seconds: float
    import_seconds: float

    def of(self, answerer: Answerer) -> float:
        """How long one answer may take."""
        is_import = asking.is_import(answerer.endpoint)
        return self.import_seconds if is_import else self.request_seconds


class Responder:
    """One queue group per service; as many requests at a time as the pool has connections."""

    def __init__(
        self,
        *,
        service: str,
        answered: Sequence[Requests],
        database: Database,
        client: Client,
        concurrency: int,
        timeouts: Timeouts,
    ) -> None:
        self._service = service
        self._answerers: Mapping[str, Answerer] = {
            subject: answerer for some in answered for subject, answerer in some.answerers.items()
        }
        self._database = database
        self._client = client
        self._limit = asyncio.Semaphore(concurrency)
        self._timeouts = timeouts
        self._subscription: Subscription | None = None
        self._in_hand: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Subscribe; the server knows it when this returns."""
        self._subscription = await self._client.subscribe(
            f"request.{self._service}.>", queue=self._service, cb=self._accept
        )
        try:
            await broker.settle(self._client)
        except (nats.errors.Error, TimeoutError) as error:
            _log.warning("NATS is away; it learns of us later", error=errors.text_of(error))

    async def stop(self, *, seconds: float) -> None:
        """Take nothing more and finish what is in hand."""
        if self._subscription is not None and self._client.is_connected:
            try:
                async with asyncio.timeout(seconds):
                    await self._subscription.drain()  # type: ignore[no-untyped-call]
            except (nats.errors.Error, TimeoutError) as error:
                _log.warning("requests not drained", error=errors.text_of(error))
        if self._in_hand:
            await asyncio.wait(self._in_hand, timeout=seconds)

    async def _accept(self, message: Msg) -> None:
        await self._limit.acquire()
        task = asyncio.create_task(self._serve(message))
        self._in_hand.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._limit.release()
        self._in_hand.discard(task)

    async def _serve(self, message: Msg) -> None:
        headers = message.headers or {}
        correlation_id = headers.get(names.CORRELATION_HEADER, "")
        with structlog.contextvars.bound_contextvars(
            request=message.subject,
            tenant_id=headers.get(names.TENANT_HEADER),
            correlation_id=correlation_id,
        ):
            answer = self._fitting(await self._answer(message, headers, correlation_id))
            if message.reply:
                status = {names.STATUS_HEADER: str(answer.status)}
                await self._client.publish(message.reply, answer.body, headers=status)

    async def _answer(
        self, message: Msg, headers: Mapping[str, str], correlation_id: str
    ) -> Answer:
        parent = headers.get("traceparent")
        with (
            metrics.HANDLER_SECONDS.labels(self._label(message.subject)).time(),
            tracing.span(message.subject, parents=[parent]),
        ):
            try:
                answerer, question = self._understand(message, headers)
                async with asyncio.timeout(self._timeouts.of(answerer)):
                    return await requests.answer_question(
                        answerer, question, database=self._database
                    )
            except Exception as error:  # noqa: BLE001 -- an asker always gets an answer
                return _refusal(error, correlation_id=correlation_id)

    def _understand(self, message: Msg, headers: Mapping[str, str]) -> tuple[Answerer, Question]:
        answerer = self._answerers.get(message.subject)
        if answerer is None:
            detail = f"Nobody answers {message.subject}."
            raise Refused(Problem(code=ProblemCode.NOT_FOUND, detail=detail))
        try:
            context = asking.context_of(headers)
        except ValueError as error:
            raise Refused(Problem(code=ProblemCode.MALFORMED, detail=str(error))) from None
        key = headers.get(names.IDEMPOTENCY_HEADER)
        return answerer, Question(message.subject, context, message.data, key)

    def _label(self, subject: str) -> str:
        """Metrics know our endpoints only, whatever is asked."""
        return subject if subject in self._answerers else "unknown"

    def _fitting(self, answer: Answer) -> Answer:
        if len(answer.body) <= self._client.max_payload - HEADER_ROOM:
            return answer
        detail = f"The answer has {len(answer.body)} bytes; ask for a smaller page."
        return _of(Problem(code=ProblemCode.PAYLOAD_TOO_LARGE, detail=detail))


def _refusal(error: Exception, *, correlation_id: str) -> Answer:
    problem = errors.problem_of(error, correlation_id=correlation_id)
    if isinstance(error, Refused):
        _log.info("refused", code=problem.code, detail=problem.detail)
    elif problem.code is ProblemCode.INTERNAL:
        metrics.BUG.labels("requests").inc()
        _log.error("request failed", exc_info=error)
    else:
        _log.warning("request not served", code=problem.code, error=errors.text_of(error))
    metrics.REFUSED.labels(problem.code).inc()
    return _of(problem)


def _of(problem: Problem) -> Answer:
    return Answer(status=problem.status, body=problem.model_dump_json().encode())
