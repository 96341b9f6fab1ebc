import asyncio

from lineside_gateway.store import endings


async def stubborn(drops: int) -> None:
    """Lose some cancellations, as a wait in the wrong instant does."""
    while True:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            drops -= 1
            if drops < 0:
                raise


async def failing() -> None:
    raise RuntimeError("it had ended before")


async def test_a_task_that_loses_its_cancellation_ends_all_the_same() -> None:
    tasks = [asyncio.create_task(stubborn(drops)) for drops in (0, 1, 2)]
    tasks.append(asyncio.create_task(failing()))
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await endings.end(tasks)
    assert all(task.done() for task in tasks)


async def test_ending_nothing_is_nothing() -> None:
    await endings.end([])
