"""What commands print: people read colours, pipes read JSON, errors go to stderr."""

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, TypeVar

import nats.errors
import typer
from rich.console import Console
from rich.markup import escape

from lineside_stack import data_directory
from lineside_stack.data_directory import DataDirectory
from lineside_stack.failures import CommandError
from lineside_stack.interruption import Interrupted

T = TypeVar("T")
Say = Callable[[str], None]
"""Tells whoever watches what is happening."""

WIDE = 140
"""Columns where nobody looks at a terminal: pipes and logs are not cut at 80."""

out = Console(highlight=False, soft_wrap=True)
if not out.is_terminal:
    out = Console(highlight=False, soft_wrap=True, width=WIDE)
err = Console(stderr=True, highlight=False, soft_wrap=True)

Data = Annotated[
    Path, typer.Option("--data", help="Data directory of the stack.", envvar="LINESIDE_DATA")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
DEFAULT_DATA = data_directory.DEFAULT


def say(text: str) -> None:
    """Tell whoever watches."""
    out.print("[dim]lineside[/]", escape(text))


def print_json(value: Any) -> None:
    """Print data for another program."""
    typer.echo(json.dumps(value, indent=2, default=str, ensure_ascii=False))


@contextmanager
def reported_errors() -> Iterator[None]:
    """Turn what people can do something about into a line on stderr and exit code 1."""
    try:
        yield
    except (CommandError, nats.errors.Error, OSError) as error:
        err.print("[red]error[/red]", escape(str(error)))
        raise typer.Exit(1) from None


def run(command: Coroutine[Any, Any, T]) -> T:
    """Run an asynchronous command; Ctrl-C ends it quietly."""
    with reported_errors():
        try:
            return asyncio.run(command)
        except (KeyboardInterrupt, Interrupted):
            raise typer.Exit(130) from None


def directory(data: Path) -> DataDirectory:
    """The data directory a command was pointed at."""
    return DataDirectory(data)


def data_option(data: DataDirectory) -> str:
    """What to add to a command so that it finds this directory; nothing for the usual one."""
    return "" if data.root == DEFAULT_DATA.absolute() else f" --data {data.root}"
