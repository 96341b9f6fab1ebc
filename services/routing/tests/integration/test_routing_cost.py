"""What an expansion costs in statements, as PostgreSQL counts them, BEGIN and COMMIT included.

Sending the event costs two more, which the relay shares among all that wait.
"""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from lineside_contracts.planning import ProductionOrderCreated
from lineside_contracts.routing import RoutingExpanded, RoutingFailed
from lineside_testkit import builders


@pytest.fixture
def statements(works: Any) -> Iterator[list[str]]:
    """What is sent in this tenant's transactions; others' events may be tried again meanwhile."""
    sent: list[str] = []
    begun: dict[int, list[str]] = {}
    own: set[int] = set()

    def note(connection: Any, *about: Any) -> None:
        key = id(connection)
        if not about:
            begun.setdefault(key, []).append("begin or commit")
            return
        begun.setdefault(key, []).append(str(about[1]))
        if str(works.tenant) in str(about[2]):
            own.add(key)

    def end(connection: Any) -> None:
        note(connection)
        told = begun.pop(id(connection), [])
        if id(connection) in own:
            own.discard(id(connection))
            sent.extend(told)

    listened = (("before_cursor_execute", note), ("begin", note), ("commit", end))
    for name, listener in listened:
        event.listen(Engine, name, listener)
    yield sent
    for name, listener in listened:
        event.remove(Engine, name, listener)


async def test_an_order_costs_six_statements_once_its_template_is_known(
    works: Any, statements: list[str]
) -> None:
    await works.active()
    await works.order()
    await works.heard(RoutingExpanded)
    await works.harness.settle()
    statements.clear()
    await works.order()
    await works.heard(RoutingExpanded, 2)
    await works.harness.settle()
    # BEGIN, begin_work, lock expansions, choose routings, write, COMMIT
    assert len(statements) == 6, statements


async def test_a_backlog_costs_less_than_one_statement_per_order(
    works: Any, statements: list[str]
) -> None:
    await works.active()
    await works.order()
    await works.heard(RoutingExpanded)
    await works.harness.settle()
    statements.clear()
    events = [
        ProductionOrderCreated(production_order=builders.production_order()) for _ in range(300)
    ]
    await asyncio.gather(*(works.say(event) for event in events))
    await works.heard(RoutingExpanded, 301)
    await works.harness.settle()
    assert len(statements) < 300


async def test_a_failure_costs_two_transactions(works: Any, statements: list[str]) -> None:
    statements.clear()
    await works.order()
    await works.heard(RoutingFailed)
    await works.harness.settle()
    assert len([s for s in statements if "begin_work" in s]) == 2
    assert len(statements) <= 15, statements
