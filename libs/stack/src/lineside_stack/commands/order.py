"""`lineside order NUMBER`: one production order with materials, capacity, cost and pegging."""

from typing import Annotated
from uuid import UUID

import typer

from lineside_stack import api, order_picture, order_view, terminal
from lineside_stack.data_directory import DataDirectory
from lineside_stack.issuer import DEMO_TENANT
from lineside_stack.order_picture import OrderPicture
from lineside_stack.terminal import DEFAULT_DATA, AsJson, Data

ROLE = "planner"

app = typer.Typer()


@app.command()
def order(
    number: Annotated[str, typer.Argument(help="Number of the production order.")],
    *,
    data: Data = DEFAULT_DATA,
    tenant: Annotated[UUID, typer.Option(help="Tenant id.")] = DEMO_TENANT,
    as_json: AsJson = False,
) -> None:
    """Show one production order and how every number about it was computed."""
    picture = terminal.run(_look(terminal.directory(data), tenant, number))
    if as_json:
        terminal.print_json(picture.as_json())
    else:
        terminal.out.print(order_view.view(picture))


async def _look(data: DataDirectory, tenant: UUID, number: str) -> OrderPicture:
    async with api.connect(data, role=ROLE, tenant_id=tenant) as gateway:
        return await order_picture.of_number(gateway, number)
