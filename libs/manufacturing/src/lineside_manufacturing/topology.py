"""Order and cycles of a precedence graph, in time linear in the operations.

Joins and concurrent operations share whole predecessor tuples: 500 branches feeding 500 others are
250,000 edges but one tuple. So operations are gathered under the tuple they wait for (a *gate*),
and everything here walks gates, not edges. Used by `routing_graph`, `reverse_pass` and `grouping`.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from heapq import heapify, heappop, heappush

Gates = Mapping[tuple[int, ...], tuple[int, ...]]
"""Predecessor tuple to the operations that wait for exactly these, both ascending."""


def gates_of(predecessors: Mapping[int, Sequence[int]]) -> Gates:
    """Gather operations by what they wait for.

    Args:
        predecessors: For each operation, the operations directly before it.

    Returns:
        The gates; operations without predecessors stand under the empty tuple.

    Raises:
        Nothing.
    """
    gathered: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)
    for number in sorted(predecessors):
        gathered[tuple(predecessors[number])].append(number)
    return {waited_for: tuple(waiting) for waited_for, waiting in gathered.items()}


def successors_of(predecessors: Mapping[int, Sequence[int]]) -> dict[int, tuple[int, ...]]:
    """Turn predecessors round.

    Args:
        predecessors: For each operation, the operations directly before it.

    Returns:
        For each operation, the operations directly after it, ascending; tuples are shared.

    Raises:
        KeyError: If a predecessor is not itself a key.
    """
    parts: dict[int, list[tuple[int, ...]]] = {number: [] for number in predecessors}
    for waited_for, waiting in gates_of(predecessors).items():
        for number in waited_for:
            parts[number].append(waiting)
    return {number: _joined(tuples) for number, tuples in parts.items()}


def _joined(tuples: list[tuple[int, ...]]) -> tuple[int, ...]:
    if len(tuples) == 1:
        return tuples[0]
    return tuple(sorted(set().union(*tuples)))


def order(
    predecessors: Mapping[int, Sequence[int]],
) -> tuple[tuple[int, ...], tuple[tuple[int, ...], ...]]:
    """Sort operations so that each stands after its predecessors, the smallest number first.

    Args:
        predecessors: For each operation, the operations directly before it.

    Returns:
        The order, and the cycles found: each a path along the flow that ends where it began, its
        smallest number first. The cycles share no operation; there is none exactly where the
        graph has none, and only then is the order topological.

    Raises:
        KeyError: If a predecessor is not itself a key.
    """
    walk = _Walk(predecessors)
    cycles: list[tuple[int, ...]] = []
    walk.run()
    while walk.waiting:
        cycle = walk.cycle()
        cycles.append(cycle)
        walk.force(cycle)
        walk.run()
    return tuple(walk.done), tuple(cycles)


class _Walk:
    """Kahn's algorithm over gates, with a way past a cycle so that the next one is found too."""

    def __init__(self, predecessors: Mapping[int, Sequence[int]]) -> None:
        self.predecessors = predecessors
        self.waiting = set(predecessors)
        self.done: list[int] = []
        gates = gates_of(predecessors)
        self._behind = list(gates.values())
        self._missing = [len(waited_for) for waited_for in gates]
        self._opens: dict[int, list[int]] = {number: [] for number in predecessors}
        for index, waited_for in enumerate(gates):
            for number in waited_for:
                self._opens[number].append(index)
        self._ready = list(gates.get((), ()))
        heapify(self._ready)

    def run(self) -> None:
        """Emit operations until none is ready."""
        while self._ready:
            number = heappop(self._ready)
            if number in self.waiting:
                self._emit(number)

    def force(self, numbers: Sequence[int]) -> None:
        """Emit operations that wait for each other, as if their predecessors were done."""
        for number in numbers:
            if number in self.waiting:
                self._emit(number)

    def cycle(self) -> tuple[int, ...]:
        """Walk back from the smallest waiting operation until one comes again."""
        trail: dict[int, None] = {}
        number = min(self.waiting)
        while number not in trail:
            trail[number] = None
            number = next(p for p in self.predecessors[number] if p in self.waiting)
        backwards = list(trail)
        path = backwards[backwards.index(number) :][::-1]
        start = path.index(min(path))
        return (*path[start:], *path[:start], path[start])

    def _emit(self, number: int) -> None:
        self.waiting.remove(number)
        self.done.append(number)
        for gate in self._opens[number]:
            self._missing[gate] -= 1
            if not self._missing[gate]:
                for behind in self._behind[gate]:
                    heappush(self._ready, behind)
