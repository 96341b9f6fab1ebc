"""`lineside requisitions`: what has to be bought, soonest order-by date first."""

from typing import Annotated, Any
from uuid import UUID

import typer

from lineside_contracts.planning import RequisitionStatus
from lineside_stack import api, planning_tables, terminal
from lineside_stack.data_directory import DataDirectory
from lineside_stack.issuer import DEMO_TENANT
from lineside_stack.terminal import DEFAULT_DATA, AsJson, Data

ROLE = "viewer"

app = typer.Typer()


@app.command()
def requisitions(  # noqa: PLR0913 -- one option each
    *,
    status: Annotated[
        RequisitionStatus | None, typer.Option(help="Only these; open ones by default.")
    ] = RequisitionStatus.OPEN,
    every: Annotated[bool, typer.Option("--all", help="Whatever their status.")] = False,
    product: Annotated[str | None, typer.Option(help="Only of this product.")] = None,
    vendor: Annotated[str | None, typer.Option(help="Only from this vendor.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many.")] = 100,
    data: Data = DEFAULT_DATA,
    tenant: Annotated[UUID, typer.Option(help="Tenant id.")] = DEMO_TENANT,
    as_json: AsJson = False,
) -> None:
    """Show purchase requisitions: quantity, order-by date, and the orders they are for."""
    wanted = {
        "status": status.value if status and not every else None,
        "product_code": product,
        "vendor_code": vendor,
        "limit": limit,
    }
    found = terminal.run(_look(terminal.directory(data), tenant, wanted))
    if as_json:
        terminal.print_json(found)
    else:
        terminal.out.print(planning_tables.requisitions(found))


async def _look(data: DataDirectory, tenant: UUID, wanted: dict[str, Any]) -> list[dict[str, Any]]:
    async with api.connect(data, role=ROLE, tenant_id=tenant) as gateway:
        page = await gateway.get("/purchase-requisitions", **wanted)
    found: list[dict[str, Any]] = page["items"]
    return found
