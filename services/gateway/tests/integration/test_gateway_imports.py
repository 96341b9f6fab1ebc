import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from typing import Any

import nats.js.errors
import pytest

from lineside_contracts import planning, routing, sales, streams
from lineside_contracts.master_data import ImportReport
from lineside_contracts.problems import Problem, ProblemCode

CSV = {"Content-Type": "text/csv"}
MEBIBYTE = 1024 * 1024


async def rows(size: int) -> AsyncIterator[bytes]:
    line = b"PRODUCT-000001,A product with a name of some length\n"
    block = line * (65_536 // len(line))
    for _ in range(size // len(block) + 1):
        yield block


def reading(harness: Any, seen: dict[str, Any]) -> Any:
    """A service that reads the file it is told of, as a real one does."""

    async def respond(question: Any) -> tuple[int, bytes]:
        js = await harness.jetstream()
        store = await js.object_store(streams.IMPORTS_BUCKET)
        name = question.body["object_name"]
        seen["names"] = [*seen.get("names", []), name]
        seen["question"] = question
        found = await store.get(name)
        seen["digest"] = hashlib.sha256(found.data).hexdigest()
        seen["size"] = len(found.data)
        report = ImportReport(kind="product", dry_run=False, row_count=1)
        return 200, report.model_dump_json().encode()

    return respond


async def objects(harness: Any) -> list[str]:
    js = await harness.jetstream()
    store = await js.object_store(streams.IMPORTS_BUCKET)
    try:
        return [info.name for info in await store.list(ignore_deletes=True)]
    except nats.js.errors.NotFoundError:
        return []


async def test_a_file_is_lent_to_the_service_and_taken_away_again(
    person: Any, harness: Any, backstage: Any
) -> None:
    seen: dict[str, Any] = {}
    backstage.replies[planning.PRODUCTS.load.subject] = reading(harness, seen)
    content = b"product_code,product_name\nA,B\n"
    answer = await person.post(
        "/imports/products", content=content, headers=CSV, params={"dry_run": "true"}
    )
    assert answer.status_code == 200
    assert answer.json()["row_count"] == 1
    assert seen["digest"] == hashlib.sha256(content).hexdigest()
    assert seen["question"].body["dry_run"] is True
    assert seen["names"][0].startswith(f"{person.tenant_id}/")
    assert await objects(harness) == []


async def test_a_large_file_passes_without_growing_the_gateway(
    person: Any, harness: Any, backstage: Any
) -> None:
    seen: dict[str, Any] = {}
    backstage.replies[routing.IMPORT_ROUTINGS.subject] = reading(harness, seen)
    digest = hashlib.sha256()
    async for block in rows(40 * MEBIBYTE):
        digest.update(block)
    answer = await person.post("/imports/routings", content=rows(40 * MEBIBYTE), headers=CSV)
    assert answer.status_code == 200
    assert seen["digest"] == digest.hexdigest()
    assert await objects(harness) == []


async def test_a_file_over_the_limit_is_refused_cleanly(
    person: Any, harness: Any, backstage: Any
) -> None:
    answer = await person.post("/imports/products", content=rows(65 * MEBIBYTE), headers=CSV)
    assert (answer.status_code, answer.json()["code"]) == (413, "payload_too_large")
    assert not backstage.asked
    assert await objects(harness) == []


async def test_a_refused_file_names_its_lines_and_is_taken_away(
    person: Any, harness: Any, backstage: Any
) -> None:
    problem = Problem.model_validate(
        {
            "code": ProblemCode.IMPORT_REJECTED,
            "detail": "2 rows are wrong.",
            "faults": [{"code": "unit_unknown", "path": "row 17", "message": "?"}],
        }
    )
    backstage.answer(planning.PRODUCTS.load, problem)
    answer = await person.post("/imports/products", content=b"x", headers=CSV)
    assert (answer.status_code, answer.json()["faults"][0]["path"]) == (422, "row 17")
    assert await objects(harness) == []


async def test_the_same_file_with_the_same_key_is_the_same_request(
    person: Any, harness: Any, backstage: Any
) -> None:
    seen: dict[str, Any] = {}
    backstage.replies[planning.PRODUCTS.load.subject] = reading(harness, seen)
    headers = CSV | {"Idempotency-Key": "import-1"}
    for content in (b"one", b"one", b"two"):
        await person.post("/imports/products", content=content, headers=headers)
    await person.post("/imports/products", content=b"one", headers=CSV)
    first, again, other, without = seen["names"]
    assert first == again
    assert len({first, other, without}) == 3


@pytest.mark.parametrize(
    ("content_type", "query", "expected"),
    [
        ("text/csv", {}, "csv"),
        ("application/jsonl", {}, "jsonl"),
        ("application/x-ndjson", {}, "jsonl"),
        ("text/plain", {"format": "jsonl"}, "jsonl"),
    ],
)
async def test_a_file_of_orders_says_what_it_is(
    content_type: str, query: dict[str, str], expected: str, person: Any, backstage: Any
) -> None:
    headers = {"Content-Type": content_type}
    await person.post("/sales-orders/import", content=b"{}", headers=headers, params=query)
    assert backstage.last.subject == sales.IMPORT_SALES_ORDERS.subject
    assert backstage.last.body["format"] == expected


async def test_what_an_import_does_not_know_is_refused(person: Any, backstage: Any) -> None:
    answer = await person.post("/imports/products", content=b"x", headers=CSV, params={"dry": "1"})
    assert (answer.status_code, answer.json()["faults"][0]["path"]) == (422, "dry")
    answer = await person.post(
        "/imports/products", content=b"x", headers=CSV, params={"object_name": "other"}
    )
    assert (answer.status_code, answer.json()["faults"][0]["path"]) == (422, "object_name")
    answer = await person.post("/imports/products", json={})
    assert answer.status_code == 415
    assert not backstage.asked


async def test_many_imports_at_once_do_not_meet(person: Any, harness: Any, backstage: Any) -> None:
    seen: dict[str, Any] = {}
    backstage.replies[planning.PRODUCTS.load.subject] = reading(harness, seen)
    contents = [f"file {number}".encode() for number in range(8)]
    answers = await asyncio.gather(
        *(person.post("/imports/products", content=c, headers=CSV) for c in contents)
    )
    assert {answer.status_code for answer in answers} == {200}
    assert len(set(seen["names"])) == 8
    assert await objects(harness) == []


def telling(harness: Any, *progress: bytes, answer: ImportReport | Problem) -> Any:
    """A service that tells how far it is before it answers."""

    async def respond(question: Any) -> tuple[int, bytes]:
        client = await harness.client()
        name = question.body["object_name"].replace("/", ".")
        for told in progress:
            await client.publish(f"import_progress.{name}", told)
            await asyncio.sleep(0.05)
        status = answer.status if isinstance(answer, Problem) else 200
        return status, answer.model_dump_json().encode()

    return respond


async def lines_of(person: Any, path: str, content: bytes) -> list[Any]:
    headers = CSV | {"Accept": "application/x-ndjson"}
    answer = await person.post(path, content=content, headers=headers)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in answer.text.splitlines()]


async def test_an_import_tells_how_far_it_is_where_lines_are_accepted(
    person: Any, harness: Any, backstage: Any
) -> None:
    report = ImportReport(kind="bom", dry_run=False, row_count=2)
    backstage.replies[planning.IMPORT_BOMS.subject] = telling(
        harness, b'{"phase": "checking", "done_count": 1}', b"no JSON", b"{}", answer=report
    )
    first, second, last = await lines_of(person, "/imports/boms", b"a,b\n")
    assert first == {"progress": {"phase": "checking", "done_count": 1}}
    assert second == {"progress": {}}
    assert last == {"status": 200, "report": report.model_dump(mode="json")}
    assert await objects(harness) == []


async def test_a_refusal_is_the_last_line(person: Any, harness: Any, backstage: Any) -> None:
    problem = Problem(code=ProblemCode.IMPORT_REJECTED, detail="1 row is wrong.")
    backstage.replies[planning.IMPORT_STOCK.subject] = telling(harness, answer=problem)
    (last,) = await lines_of(person, "/stock/import", b"a,b\n")
    assert (last["status"], last["problem"]["code"]) == (422, "import_rejected")
    assert last["problem"]["instance"] == "/api/v1/stock/import"
    del backstage.replies[planning.IMPORT_STOCK.subject]
    (last,) = await lines_of(person, "/stock/import", b"a,b\n")
    assert (last["status"], last["problem"]["code"]) == (404, "not_found")


async def test_a_client_that_leaves_early_leaves_nothing_behind(
    person: Any, harness: Any, backstage: Any
) -> None:
    heard = asyncio.Event()

    async def never(_question: Any) -> None:
        heard.set()
        await asyncio.sleep(3600)

    backstage.replies[planning.IMPORT_RECEIPTS.subject] = never
    waiting = asyncio.create_task(lines_of(person, "/receipts/import", b"a,b\n"))
    await heard.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    for _ in range(50):
        if await objects(harness) == []:
            return
        await asyncio.sleep(0.1)
    assert await objects(harness) == []
