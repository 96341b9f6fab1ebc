"""Requests in: which handler answers which endpoint, in one transaction, repeatable by key."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import orjson
from pydantic import BaseModel, ValidationError

from lineside_chassis import errors, tables
from lineside_chassis.asking import Answer
from lineside_chassis.database import Database, Remembered
from lineside_chassis.errors import Refused, Verdict
from lineside_chassis.faults import faults_of
from lineside_chassis.unit_of_work import Context, UnitOfWork
from lineside_contracts.endpoint import Endpoint
from lineside_contracts.problems import Problem, ProblemCode

Q = TypeVar("Q", bound=BaseModel)
A = TypeVar("A", bound=BaseModel)

Answering = Callable[[UnitOfWork, Q], Awaitable[A | Problem]]

REPEATS = 3
"""So often a request that lost a race is done again before its sender hears of it."""


class ObjectReader(Protocol):
    """Where uploaded files lie."""

    async def read(self, name: str) -> bytes:
        """Read a whole object.

        Raises:
            Refused: There is none of this name.
        """

    async def tell(self, name: str, **facts: str | int) -> None:
        """Tell whoever sent an object how far its import is; nobody need listen."""


@dataclass(frozen=True, slots=True)
class Question:
    """A request as it came."""

    subject: str
    context: Context
    body: bytes
    idempotency_key: str | None


@dataclass(frozen=True, slots=True)
class Answerer:
    """An endpoint and its handler."""

    endpoint: Endpoint[Any, Any]
    handler: Answering[Any, Any]


class Requests:
    """The requests a service answers.

    Attributes:
        service: Second token of their subjects.
        objects: The imports bucket; set when the service runs.
    """

    def __init__(self, service: str) -> None:
        self.service = service
        self.objects: ObjectReader | None = None
        self.answerers: dict[str, Answerer] = {}

    def answer(self, endpoint: Endpoint[Q, A]) -> Callable[[Answering[Q, A]], Answering[Q, A]]:
        """Answer an endpoint with `handler(uow, request)`.

        A `Problem`, returned or raised within `Refused`, rolls everything back.
        """

        def register(handler: Answering[Q, A]) -> Answering[Q, A]:
            if endpoint.service != self.service or endpoint.subject in self.answerers:
                raise ValueError(f"{endpoint.subject} is not ours to answer, or answered already")
            self.answerers[endpoint.subject] = Answerer(endpoint, handler)
            return handler

        return register


async def answer_question(answerer: Answerer, question: Question, *, database: Database) -> Answer:
    """Check, handle, and remember where it has a key.

    Raises:
        Refused: The rules said no; nothing was written.
    """
    endpoint = answerer.endpoint
    if endpoint.permission not in question.context.permissions:
        raise Refused(
            Problem(
                code=ProblemCode.FORBIDDEN,
                detail=f"This needs the permission {endpoint.permission}.",
                facts={"permission": endpoint.permission},
            )
        )
    request = _parse(endpoint, question.body)
    for _ in range(REPEATS):
        try:
            return await _in_transaction(answerer, question, request, database=database)
        except Exception as error:
            if not _may_repeat(endpoint, error):
                raise
    return await _in_transaction(answerer, question, request, database=database)


def _may_repeat(endpoint: Endpoint[Any, Any], error: Exception) -> bool:
    """Repeat what lost a race, and reads that met a connection which had died in the pool."""
    away = endpoint.kind == "read" and errors.verdict_of(error) is Verdict.TRANSIENT
    return away or errors.may_repeat(error)


def _parse(endpoint: Endpoint[Any, Any], body: bytes) -> BaseModel:
    try:
        request: BaseModel = endpoint.request.model_validate_json(body or b"{}")
    except ValidationError as error:
        faults = faults_of(error)
        detail = f"The request has {len(faults)} fault{'s' if len(faults) > 1 else ''}."
        raise Refused(Problem(code=ProblemCode.MALFORMED, detail=detail, faults=faults)) from None
    return request


async def _in_transaction(
    answerer: Answerer, question: Question, request: BaseModel, *, database: Database
) -> Answer:
    if answerer.endpoint.kind == "write" and question.idempotency_key is not None:
        return await _once(answerer, question, request, database=database)
    read_only = answerer.endpoint.kind == "read"
    async with database.unit_of_work(question.context, read_only=read_only) as uow:
        return await _handle(answerer, uow, request)


async def _once(
    answerer: Answerer, question: Question, request: BaseModel, *, database: Database
) -> Answer:
    """Handle a write unless its key was answered before; the answer is stored with the write."""
    key = question.idempotency_key
    digest = hashlib.sha256(question.body).digest()
    async with database.answering(
        question.context, key=key or "", subject=question.subject, body_hash=digest
    ) as (uow, remembered):
        if remembered is not None:
            return _repeat(remembered, subject=question.subject, digest=digest)
        answer = await _handle(answerer, uow, request)
        row = {
            "idempotency_key": key,
            "status": answer.status,
            "answer": orjson.Fragment(answer.body),
        }
        uow.update(tables.answered_requests, [row], key=("idempotency_key",))
        return answer


def _repeat(remembered: Remembered, *, subject: str, digest: bytes) -> Answer:
    if (remembered.subject, remembered.body_hash) != (subject, digest):
        raise Refused(
            Problem(
                code=ProblemCode.IDEMPOTENCY_KEY_REUSED,
                detail="This idempotency key belongs to another request.",
            )
        )
    return Answer(status=remembered.status, body=remembered.answer.encode())


async def _handle(answerer: Answerer, uow: UnitOfWork, request: BaseModel) -> Answer:
    answer = await answerer.handler(uow, request)
    if isinstance(answer, Problem):
        raise Refused(answer)
    body = answer.model_dump_json().encode()
    return Answer(status=answerer.endpoint.success_status, body=body)
