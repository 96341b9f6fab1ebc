"""`lineside import KIND FILE`: master data and routings from CSV, over HTTP."""

from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from lineside_contracts import registry
from lineside_stack import terminal, uploads
from lineside_stack.failures import CommandError
from lineside_stack.issuer import DEMO_TENANT
from lineside_stack.terminal import DEFAULT_DATA, AsJson, Data

KINDS = (*(kind.path for kind in registry.MASTER_DATA), "routings")

Tenant = Annotated[UUID, typer.Option(help="Tenant id.")]
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)]

app = typer.Typer()


@app.command()
def import_file(
    kind: Annotated[str, typer.Argument(help=f"One of {', '.join(KINDS)}.")],
    file: File,
    *,
    data: Data = DEFAULT_DATA,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check only, load nothing.")] = False,
    tenant: Tenant = DEMO_TENANT,
    as_json: AsJson = False,
) -> None:
    """Load master data or routings from CSV: all rows, or none and every fault by its line."""
    with terminal.reported_errors():
        if kind not in KINDS:
            raise CommandError(f"no kind is called {kind}; there are {', '.join(KINDS)}")
        report = terminal.run(
            uploads.send(
                terminal.directory(data),
                f"/imports/{kind}",
                file,
                media_type="text/csv",
                role="admin",
                tenant=tenant,
                dry_run="true" if dry_run else "false",
            )
        )
        if as_json:
            terminal.print_json(report)
        if report["faults"]:
            _refuse(report, file)
        elif not as_json:
            verb = "would be" if dry_run else "were"
            terminal.out.print(
                f"{report['row_count']} rows of {kind}: {report['created_count']} {verb} created, "
                f"{report['updated_count']} updated, {report['unchanged_count']} unchanged"
            )


def _refuse(report: dict[str, Any], file: Path) -> None:
    for fault in report["faults"]:
        terminal.err.print(f"{file.name}: {fault['path']}: {fault['message']}", markup=False)
    terminal.err.print(f"{len(report['faults'])} faults; nothing was loaded")
    raise typer.Exit(1)
