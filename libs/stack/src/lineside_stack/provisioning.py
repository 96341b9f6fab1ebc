"""What must be there before a service starts: its database migrated, its streams and consumers."""

import asyncio
import importlib
from collections.abc import Mapping, Sequence

from nats.aio.client import Client

from lineside_chassis import migrations, provisioning
from lineside_chassis.service import Service
from lineside_stack import databases
from lineside_stack.catalogue import ServiceEntry
from lineside_stack.databases import ServiceDatabase

_NOWHERE = "postgresql://nowhere/nowhere"
"""A service is built here only to be asked for its consumers; it never connects."""


async def provision_databases(
    services: Sequence[ServiceEntry],
    *,
    admin_url: str,
    prefix: str = "",
    passwords: Mapping[str, Mapping[str, str]],
) -> dict[str, ServiceDatabase]:
    """Create and migrate the databases of services; those that are up to date stay as they are.

    Args:
        services: Those with a database.
        admin_url: Address of the server, as administrator.
        prefix: Of databases and roles.
        passwords: By service name, then by "owner", "app" and "relay".
    """
    creating = [
        create_database(entry, admin_url=admin_url, prefix=prefix, passwords=passwords[entry.name])
        for entry in services
    ]
    found = await asyncio.gather(*creating)
    for database in found:
        await migrate(database)
    return {database.service.name: database for database in found}


async def create_database(
    entry: ServiceEntry, *, admin_url: str, prefix: str = "", passwords: Mapping[str, str]
) -> ServiceDatabase:
    """Create a service's database, roles and extensions; several may be under way at once."""
    await asyncio.to_thread(
        provisioning.create_service_database,
        admin_url,
        entry.suffix,
        prefix=prefix,
        passwords=passwords,
    )
    return databases.describe(entry, admin_url=admin_url, prefix=prefix, passwords=passwords)


async def migrate(database: ServiceDatabase) -> None:
    """Bring a database up to date; one at a time, since Alembic keeps its context in globals."""
    directory = database.service.migrations
    await asyncio.to_thread(migrations.migrate, database.urls["owner"], directory, database.roles)


async def provision_broker(client: Client, services: Sequence[ServiceEntry]) -> None:
    """Create or update all streams and buckets, and the durable consumers of these services."""
    await provision_streams(client)
    await provision_consumers(client, services)


async def provision_streams(client: Client) -> None:
    """Create or update all streams and buckets."""
    await provisioning.provision_streams(client)


async def provision_consumers(client: Client, services: Sequence[ServiceEntry]) -> None:
    """Create or update the durable consumers of these services."""
    await provisioning.provision_consumers(client, await asyncio.to_thread(declared, services))


def declared(services: Sequence[ServiceEntry]) -> list[Service]:
    """Build those services that have durable consumers: whoever keeps nothing has none."""
    return [build(entry) for entry in services if entry.has_database]


def build(entry: ServiceEntry) -> Service:
    """Build a service that will not run, to read its declarations."""
    app = importlib.import_module(f"{entry.package}.app")
    settings = importlib.import_module(f"{entry.package}.settings")
    built: Service = app.build(
        settings.Settings(database_url=_NOWHERE, relay_database_url=_NOWHERE)
    )
    return built
