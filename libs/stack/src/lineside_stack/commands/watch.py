"""`lineside watch`: every event as it happens, until Ctrl-C; it resumes by itself."""

import asyncio
import contextlib
import json
from datetime import timedelta
from typing import Annotated
from uuid import UUID

import typer
from rich.markup import escape

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_stack import event_lines, interruption, live_events, terminal
from lineside_stack.data_directory import DataDirectory
from lineside_stack.issuer import DEMO_TENANT, Issuer
from lineside_stack.live_events import Frame, Subscription
from lineside_stack.terminal import DEFAULT_DATA, AsJson, Data

EVERYTHING = ">"
TOKEN_LIFE = timedelta(hours=12)

app = typer.Typer()


@app.command()
def watch(  # noqa: PLR0913 -- options of a command
    pattern: Annotated[
        list[str] | None,
        typer.Argument(help="Such as work_order.* or lane.status_changed; everything if none."),
    ] = None,
    *,
    data: Data = DEFAULT_DATA,
    role: Annotated[str, typer.Option(help="As whom: what they may read is shown.")] = "admin",
    tenant: Annotated[UUID, typer.Option(help="Tenant id.")] = DEMO_TENANT,
    plant: Annotated[list[str] | None, typer.Option(help="Only this plant; repeatable.")] = None,
    resume_from: Annotated[
        str | None, typer.Option(help="The id of the last event seen: what came since is shown.")
    ] = None,
    count: Annotated[int, typer.Option(min=0, help="End after so many; 0: never.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Print each event as it happens: a line each, or one JSON document per line."""
    directory = terminal.directory(data)

    def token() -> str:
        return Issuer(directory.issuer).token(
            role,
            now=SYSTEM_CLOCK.now(),
            tenant_id=tenant,
            ttl=TOKEN_LIFE,
            plants=tuple(plant) if plant else None,
        )

    with terminal.reported_errors():
        subscription = Subscription(
            _address(directory), token, tuple(pattern or [EVERYTHING]), resume_from
        )
    terminal.run(_until_stopped(subscription, count=count, as_json=as_json))


async def _until_stopped(subscription: Subscription, *, count: int, as_json: bool) -> None:
    stop = asyncio.create_task(interruption.stop_event().wait())
    watching = asyncio.create_task(_watch(subscription, count=count, as_json=as_json))
    await asyncio.wait({stop, watching}, return_when=asyncio.FIRST_COMPLETED)
    stop.cancel()
    if watching.done():
        watching.result()
        return
    watching.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await watching


async def _watch(subscription: Subscription, *, count: int, as_json: bool) -> None:
    seen = 0
    async with contextlib.aclosing(live_events.follow(subscription, tell=_tell)) as events:
        async for event in events:
            _show(event, as_json=as_json)
            seen += 1
            if seen == count:
                return


def _show(event: Frame, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(event, ensure_ascii=False))
    else:
        terminal.out.print(event_lines.line(event))


def _tell(text: str) -> None:
    terminal.err.print(f"[dim]{escape(text)}[/]")


def _address(directory: DataDirectory) -> str:
    url: str = directory.state()["http_url"]
    return url
