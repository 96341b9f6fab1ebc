import asyncio
from typing import Any
from uuid import UUID

import pytest

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts import endpoint, planning, routing, sales, shopfloor
from lineside_contracts.envelope import TRACE_HEADER
from lineside_contracts.problems import STATUS_OF, Fault, Problem, ProblemCode

ID = UUID(int=7)
ORDER = {"id": str(ID), "version": 7, "work_order_number": "WO-2026-1"}


async def test_a_write_answers_with_the_whole_resource(person: Any, backstage: Any) -> None:
    backstage.answer(shopfloor.CREATE_WORK_ORDER, ORDER)
    body = {"plant_code": "P1", "operation_type": "assembly", "quantity_ordered": "12.5"}
    answer = await person.post("/work-orders", json=body)
    assert (answer.status_code, answer.json()) == (201, ORDER)
    assert answer.headers["location"] == f"/api/v1/work-orders/{ID}"
    assert answer.headers["etag"] == '"7"'
    assert backstage.last.body == body


async def test_numbers_reach_the_service_exactly(person: Any, backstage: Any) -> None:
    backstage.answer(planning.CREATE_PRODUCTION_ORDER, ORDER)
    body = '{"product_code": "X", "due_date": "2026-12-01", "quantity": 123456789012.123456}'
    headers = {"Content-Type": "application/json"}
    answer = await person.post("/production-orders", content=body, headers=headers)
    assert answer.status_code == 201
    assert backstage.last.body["quantity"] == "123456789012.123456"


async def test_what_the_client_left_out_stays_out(person: Any, backstage: Any) -> None:
    backstage.answer(shopfloor.UPDATE_WORK_ORDER, ORDER)
    await person.put(f"/work-orders/{ID}", json={"assigned_to": None})
    assert backstage.last.body == {"work_order_id": str(ID), "change": {"assigned_to": None}}


async def test_a_list_takes_the_filters_of_its_model(person: Any, backstage: Any) -> None:
    backstage.answer(shopfloor.LIST_WORK_ORDERS, {"items": [], "next_cursor": "abc"})
    query = {"status": "released", "limit": "10", "search": "press 3", "cursor": "xyz"}
    answer = await person.get("/work-orders", params=query)
    assert answer.json()["next_cursor"] == "abc"
    assert backstage.last.body == query | {"limit": 10}


async def test_every_fault_of_a_query_is_named(person: Any, backstage: Any) -> None:
    query = {"status": "flying", "limit": "0", "expected_version": "1"}
    answer = await person.get("/work-orders", params=query)
    assert answer.status_code == 422
    answer = await person.get("/work-orders", params={"status": "flying", "limit": "0", "x": "1"})
    assert {fault["path"] for fault in answer.json()["faults"]} == {"status", "limit", "x"}
    answer = await person.get("/work-orders?limit=1&limit=2")
    assert answer.json()["faults"][0]["code"] == "repeated"
    assert not backstage.asked


async def test_a_cursor_the_service_does_not_know_is_malformed(person: Any, backstage: Any) -> None:
    problem = Problem(code=ProblemCode.INVALID_CURSOR, detail="This is no cursor of ours.")
    backstage.answer(shopfloor.LIST_WORK_ORDERS, problem)
    answer = await person.get("/work-orders", params={"cursor": "nonsense"})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_cursor")


