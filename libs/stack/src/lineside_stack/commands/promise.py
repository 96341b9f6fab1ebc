"""`lineside promise PRODUCT QUANTITY`: when could that be delivered? Leaves no trace."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import typer

from lineside_contracts.values import Priority
from lineside_stack import api, planning_tables, terminal
from lineside_stack.data_directory import DataDirectory
from lineside_stack.issuer import DEMO_TENANT
from lineside_stack.terminal import DEFAULT_DATA, AsJson, Data

ROLE = "viewer"

app = typer.Typer()


@app.command()
def promise(  # noqa: PLR0913 -- one option each
    product: Annotated[str, typer.Argument(help="Product code.")],
    quantity: Annotated[str, typer.Argument(help="In the product's unit.")],
    *,
    by: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The date that is wanted.")
    ] = None,
    priority: Annotated[Priority, typer.Option(help="As the order would have.")] = Priority.MEDIUM,
    plant: Annotated[str | None, typer.Option(help="The product's own if none.")] = None,
    data: Data = DEFAULT_DATA,
    tenant: Annotated[UUID, typer.Option(help="Tenant id.")] = DEMO_TENANT,
    as_json: AsJson = False,
) -> None:
    """Ask when a quantity could be delivered, from materials and capacity as they are now.

    Exits with 1 when the date that is wanted cannot be kept.
    """
    wanted = {
        "product_code": product,
        "quantity": quantity,
        "priority": priority.value,
        "requested_date": by.date().isoformat() if by else None,
        "plant_code": plant,
    }
    answer = terminal.run(_ask(terminal.directory(data), tenant, wanted))
    if as_json:
        terminal.print_json(answer)
    else:
        terminal.out.print(planning_tables.promise(answer))
    if answer["is_feasible"] is False:
        raise typer.Exit(1)


async def _ask(data: DataDirectory, tenant: UUID, wanted: dict[str, Any]) -> dict[str, Any]:
    given = {name: value for name, value in wanted.items() if value is not None}
    async with api.connect(data, role=ROLE, tenant_id=tenant) as gateway:
        answer: dict[str, Any] = await gateway.post("/promises", given)
    return answer
