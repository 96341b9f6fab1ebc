"""`lineside sales import FILE`: sales orders from a file, over HTTP."""

from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from lineside_stack import terminal, uploads
from lineside_stack.failures import CommandError
from lineside_stack.issuer import DEMO_TENANT
from lineside_stack.terminal import DEFAULT_DATA, AsJson, Data

app = typer.Typer(help="Sales orders from files.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)]
Tenant = Annotated[UUID, typer.Option(help="Tenant id.")]

_MEDIA_TYPES = {".csv": "text/csv", ".jsonl": "application/jsonl", ".ndjson": "application/jsonl"}


@app.callback()
def sales() -> None:
    """Sales orders from files."""


@app.command("import")
def import_sales(
    file: File,
    *,
    data: Data = DEFAULT_DATA,
    tenant: Tenant = DEMO_TENANT,
    as_json: AsJson = False,
) -> None:
    """Hand in a file of sales orders (CSV or JSON lines); each order is judged alone."""
    with terminal.reported_errors():
        media_type = _MEDIA_TYPES.get(file.suffix.lower())
        if media_type is None:
            raise CommandError(f"{file.name} is neither .csv nor .jsonl")
        report = terminal.run(
            uploads.send(
                terminal.directory(data),
                "/sales-orders/import",
                file,
                media_type=media_type,
                role="integration",
                tenant=tenant,
            )
        )
        if as_json:
            terminal.print_json(report)
        else:
            _print_sales(report)
        if report["rejected_count"]:
            raise typer.Exit(1)


def _print_sales(report: dict[str, Any]) -> None:
    for answer in report["answers"]:
        for fault in answer["faults"]:
            number = answer["order_number"] or "no order number"
            terminal.err.print(f"{number}: {fault['path']}: {fault['message']}", markup=False)
    terminal.out.print(
        f"{report['order_count']} orders: {report['accepted_count']} accepted, "
        f"{report['duplicate_count']} known already, {report['rejected_count']} refused"
    )
