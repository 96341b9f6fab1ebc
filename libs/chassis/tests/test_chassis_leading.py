"""One replica leads; when it dies, another does; nobody's step is torn apart."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from lineside_chassis import leading, stopping
from lineside_chassis.leading import Leadership


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110 -- other connections are watched
            await asyncio.sleep(0.02)


class Candidates:
    """Replicas that would like to do a job."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._tasks: list[asyncio.Task[None]] = []
        self.all: list[Leadership] = []
        self.cancelled: list[Leadership] = []

    def add(
        self, job: str = "job", work: Callable[[], Awaitable[None]] | None = None
    ) -> Leadership:
        candidate = Leadership(self._url, job, retry_seconds=0.05, watch_seconds=0.05)

        async def forever() -> None:
            try:
                await asyncio.Event().wait()
            finally:
                self.cancelled.append(candidate)

        self.all.append(candidate)
        self._tasks.append(asyncio.create_task(candidate.run(work or forever)))
        return candidate

    async def stop(self, candidate: Leadership) -> None:
        await stopping.cancel([self._tasks[self.all.index(candidate)]])

    def task(self, candidate: Leadership) -> "asyncio.Task[None]":
        return self._tasks[self.all.index(candidate)]

    async def leader(self) -> Leadership:
        await until(lambda: any(candidate.leads for candidate in self.all))
        (leader,) = [candidate for candidate in self.all if candidate.leads]
        return leader


@asynccontextmanager
async def candidates(rig: Any) -> AsyncIterator[Candidates]:
    made = Candidates(rig.url("app"))
    try:
        yield made
    finally:
        for candidate in made.all:
            await made.stop(candidate)


async def test_one_of_two_leads_and_the_other_when_it_stops(rig: Any) -> None:
    async with candidates(rig) as made:
        made.add(), made.add()
        first = await made.leader()
        await asyncio.sleep(0.2)
        assert [candidate for candidate in made.all if candidate.leads] == [first]
        await made.stop(first)
        assert await made.leader() is not first
        assert made.cancelled == [first]


async def test_jobs_of_other_names_have_leaders_of_their_own(rig: Any) -> None:
    async with candidates(rig) as made:
        one, other = made.add("one"), made.add("other")
        await until(lambda: one.leads and other.leads)


async def test_a_leader_that_loses_its_connection_stops_its_work_and_competes_again(
    rig: Any,
) -> None:
    async with candidates(rig) as made:
        lone = made.add()
        await made.leader()
        await rig.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'lineside-leader-job'"
        )
        await until(lambda: made.cancelled == [lone])
        assert await made.leader() is lone


async def test_work_that_fails_ends_the_leadership_with_its_error(rig: Any) -> None:
    async def fail() -> None:
        raise LookupError("broken")

    async with candidates(rig) as made:
        failing = made.add(work=fail)
        await asyncio.wait({made.task(failing)}, timeout=10)
        assert isinstance(made.task(failing).exception(), LookupError)
        next_one = made.add()
        assert await made.leader() is next_one


async def test_work_that_ends_by_itself_ends_the_run(rig: Any) -> None:
    async def end() -> None:
        return None

    async with candidates(rig) as made:
        await asyncio.wait_for(made.task(made.add(work=end)), 10)


async def test_a_step_is_done_to_its_end_though_it_is_cancelled_twice() -> None:
    done: list[str] = []
    asked = asyncio.Event()

    async def step() -> None:
        await asked.wait()
        done.append("whole")

    doing = asyncio.create_task(leading.whole(step(), on_cancel=asked.set))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    doing.cancel()
    doing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await doing
    assert done == ["whole"]


async def test_a_step_that_is_not_cancelled_gives_what_it_gives() -> None:
    async def step() -> int:
        return 7

    assert await leading.whole(step()) == 7
