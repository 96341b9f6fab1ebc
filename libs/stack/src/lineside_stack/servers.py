"""PostgreSQL and NATS of a stack: our own from the wheels, or others by their addresses."""

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from lineside_stack import catalogue, nats_permissions
from lineside_stack.data_directory import DataDirectory
from lineside_stack.embedded import children, nats
from lineside_stack.embedded.nats import EmbeddedNats
from lineside_stack.embedded.postgres import EmbeddedPostgres

DATABASE_VARIABLE = "LINESIDE_DATABASE_URL"
NATS_VARIABLE = "LINESIDE_NATS_URL"
POSTGRES = "postgres"
NATS = "nats"


@dataclass(frozen=True)
class Addresses:
    """Where the servers are.

    Attributes:
        admin_url: PostgreSQL, as administrator.
        nats_url: NATS, without a login where there is one per service.
        nats_passwords: By login; empty where the address itself carries the one login.
    """

    admin_url: str
    nats_url: str
    nats_passwords: Mapping[str, str]

    def nats_url_as(self, login: str) -> str:
        """The NATS address with a login in it."""
        if login not in self.nats_passwords:
            return self.nats_url
        parts = urlsplit(self.nats_url)
        secret = quote(self.nats_passwords[login], safe="")
        return urlunsplit(parts._replace(netloc=f"{login}:{secret}@{parts.netloc}"))

    def nats_settings(self, service: str) -> dict[str, Any]:
        """How a service connects."""
        if service not in self.nats_passwords:
            return {"nats_url": self.nats_url}
        return {
            "nats_url": self.nats_url,
            "nats_user": service,
            "nats_password": self.nats_passwords[service],
            "nats_inbox_prefix": nats_permissions.inbox_prefix(service),
        }


class Servers:
    """The servers of one stack; those given by address are neither started nor stopped."""

    def __init__(self, data: DataDirectory, *, environment: Mapping[str, str] = os.environ) -> None:
        names = [entry.name for entry in catalogue.SERVICES]
        logins = [*nats_permissions.LOGINS, *names]
        secrets = data.passwords([POSTGRES, *(f"nats:{login}" for login in logins)])
        self._passwords = {login: secrets[f"nats:{login}"] for login in logins}
        self._external_database = environment.get(DATABASE_VARIABLE)
        self._external_nats = environment.get(NATS_VARIABLE)
        ports = data.last_state().get("ports", {})
        self.postgres: EmbeddedPostgres | None = None
        self.nats: EmbeddedNats | None = None
        if not self._external_database:
            self.postgres = EmbeddedPostgres(
                data.root / "postgres",
                password=secrets[POSTGRES],
                log=data.logs / "postgres.log",
                port=_kept(ports.get(POSTGRES)),
            )
        if not self._external_nats:
            users = nats_permissions.users(names, passwords=self._passwords)
            self.nats = EmbeddedNats(
                data.root / "nats",
                accounts={nats.ACCOUNT: users},
                log=data.logs / "nats.log",
                port=_kept(ports.get(NATS)),
            )

    async def start(self) -> Addresses:
        """Start both side by side.

        Raises:
            StartError: One does not come up; the message has its log.
        """
        await asyncio.gather(*(server.start() for server in self.embedded.values()))
        return Addresses(
            admin_url=self._external_database or (self.postgres.url() if self.postgres else ""),
            nats_url=self._external_nats or (self.nats.url if self.nats else ""),
            nats_passwords=self._passwords if self.nats else {},
        )

    async def stop(self) -> None:
        """Stop what was started here; NATS first, so that nobody writes any more."""
        for name in (NATS, POSTGRES):
            if name in self.embedded:
                await self.embedded[name].stop()

    @property
    def embedded(self) -> dict[str, EmbeddedPostgres | EmbeddedNats]:
        """The servers of our own, by name."""
        own = {POSTGRES: self.postgres, NATS: self.nats}
        return {name: server for name, server in own.items() if server is not None}

    def state(self) -> dict[str, Any]:
        """What the state file says about them."""
        return {
            "ports": {name: server.port for name, server in self.embedded.items()},
            "pids": {name: server.pid for name, server in self.embedded.items()},
        }


def _kept(port: int | None) -> int:
    """The port of the last run while it is free, so that addresses stay."""
    return port if port and children.port_is_free(port) else children.free_port()
