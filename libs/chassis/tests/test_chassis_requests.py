"""Requests over NATS: always answered, once in effect."""

import asyncio
from typing import Any

import pytest
from pydantic import Field
from sqlalchemy import select

from lineside_chassis import asking
from lineside_chassis.errors import Refused, StaleWrite, Transient
from lineside_chassis.requests import Requests
from lineside_contracts.endpoint import Endpoint
from lineside_contracts.permissions import Permission
from lineside_contracts.problems import Problem, ProblemCode
from lineside_contracts.values import Frozen, Request


class Make(Request):
    note: str = Field(max_length=20)
    times: list[int] = Field(default_factory=list)


class Made(Frozen):
    note: str
    total: int


def endpoint(verb: Any, kind: Any = "write", status: Any = 201) -> Any:
    return Endpoint(
        service="trial",
        noun="thing",
        verb=verb,
        request=Make,
        answer=Made,
        permission=Permission.WORK_ORDER_CREATE,
        kind=kind,
        success_status=status,
    )


MAKE, COUNT = endpoint("make"), endpoint("count", "read", 200)


@pytest.fixture
async def asked(  # noqa: C901 -- one case per note
    rig: Any,
) -> Any:
    requests = Requests("trial")

    @requests.answer(MAKE)
    async def make(uow: Any, request: Any) -> Any:
        await asyncio.sleep(0.1 if request.note == "slow" else 0)
        row = {"id": uow.new_id(), "version": 1, "quantity": 1, "note": request.note}
        uow.insert(rig.things, [row])
        await uow.flush()
        match request.note:
            case "refused":
                return Problem(code=ProblemCode.CODE_TAKEN, detail="taken")
            case "deep":
                raise Refused(Problem(code=ProblemCode.NOT_FOUND, detail="gone"))
            case "bug":
                raise KeyError("secret")
            case "stale":
                raise StaleWrite("stale")
            case "away":
                raise Transient("away")
        return Made(note=request.note, total=await total(uow, rig))

    @requests.answer(COUNT)
    async def count(uow: Any, request: Any) -> Any:
        if request.note == "huge":
            return Made(note="x" * 9_000_000, total=0)
        return Made(note=request.note, total=await total(uow, rig))

    await rig.start(requests=[requests])

    async def ask(what: Any, request: Any, **options: Any) -> Any:
        context = options.pop("context", None) or rig.context(
            permissions=frozenset({Permission.WORK_ORDER_CREATE}), actor_id="u", actor_name="Ö, ü"
        )
        return await asking.ask(
            rig.client, what, request, context=context, timeout_seconds=5, **options
        )

    return ask


async def total(uow: Any, rig: Any) -> Any:
    return len((await uow.connection.execute(select(rig.things.c.id))).all())


async def test_a_write_and_a_read(asked: Any) -> None:
    made = await asked(MAKE, Make(note="a"))
    assert (made.status, made.json) == (201, {"note": "a", "total": 1})
    assert (await asked(COUNT, Make(note="b"))).json == {"note": "b", "total": 1}


@pytest.mark.parametrize(
    ("note", "status", "code"),
    [
        ("refused", 409, "code_taken"),
        ("deep", 404, "not_found"),
        ("bug", 500, "internal"),
        ("stale", 412, "version_conflict"),
        ("away", 503, "unavailable"),
    ],
)
async def test_what_fails_is_answered_and_rolled_back(
    rig: Any, asked: Any, note: Any, status: Any, code: Any
) -> None:
    answer = await asked(MAKE, Make(note=note), idempotency_key="k")
    assert (answer.status, answer.json["code"]) == (status, code)
    assert b"secret" not in answer.body
    assert await rig.rows("SELECT count(*) FROM things") == [(0,)]
    assert await rig.rows("SELECT count(*) FROM answered_requests") == [(0,)]


async def test_every_fault_of_a_bad_request_is_named(asked: Any) -> None:
    body = b'{"note": "' + b"x" * 30 + b'", "times": [1, "no"], "other": 1}'
    answer = await asked(MAKE, body)
    assert (answer.status, answer.json["code"]) == (400, "malformed")
    assert [fault["path"] for fault in answer.json["faults"]] == ["note", "times[1]", "other"]
    assert (await asked(MAKE, b"not json")).status == 400


async def test_a_permission_is_checked_again(rig: Any, asked: Any) -> None:
    answer = await asked(MAKE, Make(note="a"), context=rig.context())
    assert (answer.status, answer.json["code"]) == (403, "forbidden")


async def test_an_endpoint_nobody_answers_is_not_found(asked: Any) -> None:
    assert (await asked(endpoint("unknown"), Make(note="a"))).status == 404


async def test_a_request_without_a_tenant_is_malformed(rig: Any, asked: Any) -> None:
    reply = await rig.client.request(MAKE.subject, b"{}", timeout=5)
    assert reply.headers["Lineside-Status"] == "400"


async def test_an_answer_too_large_says_so(asked: Any) -> None:
    answer = await asked(COUNT, Make(note="huge"))
    assert (answer.status, answer.json["code"]) == (413, "payload_too_large")


async def test_the_same_key_has_one_effect_and_one_answer(rig: Any, asked: Any) -> None:
    answers = await asyncio.gather(
        *(asked(MAKE, Make(note="slow"), idempotency_key="key-1") for _ in range(4))
    )
    assert {answer.body for answer in answers} == {b'{"note":"slow","total":1}'}
    assert {answer.status for answer in answers} == {201}
    assert await rig.rows("SELECT count(*) FROM things") == [(1,)]


async def test_a_key_belongs_to_one_request(asked: Any) -> None:
    await asked(MAKE, Make(note="a"), idempotency_key="key-1")
    answer = await asked(MAKE, Make(note="b"), idempotency_key="key-1")
    assert (answer.status, answer.json["code"]) == (409, "idempotency_key_reused")


async def test_a_refused_request_may_come_again_with_its_key(asked: Any) -> None:
    for note, status in (("refused", 409), ("a", 201)):
        assert (await asked(MAKE, Make(note=note), idempotency_key="k")).status == status


async def test_a_context_survives_its_headers(rig: Any) -> None:
    context = rig.context(
        actor_id="u",
        actor_name="Ж, ü",
        plants=frozenset({"P1", "Ö"}),
        permissions=frozenset({"a:b", "c:d"}),
    )
    assert asking.context_of(asking.headers_of(context)) == context
    assert asking.context_of(asking.headers_of(rig.context())).plants is None
