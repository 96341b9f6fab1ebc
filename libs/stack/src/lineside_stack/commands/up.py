"""`lineside up`: everything on this machine, until Ctrl-C."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from lineside_stack import interruption, terminal
from lineside_stack.stack import Options, Stack
from lineside_stack.terminal import DEFAULT_DATA, Data, say

app = typer.Typer()


@app.command()
def up(
    *,
    data: Data = DEFAULT_DATA,
    http_port: Annotated[
        int | None, typer.Option(help="Port of the gateway; 8080 (or any free one) by default.")
    ] = None,
    in_process: Annotated[
        bool, typer.Option("--in-process/--processes", help="All services in this one process.")
    ] = False,
    ready_file: Annotated[
        Path | None, typer.Option(help="Write JSON here when everything answers.")
    ] = None,
) -> None:
    """Start PostgreSQL, NATS and all services; stop them on Ctrl-C. Data is kept.

    LINESIDE_DATABASE_URL and LINESIDE_NATS_URL point at servers that run already.
    """
    options = Options(
        data=terminal.directory(data),
        http_port=http_port,
        in_process=in_process,
        ready_file=ready_file,
    )
    terminal.run(_up(options))


async def _up(options: Options) -> None:
    stop = interruption.stop_event()
    began = asyncio.get_running_loop().time()
    stack = Stack(options, say=say)
    async with interruption.unless_stopped(stack.running(), stop):
        describe(stack, seconds=asyncio.get_running_loop().time() - began)
        await stop.wait()
        say("stopping")
    say("stopped; the data is kept")


def describe(stack: Stack, *, seconds: float) -> None:
    """Print where things are."""
    terminal.out.print(f"[bold green]Lineside is ready[/] after {seconds:.1f} s")
    state = stack.state()
    terminal.out.print(f"  API and documentation  {state['docs_url']}")
    here = terminal.data_option(stack.data)
    webhooks = f"http://127.0.0.1:{state['services']['sales-bridge']['http_port']}/webhooks"
    terminal.out.print(f"  a token                lineside token --role planner{here}")
    terminal.out.print(f"  NATS (sales systems)   {state['sales_nats_url']}")
    terminal.out.print(f"  webhooks               {webhooks}/<tenant>/<source>")
    terminal.out.print(f"  data, logs             {state['data']}")
    for name, about in state["services"].items():
        terminal.out.print(f"  {name:<22} process {about['pid']}, http {about['http_port']}")