@pytest.mark.parametrize("code", ProblemCode)
async def test_a_problem_keeps_code_status_faults_and_facts(
    code: ProblemCode, person: Any, backstage: Any
) -> None:
    facts = {"from": "planned", "to": "completed", "allowed": ["released"], "status": "odd"}
    fault = Fault(code="f", path="lines[2].quantity", message="m", facts={"n": 1})
    backstage.answer(
        shopfloor.GET_WORK_ORDER, Problem(code=code, detail="No.", faults=(fault,), facts=facts)
    )
    answer = await person.get(f"/work-orders/{ID}")
    document = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.status_code == document["status"] == STATUS_OF.get(code, 422)
    if code is ProblemCode.UNAVAILABLE:
        assert answer.headers["retry-after"]
        return
    assert document["type"] == f"urn:lineside:problem:{code}"
    assert (document["code"], document["detail"]) == (code, "No.")
    assert document["faults"] == [fault.model_dump()]
    assert (document["from"], document["allowed"]) == ("planned", ["released"])
    assert document["facts"] == {"status": "odd"}
    assert document["instance"] == f"/api/v1/work-orders/{ID}"
    assert document["correlation_id"] == answer.headers[endpoint.CORRELATION_HEADER]


async def test_a_refusal_that_the_document_does_not_tell_is_counted(
    person: Any, backstage: Any
) -> None:
    told = Problem(code=ProblemCode.NOT_FOUND, detail="No.")
    untold = Problem(code=ProblemCode.BACKFLUSHED, detail="No.")
    for problem in (told, untold):
        backstage.answer(shopfloor.GET_WORK_ORDER, problem)
        await person.get(f"/work-orders/{ID}")
    counted = "lineside_http_undocumented_refusals_total"
    lines = (await person.http.get("/metrics")).text.splitlines()
    codes = [line for line in lines if line.startswith(f'{counted}{{code="backflushed"')]
    assert 'operation="work_order_get"' in codes[0]
    assert not [line for line in lines if line.startswith(f'{counted}{{code="not_found"')]


async def test_a_late_report_that_makes_no_sense_is_found_among_the_conflicts(
    person: Any, backstage: Any
) -> None:
    report = {"kind": "start", "work_order_id": str(ID)}
    for accepted, place in (
        (True, f"/api/v1/production-logs/{ORDER['id']}"),
        (False, f"/api/v1/log-conflicts?work_order_id={ID}"),
    ):
        log = ORDER | {"accepted": accepted, "work_order_id": str(ID)}
        backstage.answer(shopfloor.RECORD_PRODUCTION_LOG, log)
        answer = await person.post("/production-logs", json=report)
        assert (answer.status_code, answer.headers["location"]) == (201, place)


async def test_the_etag_of_a_lane_is_the_version_that_is_changed(
    person: Any, backstage: Any
) -> None:
    lane = {"id": str(ID), "version": 90, "master_data_version": 3}
    backstage.answer(shopfloor.GET_LANE, lane)
    answer = await person.get(f"/lanes/{ID}")
    assert answer.headers["etag"] == '"3"'
    fields = {
        "lane_number": "L-01",
        "lane_name": "Press 1",
        "plant_code": "P",
        "lane_type": "assembly",
    }
    backstage.answer(shopfloor.LANES.update, ORDER)
    headers = {"If-Match": answer.headers["etag"]}
    await person.put(f"/lanes/{ID}", json=fields, headers=headers)
    asked = backstage.last.body
    assert (asked["code"], asked["expected_version"]) == (str(ID), 3)


async def test_if_match_becomes_the_expected_version(person: Any, backstage: Any) -> None:
    backstage.answer(shopfloor.UPDATE_WORK_ORDER, ORDER)
    body = {"priority": "high"}
    await person.put(f"/work-orders/{ID}", json=body, headers={"If-Match": '"6"'})
    assert backstage.last.body["expected_version"] == 6
    await person.put(f"/work-orders/{ID}", json=body, headers={"If-Match": "*"})
    assert "expected_version" not in backstage.last.body


@pytest.mark.parametrize("tag", ["6", 'W/"6"', '"six"', '"6", "7"', '""', '"0"', '"-1"'])
async def test_an_etag_that_is_none_of_ours_is_malformed(
    tag: str, person: Any, backstage: Any
) -> None:
    body = {"priority": "high"}
    answer = await person.put(f"/work-orders/{ID}", json=body, headers={"If-Match": tag})
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
    assert not backstage.asked


