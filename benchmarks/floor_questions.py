"""The questions of `floor_queries`, each in several wordings, with the target SPEC 18 gives it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks import floor_data
from benchmarks.floor_data import Floor
from lineside_contracts.endpoint import Endpoint
from lineside_contracts.shopfloor import (
    GET_DAILY_PRODUCTION_SUMMARY,
    GET_WORK_ORDER,
    LIST_PRODUCTION_LOGS,
    LIST_WORK_ORDER_LOGS,
    LIST_WORK_ORDERS,
    GetDailyProductionSummary,
    GetWorkOrder,
    ListProductionLogs,
    ListWorkOrderLogs,
    ListWorkOrders,
)

SMALL_FLOOR = 10_000
SMALL_LOG = 1_000_000
WORDINGS = 20


@dataclass(frozen=True)
class Question:
    """Something people ask.

    Attributes:
        endpoint: Who answers; None: the variants are plain SQL.
        variants: Asked in turn.
        target_ms: What the 99th percentile stays below.
        repeats: False for what is asked twice only, since it takes long.
    """

    group: str
    name: str
    endpoint: Endpoint[Any, Any] | None
    variants: Sequence[Any]
    target_ms: float | None = None
    repeats: bool = True


def all_of(floor: Floor) -> list[Question]:
    """All questions, group by group, each with its baselines."""
    return [
        Question("baseline", "an empty unit of work: SELECT 1", None, ["SELECT 1"]),
        *_searches(floor),
        *_work_orders(floor),
        *_logs(floor),
        *_summaries(floor),
    ]


def _searches(floor: Floor) -> Iterator[Question]:
    target = 10.0 if floor.size.work_orders <= SMALL_FLOOR else 100.0
    numbers = _numbers(floor.size.work_orders)
    words = [word for work in floor_data.WORKS for word in work.split()]
    typed = {
        "a number": [f"WO-{_year(floor, n)}-{n}" for n in numbers],
        "a number's beginning": [f"WO-{_year(floor, n)}-{str(n)[:-1] or n}" for n in numbers],
        "a number with a typo": [f"WO-{_year(floor, n)}-{n}".replace("0", "O", 1) for n in numbers],
        "an SAP number": [str(10_000_000 + n) for n in numbers],
        "a word": [*words, *(product.lower() for product in floor_data.PRODUCTS)],
        "two words": [f"{work} {place}" for work in words for place in floor_data.PLACES],
        "a rare word": [f"{place} {n % 997}" for n in numbers for place in floor_data.PLACES[:2]],
        "a word's beginning": [word[:4] for word in words],
        "a word with a typo": [word[:2] + word[3:2:-1] + word[4:] for word in words],
        "a word there is not": ["xylophone", "quokka", "zeppelin"],
    }
    for name, texts in typed.items():
        asked = [ListWorkOrders(search=each) for each in texts]
        yield Question("search", name, LIST_WORK_ORDERS, asked, target)
    yield Question(
        "search",
        "naive: ILIKE '%…%'",
        None,
        [
            f"SELECT * FROM work_orders WHERE description ILIKE '%{word}%'"  # noqa: S608
            " ORDER BY similarity(description, 'x') DESC, id DESC LIMIT 51"
            for word in words[:2]
        ],
        repeats=False,
    )


def _work_orders(floor: Floor) -> Iterator[Question]:
    numbers = _numbers(floor.size.work_orders)
    due = floor.ends - timedelta(days=100)
    filters: dict[str, list[dict[str, Any]]] = {
        "the newest": [{}],
        "released": [{"status": "released"}],
        "of a plant, in progress": [{"plant_code": "P1", "status": "in_progress"}],
        "urgent": [{"priority": "urgent"}],
        "of a project": [{"project_number": f"PRJ-{n // 60}"} for n in numbers],
        "of a product": [{"product_code": f"BROC-{n % 400}"} for n in numbers],
        "due in a week": [{"due_from": due, "due_until": due + timedelta(days=7)}],
    }
    for name, some in filters.items():
        asked = [ListWorkOrders.model_validate(each) for each in some]
        yield Question("work orders", name, LIST_WORK_ORDERS, asked)
    known = numbers[len(numbers) * 4 // 5 :]
    asked_ids = [GetWorkOrder(work_order_id=floor.work_order_id(n)) for n in known]
    yield Question("work orders", "one, by id", GET_WORK_ORDER, asked_ids)


def _logs(floor: Floor) -> Iterator[Question]:
    target = 50.0 if floor.size.logs <= SMALL_LOG else 200.0
    orders = [floor.work_order_id(n) for n in _numbers(floor.size.work_orders)]
    begins = datetime(floor.begins.year, floor.begins.month, 1, tzinfo=UTC)
    days = [begins + timedelta(days=30 * n) for n in range(1, WORDINGS)]
    lanes = [floor_data.lane_id(n) for n in range(WORDINGS)]
    old = {"happened_from": days[3], "happened_until": days[3] + timedelta(days=1)}
    filters: dict[str, list[dict[str, Any]]] = {
        "the newest": [{}],
        "of a work order": [{"work_order_id": each} for each in orders],
        "of a kind": [{"kind": kind} for kind in ("start", "issue", "pause")],
        "of a plant": [{"plant_code": f"P{n}"} for n in range(1, floor_data.PLANTS + 1)],
        "of a lane": [{"lane_id": each} for each in lanes],
        "of a person": [{"logged_by": f"operator-{n}"} for n in range(WORDINGS)],
        "of an operation": [{"operation_number": 20}],
        "of an operation there is not": [{"operation_number": 35}],
        "of a day": [
            {"happened_from": day, "happened_until": day + timedelta(days=1)} for day in days
        ],
        "of a person, on a day": [{**old, "logged_by": f"operator-{n}"} for n in range(WORDINGS)],
        "of a lane, on a day": [{**old, "lane_id": each} for each in lanes],
        "issues of a plant, on a day": [{**old, "kind": "issue", "plant_code": "P2"}],
        "issues of a lane": [{"kind": "issue", "lane_id": each} for each in lanes],
        "of a person who never reports": [{"logged_by": "nobody"}],
        "500 at once": [{"limit": 500}],
    }
    for name, some in filters.items():
        asked = [ListProductionLogs.model_validate(each) for each in some]
        yield Question("logs", name, LIST_PRODUCTION_LOGS, asked, target)
    told = [ListWorkOrderLogs(work_order_id=each) for each in orders]
    yield Question("logs", "a work order's, as they happened", LIST_WORK_ORDER_LOGS, told, target)
    naive = (
        "SELECT * FROM production_logs WHERE logged_by ->> 'name' = 'Operator 7'"
        " ORDER BY happened_at DESC LIMIT 51"
    )
    yield Question("logs", "naive: every log is read", None, [naive], repeats=False)


def _summaries(floor: Floor) -> Iterator[Question]:
    days = [floor.ends - timedelta(days=20 * n + 1) for n in range(WORDINGS)]
    for group_by in ("lane_shift", "plant"):
        asked = [
            GetDailyProductionSummary(plant_code=f"P{1 + n % 4}", date=day, group_by=group_by)
            for n, day in enumerate(days)
        ]
        name = f"a plant's day, by {group_by}"
        yield Question("daily summary", name, GET_DAILY_PRODUCTION_SUMMARY, asked, 5.0)
    naive = (
        "SELECT lane_id, sum(good_quantity), sum(scrap_quantity), count(*) FROM production_logs"  # noqa: S608
        " WHERE plant_code = 'P1' AND (happened_at AT TIME ZONE 'Europe/Berlin')::date ="
        f" '{days[3]}' GROUP BY lane_id"
    )
    yield Question("daily summary", "naive: added up from logs", None, [naive], repeats=False)


def _numbers(count: int) -> list[int]:
    """Some work orders, all over the years."""
    return sorted({max(1, count * n // WORDINGS - n) for n in range(1, WORDINGS + 1)})


def _year(floor: Floor, number: int) -> int:
    milliseconds = floor.work_order_id(number).int >> 80
    return datetime.fromtimestamp(milliseconds / 1000, UTC).year
