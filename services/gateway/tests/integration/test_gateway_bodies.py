import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from lineside_contracts import routing, shopfloor
from lineside_contracts.problems import Problem

MEBIBYTE = 1024 * 1024
JSON = {"Content-Type": "application/json"}

MALFORMED = {
    "cut off": b'{"plant_code": ',
    "no JSON": b"hello",
    "not a number": b'{"quantity_ordered": NaN}',
    "too deep": b"[" * 100_000,
    "a number without end": b'{"quantity_ordered": ' + b"9" * 5000 + b"}",
    "no UTF-8": b'{"plant_code": "\xff\xfe\xfa"}',
}


async def pieces(size: int, *, of: int = 65_536) -> AsyncIterator[bytes]:
    for _ in range(size // of):
        yield b" " * of


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
async def test_malformed_json_is_400(body: bytes, person: Any, backstage: Any) -> None:
    answer = await person.post("/work-orders", content=body, headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
    assert not backstage.asked


async def test_every_fault_of_a_body_is_named_by_its_path(person: Any, backstage: Any) -> None:
    body = {
        "plant_code": "P1",
        "quantity_ordered": "-3",
        "colour": "red",
        "description": "nul \x00",
        "operations": [{"operation_number": 10, "operation_name": "A"}, {"operation_number": 0}],
    }
    answer = await person.post("/work-orders", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed")
    assert {fault["path"] for fault in answer.json()["faults"]} == {
        "operation_type",
        "quantity_ordered",
        "colour",
        "description",
        "operations[1].operation_number",
        "operations[1].operation_name",
    }
    assert not backstage.asked


async def test_paths_are_those_of_the_body_the_client_wrote(person: Any) -> None:
    body = {"priority": "soon", "status": "completed"}
    answer = await person.put(f"/work-orders/{person.tenant_id}", json=body)
    assert {fault["path"] for fault in answer.json()["faults"]} == {"priority", "status"}
    answer = await person.put("/work-orders/nonsense", json={})
    assert [fault["path"] for fault in answer.json()["faults"]] == ["work_order_id"]


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"1", b"null"])
async def test_a_body_is_an_object(body: bytes, person: Any, backstage: Any) -> None:
    answer = await person.post("/work-orders", content=body, headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed")


async def test_a_text_that_no_database_takes_is_a_fault(person: Any, backstage: Any) -> None:
    body = b'{"reason": "half a pair \\ud800"}'
    answer = await person.post(
        f"/work-orders/{person.tenant_id}/cancel", content=body, headers=JSON
    )
    assert answer.status_code == 422
    assert "reason" in {fault["path"] for fault in answer.json()["faults"]}


async def test_the_address_is_not_told_again_in_the_body(person: Any, backstage: Any) -> None:
    body = {"work_order_id": str(person.tenant_id), "reason": "x"}
    answer = await person.post(f"/work-orders/{person.tenant_id}/cancel", json=body)
    assert answer.status_code == 422
    assert answer.json()["faults"][0]["path"] == "work_order_id"


async def test_a_form_is_not_json(person: Any) -> None:
    answer = await person.post("/work-orders", data={"plant_code": "P1"})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_document")


async def test_faults_are_listed_up_to_a_limit(person: Any) -> None:
    body = {"plant_code": "P1", "quantity_ordered": "1", "operation_type": "assembly"}
    body |= {f"unknown_{number}": "x" for number in range(1000)}
    answer = await person.post("/work-orders", json=body)
    assert len(answer.json()["faults"]) == 100
    assert "1000" in answer.json()["detail"]


async def test_a_body_of_ten_megabytes_is_refused_cleanly(person: Any, backstage: Any) -> None:
    body = json.dumps({"description": "x" * 10 * MEBIBYTE}).encode()
    for _ in range(3):
        answer = await person.post("/work-orders", content=body, headers=JSON)
        assert (answer.status_code, answer.json()["code"]) == (413, "payload_too_large")
    backstage.answer(shopfloor.GET_WORK_ORDER, {"version": 1})
    assert (await person.get(f"/work-orders/{person.tenant_id}")).status_code == 200


async def test_a_body_that_does_not_say_its_size_is_refused_too(person: Any) -> None:
    body = pieces(10 * MEBIBYTE)
    answer = await person.post("/work-orders", content=body, headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (413, "payload_too_large")


async def test_a_large_body_without_a_token_is_refused_cleanly(person: Any) -> None:
    person.token = "nonsense"  # noqa: S105 -- that is the claim
    answer = await person.post("/work-orders", content=b" " * 10 * MEBIBYTE, headers=JSON)
    assert answer.status_code == 401


async def test_a_body_of_just_the_limit_passes(person: Any, backstage: Any) -> None:
    backstage.answer(shopfloor.CREATE_WORK_ORDER, {"id": str(person.tenant_id), "version": 1})
    body = json.dumps(
        {"plant_code": "P1", "quantity_ordered": "1", "operation_type": "assembly"}
    ).encode()
    padded = body + b" " * (MEBIBYTE - len(body))
    answer = await person.post("/work-orders", content=padded, headers=JSON)
    assert answer.status_code == 201
    answer = await person.post("/work-orders", content=padded + b" ", headers=JSON)
    assert answer.status_code == 413


async def test_a_sales_document_has_a_limit_of_its_own(person: Any, backstage: Any) -> None:
    headers = {"Content-Type": "application/xml"}
    answer = await person.post("/sales-orders", content=pieces(5 * MEBIBYTE), headers=headers)
    assert answer.status_code == 413
    answer = await person.post("/sales-orders", content=b'"' * 4 * MEBIBYTE, headers=headers)
    assert answer.status_code in {404, 413}


async def test_a_client_that_goes_away_in_the_middle_harms_nobody(
    person: Any, harness: Any, backstage: Any
) -> None:
    address = harness.http_url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(address[0], int(address[1]))
    head = (
        f"POST /api/v1/work-orders HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {person.token}\r\n"
        "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"
    )
    writer.write(head.encode())
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert not await reader.read()
    backstage.answer(shopfloor.GET_WORK_ORDER, {"version": 1})
    assert (await person.get(f"/work-orders/{person.tenant_id}")).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nothing", 404), ("GET", "/work-orders/", 404), ("PATCH", "/work-orders", 405)],
)
async def test_a_wrong_address_is_a_problem_too(
    method: str, path: str, status: int, person: Any
) -> None:
    answer = await person.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status
    if status == 405:
        assert answer.headers["allow"] == "GET, POST"


async def test_a_service_s_refusal_of_size_is_passed_on(person: Any, backstage: Any) -> None:
    too_large = Problem.model_validate({"code": "payload_too_large", "detail": "Smaller page."})
    backstage.answer(shopfloor.LIST_WORK_ORDERS, too_large)
    assert (await person.get("/work-orders")).status_code == 413


async def test_a_body_where_none_is_told_is_refused_unless_empty(
    person: Any, backstage: Any
) -> None:
    backstage.answer(routing.ACTIVATE_ROUTING, {"id": str(person.tenant_id), "version": 1})
    path = f"/routings/{person.tenant_id}/activate"
    assert (await person.post(path)).status_code == 200
    assert (await person.post(path, json={})).status_code == 200
    answer = await person.post(path, json={"force": True})
    assert (answer.status_code, answer.json()["faults"][0]["path"]) == (422, "force")
