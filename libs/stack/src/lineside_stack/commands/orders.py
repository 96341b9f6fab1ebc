"""`lineside orders`: what became of each sales order, once or live."""

import asyncio
from typing import Annotated
from uuid import UUID

import typer
from rich.console import RenderableType
from rich.live import Live

from lineside_stack import api, cascade, cascade_view, interruption, terminal
from lineside_stack.data_directory import DataDirectory
from lineside_stack.issuer import DEMO_TENANT
from lineside_stack.terminal import DEFAULT_DATA, AsJson, Data

ROLE = "viewer"
REFRESH_SECONDS = 1.0

app = typer.Typer()


@app.command()
def orders(
    order_number: Annotated[
        str | None, typer.Argument(help="One order with everything below it; the newest if none.")
    ] = None,
    *,
    data: Data = DEFAULT_DATA,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Stay and refresh.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many of the newest.")] = 20,
    tenant: Annotated[UUID, typer.Option(help="Tenant id.")] = DEMO_TENANT,
    as_json: AsJson = False,
) -> None:
    """Show what became of sales orders: production orders, work orders, predicted date."""
    directory = terminal.directory(data)
    if follow and not as_json:
        terminal.run(_follow(directory, tenant, order_number=order_number, limit=limit))
        return
    found = terminal.run(_look(directory, tenant, order_number=order_number, limit=limit))
    if as_json:
        terminal.print_json([seen.as_json() for seen in found])
    else:
        terminal.out.print(_view(found, whole=order_number is not None))


async def _look(
    data: DataDirectory, tenant: UUID, *, order_number: str | None, limit: int
) -> list[cascade.Cascade]:
    async with api.connect(data, role=ROLE, tenant_id=tenant) as gateway:
        return await _read(gateway, order_number=order_number, limit=limit)


async def _follow(
    data: DataDirectory, tenant: UUID, *, order_number: str | None, limit: int
) -> None:
    stop = interruption.stop_event()
    async with api.connect(data, role=ROLE, tenant_id=tenant) as gateway:
        with Live(console=terminal.out, auto_refresh=False) as live:
            while not stop.is_set():
                found = await _read(gateway, order_number=order_number, limit=limit)
                live.update(_view(found, whole=order_number is not None), refresh=True)
                await _wait(stop)


async def _read(gateway: api.Api, *, order_number: str | None, limit: int) -> list[cascade.Cascade]:
    if order_number is not None:
        return [await cascade.of_order(gateway, order_number)]
    return await cascade.newest(gateway, limit=limit)


def _view(found: list[cascade.Cascade], *, whole: bool) -> RenderableType:
    return cascade_view.group(found) if whole else cascade_view.table(found)


async def _wait(stop: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(stop.wait(), REFRESH_SECONDS)
    except TimeoutError:
        return
