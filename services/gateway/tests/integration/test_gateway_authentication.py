import base64
import hmac
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lineside_chassis import asking
from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts import endpoint, shopfloor
from lineside_contracts.endpoint import Page
from lineside_contracts.shopfloor import WorkOrder

NO_ORDERS = Page[WorkOrder](items=())
SECONDS_AGO = SYSTEM_CLOCK.now().timestamp() - 3600

WRONG_CLAIMS: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "somebody-else"},
    "another audience": {"aud": "another-system"},
    "no audience": {"aud": None},
    "no expiry": {"exp": None},
    "not yet valid": {"nbf": SECONDS_AGO + 7200},
    "a tenant that is no UUID": {"tenant_id": "acme"},
    "no tenant": {"tenant_id": None},
    "a subject that is no UUID": {"sub": "toni"},
    "permissions that are no list": {"permissions": "work_order:read"},
    "plants that are no list": {"plants": "PLANT-1"},
}


@pytest.mark.parametrize("key", ["ed", "rsa"])
async def test_a_token_of_the_issuer_opens(
    key: str, person: Any, somebody: Any, backstage: Any
) -> None:
    backstage.answer(shopfloor.LIST_WORK_ORDERS, NO_ORDERS)
    found = await somebody(person.tenant_id, key=key).get("/work-orders")
    assert found.status_code == 200
    assert found.json() == {"items": [], "next_cursor": None}


@pytest.mark.parametrize("claims", WRONG_CLAIMS.values(), ids=WRONG_CLAIMS.keys())
async def test_a_token_with_wrong_claims_is_no_token(
    claims: dict[str, Any], person: Any, somebody: Any, backstage: Any
) -> None:
    answer = await somebody(person.tenant_id, **claims).get("/work-orders")
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert not backstage.asked


async def test_an_expired_token_is_told_apart(person: Any, somebody: Any, backstage: Any) -> None:
    answer = await somebody(person.tenant_id, exp=int(SECONDS_AGO)).get("/work-orders")
    assert (answer.status_code, answer.json()["code"]) == (401, "token_expired")


