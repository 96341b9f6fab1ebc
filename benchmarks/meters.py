"""Readings from outside the system: SQL statements, messages, processor time, memory.

Statements are what PostgreSQL itself counted (pg_stat_statements, top level), BEGIN and COMMIT,
relay and pruning included; processor time and peak memory come from /proc.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg
from nats.js import JetStreamContext

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Reading:
    """Counters at one moment; the difference of two says what happened between them."""

    statements: Mapping[str, int]
    transactions: int
    messages: Mapping[str, int]
    cpu_seconds: Mapping[str, float]


async def read(
    admin_url: str, jetstream: JetStreamContext, pids: Mapping[str, Sequence[int]]
) -> Reading:
    """Read all counters now."""
    statements, transactions = await _statements(admin_url)
    return Reading(
        statements=statements,
        transactions=transactions,
        messages={
            info.config.name or "": info.state.last_seq for info in await jetstream.streams_info()
        },
        cpu_seconds={
            name: sum(cpu_seconds(pid) for pid in family) for name, family in pids.items()
        },
    )


async def _statements(admin_url: str) -> tuple[dict[str, int], int]:
    query = (
        "SELECT d.datname, sum(s.calls)::bigint,"
        " sum(s.calls) FILTER (WHERE s.query ILIKE 'begin%' OR s.query ILIKE 'commit%')::bigint"
        " FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid"
        " WHERE s.toplevel AND d.datname LIKE '%lineside%' GROUP BY d.datname"
    )
    async with await psycopg.AsyncConnection.connect(admin_url, autocommit=True) as connection:
        await connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        rows = await (await connection.execute(query)).fetchall()
    return {row[0]: row[1] for row in rows}, sum(row[2] or 0 for row in rows)


async def outbox_rows(urls: Sequence[str]) -> int:
    """How many events still wait to be published."""
    total = 0
    for url in urls:
        async with await psycopg.AsyncConnection.connect(url) as connection:
            row = await (await connection.execute("SELECT count(*) FROM outbox")).fetchone()
            total += row[0] if row else 0
    return total


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far; 0 once it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    except FileNotFoundError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


def peak_megabytes(pid: int) -> float:
    """Peak resident memory of a process."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return 0.0


def children(pid: int) -> list[int]:
    """A process and all its descendants."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text(encoding="ascii").split():
            found += children(int(child))
    return found
