"""`lineside mrp …`: regenerate the plan, check it, read what it proposes."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

import typer
from rich.console import RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from lineside_stack import api, planning_tables, terminal
from lineside_stack.api import Api
from lineside_stack.data_directory import DataDirectory
from lineside_stack.issuer import DEMO_TENANT
from lineside_stack.order_picture import Json
from lineside_stack.terminal import DEFAULT_DATA, AsJson, Data

ROLE = "planner"
LOOK_SECONDS = 0.2
GOING_ON = frozenset({"queued", "running"})
COMPLETED = "completed"

Tenant = Annotated[UUID, typer.Option(help="Tenant id.")]
Reason = Annotated[str | None, typer.Option(help="Why, for whoever reads the list of runs.")]
Product = Annotated[str | None, typer.Option(help="Only of this product.")]
Plant = Annotated[str | None, typer.Option(help="Only of this plant.")]
Limit = Annotated[int, typer.Option(min=1, max=500, help="How many.")]

app = typer.Typer(help="MRP: runs, planned orders, exceptions.", no_args_is_help=True)


@app.callback()
def mrp() -> None:
    """MRP: runs, planned orders, exceptions."""


@app.command()
def run(
    *,
    reason: Reason = None,
    data: Data = DEFAULT_DATA,
    tenant: Tenant = DEMO_TENANT,
    as_json: AsJson = False,
) -> None:
    """Regenerate the whole plan; shows how far it is and what came of it."""
    wanted = {"kind": "regeneration", "reason": reason}
    _report(terminal.run(_run(terminal.directory(data), tenant, wanted)), as_json=as_json)


@app.command()
def check(
    *,
    reason: Reason = None,
    data: Data = DEFAULT_DATA,
    tenant: Tenant = DEMO_TENANT,
    as_json: AsJson = False,
) -> None:
    """Compare the plan with a regeneration; exits with 1 and the differences when there are any."""
    wanted = {"kind": "check", "reason": reason}
    _report(terminal.run(_run(terminal.directory(data), tenant, wanted)), as_json=as_json)


@app.command("planned-orders")
def planned_orders(
    *,
    product: Product = None,
    plant: Plant = None,
    limit: Limit = 100,
    data: Data = DEFAULT_DATA,
    tenant: Tenant = DEMO_TENANT,
    as_json: AsJson = False,
) -> None:
    """Show what MRP proposes to make and to buy, soonest release first."""
    query = {"product_code": product, "plant_code": plant, "limit": limit}
    found = terminal.run(_get(terminal.directory(data), tenant, "/mrp/planned-orders", query))
    _show(found["items"], planning_tables.planned_orders, as_json=as_json)


@app.command()
def exceptions(
    *,
    product: Product = None,
    plant: Plant = None,
    limit: Limit = 100,
    data: Data = DEFAULT_DATA,
    tenant: Tenant = DEMO_TENANT,
    as_json: AsJson = False,
) -> None:
    """Show exception messages: expedite, defer, cancel, past due, and what could not be planned."""
    query = {"product_code": product, "plant_code": plant, "limit": limit}
    found = terminal.run(_get(terminal.directory(data), tenant, "/mrp/exceptions", query))
    _show(found["items"], planning_tables.exceptions, as_json=as_json)


@app.command()
def item(
    product: Annotated[str, typer.Argument(help="Product code.")],
    *,
    plant: Annotated[str | None, typer.Option(help="The product's own if none.")] = None,
    week: Annotated[bool, typer.Option("--week", help="Buckets of a week, not a day.")] = False,
    data: Data = DEFAULT_DATA,
    tenant: Tenant = DEMO_TENANT,
    as_json: AsJson = False,
) -> None:
    """Show the time-phased plan of one product."""
    query = {"plant_code": plant, "bucket": "week" if week else "day"}
    path = f"/mrp/items/{quote(product)}"
    found = terminal.run(_get(terminal.directory(data), tenant, path, query))
    _show(found, planning_tables.item, as_json=as_json)


async def _get(data: DataDirectory, tenant: UUID, path: str, query: dict[str, Any]) -> Any:
    async with api.connect(data, role=ROLE, tenant_id=tenant) as gateway:
        return await gateway.get(path, **query)


async def _run(data: DataDirectory, tenant: UUID, wanted: dict[str, Any]) -> Json:
    async with api.connect(data, role=ROLE, tenant_id=tenant) as gateway:
        return await _followed(gateway, await gateway.post("/mrp/runs", wanted))


async def _followed(gateway: Api, mrp_run: Json) -> Json:
    """Watch a run to its end, on stderr."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    hidden = not terminal.err.is_terminal
    with Progress(*columns, console=terminal.err, transient=True, disable=hidden) as progress:
        task = progress.add_task(mrp_run["mrp_run_number"], total=None)
        while mrp_run["status"] in GOING_ON:
            await asyncio.sleep(LOOK_SECONDS)
            mrp_run = await gateway.get(f"/mrp/runs/{mrp_run['id']}")
            progress.update(
                task,
                description=f"{mrp_run['mrp_run_number']} {mrp_run['phase']}",
                completed=mrp_run["items_done"],
                total=mrp_run["items_total"] or None,
            )
    return mrp_run


def _report(mrp_run: Json, *, as_json: bool) -> None:
    _show(mrp_run, planning_tables.run, as_json=as_json)
    if mrp_run["status"] != COMPLETED or mrp_run["differences"]:
        raise typer.Exit(1)


def _show(found: Any, view: Callable[[Any], RenderableType], *, as_json: bool) -> None:
    if as_json:
        terminal.print_json(found)
    else:
        terminal.out.print(view(found))
