"""`lineside demo`: a printing plant, confirmed orders, and what becomes of them."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

import typer

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_stack import api, interruption, terminal
from lineside_stack.demo import (
    floor_report,
    floor_watch,
    performance,
    plant,
    purchasing,
    sales_system,
)
from lineside_stack.demo.floor_day import FloorDay, People
from lineside_stack.demo.purchasing import Buyer
from lineside_stack.demo.sales_system import DemoOrder
from lineside_stack.demo.shift_clock import ShiftClock
from lineside_stack.failures import CommandError
from lineside_stack.issuer import DEMO_TENANT, Issuer
from lineside_stack.live_events import Subscription
from lineside_stack.stack import Options, Stack
from lineside_stack.terminal import DEFAULT_DATA, Data, say

app = typer.Typer()


@app.command()
def demo(
    *,
    data: Data = DEFAULT_DATA,
    http_port: Annotated[int | None, typer.Option(help="Port of the gateway.")] = None,
    leave: Annotated[
        bool, typer.Option("--exit", help="Stop when shown; the rule without a terminal.")
    ] = False,
) -> None:
    """Start everything, load a printing plant, confirm orders, work a day on its floor.

    Stays up on a terminal until Ctrl-C. Exits with 1 when an order did not arrive, or when on the
    floor anything did not happen that should.
    """
    options = Options(data=terminal.directory(data), http_port=http_port)
    stay = terminal.out.is_terminal and not leave
    terminal.run(_demo(options, stay=stay))


async def _demo(options: Options, *, stay: bool) -> None:
    stop = interruption.stop_event()
    clock = asyncio.get_running_loop().time
    began = clock()
    stack = Stack(options, say=say)
    async with interruption.unless_stopped(stack.running(), stop):
        say(
            f"PostgreSQL, NATS and {len(stack.instances)} services are ready after "
            f"{clock() - began:.1f} s"
        )
        missing = await _perform(stack)
        if not missing:
            await _work_a_day(stack)
        _print_addresses(stack)
        if stay and not missing:
            say("Ctrl-C stops it; the data is kept")
            await stop.wait()
        say("stopping")
    if missing:
        raise CommandError(f"did not arrive as they should: {', '.join(missing)}")


async def _perform(stack: Stack) -> list[str]:
    """Load, order, show; returns the numbers of orders that did not arrive."""
    now = SYSTEM_CLOCK.now()
    run = now.strftime("%y%m%d-%H%M%S")
    orders = sales_system.orders(run)
    async with api.connect(stack.data, role="admin") as gateway:
        say("loading the plant through the HTTP API")
        await plant.load(gateway, say=say)
        await purchasing.expect_glue(gateway, run, today=now.date())
        async with sales_system.connect(stack.state()["sales_nats_url"]) as seller:
            say(f"publishing {len(orders)} orders to {sales_system.SUBJECT} with plain nats-py")
            for order in orders:
                await seller.confirm(order, tenant_id=DEMO_TENANT, now=now)
            buyer = purchasing.Buyer(gateway, today=now.date(), say=say)
            shown = await _followed(gateway, orders, buyer)
            await seller.answered([order.number for order in orders])
            _print_answers(seller)
    return [one.order.number for one in shown if not one.has_arrived]


async def _work_a_day(stack: Stack) -> None:
    """Take an order over the floor while a client of the WebSocket prints what happens."""
    now = SYSTEM_CLOCK.now()
    clock = ShiftClock.of_latest(now)
    issuer = Issuer(stack.data.issuer)

    def token() -> str:
        return issuer.token("admin", now=now)

    screen = Subscription(stack.state()["http_url"], token, floor_watch.PATTERNS)
    say(f"a day on the floor: the early shift of {clock.on:%A %d %B}, as its terminals report it")
    async with (
        api.connect(stack.data, role="supervisor") as supervisor,
        api.connect(stack.data, role="operator") as operator,
        api.connect(stack.data, role="planner") as planner,
    ):
        people = People(supervisor, operator, planner)
        day = FloorDay(people, clock=clock, today=now.date(), say=say)
        async with floor_watch.printing(screen, console=terminal.out, say=say):
            played = await day.play()
        await floor_report.show(planner, played, clock, console=terminal.out)


async def _followed(
    gateway: api.Api, orders: Sequence[DemoOrder], buyer: Buyer
) -> list[performance.Shown]:
    """Follow the orders while the buyer supplies those that lack material."""
    supplying = [
        asyncio.create_task(buyer.supply(order.number)) for order in orders if order.lacks_material
    ]
    try:
        return await performance.follow(gateway, orders, buyer=buyer, console=terminal.out)
    finally:
        for task in supplying:
            task.cancel()
        for failed in await asyncio.gather(*supplying, return_exceptions=True):
            if isinstance(failed, CommandError):
                say(f"the buyer was refused: {failed}")


def _print_answers(seller: sales_system.SalesSystem) -> None:
    say("the sales system was answered:")
    for number, answer in sorted(seller.answers.items()):
        reasons = "; ".join(fault["message"] for fault in answer.get("faults", ()))
        terminal.out.print(f"  {number} {answer['status']} {reasons}".rstrip(), markup=False)


def _print_addresses(stack: Stack) -> None:
    state = stack.state()
    terminal.out.print(f"[bold green]open[/]      {state['docs_url']}")
    here = terminal.data_option(stack.data)
    terminal.out.print(f"[bold]a token[/]   lineside token --role planner{here}")
    terminal.out.print(f"[bold]orders[/]    lineside orders --follow{here}")
    terminal.out.print(
        f"[bold]your own[/]  publish JSON to {sales_system.SUBJECT} on {state['sales_nats_url']}"
    )
