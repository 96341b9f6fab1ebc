"""A whole regeneration from JSON to JSON: pure, so that a thread or a process of its own does it.

What comes in is one answer of the database (`reading.everything`), what goes out are the rows that
differ from what is kept, ready for the statements that put them there. Whoever asked for it parses
neither.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson

from lineside_planning.mrp.domain import engine, plans
from lineside_planning.mrp.domain.facts import Settings
from lineside_planning.mrp.domain.plans import ItemPlan, PlanChange
from lineside_planning.mrp.store import facts_rows, item_keys, plan_rows
from lineside_planning.mrp.store.facts_rows import LoadedFacts
from lineside_planning.mrp.store.plan_rows import PlanWrites

MOST_DIFFERENCES = 100
"""So many items a run tells of by name."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a regeneration came to.

    Attributes:
        items_total: Items planned.
        differences: Items whose plan is not the one kept, and how; the first hundred.
    """

    items_total: int
    planned_order_count: int
    exception_count: int
    changed_item_count: int
    differences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Computed:
    """A regeneration's outcome; rows by table, as JSON arrays of objects."""

    summary: Summary
    deletes: Mapping[str, bytes]
    upserts: Mapping[str, bytes]


def compute(
    question: bytes,
    *,
    on_progress: Callable[[int, int], None],
    is_cancelled: Callable[[], bool],
) -> Computed | None:
    """Plan everything and say what differs from what is kept.

    Args:
        question: JSON: tenant_id, planning_date, calendars, and the sections of the facts.
        on_progress: Told items done and items in all.
        is_cancelled: Asked now and then.

    Returns:
        The outcome; None where it was cancelled.

    Raises:
        ValueError: If the question cannot be read.
    """
    asked = orjson.loads(question)
    calendars = facts_rows.calendars_of(asked["calendars"] or ())
    facts = LoadedFacts(asked, calendars)
    settings = Settings(date.fromisoformat(asked["planning_date"]), calendars)
    plant = facts.plant_facts(settings)
    found = engine.regenerate(plant, on_progress=on_progress, is_cancelled=is_cancelled)
    if found is None:
        return None
    kept, now = facts.kept_plans(), {k: facts.settled(p) for k, p in found.plans.items()}
    changed = plans.differences(kept, now)
    changes = [_change(key, kept, now) for key in changed]
    decimals = {key: facts.decimals(key) for key in changed}
    return _computed(now, changes, plan_rows.writes(changes, decimals), asked["tenant_id"])


def _change(key: str, kept: Mapping[str, ItemPlan], now: Mapping[str, ItemPlan]) -> PlanChange:
    empty = ItemPlan(key)
    return PlanChange(kept.get(key, empty), now.get(key, empty))


def _computed(
    now: Mapping[str, ItemPlan], changes: list[PlanChange], writes: PlanWrites, tenant_id: str
) -> Computed:
    summary = Summary(
        items_total=len(now),
        planned_order_count=sum(len(plan.orders) for plan in now.values()),
        exception_count=sum(len(plan.messages) for plan in now.values()),
        changed_item_count=len(changes),
        differences=tuple(map(told, changes[:MOST_DIFFERENCES])),
    )
    return Computed(summary, _texts(writes.deletes, tenant_id), _texts(writes.upserts, tenant_id))


def _texts(rows: Mapping[str, list[dict[str, Any]]], tenant_id: str) -> dict[str, bytes]:
    for own in rows.values():
        for row in own:
            row["tenant_id"] = tenant_id
    return {table: orjson.dumps(own, default=str) for table, own in rows.items() if own}


def told(change: PlanChange) -> str:
    """Say in what a plan differs from what was kept.

    Args:
        change: Kept and computed.

    Returns:
        A sentence such as "BOLT at MAIN: planned orders 2 kept, 3 computed".
    """
    product, plant = item_keys.parse(change.after.item)
    parts = (
        ("planned orders", change.before.orders, change.after.orders),
        ("requirements", change.before.requirements, change.after.requirements),
        ("pegs", change.before.pegs, change.after.pegs),
        ("messages", change.before.messages, change.after.messages),
    )
    said = [_counted(name, list(was), list(now)) for name, was, now in parts if _differ(was, now)]
    return f"{product} at {plant or '(no plant)'}: {'; '.join(said)}"


def _differ(was: tuple[Any, ...], now: tuple[Any, ...]) -> bool:
    return was != now and sorted(was, key=repr) != sorted(now, key=repr)


def _counted(name: str, was: list[Any], now: list[Any]) -> str:
    if len(was) != len(now):
        return f"{name} {len(was)} kept, {len(now)} computed"
    return f"{name}: {sum(row not in now for row in was)} of {len(was)} differ"
