"""A floor of any size, made by the database itself: work orders, logs of two years, daily figures.

Everything is a function of its number, so that the same size is the same floor. Rows are written by
the administrator with triggers and references off, months in order; indexes other than keys are
taken off before and built again afterwards.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import psycopg
from rich.console import Console

from benchmarks import filling

TENANT = UUID("01900000-0000-7000-8000-00000000f100")
NEIGHBOUR = UUID("01900000-0000-7000-8000-00000000f200")
"""Another tenant in the same tables, a tenth of the size."""

MONTHS = 24
PLANTS = 4
LANES = 10
PEOPLE = 200
OPEN = 500
"""So many of the newest work orders are not done."""

BYTES_PER_LOG = 1_300
BYTES_PER_WORK_ORDER = 2_600
"""With indexes: 1,000,000 work orders and 10,000,000 logs took 17 GB of disk in all."""

PRODUCTS = (
    *("Brochure", "Catalogue", "Poster", "Folding carton", "Label roll", "Hardcover book"),
    *("Paperback", "Calendar", "Envelope", "Leaflet", "Shipping box", "Blister card"),
)
WORKS = (
    *("printing", "die cutting", "folding", "binding", "varnishing", "laminating"),
    *("stitching", "packing", "gluing", "embossing", "numbering", "inspection"),
)
PLACES = ("Hamburg", "Izmir", "Porto", "Gdańsk", "Lyon", "Malmö", "Graz", "Brno")

CONSOLE = Console()


@dataclass(frozen=True)
class Size:
    """How large the floor is."""

    work_orders: int
    logs: int

    @property
    def bytes_needed(self) -> int:
        """On disk, with room for building indexes."""
        rows = self.work_orders * BYTES_PER_WORK_ORDER + self.logs * BYTES_PER_LOG
        return int(rows * 1.1 * 1.4) + 2 * 1024**3


@dataclass(frozen=True)
class Floor:
    """What was filled, for those who ask about it."""

    size: Size
    begins: date
    ends: date

    def work_order_id(self, number: int) -> UUID:
        """Id of the n-th work order, from 1."""
        return _id(self._milliseconds(number, self.size.work_orders), number, "8")

    def log_id(self, number: int) -> UUID:
        """Id of the n-th log, from 1."""
        return _id(self._milliseconds(number, self.size.logs), number, "a")

    def step(self, count: int) -> int:
        """Microseconds from one of so many things to the next."""
        return (_instant(self.ends) - _instant(self.begins)) // timedelta(microseconds=count)

    def _milliseconds(self, number: int, count: int) -> int:
        begins = int(_instant(self.begins).timestamp()) * 1_000_000
        return (begins + number * self.step(count)) // 1000


def check_disk(folder: Path, size: Size) -> None:
    """Refuse to begin what would fill the disk."""
    free = shutil.disk_usage(folder).free
    if free < size.bytes_needed:
        raise SystemExit(
            f"{size.bytes_needed / 1e9:.0f} GB are needed in {folder}, {free / 1e9:.0f} are free"
        )


def floor_of(size: Size, today: date) -> Floor:
    """Two years of a floor, this month included."""
    first = today.replace(day=1)
    number = first.year * 12 + first.month - MONTHS
    return Floor(size, date(number // 12, number % 12 + 1, 1), today)


def fill(url: str, floor: Floor) -> None:
    """Write everything; `url` is of the service's database, as administrator."""
    with psycopg.connect(url, autocommit=True) as connection:
        for setting in ("session_replication_role = replica", "maintenance_work_mem = '512MB'"):
            connection.execute(f"SET {setting}".encode())
        _fill_places(connection)
        _make_months(connection, floor)
        for table, make in (
            ("work_orders", _work_orders),
            ("work_order_operations", _operations),
            ("production_logs", _logs),
            ("daily_production_summary", _summaries),
        ):
            with filling.timed(table), filling.without_indexes(connection, table):
                make(connection, floor)
        with filling.timed("words"):
            connection.execute(_WORDS.encode())
        with filling.timed("VACUUM, ANALYZE"):
            connection.execute("VACUUM (ANALYZE)")


_WORDS = """
INSERT INTO work_order_words (tenant_id, word)
SELECT DISTINCT w.tenant_id, word FROM work_orders AS w, unnest(tsvector_to_array(w.search_vector))
  AS word WHERE word !~ '[0-9]' ON CONFLICT DO NOTHING
"""


