"""`lineside verify`: is this deployment what it must be? One line per check, and a summary."""

from typing import Annotated

import typer
from rich.markup import escape

from lineside_stack import deployment, terminal
from lineside_stack.terminal import DEFAULT_DATA, AsJson, Data
from lineside_stack.verification import findings, whole
from lineside_stack.verification.findings import Finding, Outcome

_COLOURS = {Outcome.PASSED: "green", Outcome.FAILED: "red", Outcome.WARNING: "yellow"}

Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Only what did not pass.")]

app = typer.Typer()


@app.command()
def verify(*, data: Data = DEFAULT_DATA, quiet: Quiet = False, as_json: AsJson = False) -> None:
    """Check tables, row-level security, roles, keys, streams, consumers; probe across tenants.

    Of the running stack, or of the servers LINESIDE_DATABASE_URL and LINESIDE_NATS_URL name.
    """
    with terminal.reported_errors():
        place = deployment.find(terminal.directory(data))
        found = terminal.run(_all(place, quiet=quiet, silent=as_json))
        counts = findings.summary(found)
        if as_json:
            terminal.print_json(
                {"findings": [vars(finding) for finding in found], "summary": counts}
            )
        else:
            terminal.out.print(
                f"{counts[Outcome.PASSED]} passed, {counts[Outcome.FAILED]} failed, "
                f"{counts[Outcome.WARNING]} warnings"
            )
    if counts[Outcome.FAILED]:
        raise typer.Exit(1)


async def _all(place: deployment.Deployment, *, quiet: bool, silent: bool) -> list[Finding]:
    found = []
    async for finding in whole.check(place):
        found.append(finding)
        if not silent and not (quiet and finding.outcome is Outcome.PASSED):
            _print(finding)
    return found


def _print(finding: Finding) -> None:
    colour = _COLOURS[finding.outcome]
    detail = f": {finding.detail}" if finding.detail else ""
    terminal.out.print(
        f"[{colour}]{finding.outcome:<7}[/] {escape(f'{finding.about}: {finding.claim}{detail}')}"
    )
