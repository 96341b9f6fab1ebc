"""`lineside token`: a token of the development issuer, for curl, /docs and scripts."""

import re
from datetime import timedelta
from typing import Annotated
from uuid import UUID

import typer

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts.permissions import ROLES
from lineside_stack import terminal
from lineside_stack.failures import CommandError
from lineside_stack.issuer import DEMO_TENANT, Issuer
from lineside_stack.terminal import DEFAULT_DATA, AsJson, Data

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}

app = typer.Typer()


@app.command()
def token(
    *,
    data: Data = DEFAULT_DATA,
    role: Annotated[str, typer.Option(help=f"One of {', '.join(ROLES)}.")] = "planner",
    tenant: Annotated[UUID, typer.Option(help="Tenant id.")] = DEMO_TENANT,
    ttl: Annotated[str, typer.Option(help="How long it is valid: 30m, 12h, 7d.")] = "12h",
    plant: Annotated[
        list[str] | None, typer.Option(help="A plant it is limited to; repeatable.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print a token for the demo user of a role."""
    with terminal.reported_errors():
        directory = terminal.directory(data)
        if role not in ROLES:
            raise CommandError(f"no role is called {role}; there are {', '.join(ROLES)}")
        if not directory.issuer.exists():
            raise CommandError(f"{directory.root} has no issuer yet: run `lineside up` first")
        signed = Issuer(directory.issuer).token(
            role,
            now=SYSTEM_CLOCK.now(),
            tenant_id=tenant,
            ttl=duration(ttl),
            plants=tuple(plant) if plant else None,
        )
    if as_json:
        terminal.print_json({"token": signed, "role": role, "tenant_id": str(tenant)})
    else:
        typer.echo(signed)


def duration(text: str) -> timedelta:
    """Read "90s", "30m", "12h" or "7d".

    Raises:
        CommandError: It is none of these.
    """
    match = re.fullmatch(r"(\d{1,9})([smhd])", text)
    if match is None:
        raise CommandError(f"{text!r} is no duration; write 90s, 30m, 12h or 7d")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})
