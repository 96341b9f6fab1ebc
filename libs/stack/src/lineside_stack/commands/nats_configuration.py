"""`lineside nats-config`: the configuration of a NATS server in a container, with its logins."""

import typer

from lineside_stack import nats_permissions

app = typer.Typer()


@app.command()
def nats_config() -> None:
    """Print nats-server's configuration; passwords are read from LINESIDE_NATS_<LOGIN>_PASSWORD.

    deploy/nats.conf is this output, checked in.
    """
    typer.echo(nats_permissions.container_configuration(), nl=False)