@pytest.mark.parametrize(
    "header", ["", "Basic dG9uaTpzZWNyZXQ=", "Bearer", "Bearer x", "Bearer a b"]
)
async def test_without_a_bearer_token_nobody_is_asking(header: str, http: Any) -> None:
    headers = {"Authorization": header} if header else {}
    answer = await http.get("/api/v1/work-orders", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "unauthenticated"


async def test_a_key_of_somebody_else_signs_nothing(person: Any, mint: Any) -> None:
    mint.keys["stranger"] = Ed25519PrivateKey.generate()
    for known_id in ("ed", "rsa", "stranger"):
        person.token = mint.token(person.tenant_id, key="stranger", kid=known_id)
        assert (await person.get("/work-orders")).status_code == 401


async def test_a_public_key_is_no_shared_secret(person: Any, mint: Any) -> None:
    _head, claims, _signature = person.token.split(".")
    secret = mint.jwk("ed")["x"].encode()
    for algorithm in ("HS256", "none", "RS256"):
        head = encoded(json.dumps({"alg": algorithm, "kid": "ed"}).encode())
        mac = hmac.digest(secret, f"{head}.{claims}".encode(), "sha256")
        person.token = f"{head}.{claims}.{'' if algorithm == 'none' else encoded(mac)}"
        assert (await person.get("/work-orders")).status_code == 401


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


async def test_a_missing_permission_is_named(person: Any, somebody: Any, backstage: Any) -> None:
    reader = somebody(person.tenant_id, permissions=["work_order:read", "lane:read"])
    work_order_id = SYSTEM_CLOCK.new_id()
    answer = await reader.post(f"/work-orders/{work_order_id}/release")
    assert answer.status_code == 403
    assert answer.json()["code"] == "forbidden"
    assert answer.json()["permission"] == "work_order:release"
    assert not backstage.asked


async def test_permission_is_checked_before_the_body(person: Any, somebody: Any) -> None:
    nobody = somebody(person.tenant_id, permissions=[])
    answer = await nobody.post("/work-orders", content=b"{", headers={"Content-Type": "a/b"})
    assert answer.status_code == 403


async def test_the_tenant_is_the_token_s_whatever_the_client_writes(
    person: Any, harness: Any, backstage: Any
) -> None:
    other = str(harness.new_tenant())
    backstage.answer(shopfloor.LIST_WORK_ORDERS, NO_ORDERS)
    await person.get("/work-orders", headers={endpoint.TENANT_HEADER: other})
    assert backstage.last.headers[endpoint.TENANT_HEADER] == str(person.tenant_id)
    answer = await person.get("/work-orders", params={"tenant_id": other})
    assert answer.status_code == 422
    assert [fault["path"] for fault in answer.json()["faults"]] == ["tenant_id"]


async def test_who_asks_travels_with_the_request(
    person: Any, somebody: Any, backstage: Any
) -> None:
    backstage.answer(shopfloor.LIST_WORK_ORDERS, NO_ORDERS)
    user_id = SYSTEM_CLOCK.new_id()
    asking_person = somebody(
        person.tenant_id,
        sub=str(user_id),
        name="Zoë\r\nLineside-Tenant: x",
        permissions=["work_order:read", "lane:read", "bad permission:x"],
        plants=["PLANT-1", "Wien Süd", "A,B"],
    )
    await asking_person.get("/work-orders")
    context = asking.context_of(backstage.last.headers)
    assert context.tenant_id == person.tenant_id
    assert context.actor_id == str(user_id)
    assert context.actor_name == "Zoë\r\nLineside-Tenant: x"
    assert context.permissions == frozenset({"work_order:read", "lane:read"})
    assert context.plants == frozenset({"PLANT-1", "Wien Süd"})


async def test_a_token_for_no_plant_is_not_one_for_all(
    person: Any, somebody: Any, backstage: Any
) -> None:
    backstage.answer(shopfloor.LIST_WORK_ORDERS, NO_ORDERS)
    await somebody(person.tenant_id, plants=[]).get("/work-orders")
    assert asking.context_of(backstage.last.headers).plants == frozenset()
    await somebody(person.tenant_id).get("/work-orders")
    assert asking.context_of(backstage.last.headers).plants is None


async def test_a_new_key_of_the_issuer_is_found_by_itself(
    another_gateway: Any, fresh_keys: Any, person: Any, backstage: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr("lineside_gateway.store.key_sets.LEAST_SECONDS", 0.0)
    backstage.answer(shopfloor.LIST_WORK_ORDERS, NO_ORDERS)
    fresh_keys.publish("ed")
    gateway = await another_gateway()
    fresh_keys.keys["next"] = Ed25519PrivateKey.generate()
    person.token = fresh_keys.token(person.tenant_id, key="next")
    url = f"http://127.0.0.1:{gateway.http_port}/api/v1/work-orders"
    headers = {"Authorization": f"Bearer {person.token}"}
    assert (await person.http.get(url, headers=headers)).status_code == 401
    fresh_keys.publish("next")
    assert (await person.http.get(url, headers=headers)).status_code == 200


async def test_a_tenant_that_asks_too_often_waits(
    another_gateway: Any, person: Any, harness: Any, mint: Any, backstage: Any
) -> None:
    backstage.answer(shopfloor.LIST_WORK_ORDERS, NO_ORDERS)
    gateway = await another_gateway(rate_per_second=0.2, rate_burst=3)
    url = f"http://127.0.0.1:{gateway.http_port}/api/v1/work-orders"
    headers = {"Authorization": f"Bearer {person.token}"}
    answers = [await person.http.get(url, headers=headers) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert answers[-1].json()["code"] == "rate_limited"
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 5
    others = {"Authorization": f"Bearer {mint.token(harness.new_tenant())}"}
    assert (await person.http.get(url, headers=others)).status_code == 200
