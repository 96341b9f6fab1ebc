"""The `lineside` command: one module per subcommand, loaded when it is asked for."""

import importlib
from collections.abc import Mapping
from typing import Any

import typer
from typer.core import TyperGroup

COMMANDS: Mapping[str, str] = {
    "up": "up",
    "demo": "demo",
    "token": "token",
    "import": "imports",
    "sales": "sales",
    "orders": "orders",
    "order": "order",
    "watch": "watch",
    "promise": "promise",
    "stock": "stock",
    "requisitions": "requisitions",
    "mrp": "mrp",
    "dlq": "dead_letters",
    "verify": "verify",
    "provision": "provision",
    "nats-config": "nats_configuration",
}
"""Modules of `lineside_stack.commands` by what people type; each has an `app`."""


class LazyCommands(TyperGroup):
    """Loads one command's module, not all of them: `token` needs no database driver."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Name the commands in the order of the table."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Load a command; None when there is none of that name."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"lineside_stack.commands.{COMMANDS[cmd_name]}")
        command = typer.main.get_command(module.app)
        command.name = cmd_name
        return command


app = typer.Typer(
    name="lineside",
    cls=LazyCommands,
    help="Event-driven production planning: run it, load it, watch it, check it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


@app.callback()
def lineside() -> None:
    """Event-driven production planning: run it, load it, watch it, check it."""
