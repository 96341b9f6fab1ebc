import json
import re
from collections import Counter
from typing import Any
from urllib.parse import quote

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts import registry
from lineside_contracts.problems import STATUS_OF, ProblemCode

WITHOUT_SERVICE = {"ws_ticket_create"}
PROBLEMS = {"400", "401", "429", "500", "503"}
UNUSED = {ProblemCode.ROUTING_MISSING}
"""Told by events only."""


async def document(http: Any) -> Any:
    return (await http.get("/openapi.json")).json()


def operations(found: Any) -> list[tuple[str, str, Any]]:
    return [
        (method.upper(), path, operation)
        for path, item in found["paths"].items()
        for method, operation in item.items()
    ]


def required_query(operation: Any) -> dict[str, str]:
    """What must be asked for in the query."""
    given = (p for p in operation.get("parameters", ()) if p["in"] == "query" and p["required"])
    return {p["name"]: example_of(p["schema"]) for p in given}


def example_of(schema: Any) -> str:
    if schema.get("format") == "date":
        return "2026-11-20"
    shown: list[str] = schema.get("examples") or schema.get("enum") or ["1"]
    return shown[0]


async def knock(person: Any, method: str, path: str, operation: Any) -> None:
    """Ask as the document says, with its own example as body."""
    address = path.removeprefix("/api/v1")
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "path":
            is_id = parameter["name"].endswith("_id")
            value = str(SYSTEM_CLOCK.new_id()) if is_id else "X/1"
            address = address.replace(f"{{{parameter['name']}}}", quote(value, safe=""))
    options: dict[str, Any] = {"params": required_query(operation)}
    content = operation.get("requestBody", {}).get("content", {})
    if "text/csv" in content:
        options |= {"content": b"a,b\n", "headers": {"Content-Type": "text/csv"}}
    elif "application/json" in content:
        media = content["application/json"]
        (example, *_) = media["schema"].get("examples", [media.get("example", {})])
        options |= {"json": example}
    await person.request(method, address, **options)


async def test_every_endpoint_is_reached_by_exactly_one_route(
    person: Any, http: Any, backstage: Any
) -> None:
    for method, path, operation in operations(await document(http)):
        asked = len(backstage.asked)
        await knock(person, method, path, operation)
        expected = 0 if operation["operationId"] in WITHOUT_SERVICE else 1
        assert len(backstage.asked) == asked + expected, f"{method} {path}"
    asked_subjects = Counter(question.subject for question in backstage.asked)
    assert asked_subjects == Counter(endpoint.subject for endpoint in registry.endpoints())


async def test_every_route_is_guarded_by_its_endpoint_s_permission(
    person: Any, somebody: Any, http: Any, backstage: Any
) -> None:
    needed = {
        f"{endpoint.noun}_{endpoint.verb}": endpoint.permission.value
        for endpoint in registry.endpoints()
    }
    for method, path, operation in operations(await document(http)):
        permission = needed.get(operation["operationId"])
        if permission is None:
            continue
        everything_else = sorted(set(needed.values()) - {permission})
        guarded = somebody(person.tenant_id, permissions=everything_else)
        await knock(guarded, method, path, operation)
        assert not backstage.asked, f"{method} {path} needs no {permission}"


async def test_the_document_is_openapi_3_1_and_whole(http: Any) -> None:
    found = await document(http)
    assert found["openapi"].startswith("3.1.")
    text = json.dumps(found)
    for reference in set(re.findall(r'"\$ref": "#/([^"]+)"', text)):
        place = found
        for step in reference.split("/"):
            assert step in place, reference
            place = place[step]
    names = [operation["operationId"] for _, _, operation in operations(found)]
    assert len(names) == len(set(names))
    assert found["security"] == [{"token": []}]
    templates = [re.sub(r"{\w+}", "{}", path) for path in found["paths"]]
    assert len(templates) == len(set(templates))
    for _, path, operation in operations(found):
        in_path = {p["name"] for p in operation.get("parameters", ()) if p["in"] == "path"}
        assert in_path == set(re.findall(r"{(\w+)}", path)), path


