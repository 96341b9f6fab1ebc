"""`lineside dlq`: messages nobody could process, seen and dealt with directly on NATS."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import nats
import nats.js.errors
import typer
from nats.js import JetStreamContext
from nats.js.api import RawStreamMsg
from rich.table import Table

from lineside_chassis import dead_letters
from lineside_chassis.delivery import DEAD_LETTER_HEADER
from lineside_contracts import streams
from lineside_stack import terminal
from lineside_stack.data_directory import DataDirectory
from lineside_stack.failures import CommandError
from lineside_stack.terminal import DEFAULT_DATA, AsJson, Data

app = typer.Typer(help="Messages nobody could process.", no_args_is_help=True)

Sequence_ = Annotated[int, typer.Argument(metavar="SEQUENCE", help="As `dlq list` shows it.")]
Every = Annotated[bool, typer.Option("--all", help="Every one of them.")]
Optional_ = Annotated[int | None, typer.Argument(metavar="[SEQUENCE]")]
_FIELDS = ("Consumer", "Subject", "Reason", "Error", "Attempts", "At")


@app.command("list")
def list_letters(*, data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """List dead letters, oldest first."""
    letters = terminal.run(_all(terminal.directory(data)))
    if as_json:
        terminal.print_json(letters)
        return
    table = Table("sequence", "consumer", "subject", "reason", "error", "at")
    for letter in letters:
        table.add_row(
            str(letter["sequence"]),
            *(letter[name] for name in ("consumer", "subject", "reason", "error", "at")),
        )
    terminal.out.print(table if letters else "no dead letters")


@app.command("show")
def show(sequence: Sequence_, data: Data = DEFAULT_DATA) -> None:
    """Show one dead letter with its headers and body, as JSON."""
    terminal.print_json(terminal.run(_one(terminal.directory(data), sequence)))


@app.command("redrive")
def redrive(sequence: Optional_ = None, *, data: Data = DEFAULT_DATA, every: Every = False) -> None:
    """Send a dead letter back to the consumer that gave it up."""
    done = terminal.run(_each(terminal.directory(data), sequence, every=every, verb="redrive"))
    terminal.out.print(f"{done} sent back")


@app.command("discard")
def discard(sequence: Optional_ = None, *, data: Data = DEFAULT_DATA, every: Every = False) -> None:
    """Delete a dead letter for good."""
    done = terminal.run(_each(terminal.directory(data), sequence, every=every, verb="discard"))
    terminal.out.print(f"{done} discarded")


async def _all(data: DataDirectory) -> list[dict[str, Any]]:
    async with _jetstream(data) as js:
        return [_summary(message) async for message in _messages(js)]


async def _one(data: DataDirectory, sequence: int) -> dict[str, Any]:
    async with _jetstream(data) as js:
        message = await _get(js, sequence)
        body = (message.data or b"").decode(errors="replace")
        return {**_summary(message), "headers": dict(message.headers or {}), "body": body}


async def _each(data: DataDirectory, sequence: int | None, *, every: bool, verb: str) -> int:
    if (sequence is None) is not every:
        raise CommandError("name one sequence, or say --all")
    async with _jetstream(data) as js:
        chosen = [message.seq or 0 async for message in _messages(js)] if every else [sequence or 0]
        for number in chosen:
            await _get(js, number)
            if verb == "redrive":
                await dead_letters.redrive(js, number)
            else:
                await js.delete_msg(streams.DEAD_LETTERS, number)
        return len(chosen)


@asynccontextmanager
async def _jetstream(data: DataDirectory) -> AsyncIterator[JetStreamContext]:
    client = await nats.connect(data.state()["nats_url"])
    try:
        yield client.jetstream()
    finally:
        await client.close()


async def _messages(js: JetStreamContext) -> AsyncIterator[RawStreamMsg]:
    sequence = (await js.stream_info(streams.DEAD_LETTERS)).state.first_seq
    while True:
        try:
            message = await js.get_msg(
                streams.DEAD_LETTERS,
                seq=sequence,
                subject=f"{streams.DEAD_LETTER_PREFIX}.>",
                next=True,
            )
        except nats.js.errors.NotFoundError:
            return
        yield message
        sequence = (message.seq or 0) + 1


async def _get(js: JetStreamContext, sequence: int) -> RawStreamMsg:
    try:
        return await js.get_msg(streams.DEAD_LETTERS, seq=sequence)
    except nats.js.errors.NotFoundError:
        raise CommandError(f"there is no dead letter {sequence}") from None


def _summary(message: RawStreamMsg) -> dict[str, Any]:
    headers = message.headers or {}
    about = {name.lower(): headers.get(f"{DEAD_LETTER_HEADER}{name}", "") for name in _FIELDS}
    return {"sequence": message.seq, **about}
