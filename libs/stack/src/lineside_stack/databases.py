"""Names and addresses of the services' databases, and how they are removed again (tests).

Per service: `<prefix>lineside_<service>`, owned by `<prefix><service>_owner` (migrates), used by
`…_app` (under row-level security) and `…_relay` (the outbox). Roles belong to the whole server,
hence the prefix for tests.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from lineside_chassis import provisioning
from lineside_chassis.migrations import Roles
from lineside_stack.catalogue import LOGINS, ServiceEntry


@dataclass(frozen=True)
class ServiceDatabase:
    """One service's database: its roles, with addresses and passwords by kind of role."""

    service: ServiceEntry
    name: str
    roles: Roles
    urls: Mapping[str, str]
    passwords: Mapping[str, str]


def describe(
    service: ServiceEntry, *, admin_url: str, prefix: str, passwords: Mapping[str, str]
) -> ServiceDatabase:
    """Name a service's database, without touching the server.

    Args:
        service: Whose.
        admin_url: Address of the server, as administrator.
        prefix: Before every name.
        passwords: By "owner", "app" and "relay".
    """
    roles = Roles.of(service.suffix, prefix=prefix)
    name = provisioning.database_name(service.suffix, prefix=prefix)
    users = {"owner": roles.owner, "app": roles.app, "relay": roles.relay}
    return ServiceDatabase(
        service,
        name,
        roles,
        {
            kind: with_login(admin_url, database=name, user=user, password=passwords[kind])
            for kind, user in users.items()
        },
        passwords,
    )


def with_login(admin_url: str, *, database: str, user: str, password: str) -> str:
    """The address of another database of the same server, as somebody else."""
    parts = urlsplit(admin_url)
    host = parts.netloc.rpartition("@")[2]
    login = f"{quote(user, safe='')}:{quote(password, safe='')}"
    return urlunsplit(parts._replace(netloc=f"{login}@{host}", path=f"/{database}"))


def in_database(admin_url: str, database: str) -> str:
    """The same login in another database of the server."""
    return urlunsplit(urlsplit(admin_url)._replace(path=f"/{database}"))


async def drop(found: Sequence[ServiceDatabase], *, admin_url: str) -> None:
    """Remove databases and their roles, whoever is connected."""
    async with await psycopg.AsyncConnection.connect(admin_url, autocommit=True) as admin:
        for database in found:
            await _execute(admin, "DROP DATABASE IF EXISTS {} WITH (FORCE)", database.name)
        for database in found:
            base = database.roles.owner.removesuffix("owner")
            cursor = await admin.execute(
                "SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)",
                [[f"{base}{kind}" for kind in (*LOGINS, "search")]],
            )
            for (role,) in await cursor.fetchall():
                await _execute(admin, "DROP ROLE {}", role)


async def _execute(connection: psycopg.AsyncConnection, statement: str, name: str) -> None:
    await connection.execute(sql.SQL(statement).format(sql.Identifier(name)))
