"""`lineside stock`: what lies where, and the journal that explains it."""

from typing import Annotated, Any
from uuid import UUID

import typer

from lineside_stack import api, planning_tables, terminal
from lineside_stack.data_directory import DataDirectory
from lineside_stack.issuer import DEMO_TENANT
from lineside_stack.terminal import DEFAULT_DATA, AsJson, Data

ROLE = "viewer"

app = typer.Typer()


@app.command()
def stock(
    product: Annotated[
        str | None, typer.Argument(help="One product with its journal; all of them if none.")
    ] = None,
    *,
    plant: Annotated[str | None, typer.Option(help="Only this plant.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many lines.")] = 100,
    data: Data = DEFAULT_DATA,
    tenant: Annotated[UUID, typer.Option(help="Tenant id.")] = DEMO_TENANT,
    as_json: AsJson = False,
) -> None:
    """Show stock: on hand, allocated, available; of one product its movements as well."""
    wanted = {"product_code": product, "plant_code": plant, "limit": limit}
    found = terminal.run(_look(terminal.directory(data), tenant, wanted))
    if as_json:
        terminal.print_json(found)
        return
    terminal.out.print(planning_tables.stock(found["stock"]))
    if product is not None:
        terminal.out.print(planning_tables.movements(found["movements"]))


async def _look(data: DataDirectory, tenant: UUID, wanted: dict[str, Any]) -> dict[str, Any]:
    async with api.connect(data, role=ROLE, tenant_id=tenant) as gateway:
        pools = await gateway.get("/stock", **wanted)
        if wanted["product_code"] is None:
            return {"stock": pools["items"]}
        journal = await gateway.get("/stock-movements", **wanted)
        return {"stock": pools["items"], "movements": journal["items"]}
