"""Who is made of whom: low-level codes and cycles over a whole structure (SPEC 7, RULES 20).

An item's low-level code is the length of the longest way down to it from an item nobody uses, so
whoever plans in the order of codes meets every parent before its components. Items that contain
each other share a code: a line counts only where the component's code is above its parent's, and a
cycle then stops nobody. Used when a bill is activated and by MRP.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

_Below = Callable[[str], Iterable[str]]


@dataclass(frozen=True, slots=True)
class BomStructure:
    """What a set of bills says about the order of items.

    Attributes:
        codes: Low-level code of each item, 0 for what nobody uses.
        cycles: For each item that contains itself, one shortest cycle through the smallest item of
            its group, that item first and again at the end; the items of a group share it.
    """

    codes: Mapping[str, int]
    cycles: Mapping[str, tuple[str, ...]]


def structure_of(components: Mapping[str, Iterable[str]]) -> BomStructure:
    """Compute low-level codes and find all cycles, in time linear in the lines.

    Args:
        components: For each parent, what its bills take, of all versions that may hold; an item may
            be missing as a key and may be named twice.

    Returns:
        The structure; it depends on the lines alone, not on their order.

    Raises:
        Nothing.
    """
    graph = _completed(components)
    codes: dict[str, int] = dict.fromkeys(graph, 0)
    cycles: dict[str, tuple[str, ...]] = {}
    for group in _parents_first(graph):
        code = max(codes[item] for item in group)
        for item in group:
            codes[item] = code
        if len(group) > 1 or group[0] in graph[group[0]]:
            cycles.update(dict.fromkeys(group, _shortest_cycle(graph, group)))
        _lower(graph, group, codes)
    return BomStructure(codes, cycles)


def regrouped(
    before: Mapping[str, tuple[str, ...]], after: Mapping[str, tuple[str, ...]]
) -> frozenset[str]:
    """Find the items for which other lines count since a structure changed.

    A line counts where it does not lead back into its parent's own group; codes may shift without
    any effect, but who leaves or joins a group changes what the whole group explodes.

    Args:
        before: `BomStructure.cycles` as it was.
        after: As it is now.

    Returns:
        All items of every group that was formed, dissolved or changed, or whose cycle is told by
        another path.

    Raises:
        Nothing.
    """
    old, new = _groups(before), _groups(after)
    return frozenset[str]().union(*(members for _, members in old ^ new))


def cycle_through(
    item: str, new_components: Iterable[str], components: Mapping[str, Iterable[str]]
) -> tuple[str, ...] | None:
    """Find the cycle that a bill about to be activated would close.

    Args:
        item: The bill's product.
        new_components: What the bill takes.
        components: For each parent, what the bills already active take.

    Returns:
        A shortest path from `item` down to `item` again; None where it closes no cycle.

    Raises:
        Nothing.
    """
    graph = {**components, item: [*components.get(item, ()), *new_components]}
    return _path_home(item, lambda parent: sorted(set(graph.get(parent, ()))))


def _groups(
    cycles: Mapping[str, tuple[str, ...]],
) -> set[tuple[tuple[str, ...], frozenset[str]]]:
    members: dict[tuple[str, ...], set[str]] = {}
    for item, cycle in cycles.items():
        members.setdefault(cycle, set()).add(item)
    return {(cycle, frozenset(group)) for cycle, group in members.items()}


def _completed(components: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    graph = {parent: sorted(set(components[parent])) for parent in sorted(components)}
    for below in list(graph.values()):
        for component in below:
            graph.setdefault(component, [])
    return graph


def _lower(graph: Mapping[str, Sequence[str]], group: Sequence[str], codes: dict[str, int]) -> None:
    inside = set(group)
    for item in group:
        for component in graph[item]:
            if component not in inside and codes[component] <= codes[item]:
                codes[component] = codes[item] + 1


def _parents_first(graph: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Give the groups of items that contain each other, every parent's group before its parts'."""
    walk = _Tarjan(graph)
    for item in graph:
        if item not in walk.found_at:
            walk.visit(item)
    return walk.groups[::-1]


class _Tarjan:
    """Strongly connected components, without recursion: structures may be deep.

    Source: Tarjan, Depth-first search and linear graph algorithms, SIAM J. Comput. 1 (1972) 146.
    """

    def __init__(self, graph: Mapping[str, Sequence[str]]) -> None:
        self.graph = graph
        self.found_at: dict[str, int] = {}
        self.lowest: dict[str, int] = {}
        self.open: dict[str, None] = {}
        self.groups: list[list[str]] = []

    def visit(self, root: str) -> None:
        """Walk everything below an item."""
        trail = [(root, self._enter(root))]
        while trail:
            item, below = trail[-1]
            for component in below:
                if component not in self.found_at:
                    trail.append((component, self._enter(component)))
                    break
                if component in self.open:
                    self._reaches(item, self.found_at[component])
            else:
                trail.pop()
                self._leave(item)
                if trail:
                    self._reaches(trail[-1][0], self.lowest[item])

    def _enter(self, item: str) -> Iterator[str]:
        self.found_at[item] = self.lowest[item] = len(self.found_at)
        self.open[item] = None
        return iter(self.graph[item])

    def _reaches(self, item: str, index: int) -> None:
        self.lowest[item] = min(self.lowest[item], index)

    def _leave(self, item: str) -> None:
        if self.lowest[item] != self.found_at[item]:
            return
        group: list[str] = []
        while not group or group[-1] != item:
            group.append(self.open.popitem()[0])
        self.groups.append(group)


def _shortest_cycle(graph: Mapping[str, Sequence[str]], group: Sequence[str]) -> tuple[str, ...]:
    inside = set(group)
    found = _path_home(min(group), lambda parent: [c for c in graph[parent] if c in inside])
    return found or ()


def _path_home(start: str, below: _Below) -> tuple[str, ...] | None:
    came_from: dict[str, str] = {}
    waiting = deque([start])
    while waiting:
        parent = waiting.popleft()
        for component in below(parent):
            if component == start:
                return _way(start, parent, came_from)
            if component not in came_from:
                came_from[component] = parent
                waiting.append(component)
    return None


def _way(start: str, last: str, came_from: Mapping[str, str]) -> tuple[str, ...]:
    backwards = [start, last]
    while backwards[-1] != start:
        backwards.append(came_from[backwards[-1]])
    return tuple(backwards[::-1])
