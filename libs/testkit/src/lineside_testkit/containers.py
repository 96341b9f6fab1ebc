"""PostgreSQL and NATS as containers, through testcontainers; needs a container engine."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import LogMessageWaitStrategy

from lineside_stack.embedded import nats
from lineside_testkit.servers import ACCOUNT_COUNT, PASSWORD, NatsAccount, Servers

POSTGRES_IMAGE = "postgres:18"
NATS_IMAGE = "nats:2.15-alpine"
_POSTGRES_PORT = 5432
_NATS_PORT = 4222


@asynccontextmanager
async def start(worker: str) -> AsyncIterator[Servers]:
    """Start both images for one test worker and remove them at the end."""
    with tempfile.TemporaryDirectory(prefix=f"lineside-test-{worker}-") as folder:
        directory = Path(folder)
        accounts = {f"T{n}": [nats.NatsUser(f"t{n}", PASSWORD)] for n in range(ACCOUNT_COUNT)}
        configuration = nats.configuration(
            accounts,
            host="0.0.0.0",  # noqa: S104 -- inside the container
            port=_NATS_PORT,
            store=Path("/data"),
            sync_always=False,
        )
        database = (
            DockerContainer(POSTGRES_IMAGE)
            .with_env("POSTGRES_PASSWORD", PASSWORD)
            .with_exposed_ports(_POSTGRES_PORT)
            .with_command("postgres -c fsync=off -c max_connections=200")
            .waiting_for(LogMessageWaitStrategy("listening on IPv4"))
        )
        broker = (
            DockerContainer(NATS_IMAGE)
            .with_copy_into_container(configuration.encode(), "/etc/lineside.conf")
            .with_exposed_ports(_NATS_PORT)
            .with_command("-c /etc/lineside.conf")
            .waiting_for(LogMessageWaitStrategy("Server is ready"))
        )
        async with AsyncExitStack() as stack:
            for container in (database, broker):
                await asyncio.to_thread(container.start)
                stack.push_async_callback(asyncio.to_thread, container.stop)
            yield Servers(
                admin_url=(
                    f"postgresql://postgres:{PASSWORD}"
                    f"@{_address(database, _POSTGRES_PORT)}/postgres"
                ),
                accounts=[
                    NatsAccount(f"nats://{_address(broker, _NATS_PORT)}", f"t{n}", PASSWORD)
                    for n in range(ACCOUNT_COUNT)
                ],
                prefix="",
                directory=directory,
            )


def _address(container: DockerContainer, port: int) -> str:
    return f"{container.get_container_host_ip()}:{container.get_exposed_port(port)}"