async def test_a_stale_write_is_412(person: Any, backstage: Any) -> None:
    stale = Problem(code=ProblemCode.VERSION_CONFLICT, detail="Changed.", facts={"version": 8})
    backstage.answer(shopfloor.UPDATE_WORK_ORDER, stale)
    answer = await person.put(f"/work-orders/{ID}", json={}, headers={"If-Match": '"6"'})
    assert (answer.status_code, answer.json()["version"]) == (412, 8)


async def test_what_has_not_changed_is_not_sent_again(person: Any, backstage: Any) -> None:
    backstage.answer(shopfloor.GET_WORK_ORDER, ORDER)
    first = await person.get(f"/work-orders/{ID}")
    tag = first.headers["etag"]
    again = await person.get(f"/work-orders/{ID}", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")


async def test_an_idempotency_key_goes_to_the_service_with_writes(
    person: Any, backstage: Any
) -> None:
    backstage.answer(routing.ACTIVATE_ROUTING, ORDER)
    backstage.answer(routing.VALIDATE_ROUTING, {"is_valid": True})
    headers = {"Idempotency-Key": "key-1"}
    await person.post(f"/routings/{ID}/activate", headers=headers)
    assert backstage.last.headers[endpoint.IDEMPOTENCY_HEADER] == "key-1"
    await person.post(f"/routings/{ID}/validate", headers=headers)
    assert endpoint.IDEMPOTENCY_HEADER not in backstage.last.headers


@pytest.mark.parametrize("key", ["", "k" * 201, "two words", "caf\xe9"])
async def test_a_key_that_is_none_is_malformed(key: str, person: Any, backstage: Any) -> None:
    headers = {"Idempotency-Key": key.encode("latin-1")}
    answer = await person.post(f"/work-orders/{ID}/release", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
    assert not backstage.asked


async def test_a_correlation_id_is_kept_or_made(person: Any, backstage: Any) -> None:
    backstage.answer(shopfloor.GET_WORK_ORDER, ORDER)
    mine = str(SYSTEM_CLOCK.new_id())
    for sent, kept in ((mine, True), ("not a uuid", False), (None, False)):
        headers = {endpoint.CORRELATION_HEADER: sent} if sent else {}
        answer = await person.get(f"/work-orders/{ID}", headers=headers)
        returned = answer.headers[endpoint.CORRELATION_HEADER]
        assert returned == backstage.last.headers[endpoint.CORRELATION_HEADER]
        assert (UUID(returned) == UUID(mine)) is kept


async def test_a_trace_is_carried_on_or_begun(person: Any, backstage: Any) -> None:
    backstage.answer(shopfloor.GET_WORK_ORDER, ORDER)
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    await person.get(f"/work-orders/{ID}", headers={TRACE_HEADER: parent})
    assert backstage.last.headers[TRACE_HEADER] == parent
    await person.get(f"/work-orders/{ID}", headers={TRACE_HEADER: "00-x"})
    correlation = UUID(backstage.last.headers[endpoint.CORRELATION_HEADER])
    assert backstage.last.headers[TRACE_HEADER].split("-")[1] == correlation.hex


async def test_a_service_that_is_not_there_is_unavailable(person: Any, harness: Any) -> None:
    await harness.client()
    answer = await person.get(f"/work-orders/{ID}")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer.headers["retry-after"] == "1"
    assert "shopfloor" in answer.json()["detail"]


async def test_a_service_that_does_not_answer_is_unavailable(person: Any, backstage: Any) -> None:
    async def say_nothing(_question: Any) -> None:
        await asyncio.sleep(0)

    backstage.replies[shopfloor.RELEASE_WORK_ORDER.subject] = say_nothing
    answer = await person.post(f"/work-orders/{ID}/release")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert "Idempotency-Key" in answer.json()["detail"]


async def test_an_answer_that_cannot_be_read_is_ours_to_explain(
    person: Any, backstage: Any
) -> None:
    async def say_nonsense(_question: Any) -> tuple[int, bytes]:
        return 418, b"teapot"

    backstage.replies[shopfloor.GET_WORK_ORDER.subject] = say_nonsense
    answer = await person.get(f"/work-orders/{ID}")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")


async def test_master_data_is_addressed_by_code(person: Any, backstage: Any) -> None:
    for verb in ("get", "update", "delete", "create"):
        backstage.answer(getattr(planning.PRODUCTS, verb), {"version": 2, "product_code": "A/B é"})
    code = "A%2FB%20%C3%A9"
    await person.get(f"/products/{code}")
    assert backstage.last.body == {"code": "A/B é"}
    fields = {"product_code": "A/B é", "product_name": "Odd"}
    await person.put(f"/products/{code}", json=fields, headers={"If-Match": '"1"'})
    assert backstage.last.body == {"code": "A/B é", "expected_version": 1, "fields": fields}
    await person.request("DELETE", f"/products/{code}", headers={"If-Match": '"1"'})
    assert backstage.last.body == {"code": "A/B é", "expected_version": 1}
    made = await person.post("/products", json=fields)
    assert made.headers["location"] == f"/api/v1/products/{code}"


async def test_a_copy_is_found_beside_its_original(person: Any, backstage: Any) -> None:
    copy = str(SYSTEM_CLOCK.new_id())
    backstage.answer(routing.COPY_ROUTING, {"id": copy, "version": 1})
    answer = await person.post(f"/routings/{ID}/copy")
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/api/v1/routings/{copy}"


@pytest.mark.parametrize(
    ("status", "expected"), [("accepted", 201), ("amended", 201), ("duplicate", 200)]
)
async def test_a_sales_document_is_answered_as_judged(
    status: str, expected: int, person: Any, backstage: Any
) -> None:
    said = sales.SalesOrderAnswer(status=status, order_number="SO-1", revision=1, sales_order_id=ID)
    backstage.answer(sales.SUBMIT_SALES_DOCUMENT, said)
    text = '{"order_number": "SO-1", "anything": 1.10}'
    headers = {"Content-Type": "application/json; charset=utf-8"}
    answer = await person.post("/sales-orders", content=text, headers=headers)
    assert answer.status_code == expected
    assert answer.json()["status"] == status
    assert backstage.last.body == {"content_type": "application/json", "document": text}


async def test_an_xml_document_goes_to_the_bridge_as_it_is(person: Any, backstage: Any) -> None:
    said = {"status": "accepted", "order_number": "1", "sales_order_id": str(ID)}
    backstage.answer(sales.SUBMIT_SALES_DOCUMENT, said)
    text = '<?xml version="1.0" encoding="ISO-8859-1"?><Order>Zoë</Order>'
    headers = {"Content-Type": "application/xml"}
    content = text.encode("iso-8859-1")
    answer = await person.post("/sales-orders", content=content, headers=headers)
    assert answer.status_code == 201
    assert backstage.last.body["document"] == text


async def test_a_rejected_document_is_a_problem_with_every_fault(
    person: Any, backstage: Any
) -> None:
    faults = tuple(Fault(code="unknown", path=f"lines[{n}]", message="?") for n in range(3))
    said = sales.SalesOrderAnswer(
        status="rejected", order_number="SO-1", revision=1, code="order_rejected", faults=faults
    )
    backstage.answer(sales.SUBMIT_SALES_DOCUMENT, said)
    answer = await person.post("/sales-orders", json={"order_number": "SO-1"})
    assert (answer.status_code, answer.json()["code"]) == (422, "order_rejected")
    assert [fault["path"] for fault in answer.json()["faults"]] == [
        "lines[0]",
        "lines[1]",
        "lines[2]",
    ]
    stale = said.model_copy(update={"code": "stale_revision", "faults": ()})
    backstage.answer(sales.SUBMIT_SALES_DOCUMENT, stale)
    answer = await person.post("/sales-orders", json={"order_number": "SO-1"})
    assert (answer.status_code, answer.json()["code"]) == (409, "stale_revision")
