"""`lineside import KIND FILE`: master data, routings, bills, stock and receipts from CSV."""

from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from lineside_stack import terminal, uploads
from lineside_stack.failures import CommandError
from lineside_stack.issuer import DEMO_TENANT
from lineside_stack.terminal import DEFAULT_DATA, AsJson, Data

Tenant = Annotated[UUID, typer.Option(help="Tenant id.")]
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)]

app = typer.Typer()


@app.command()
def import_file(
    kind: Annotated[str, typer.Argument(help=f"One of {', '.join(uploads.KINDS)}.")],
    file: File,
    *,
    data: Data = DEFAULT_DATA,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check only, load nothing.")] = False,
    tenant: Tenant = DEMO_TENANT,
    as_json: AsJson = False,
) -> None:
    """Load a CSV file: all rows, or none and every fault by its line."""
    with terminal.reported_errors():
        if kind not in uploads.KINDS:
            raise CommandError(f"no kind is called {kind}; there are {', '.join(uploads.KINDS)}")
        report = terminal.run(
            uploads.load(terminal.directory(data), kind, file, tenant=tenant, dry_run=dry_run)
        )
        if as_json:
            terminal.print_json(report)
        _warn(report, file)
        if report["faults"]:
            _refuse(report, file)
        elif not as_json:
            verb = "would be" if dry_run else "were"
            terminal.out.print(
                f"{report['row_count']} rows of {kind}: {report['created_count']} {verb} created, "
                f"{report['updated_count']} updated, {report['unchanged_count']} unchanged"
            )


def _warn(report: dict[str, Any], file: Path) -> None:
    for warning in report.get("warnings", ()):
        told = f"{file.name}: {warning['path']}: {warning['message']}"
        terminal.err.print(told, markup=False, style="yellow")


def _refuse(report: dict[str, Any], file: Path) -> None:
    for fault in report["faults"]:
        terminal.err.print(f"{file.name}: {fault['path']}: {fault['message']}", markup=False)
    terminal.err.print(f"{len(report['faults'])} faults; nothing was loaded")
    raise typer.Exit(1)
