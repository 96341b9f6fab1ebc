"""What a statement did, in one line: EXPLAIN (ANALYZE, BUFFERS) with partitions folded together."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

_PARTITION = re.compile(r"_(\d{4}_\d{2}|default)(?=_|$)")
_NOT_TOLD = frozenset({"Limit", "Result", "Subquery Scan", "Sort", "Append", "Merge Append"})


def summary(explained: Mapping[str, Any]) -> str:
    """Tell which indexes and tables were read, how many rows and pages, and how long it took."""
    plan = explained["Plan"]
    counted: Counter[str] = Counter()
    rows: Counter[str] = Counter()
    for node in _nodes(plan):
        name = _name(node)
        counted[name] += 1
        rows[name] += int(node["Actual Rows"] * node["Actual Loops"])
    told = [
        f"{name}{f' x{count}' if count > 1 else ''} ({rows[name]:,} rows)"
        for name, count in counted.items()
    ]
    left_out = sum(node.get("Subplans Removed", 0) for node in _all(plan))
    pages = f"{plan['Shared Hit Blocks']:,} pages hit, {plan['Shared Read Blocks']:,} read"
    pruned = f"; {left_out} partitions left out" if left_out else ""
    took = explained["Planning Time"], explained["Execution Time"]
    times = f"planned {took[0]:.1f} ms, ran {took[1]:.1f} ms"
    return f"{' > '.join(told) or plan['Node Type']}; {pages}{pruned}; {times}"


def _nodes(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for node in _all(plan):
        if node["Node Type"] not in _NOT_TOLD and node["Actual Loops"]:
            yield node


def _all(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from _all(child)


def _name(node: Mapping[str, Any]) -> str:
    on = node.get("Index Name") or node.get("Relation Name") or node.get("Function Name") or ""
    return f"{node['Node Type']} {_PARTITION.sub('', on)}".strip()
