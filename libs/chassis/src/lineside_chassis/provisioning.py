"""The job that runs before the services: databases, roles, streams, consumers.

It alone has admin rights.
Everything is created or updated, so that running it again changes nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import nats.js.api
import nats.js.errors
import psycopg
from nats.aio.client import Client
from nats.js import JetStreamContext
from psycopg import sql

from lineside_chassis import advisories, dead_letters
from lineside_chassis.migrations import Roles
from lineside_chassis.service import Service
from lineside_contracts import streams

DAY = 86_400
EXTENSIONS = ("pg_trgm", "unaccent", "btree_gin", "btree_gist")
DUPLICATE_WINDOW_SECONDS = 120
IMPORTS_SECONDS = DAY
"""An uploaded file is read at once; what an interrupted import left behind goes."""

TICKETS_SECONDS = 30
"""A WebSocket ticket is redeemed at once or never."""

ACK_WAIT_SECONDS = 30
MAX_DELIVER = 50
MAX_ACK_PENDING = 2_000
ADVISORY_SUBJECTS = (
    "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.>",
    "$JS.EVENT.ADVISORY.CONSUMER.MSG_TERMINATED.>",
)
PLAIN_SUBJECT = nats.js.api.RePublish(src="*.*.*.*", dest="{{wildcard(1)}}.{{wildcard(2)}}")
"""Four tokens become the first two; sales events have five and are not republished, since their
plain subjects belong to the outside."""


def database_name(service: str, *, prefix: str = "") -> str:
    """Name a service's database; `service` as in SQL ("sales_bridge")."""
    return f"{prefix}lineside_{service}"


def create_service_database(
    admin_url: str, service: str, *, prefix: str = "", passwords: Mapping[str, str]
) -> Roles:
    """Create a service's database with its roles and extensions, or bring them up to date.

    Args:
        admin_url: Any database of the cluster, as a superuser.
        service: As in SQL ("sales_bridge").
        prefix: Of roles and database; roles are shared by the whole cluster.
        passwords: Of the roles, by "owner", "app" and "relay".
    """
    roles = Roles.of(service, prefix=prefix)
    name = database_name(service, prefix=prefix)
    plain_url = admin_url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(plain_url, autocommit=True) as connection:
        for role, kind in ((roles.owner, "owner"), (roles.app, "app"), (roles.relay, "relay")):
            _ensure_role(connection, role, password=passwords[kind])
        _ensure_search_role(connection, roles)
        _ensure_database(connection, name, roles)
    with psycopg.connect(plain_url, dbname=name, autocommit=True) as connection:
        _prepare_database(connection, roles)
    return roles


async def provision_streams(client: Client, *, replicas: int = 1) -> None:
    """Create or update every stream and both buckets: imports and WebSocket tickets."""
    js = client.jetstream()
    for config in stream_configs():
        await _ensure_stream(js, replace(config, num_replicas=replicas))
    await _ensure_imports(js, replicas=replicas)
    await _ensure_tickets(js, replicas=replicas)


async def provision_consumers(client: Client, services: Iterable[Service]) -> None:
    """Create or update every durable of these services, and the advisory mover's."""
    js = client.jetstream()
    await js.add_consumer(streams.ADVISORIES, _complete(advisories.config()))
    for service in services:
        for consumer in service.consumers:
            config = nats.js.api.ConsumerConfig(
                name=consumer.name,
                durable_name=consumer.name,
                filter_subjects=consumer.filter_subjects,
            )
            await js.add_consumer(consumer.stream, _complete(config))
            redrive = dead_letters.redrive_config(consumer.name)
            await js.add_consumer(streams.REDRIVE, _complete(redrive))


def stream_configs() -> list[nats.js.api.StreamConfig]:
    """Describe every stream, for one replica."""
    return [
        _stream(
            streams.EVENTS,
            streams.event_subjects(),
            max_age=2 * 365 * DAY,
            republish=PLAIN_SUBJECT,
        ),
        _stream(streams.MASTER_DATA, streams.master_data_subjects(), republish=PLAIN_SUBJECT),
        _stream(streams.SALES_INGRESS, streams.ingress_subjects(), max_age=30 * DAY),
        _stream(streams.DEAD_LETTERS, [f"{streams.DEAD_LETTER_PREFIX}.>"]),
        replace(
            _stream(streams.REDRIVE, [f"{streams.REDRIVE_PREFIX}.>"]),
            retention=nats.js.api.RetentionPolicy.WORK_QUEUE,
        ),
        _stream(streams.ADVISORIES, list(ADVISORY_SUBJECTS), max_age=7 * DAY),
        replace(
            _stream(streams.TIMERS, streams.timer_subjects()),
            allow_msg_schedules=True,
            allow_msg_ttl=True,
            allow_rollup_hdrs=True,
        ),
    ]