def _fill_places(connection: psycopg.Connection) -> None:
    stamps = {"version": "1", "created_at": "now()", "updated_at": "now()", "deleted": "false"}
    for tenant in (TENANT, NEIGHBOUR):
        filling.insert(
            connection,
            "plants",
            {
                **stamps,
                "id": "uuidv7()",
                "tenant_id": f"'{tenant}'",
                "plant_code": "'P' || n",
                "plant_name": "'Plant ' || n",
                "time_zone": "'Europe/Berlin'",
                "is_active": "true",
            },
            PLANTS,
        )
        filling.insert(
            connection,
            "lanes",
            {
                **stamps,
                "id": _lane("n - 1"),
                "tenant_id": f"'{tenant}'",
                "lane_number": "'L' || (n - 1)",
                "lane_name": "'Lane ' || (n - 1)",
                "plant_code": f"'P' || 1 + (n - 1) / {LANES}",
                "lane_type": "'assembly'",
                "capacity": "1",
                "is_active": "true",
            },
            PLANTS * LANES,
        )


def _make_months(connection: psycopg.Connection, floor: Floor) -> None:
    connection.execute(
        "SELECT create_production_log_month(m::date)"
        " FROM generate_series(%s::date, %s::date, interval '1 month') AS m",
        (floor.begins, floor.ends),
    )


def _work_orders(connection: psycopg.Connection, floor: Floor) -> None:
    for tenant, count in _tenants(floor.size.work_orders):
        at = _at(floor, "n", count)
        number = f"'WO-' || extract(year FROM {at}) || '-' || n"
        is_open = f"n > {count - OPEN}"
        product = _one_of(PRODUCTS, "n * 7")
        description = " || ' ' || ".join(
            [_one_of(WORKS, "n * 5 + n / 12"), "'for'", _one_of(PLACES, "n / 3"), "n % 997"]
        )
        status = f"CASE WHEN {is_open} THEN (ARRAY['planned','released','in_progress'])[n % 3 + 1]"
        filling.insert(
            connection,
            "work_orders",
            {
                "id": _sql_id(at, "n", "8"),
                "tenant_id": f"'{tenant}'",
                "version": "3",
                "created_at": at,
                "updated_at": at,
                "work_order_number": number,
                "status": f"{status} WHEN n % 50 = 0 THEN 'cancelled' ELSE 'completed' END",
                "priority": "(ARRAY['low','medium','medium','high','urgent'])[n % 5 + 1]",
                "operation_type": (
                    "(ARRAY['fabrication','machining','assembly','testing'])[n % 4 + 1]"
                ),
                "description": description,
                "production_order_number": f"'MO-' || extract(year FROM {at}) || '-' || n / 2",
                "sales_order_number": "'SO-' || n / 6",
                "project_number": "'PRJ-' || n / 60",
                "product_code": f"upper(left({product}, 4)) || '-' || n % 400",
                "product_name": product,
                "plant_code": f"'P' || 1 + n % {PLANTS}",
                "quantity_ordered": "100 + n % 900",
                "quantity_completed": f"CASE WHEN {is_open} THEN 0 ELSE 100 + n % 900 END",
                "unit_code": "'EA'",
                "due_date": f"({at} + interval '20 days')::date",
                "sap_production_order": "(10000000 + n)::text",
            },
            count,
        )


