"""`lineside provision`: databases, roles, migrations, streams, consumers; for containers."""

from pathlib import Path
from typing import Annotated

import nats
import typer

from lineside_stack import catalogue, deployment, provisioning, terminal
from lineside_stack.catalogue import ServiceEntry
from lineside_stack.data_directory import DataDirectory
from lineside_stack.failures import CommandError
from lineside_stack.issuer import Issuer

app = typer.Typer()

_ATTEMPTS = 30
"""NATS may still be starting beside us; it is tried every two seconds."""


@app.command()
def provision(
    service: Annotated[
        list[str] | None, typer.Option(help="Only this service; repeatable.")
    ] = None,
    development_issuer: Annotated[
        Path | None, typer.Option(help="Make a development issuer's keys in this data directory.")
    ] = None,
) -> None:
    """Create or update what the services need, on servers the environment names.

    LINESIDE_DATABASE_URL (administrator), LINESIDE_NATS_URL (a login that may do everything), and
    LINESIDE_ROLE_PASSWORD or LINESIDE_<SERVICE>_<OWNER|APP|RELAY>_PASSWORD.
    """
    with terminal.reported_errors():
        chosen = [_entry(name) for name in service] if service else list(catalogue.SERVICES)
        terminal.run(_provision(chosen))
        if development_issuer is not None:
            jwks = Issuer(DataDirectory(development_issuer).issuer).jwks_file
            terminal.out.print(f"development issuer: keys are in {jwks}")


async def _provision(services: list[ServiceEntry]) -> None:
    place = deployment.of_environment()
    found = await provisioning.provision_databases(
        catalogue.with_database(services),
        admin_url=place.admin_url,
        passwords={name: database.passwords for name, database in place.databases.items()},
    )
    for name, database in found.items():
        terminal.out.print(f"{name}: database {database.name} is up to date")
    client = await nats.connect(place.nats_url, max_reconnect_attempts=_ATTEMPTS)
    try:
        await provisioning.provision_broker(client, services)
    finally:
        await client.close()
    terminal.out.print("streams, buckets and consumers are up to date")


def _entry(name: str) -> ServiceEntry:
    try:
        return catalogue.service(name)
    except KeyError as error:
        raise CommandError(str(error.args[0])) from None
