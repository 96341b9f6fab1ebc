"""The process a regeneration computes in: the question on stdin, the answer on stdout.

    python -m lineside_planning.mrp.jobs.worker

Progress goes to stderr, one JSON array of items done and items in all per line. The answer is the
summary on the first line, then one line for each table: `delete` or `upsert`, its name, its rows.
It imports nothing that talks to a server, and so begins within a tenth of a second.
"""

import gc
import sys
from collections.abc import Iterator, Sequence

import orjson

from lineside_planning.mrp.store import computing
from lineside_planning.mrp.store.computing import Computed, Summary

DELETE, UPSERT = b"delete", b"upsert"


def main() -> None:
    """Answer the one question on stdin; nothing it makes is garbage before the end."""
    gc.disable()
    found = computing.compute(
        sys.stdin.buffer.read(), on_progress=_tell, is_cancelled=lambda: False
    )
    if found is not None:
        sys.stdout.buffer.writelines(lines_of(found))


def lines_of(computed: Computed) -> Iterator[bytes]:
    """Write an outcome.

    Args:
        computed: The outcome.

    Returns:
        Lines.
    """
    yield orjson.dumps(computed.summary) + b"\n"
    for verb, tables in ((DELETE, computed.deletes), (UPSERT, computed.upserts)):
        for table, rows in tables.items():
            yield b" ".join((verb, table.encode(), rows)) + b"\n"


def read(lines: Sequence[bytes]) -> Computed:
    """Read an outcome back; the rows stay as they are.

    Args:
        lines: As `lines_of` wrote them.

    Returns:
        The outcome.

    Raises:
        ValueError: They are none.
    """
    if not lines:
        raise ValueError("the worker gave no answer")
    written = orjson.loads(lines[0])
    summary = Summary(**{**written, "differences": tuple(written["differences"])})
    found: dict[bytes, dict[str, bytes]] = {DELETE: {}, UPSERT: {}}
    for line in lines[1:]:
        verb, table, rows = line.split(b" ", 2)
        found[verb][table.decode()] = rows
    return Computed(summary, found[DELETE], found[UPSERT])


def _tell(done: int, total: int) -> None:
    sys.stderr.write(f"[{done},{total}]\n")
    sys.stderr.flush()


if __name__ == "__main__":
    main()