def _stream(
    name: str,
    subjects: Sequence[str],
    *,
    max_age: float = 0,
    republish: nats.js.api.RePublish | None = None,
) -> nats.js.api.StreamConfig:
    return nats.js.api.StreamConfig(
        name=name,
        subjects=list(subjects),
        retention=nats.js.api.RetentionPolicy.LIMITS,
        storage=nats.js.api.StorageType.FILE,
        compression=nats.js.api.StoreCompression.S2,
        allow_direct=True,
        duplicate_window=DUPLICATE_WINDOW_SECONDS,
        max_age=max_age,
        republish=republish,
    )


def _complete(config: nats.js.api.ConsumerConfig) -> nats.js.api.ConsumerConfig:
    return replace(
        config,
        ack_policy=nats.js.api.AckPolicy.EXPLICIT,
        ack_wait=ACK_WAIT_SECONDS,
        max_deliver=MAX_DELIVER,
        max_ack_pending=MAX_ACK_PENDING,
    )


async def _ensure_stream(js: JetStreamContext, config: nats.js.api.StreamConfig) -> None:
    try:
        await js.stream_info(config.name or "")
    except nats.js.errors.NotFoundError:
        await js.add_stream(config)
    else:
        await js.update_stream(config)


async def _ensure_imports(js: JetStreamContext, *, replicas: int) -> None:
    try:
        held = await js.stream_info(f"OBJ_{streams.IMPORTS_BUCKET}")
    except nats.js.errors.NotFoundError:
        config = nats.js.api.ObjectStoreConfig(ttl=IMPORTS_SECONDS, replicas=replicas)
        await js.create_object_store(streams.IMPORTS_BUCKET, config=config)
    else:
        kept = replace(held.config, max_age=IMPORTS_SECONDS, num_replicas=replicas)
        await js.update_stream(kept)


async def _ensure_tickets(js: JetStreamContext, *, replicas: int) -> None:
    try:
        held = await js.stream_info(f"KV_{streams.TICKETS_BUCKET}")
    except nats.js.errors.NotFoundError:
        await js.create_key_value(
            bucket=streams.TICKETS_BUCKET,
            ttl=TICKETS_SECONDS,
            storage=nats.js.api.StorageType.MEMORY,
            replicas=replicas,
        )
    else:
        kept = replace(held.config, max_age=TICKETS_SECONDS, num_replicas=replicas)
        await js.update_stream(kept)


def _ensure_role(connection: psycopg.Connection, role: str, *, password: str) -> None:
    known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone()
    action = "ALTER" if known else "CREATE"
    connection.execute(
        sql.SQL(
            "{} ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD {}"
        ).format(sql.SQL(action), sql.Identifier(role), sql.Literal(password))
    )


def _ensure_search_role(connection: psycopg.Connection, roles: Roles) -> None:
    """Make the role that owns search functions; the owner may hand them to it."""
    search, owner = sql.Identifier(roles.search), sql.Identifier(roles.owner)
    query = "SELECT 1 FROM pg_roles WHERE rolname = %s"
    if not connection.execute(query, (roles.search,)).fetchone():
        connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN NOBYPASSRLS").format(search))
    grant = sql.SQL("GRANT {} TO {} WITH SET TRUE, INHERIT FALSE")
    connection.execute(grant.format(search, owner))


def _ensure_database(connection: psycopg.Connection, name: str, roles: Roles) -> None:
    known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone()
    database, owner = sql.Identifier(name), sql.Identifier(roles.owner)
    if not known:
        connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, owner))
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
    for role in (roles.app, roles.relay):
        grant = sql.SQL("GRANT CONNECT ON DATABASE {} TO {}")
        connection.execute(grant.format(database, sql.Identifier(role)))


def _prepare_database(connection: psycopg.Connection, roles: Roles) -> None:
    for extension in EXTENSIONS:
        create = sql.SQL("CREATE EXTENSION IF NOT EXISTS {}")
        connection.execute(create.format(sql.Identifier(extension)))
    connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    owner = sql.Identifier(roles.owner)
    connection.execute(sql.SQL("GRANT ALL ON SCHEMA public TO {}").format(owner))
    create_functions = sql.SQL("GRANT USAGE, CREATE ON SCHEMA public TO {}")
    connection.execute(create_functions.format(sql.Identifier(roles.search)))
    for role in (roles.app, roles.relay):
        usage = sql.SQL("GRANT USAGE ON SCHEMA public TO {}")
        connection.execute(usage.format(sql.Identifier(role)))
