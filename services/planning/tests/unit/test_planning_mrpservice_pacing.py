"""Planning rests as long as it has worked, and the first one begins at once."""

import asyncio

from lineside_planning.mrp.handlers import pacing
from lineside_planning.mrp.handlers.pacing import Pace


async def test_a_turn_rests_from_the_one_before() -> None:
    pace, time = Pace(), asyncio.get_running_loop().time
    begun = time()
    async with pace.turn():
        first = time() - begun
        await asyncio.sleep(0.05)
    ended = time()
    async with pace.turn():
        rested = time() - ended
    assert first < 0.04
    assert rested >= 0.05 * pacing.REST * 0.9
