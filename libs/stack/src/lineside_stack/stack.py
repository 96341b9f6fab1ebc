"""A whole Lineside on one machine: servers, provisioning, services, until it is told to stop.

Each service starts as soon as its own needs exist: the broker's streams, its database migrated,
its consumers made.
"""

import asyncio
import importlib
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nats

from lineside_stack import catalogue, instances, issuer, supervision
from lineside_stack.catalogue import LOGINS, ServiceEntry
from lineside_stack.data_directory import DataDirectory, write_private
from lineside_stack.embedded import children
from lineside_stack.failures import StartError
from lineside_stack.instances import AsProcess, Instance
from lineside_stack.issuer import Issuer
from lineside_stack.servers import Addresses, Servers
from lineside_stack.terminal import Say

DEFAULT_HTTP_PORT = 8080
GATEWAY = "gateway"
SHOPFLOOR = "shopfloor"


@dataclass(frozen=True)
class Options:
    """How a stack is run.

    Attributes:
        http_port: Of the gateway; None: 8080, or any free one where that is taken.
        in_process: All services as tasks of this process.
        ready_file: Where to say that everything answers.
    """

    data: DataDirectory
    http_port: int | None = None
    in_process: bool = False
    ready_file: Path | None = None


class Stack:
    """One running Lineside."""

    def __init__(self, options: Options, *, say: Say) -> None:
        self.data = options.data
        self.issuer = Issuer(options.data.issuer)
        self.servers = Servers(options.data)
        self.instances: dict[str, Instance] = {}
        self._options = options
        self._say = say
        self._http_port = _http_port(options.http_port)
        self._ready = False
        self._databases: dict[str, Any] = {}
        self._addresses: Addresses | None = None

    @property
    def http_url(self) -> str:
        """The gateway's address."""
        return f"http://127.0.0.1:{self._http_port}"

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Start everything; stop it in the right order at the end.

        Raises:
            StartError: A server or service does not come up.
        """
        async with AsyncExitStack() as stack:
            stack.enter_context(self.data.locked())
            stack.callback(self._forget)
            stack.push_async_callback(self.servers.stop)
            if self._options.in_process:
                self._log_warnings()
            loading = asyncio.ensure_future(_load_provisioning())
            self._addresses = await self.servers.start()
            stack.push_async_callback(self._stop_instances)
            await self._start_services(self._addresses, await loading)
            await self._wait_until_ready()
            self._ready = True
            self.write_state()
            stack.push_async_callback(_cancel, self._watch())
            yield

    def write_state(self) -> None:
        """Say where everything is, in the data directory and the ready file."""
        state = self.state()
        self.data.write_state(state)
        if self._ready and self._options.ready_file is not None:
            write_private(self._options.ready_file.absolute(), state)

    def state(self) -> dict[str, Any]:
        """Where everything is: addresses, processes, logs."""
        addresses, servers = self._addresses, self.servers.state()
        running = {name: instance.state() for name, instance in self.instances.items()}
        pids = {name: about["pid"] for name, about in running.items()}
        return {
            "ready": self._ready,
            "data": str(self.data.root),
            "http_url": self.http_url,
            "docs_url": f"{self.http_url}/docs",
            "http_port": self._http_port,
            "nats_url": addresses.nats_url_as("admin") if addresses else None,
            "sales_nats_url": addresses.nats_url_as("sales") if addresses else None,
            "database_url": addresses.admin_url if addresses else None,
            "databases": {name: dict(found.urls) for name, found in self._databases.items()},
            "tenant_id": str(issuer.DEMO_TENANT),
            "jwks_file": str(self.issuer.jwks_file),
            "services": running,
            "ports": servers["ports"],
            "pids": {"supervisor": os.getpid(), **servers["pids"], **pids},
        }

    def _log_warnings(self) -> None:
        """Services in this process would otherwise log to its standard output."""
        from lineside_chassis import logs, settings  # noqa: PLC0415 -- only this mode needs them

        quiet = settings.ServiceSettings(log_level="warning", log_format="console")
        logs.configure(quiet, service="lineside")

    async def _start_services(self, addresses: Addresses, provisioning: Any) -> None:
        """Provision and start one service after the other; whoever needs nothing comes first."""
        passwords = self._role_passwords()
        client = await nats.connect(addresses.nats_url_as("admin"))
        try:
            for entry in catalogue.SERVICES:
                if not entry.has_database:
                    self._start(entry, addresses)
            creating = {
                entry: asyncio.ensure_future(
                    provisioning.create_database(
                        entry, admin_url=addresses.admin_url, passwords=passwords[entry.name]
                    )
                )
                for entry in catalogue.with_database()
            }
            await provisioning.provision_streams(client)
            for entry, created in creating.items():
                self._databases[entry.name] = await created
                await provisioning.migrate(self._databases[entry.name])
                await provisioning.provision_consumers(client, [entry])
                self._start(entry, addresses)
        finally:
            await client.close()

    def _role_passwords(self) -> dict[str, dict[str, str]]:
        services = [entry.name for entry in catalogue.with_database()]
        names = [f"{name}:{kind}" for name in services for kind in LOGINS]
        secrets = self.data.passwords(names)
        return {name: {kind: secrets[f"{name}:{kind}"] for kind in LOGINS} for name in services}

    def _start(self, entry: ServiceEntry, addresses: Addresses) -> None:
        values = self._settings(entry, addresses)
        self.instances[entry.name] = (
            instances.InProcess(entry, values)
            if self._options.in_process
            else instances.AsProcess(entry, values, log=self.data.logs / f"{entry.name}.log")
        )

    def _settings(self, entry: ServiceEntry, addresses: Addresses) -> dict[str, Any]:
        values: dict[str, Any] = {
            **addresses.nats_settings(entry.name),
            "http_host": "127.0.0.1",
            "http_port": children.free_port(),
        }
        if entry.has_database:
            urls = self._databases[entry.name].urls
            values |= {"database_url": urls["app"], "relay_database_url": urls["relay"]}
        if entry.name == SHOPFLOOR:
            values |= {"archive_directory": str(self.data.root / "archive")}
        if entry.name == GATEWAY:
            values |= {
                "http_port": self._http_port,
                "jwks_file": str(self.issuer.jwks_file),
                "jwt_issuer": issuer.ISSUER,
                "jwt_audience": issuer.AUDIENCE,
            }
        return values

    async def _wait_until_ready(self) -> None:
        waits = (instances.wait_until_ready(instance) for instance in self.instances.values())
        await asyncio.gather(*waits)

    def _watch(self) -> list["asyncio.Task[None]"]:
        """Start again what crashes from now on."""
        say, changed = self._say, self.write_state
        return [
            *(
                asyncio.create_task(
                    supervision.keep_service_alive(instance, say=say, changed=changed)
                )
                for instance in self.instances.values()
                if isinstance(instance, AsProcess)
            ),
            *(
                asyncio.create_task(
                    supervision.keep_server_alive(name, server, say=say, changed=changed)
                )
                for name, server in self.servers.embedded.items()
            ),
        ]

    async def _stop_instances(self) -> None:
        """Stop the gateway first, so that nobody asks what nobody will answer."""
        gateway = self.instances.pop(GATEWAY, None)
        if gateway is not None:
            await gateway.stop()
        await asyncio.gather(*(instance.stop() for instance in self.instances.values()))

    def _forget(self) -> None:
        self._ready = False
        self.data.write_state(self.state())


async def _load_provisioning() -> Any:
    """Alembic, SQLAlchemy and all services take a second to import: the servers' start hides it."""
    return await asyncio.to_thread(importlib.import_module, "lineside_stack.provisioning")


async def _cancel(tasks: Sequence["asyncio.Task[None]"]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _http_port(wanted: int | None) -> int:
    """The port asked for, whatever happens; else 8080 or a free one."""
    if wanted is not None:
        if not children.port_is_free(wanted):
            raise StartError(f"port {wanted} is in use; choose another --http-port")
        return wanted
    if children.port_is_free(DEFAULT_HTTP_PORT):
        return DEFAULT_HTTP_PORT
    return children.free_port()