def _operations(connection: psycopg.Connection, floor: Floor) -> None:
    """Two each, of those people look at: the newest fifth."""
    for tenant, count in _tenants(floor.size.work_orders):
        shown = max(1, count // 5)
        each = f"({count - shown} + (n + 1) / 2)"
        filling.insert(
            connection,
            "work_order_operations",
            {
                "id": "uuidv7()",
                "tenant_id": f"'{tenant}'",
                "work_order_id": _sql_id(_at(floor, each, count), each, "8"),
                "operation_number": "10 * (1 + n % 2)",
                "operation_name": _one_of(WORKS, "n"),
                "status": f"CASE WHEN {each} > {count - OPEN} THEN 'pending' ELSE 'completed' END",
                "unit_code": "'EA'",
                "units_per_product": "'1'",
            },
            shown * 2,
        )


def _logs(connection: psycopg.Connection, floor: Floor) -> None:
    """Ten a work order or so, a few hundred orders under way at any time."""
    for tenant, count in _tenants(floor.size.logs):
        orders = max(1, floor.size.work_orders * count // floor.size.logs)
        at = _at(floor, "n", count)
        # which one: about as far into the orders as into the logs, spread over those under way
        order = f"greatest(1, (n * {orders} / {count}) - (n * 2654435761) % {min(OPEN, orders)})"
        columns = {
            "id": _sql_id(at, "n", "a"),
            "tenant_id": f"'{tenant}'",
            "logged_at": at,
            "happened_at": f"{at} - make_interval(secs => (n % 97) * (n % 3))",
            "log_version": "1 + n % 10",
            "kind": "(ARRAY['start','complete','complete','pause','resume','complete','complete',"
            "'complete','issue','complete','complete'])[n % 11 + 1]",
            "activity": "CASE WHEN n % 9 = 0 THEN 'setup' ELSE 'run' END",
            "work_order_id": _sql_id(_at(floor, "o", orders), "o", "8"),
            "work_order_number": f"'WO-' || extract(year FROM {_at(floor, 'o', orders)})"
            " || '-' || o",
            "product_code": "'PROD-' || o % 400",
            "plant_code": f"'P' || 1 + o % {PLANTS}",
            "operation_number": "10 * (1 + n % 2)",
            "lane_id": _lane(f"(o % {PLANTS}) * {LANES} + o % {LANES}"),
            "lane_number": f"'L' || ((o % {PLANTS}) * {LANES} + o % {LANES})",
            "good_quantity": "n % 11 * 10",
            "scrap_quantity": "n % 13 / 12",
            "reason_code": "CASE WHEN n % 11 IN (3, 8) THEN 'R' || n % 20 END",
            "worker_count": "1 + n % 3",
            "logged_by": f"jsonb_build_object('id', 'operator-' || n % {PEOPLE},"
            f" 'name', 'Operator ' || n % {PEOPLE})",
        }
        for first in range(1, count + 1, _CHUNK):
            last = min(first + _CHUNK - 1, count)
            numbers = f"generate_series({first}::bigint, {last}::bigint) AS n"
            source = f"(SELECT n, {order} AS o FROM {numbers}) AS numbered"  # noqa: S608
            filling.insert_from(connection, "production_logs", columns, source)
            CONSOLE.print(f"  logs {last:,} of {count:,}", highlight=False, end="\r")


_CHUNK = 500_000


def _summaries(connection: psycopg.Connection, floor: Floor) -> None:
    days = (floor.ends - floor.begins).days
    for tenant in (TENANT, NEIGHBOUR):
        per_day = PLANTS * LANES * 2
        day = f"(date '{floor.begins}' + ((n - 1) / {per_day})::int)"
        lane = f"((n - 1) / 2 % {PLANTS * LANES})"
        filling.insert(
            connection,
            "daily_production_summary",
            {
                "tenant_id": f"'{tenant}'",
                "plant_code": f"'P' || 1 + {lane} / {LANES}",
                "production_date": day,
                "calendar_date": day,
                "lane_id": _lane(lane),
                "shift": "(ARRAY['early', 'late'])[n % 2 + 1]",
                "operation_type": "'assembly'",
                "good_quantity": "n % 1000",
                "log_count": "n % 50",
                "calculated_at": "now()",
            },
            days * per_day,
        )


def _tenants(count: int) -> Iterator[tuple[UUID, int]]:
    yield TENANT, count
    yield NEIGHBOUR, max(1, count // 10)


def _at(floor: Floor, number: str, count: int) -> str:
    begins, step = _instant(floor.begins), floor.step(count)
    return f"(timestamptz '{begins}' + {number} * interval '{step} microseconds')"


def _sql_id(at: str, number: str, variant: str) -> str:
    milliseconds = f"floor(extract(epoch FROM {at}) * 1000)::bigint"
    return (
        f"(lpad(to_hex({milliseconds}), 12, '0') || '7000{variant}'"
        f" || lpad(to_hex(({number})::bigint), 15, '0'))::uuid"
    )


def _id(milliseconds: int, number: int, variant: str) -> UUID:
    return UUID(f"{milliseconds:012x}7000{variant}{number:015x}")


def _lane(number: str) -> str:
    return f"('0190000000007000900000000000' || lpad(to_hex(({number})::int), 4, '0'))::uuid"


def lane_id(number: int) -> UUID:
    """Id of a lane, from 0."""
    return UUID(f"0190000000007000900000000000{number:04x}")


def _one_of(words: tuple[str, ...], number: str) -> str:
    listed = ", ".join(f"'{word}'" for word in words)
    return f"(ARRAY[{listed}])[({number}) % {len(words)} + 1]"


def _instant(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
