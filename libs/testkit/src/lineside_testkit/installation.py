"""What stands behind a harness: its databases, its place in NATS, its running instances."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import nats
import nats.js.errors
from nats.aio.client import Client
from nats.js import JetStreamContext

from lineside_contracts import streams
from lineside_stack import databases, instances, provisioning
from lineside_stack.catalogue import LOGINS, ServiceEntry
from lineside_stack.databases import ServiceDatabase
from lineside_stack.embedded import children
from lineside_stack.instances import AsProcess, InProcess, Instance
from lineside_stack.issuer import Issuer
from lineside_testkit.servers import PASSWORD, NatsAccount, Servers

GATEWAY = "gateway"
_TENANT_HEADER = "ce-tenantid"


class Installation:
    """Services, installed and (while active) running.

    Attributes:
        services: Which.
        issuer: Whose tokens the gateway believes.
        instances: The running ones, by service name.
    """

    def __init__(
        self,
        servers: Servers,
        *,
        services: Sequence[ServiceEntry],
        replicas: Mapping[str, int],
        processes: bool,
        settings: Mapping[str, Mapping[str, Any]],
    ) -> None:
        self.servers = servers
        self.services = tuple(services)
        self.prefix = servers.next_prefix()
        self.issuer = Issuer(servers.directory / "issuer")
        self.instances: dict[str, list[Instance]] = {}
        self._replicas = replicas
        self._processes = processes
        self._settings = settings
        self._databases: dict[str, ServiceDatabase] = {}
        self._account: NatsAccount | None = None
        self._client: Client | None = None

    def database(self, service: str) -> ServiceDatabase:
        """A service's database, by its name."""
        return self._databases[service.replace("_", "-")]

    async def activate(self) -> Client:
        """Be there: install on first use, take an account, run; the administrator's connection."""
        if self._client is not None:
            self._raise_failures()
            return self._client
        if not self._databases:
            await self._install_databases()
        account = await self._take_account()
        client = await nats.connect(account.url, user=account.user, password=account.password)
        self._client = client
        await _remove_streams(client.jetstream())
        await provisioning.provision_broker(client, self.services)
        for entry in self.services:
            for _ in range(self._replicas.get(entry.name, 1)):
                self.start_instance(entry)
        await self.wait_until_ready()
        return client

    async def pause(self) -> None:
        """Stop the instances and give the account back; databases are kept."""
        await asyncio.gather(*(i.stop() for some in self.instances.values() for i in some))
        self.instances = {}
        if self._client is not None:
            await _remove_streams(self._client.jetstream())
            await self._client.close()
        self._client = None
        if self._account is not None:
            self._account.holder = None
        self._account = None

    async def remove(self) -> None:
        """Pause and drop the databases and roles."""
        await self.pause()
        found = list(self._databases.values())
        await databases.drop(found, admin_url=self.servers.admin_url)

    def start_instance(self, entry: ServiceEntry) -> Instance:
        """Run one more instance of a service (not yet ready when this returns)."""
        values = self.settings_of(entry)
        mine = self.instances.setdefault(entry.name, [])
        instance: Instance
        if self._processes:
            log = self.servers.directory / f"{self.prefix}{entry.suffix}_{len(mine)}.log"
            instance = AsProcess(entry, values, log=log)
        else:
            instance = InProcess(entry, values)
        mine.append(instance)
        return instance

    async def wait_until_ready(self) -> None:
        """Wait for every instance's `/ready`."""
        every = [instance for some in self.instances.values() for instance in some]
        await asyncio.gather(*(instances.wait_until_ready(instance) for instance in every))

    def settings_of(self, entry: ServiceEntry) -> dict[str, Any]:
        """What a new instance is configured with."""
        account = self._account
        values: dict[str, Any] = {
            "http_port": children.free_port(),
            "log_level": "warning",
            "log_format": "console",
            "shutdown_seconds": 5,
        }
        if account is not None:
            values |= {
                "nats_url": account.url,
                "nats_user": account.user,
                "nats_password": account.password,
            }
        if entry.name == GATEWAY:
            values |= {"jwks_file": self.issuer.jwks_file, "rate_per_second": 0}
        if entry.has_database:
            urls = self._databases[entry.name].urls
            values |= {"database_url": urls["app"], "relay_database_url": urls["relay"]}
        return values | dict(self._settings.get(entry.name, {}))

    async def _install_databases(self) -> None:
        owning = [entry for entry in self.services if entry.has_database]
        self._databases = await provisioning.provision_databases(
            owning,
            admin_url=self.servers.admin_url,
            prefix=self.prefix,
            passwords={entry.name: dict.fromkeys(LOGINS, PASSWORD) for entry in owning},
        )

    async def _take_account(self) -> NatsAccount:
        accounts = self.servers.accounts
        free = next((account for account in accounts if account.holder is None), accounts[0])
        if free.holder is not None:
            await free.holder.pause()
        free.holder = self
        self._account = free
        accounts.remove(free)
        accounts.append(free)
        return free

    def _raise_failures(self) -> None:
        for some in self.instances.values():
            for instance in some:
                failure = instance.failure()
                if failure:
                    raise AssertionError(failure)


async def has_pending(js: JetStreamContext) -> bool:
    """Tell whether any durable consumer has messages waiting or in hand."""
    for stream in (streams.EVENTS, streams.MASTER_DATA, streams.SALES_INGRESS, streams.REDRIVE):
        for info in await js.consumers_info(stream):
            if info.config.durable_name and (info.num_pending or info.num_ack_pending):
                return True
    return False


async def last_sequences(js: JetStreamContext) -> dict[str, int]:
    """How far each stream has grown."""
    return {info.config.name or "": info.state.last_seq for info in await js.streams_info()}


async def dead_letters(js: JetStreamContext, *, tenant_id: UUID | None) -> list[dict[str, str]]:
    """The headers of the dead letters, oldest first."""
    state = (await js.stream_info(streams.DEAD_LETTERS)).state
    found = []
    for sequence in range(max(state.first_seq, 1), state.last_seq + 1):
        try:
            message = await js.get_msg(streams.DEAD_LETTERS, seq=sequence)
        except nats.js.errors.NotFoundError:
            continue
        headers = dict(message.headers or {})
        if tenant_id is None or headers.get(_TENANT_HEADER) == str(tenant_id):
            found.append(headers)
    return found


async def _remove_streams(js: JetStreamContext) -> None:
    for info in await js.streams_info():
        await js.delete_stream(info.config.name or "")
