"""Documents as sales systems of the world emit them: orders, or refusals a person understands."""

import asyncio
from collections.abc import Iterable
from pathlib import Path

import pytest

from lineside_contracts import sales
from lineside_contracts.problems import Problem
from lineside_contracts.sales import (
    SalesOrderAnswer,
    SalesOrderConfirmed,
    SalesOrderRejected,
    SubmitSalesDocument,
)
from lineside_testkit.harness import Harness
from lineside_testkit.journeys import Journey

SUPPORTED = ("peppol-bis3-order/", "ubl/")
ORDERS = {
    "peppol-bis3-order/peppol-order-standard.xml": 2,
    "ubl/UBL-Order-2.0-Example.xml": 1,
    "ubl/UBL-Order-2.1-Example.xml": 2,
}
"""Complete orders in a supported format, and their lines; the others there lack a date or more."""

UNITS_IN_THEM = {"KGM": "1", "LTR": "1"}


@pytest.fixture(scope="module")
def documents(lineside_external_data: Path) -> dict[str, bytes]:
    """Every document, by its path below the folder."""
    folder = lineside_external_data / "sales-orders"
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.name != "MANIFEST.csv"
    }


async def _submit(journey: Journey, document: bytes) -> SalesOrderAnswer | Problem:
    text = document.decode("utf-8", "replace")
    answer = await journey.ask(sales.SUBMIT_SALES_DOCUMENT, SubmitSalesDocument(document=text))
    body: SalesOrderAnswer | Problem = answer.body
    return body


async def _submit_all(
    journey: Journey, documents: dict[str, bytes]
) -> dict[str, SalesOrderAnswer | Problem]:
    answers = await asyncio.gather(*(_submit(journey, body) for body in documents.values()))
    return dict(zip(documents, answers, strict=True))


def _unknown_products(answers: Iterable[SalesOrderAnswer | Problem]) -> set[str]:
    return {
        fault.facts["product_code"]
        for answer in answers
        for fault in answer.faults
        if fault.code == "unknown_product"
    }


async def test_every_document_is_an_order_or_refused_with_its_reasons(
    chain: Harness, documents: dict[str, bytes]
) -> None:
    journey = await Journey.begin(chain)
    answers = await _submit_all(journey, documents)
    assert len(answers) == len(documents) > 30
    for name, answer in answers.items():
        assert isinstance(answer, Problem), name
        assert answer.faults, name
        for fault in answer.faults:
            assert len(fault.message) > 10, (name, fault)
            assert name.startswith(SUPPORTED) == fault.path.startswith("/Order") or (
                fault.code == "unsupported_document"
            ), (name, fault)
    for name, lines in ORDERS.items():
        named = _unknown_products([answers[name]])
        assert len(named) == lines, name
        assert all(product in str(answers[name].faults) for product in named)
    await journey.confirm(journey.document("SO-AFTER"))
    await journey.work_orders(count=2)


async def test_the_same_documents_are_orders_once_their_products_are_known(
    chain: Harness, documents: dict[str, bytes]
) -> None:
    journey = await Journey.begin(chain)
    orders = {name: documents[name] for name in ORDERS}
    for product in sorted(_unknown_products((await _submit_all(journey, orders)).values())):
        await journey.create_product(product, conversions=UNITS_IN_THEM)
    await chain.settle()
    for name, answer in (await _submit_all(journey, orders)).items():
        assert isinstance(answer, SalesOrderAnswer), (name, answer)
        assert answer.status == "accepted", (name, answer)
        assert {warning.code for warning in answer.warnings} <= {"due_date_past"}, name
    held = await journey.production_orders(count=sum(ORDERS.values()), status="on_hold")
    assert {order.hold_reason is not None for order in held} == {True}


async def test_none_of_them_stops_the_ingress(chain: Harness, documents: dict[str, bytes]) -> None:
    journey = await Journey.begin(chain)
    subject = f"sales.order.confirmed.{journey.tenant_id}"
    for body in documents.values():
        await chain.publish_raw(subject, body)
    await journey.confirm(journey.document("SO-AFTER"))
    await journey.work_orders(count=2)
    rejected = await chain.events(
        SalesOrderRejected, tenant_id=journey.tenant_id, count=len(documents), timeout=30
    )
    assert len(rejected) == len(documents)
    assert all(event.payload.rejected_order.faults for event in rejected)
    assert len(await chain.events(SalesOrderConfirmed, tenant_id=journey.tenant_id)) == 1
    assert await chain.dead_letters(tenant_id=journey.tenant_id) == []
