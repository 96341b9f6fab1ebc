"""Bad requests, documents and files: each is answered with every fault, by its place."""

import json
from typing import Any

import httpx
import pytest

from lineside_contracts import planning, routing, sales
from lineside_contracts.master_data import ImportMasterData, ListMasterData
from lineside_contracts.routing import ActOnRouting, RoutingFields
from lineside_contracts.sales import SubmitSalesDocument
from lineside_testkit.builders import BROCHURE
from lineside_testkit.harness import Harness
from lineside_testkit.journeys import Journey


async def _refusal(journey: Journey, document: Any) -> dict[str, str]:
    """Hand a document in and return the faults of its refusal, code by path."""
    text = document if isinstance(document, str) else json.dumps(document)
    answer = await journey.ask(sales.SUBMIT_SALES_DOCUMENT, SubmitSalesDocument(document=text))
    assert answer.status in {400, 409, 413, 415, 422}, answer.body
    assert all(fault.message for fault in answer.problem.faults)
    return {fault.path: fault.code for fault in answer.problem.faults} or {
        "": str(answer.problem.code)
    }


async def test_every_fault_of_an_order_is_named_at_once(chain: Harness) -> None:
    journey = await Journey.begin(chain)
    lines = [
        journey.line(1, product_code="GHOST"),
        journey.line(1),
        journey.line(3, quantity="-5"),
        journey.line(4, unit="FURLONG"),
        journey.line(5, due_date="2020-01-01"),
        journey.line(6, quantity="a dozen"),
        journey.line(7, quantity="2.5"),
        journey.line(8, due_date="tomorrow"),
    ]
    document = journey.document("SO-1", lines=lines, currency="euro")
    assert await _refusal(journey, document) == {
        "lines[0].product_code": "unknown_product",
        "lines[1].line_number": "duplicate_line_number",
        "lines[2].quantity": "not_positive",
        "lines[3].unit": "unknown_unit",
        "lines[4].due_date": "due_before_order",
        "lines[5].quantity": "not_a_number",
        "lines[6].quantity": "inexact_quantity",
        "lines[7].due_date": "invalid_date",
        "currency": "invalid_currency",
    }


@pytest.mark.parametrize(
    ("over", "path", "code"),
    [
        ({"lines": []}, "lines", "no_lines"),
        ({"order_number": ""}, "order_number", "empty"),
        ({"order_number": "x" * 65}, "order_number", "too_long"),
        ({"revision": 0}, "revision", "too_small"),
        ({"confirmed_at": "2026-11-20T08:00:00"}, "confirmed_at", "no_time_zone"),
        ({"customer": None}, "customer", "missing"),
        ({"priority": "yesterday"}, "priority", "not_allowed"),
        ({"lines": {"1": "all"}}, "lines", "wrong_type"),
    ],
)
async def test_a_bad_document_is_refused_at_the_bad_place(
    chain: Harness, over: dict[str, Any], path: str, code: str
) -> None:
    journey = await Journey.begin(chain, routed=())
    assert await _refusal(journey, journey.document("SO-1", **over)) == {path: code}


@pytest.mark.parametrize("quantity", ["0", "-1", "1e13", "NaN", "Infinity", "1e999999"])
async def test_absurd_quantities_are_refused(chain: Harness, quantity: str) -> None:
    journey = await Journey.begin(chain, routed=())
    document = journey.document("SO-1", lines=[journey.line(quantity=quantity)])
    assert set(await _refusal(journey, document)) == {"lines[0].quantity"}


BAD_OPERATIONS: tuple[dict[str, Any], ...] = (
    {"sequence_number": 10, "operation_code": "PRINT", "is_concurrent": True},
    {"sequence_number": 20, "operation_code": "GHOST", "yield_percentage": "0"},
    {"sequence_number": 20, "operation_code": "PRINT", "yield_percentage": "101"},
    {"sequence_number": 30, "operation_code": "PRINT", "predecessor_sequence_number": 99},
    {"sequence_number": 40, "operation_code": "PACK", "predecessor_sequence_number": 50},
    {"sequence_number": 50, "operation_code": "PACK", "predecessor_sequence_number": 40},
    {"sequence_number": 60, "operation_code": "PACK", "work_center_code": "NOWHERE"},
    {"sequence_number": 70, "operation_code": "PACK", "scrap_percentage": "101"},
    {"sequence_number": 80, "operation_code": "PACK", "predecessor_sequence_number": 80},
)


async def test_a_bad_routing_is_not_activated_and_every_fault_is_named(chain: Harness) -> None:
    journey = await Journey.begin(chain, routed=())
    fields = {
        "routing_code": "R-BAD",
        "routing_name": "Bad",
        "product_code": BROCHURE,
        "operations": BAD_OPERATIONS,
    }
    draft = await journey.granted(routing.CREATE_ROUTING, RoutingFields.model_validate(fields))
    answer = await journey.ask(routing.ACTIVATE_ROUTING, ActOnRouting(routing_id=draft.id))
    assert (answer.status, answer.problem.code) == (422, "routing_invalid")
    faults = {fault.code: fault.message for fault in answer.problem.faults}
    assert faults.keys() >= {
        "first_operation_concurrent",
        "duplicate_sequence_number",
        "yield_out_of_range",
        "missing_predecessor",
        "cycle",
        "unknown_operation",
        "unknown_work_center",
        "scrap_out_of_range",
        "self_reference",
    }
    assert "40 → 50 → 40" in faults["cycle"]
    await journey.confirm(journey.document("SO-1"))
    await journey.production_orders(count=1, status="on_hold")


PRODUCTS = "product_code,product_name\n"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no,such,columns\n1,2,3\n",
        f"{PRODUCTS}A\n",
        f"{PRODUCTS}A,b,c\n",
        f'{PRODUCTS}A,"never closed\n',
        f"{PRODUCTS}A,NUL \x00 inside\n",
        f"{PRODUCTS}GOOD,Good\nGOOD,Twice\n",
        f"{PRODUCTS}GOOD,Good\nB,{'x' * 201}\n",
        b"\xff\xfe\x00not UTF-8",
    ],
)
async def test_a_bad_file_names_its_lines_and_loads_nothing(
    chain: Harness, text: str | bytes
) -> None:
    journey = await Journey.begin(chain, routed=())
    name = await chain.upload(text)
    answer = await journey.ask(planning.PRODUCTS.load, ImportMasterData(object_name=name))
    assert answer.status == 422, answer.body
    assert all(len(fault.message) > 10 for fault in answer.problem.faults)
    products = await journey.list_all(planning.PRODUCTS.list, ListMasterData)
    assert "GOOD" not in {product.product_code for product in products}


async def test_bodies_of_10_megabytes_are_refused_at_the_door(chain: Harness) -> None:
    journey = await Journey.begin(chain, routed=())
    body = json.dumps(journey.document("SO-1", note="z" * 10_000_000))
    async with journey.http(role="integration") as sales_system:
        for path in ("/sales-orders", "/work-orders"):
            try:
                answer = await sales_system.post(
                    path, content=body, headers={"Content-Type": "application/json"}
                )
            except httpx.WriteError:  # the door may close before everything is sent
                continue
            assert answer.status_code in {403, 413}, answer.text
            assert answer.headers["content-type"] == "application/problem+json"
        assert (await sales_system.get("/sales-orders")).status_code == 200