async def test_every_route_documents_its_problems(http: Any) -> None:
    found = await document(http)
    for method, path, operation in operations(found):
        assert operation["responses"].keys() >= PROBLEMS, f"{method} {path}"
        assert operation["summary"], f"{method} {path}"
        assert "Permission: `" in operation["description"] or "ticket" in path
        writes = method in {"POST", "PUT"} and "ticket" not in path
        assert ("415" in operation["responses"]) == writes, f"{method} {path}"
        assert ("404" in operation["responses"]) >= ("{" in path), f"{method} {path}"


async def test_a_response_names_its_codes_and_shows_each(http: Any) -> None:
    found = await document(http)
    shown: set[str] = set()
    for name, response in found["components"]["responses"].items():
        ((media_type, content),) = response["content"].items()
        assert media_type == "application/problem+json"
        told = content["schema"]["allOf"][1]["properties"]
        assert name == ".".join([f"Problem{told['status']['const']}", *told["code"]["enum"]])
        assert content["examples"].keys() == set(told["code"]["enum"])
        shown |= content["examples"].keys()
    webhooks = {ProblemCode.SIGNATURE_INVALID, ProblemCode.METHOD_NOT_ALLOWED}
    assert set(ProblemCode) - shown - webhooks == UNUSED


async def test_the_document_lists_every_code_with_its_status_and_facts(http: Any) -> None:
    found = await document(http)
    text = found["info"]["description"]
    for code in ProblemCode:
        assert f"| `{code}` | {STATUS_OF.get(code, 422)} |" in text
    facts = "`ordered`, `completed`, `attempting`, `ceiling`"
    (line,) = (line for line in text.splitlines() if "`quantity_exceeds_ordered`" in line)
    assert facts in line
    example = found["components"]["examples"]["lane_occupied"]["value"]
    assert example["lane_number"] == "L-01"
    assert example["status"] == 409


async def test_every_write_with_a_body_shows_an_example(http: Any) -> None:
    for method, path, operation in operations(await document(http)):
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if content is None or not operation["requestBody"].get("required"):
            continue
        assert content.get("example") or content["schema"].get("examples"), f"{method} {path}"


async def test_every_post_takes_an_idempotency_key_where_it_writes(http: Any) -> None:
    writes = {f"{e.noun}_{e.verb}" for e in registry.endpoints() if e.kind == "write"}
    for method, path, operation in operations(await document(http)):
        names = {parameter["name"] for parameter in operation.get("parameters", ())}
        expected = method == "POST" and operation["operationId"] in writes
        assert ("Idempotency-Key" in names) == expected, f"{method} {path}"


async def test_the_documentation_and_the_probes_need_no_token(http: Any) -> None:
    assert (await http.get("/health")).json() == {"status": "alive"}
    assert (await http.get("/ready")).json()["ready"] is True
    assert "swagger" in (await http.get("/docs")).text.lower()


async def test_requests_are_counted_by_route_not_by_address(
    person: Any, http: Any, backstage: Any
) -> None:
    await person.get(f"/work-orders/{SYSTEM_CLOCK.new_id()}")
    await person.get("/made-up/address")
    metrics = (await http.get("/metrics")).text
    assert 'route="/api/v1/work-orders/{work_order_id}",status="404"' in metrics
    assert "made-up" not in metrics
    assert 'route="none",status="404"' in metrics


async def test_only_configured_origins_may_call(another_gateway: Any, http: Any) -> None:
    origin = {"Origin": "https://planner.example", "Access-Control-Request-Method": "POST"}
    closed = await http.options("/api/v1/work-orders", headers=origin)
    assert "access-control-allow-origin" not in closed.headers
    gateway = await another_gateway(cors_origins=("https://planner.example",))
    url = f"http://127.0.0.1:{gateway.http_port}/api/v1/work-orders"
    allowed = await http.options(url, headers=origin)
    assert allowed.headers["access-control-allow-origin"] == "https://planner.example"
    answer = await http.get(url, headers={"Origin": "https://planner.example"})
    assert answer.status_code == 401
    assert answer.headers["access-control-allow-origin"] == "https://planner.example"
    stranger = await http.options(url, headers=origin | {"Origin": "https://other.example"})
    assert "access-control-allow-origin" not in stranger.headers
