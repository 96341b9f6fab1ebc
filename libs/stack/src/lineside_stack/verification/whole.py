"""Every check there is, in one order."""

import asyncio
from collections.abc import AsyncIterator

import nats

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_stack import catalogue, databases, provisioning
from lineside_stack.databases import ServiceDatabase
from lineside_stack.deployment import Deployment
from lineside_stack.verification import (
    broker_checks,
    catalog,
    contract_checks,
    database_checks,
    probes,
    schema,
)
from lineside_stack.verification.findings import Finding


async def check(place: Deployment) -> AsyncIterator[Finding]:
    """Check the databases service by service, then NATS, then the contracts."""
    for database in place.databases.values():
        async for finding in _database(place, database):
            yield finding
    client = await nats.connect(place.nats_url)
    try:
        services = provisioning.declared(catalogue.SERVICES)
        async for finding in broker_checks.check(client.jetstream(), services):
            yield finding
        async for finding in contract_checks.check(client.jetstream()):
            yield finding
    finally:
        await client.close()


async def _database(place: Deployment, database: ServiceDatabase) -> AsyncIterator[Finding]:
    admin_url = databases.in_database(place.admin_url, database.name)
    roles = database.roles
    names = (roles.owner, roles.app, roles.relay)
    found = await catalog.read(admin_url, roles=names)
    for finding in database_checks.check(database.service.name, found, roles):
        yield finding
    yield await asyncio.to_thread(schema.check, database.service, url=admin_url)
    probing = probes.check(
        database.service.name,
        app_url=database.urls["app"],
        tables=database_checks.isolated(found),
        strangers=(SYSTEM_CLOCK.new_id(), SYSTEM_CLOCK.new_id()),
    )
    async for finding in probing:
        yield finding
