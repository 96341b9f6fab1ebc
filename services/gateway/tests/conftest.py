import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from nats.aio.client import Client
from nats.aio.msg import Msg
from pydantic import BaseModel
from websockets.asyncio.client import ClientConnection, connect

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts.endpoint import STATUS_HEADER, Endpoint
from lineside_contracts.permissions import Permission
from lineside_contracts.problems import Problem, ProblemCode
from lineside_stack import catalogue, instances
from lineside_stack.instances import InProcess
from lineside_testkit.harness import Harness
from lineside_testkit.servers import Servers

ISSUER = "lineside-development"
AUDIENCE = "lineside"
GATEWAY = catalogue.service("gateway")


class Mint:
    """An issuer: an Ed25519 and an RSA key, their JWKS, and tokens of any kind."""

    def __init__(self, directory: Path) -> None:
        self.jwks_file = directory / "jwks.json"
        self.keys: dict[str, Any] = {
            "ed": Ed25519PrivateKey.generate(),
            "rsa": generate_private_key(65537, 2048),
        }
        self.publish("ed", "rsa")

    def publish(self, *names: str) -> None:
        self.jwks_file.write_text(json.dumps({"keys": [self.jwk(name) for name in names]}))

    def jwk(self, name: str) -> dict[str, str]:
        public = self.keys[name].public_key()
        algorithm = algorithm_of(self.keys[name])
        kind: Any = {
            "EdDSA": jwt.algorithms.OKPAlgorithm,
            "RS256": jwt.algorithms.RSAAlgorithm,
        }[algorithm]
        return {**kind.to_jwk(public, as_dict=True), "kid": name, "alg": algorithm, "use": "sig"}

    def token(
        self, tenant_id: UUID, /, *, key: str = "ed", kid: str | None = None, **over: Any
    ) -> str:
        now = SYSTEM_CLOCK.now().timestamp()
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(SYSTEM_CLOCK.new_id()),
            "name": "Toni Tester",
            "tenant_id": str(tenant_id),
            "permissions": [permission.value for permission in Permission],
            "exp": int(now) + 3600,
            **over,
        }
        present = {name: value for name, value in claims.items() if value is not None}
        headers = {"kid": kid or key}
        signer = self.keys[key]
        return jwt.encode(present, signer, algorithm=algorithm_of(signer), headers=headers)


def algorithm_of(key: Any) -> str:
    return "EdDSA" if isinstance(key, Ed25519PrivateKey) else "RS256"


@dataclass
class Question:
    subject: str
    headers: dict[str, str]
    body: Any


Reply = tuple[int, bytes]
Responding = Callable[[Question], Awaitable[Reply | None]]


@dataclass
class Backstage:
    """What answers instead of the services, on their request subjects."""

    asked: list[Question] = field(default_factory=list)
    replies: dict[str, Responding] = field(default_factory=dict)

    def answer(
        self, endpoint: Endpoint[Any, Any], said: BaseModel | Mapping[str, Any], status: int = 0
    ) -> None:
        if isinstance(said, Problem):
            reply = (said.status, said.model_dump_json().encode())
        else:
            body = said.model_dump(mode="json") if isinstance(said, BaseModel) else dict(said)
            reply = (status or endpoint.success_status, json.dumps(body).encode())

        async def respond(_question: Question) -> Reply:
            return reply

        self.replies[endpoint.subject] = respond

    async def hear(self, message: Msg) -> None:
        question = Question(
            message.subject, dict(message.headers or {}), json.loads(message.data or b"null")
        )
        self.asked.append(question)
        respond = self.replies.get(message.subject, nothing_here)
        reply = await respond(question)
        if reply is not None:
            client: Client = message._client  # noqa: SLF001 -- to answer with headers
            headers = {STATUS_HEADER: str(reply[0])}
            await client.publish(message.reply, reply[1], headers=headers)

    @property
    def last(self) -> Question:
        return self.asked[-1]


async def nothing_here(_question: Question) -> Reply:
    problem = Problem(code=ProblemCode.NOT_FOUND, detail="There is none.")
    return problem.status, problem.model_dump_json().encode()


@dataclass
class Person:
    """Somebody with a token, at the gateway."""

    http: httpx.AsyncClient
    token: str
    tenant_id: UUID

    async def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        return await self.http.request(method, f"/api/v1{path}", headers=headers, **options)

    async def get(self, path: str, **options: Any) -> httpx.Response:
        return await self.request("GET", path, **options)

    async def post(self, path: str, **options: Any) -> httpx.Response:
        return await self.request("POST", path, **options)

    async def put(self, path: str, **options: Any) -> httpx.Response:
        return await self.request("PUT", path, **options)


@dataclass
class Live:
    """A WebSocket client."""

    connection: ClientConnection

    async def send(self, **message: Any) -> None:
        await self.connection.send(json.dumps(message))

    async def receive(self, *, seconds: float = 10) -> Any:
        return json.loads(await asyncio.wait_for(self.connection.recv(), seconds))

    async def events(self, count: int) -> list[Any]:
        return [await self.receive() for _ in range(count)]

    async def subscribe(self, *patterns: str, **more: Any) -> Any:
        await self.send(subscribe=list(patterns), **more)
        return await self.receive()

    async def silent(self, *, seconds: float = 0.5) -> bool:
        try:
            await asyncio.wait_for(self.connection.recv(), seconds)
        except TimeoutError:
            return True
        return False


@asynccontextmanager
async def connected(http_url: str, token: str | None = None, **options: Any) -> AsyncIterator[Live]:
    ticket = options.pop("ticket", None)
    query = f"?ticket={ticket}" if ticket else ""
    address = f"{http_url.replace('http', 'ws', 1)}/ws{query}"
    async with connect(address, compression=None, **options) as connection:
        client = Live(connection)
        if token is not None:
            await client.send(token=token)
        yield client


@pytest.fixture(scope="session")
def mint(tmp_path_factory: pytest.TempPathFactory) -> Mint:
    return Mint(tmp_path_factory.mktemp("issuer"))


@pytest.fixture(scope="session")
async def harness(lineside_servers: Servers, mint: Mint) -> AsyncIterator[Harness]:
    settings = {"gateway": {"jwks_file": mint.jwks_file, "request_seconds": 1}}
    async with Harness.start(lineside_servers, services=["gateway"], settings=settings) as started:
        yield started


@pytest.fixture
async def backstage(harness: Harness) -> AsyncIterator[Backstage]:
    found = Backstage()
    client = await harness.client()
    subscription = await client.subscribe("request.>", cb=found.hear)
    await client.flush()  # nats-py's PING overtakes the SUB: only the second one comes after it
    await client.flush()
    yield found
    await subscription.unsubscribe()


@pytest.fixture
async def http(harness: Harness) -> AsyncIterator[httpx.AsyncClient]:
    await harness.client()
    async with httpx.AsyncClient(base_url=harness.http_url, timeout=20) as client:
        yield client


@pytest.fixture
def person(http: httpx.AsyncClient, mint: Mint, harness: Harness) -> Person:
    tenant_id = harness.new_tenant()
    return Person(http, mint.token(tenant_id), tenant_id)


@pytest.fixture
async def another_gateway(harness: Harness) -> AsyncIterator[Callable[..., Awaitable[InProcess]]]:
    """Start one more gateway, with other settings."""
    await harness.client()
    started: list[InProcess] = []

    async def start(**over: Any) -> InProcess:
        instance = InProcess(GATEWAY, {**harness.installation.settings_of(GATEWAY), **over})
        started.append(instance)
        await instances.wait_until_ready(instance)
        return instance

    yield start
    for instance in started:
        await instance.stop()


@pytest.fixture
def fresh_keys(mint: Mint) -> Iterator[Mint]:
    """Let a test change the published keys."""
    yield mint
    mint.publish("ed", "rsa")


@pytest.fixture(scope="session")
def live() -> Any:
    """Connect a WebSocket: `async with live(url, token) as client`."""
    return connected


@pytest.fixture
def somebody(http: httpx.AsyncClient, mint: Mint) -> Callable[..., Person]:
    """People of a tenant whose tokens say something else than usual."""

    def make(tenant_id: UUID, /, **claims: Any) -> Person:
        return Person(http, mint.token(tenant_id, **claims), tenant_id)

    return make
