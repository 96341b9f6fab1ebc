"""Events as the gateway tells them over its WebSocket, without a gap and without a repeat.

Whatever breaks the connection (a restarted gateway, a lost network, a token that has expired), it
is made again and resumed from the last event that was handed on.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from lineside_stack.failures import CommandError

RETRY_SECONDS = 0.5
GONE = (OSError, TimeoutError, WebSocketException)
"""What the end of a connection looks like, expected or not."""

_WORTH_ANOTHER_TRY = frozenset({"token_expired", "unavailable"})

Frame = dict[str, Any]
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Subscription:
    """What to follow, and as whom.

    Attributes:
        url: The gateway's address, http(s).
        token: Makes a token; asked anew for every connection.
        patterns: Subject patterns, such as "work_order.*" or ">".
        resume_from: The `id` of the last event seen; None for what comes from now on.
    """

    url: str
    token: Callable[[], str]
    patterns: Sequence[str]
    resume_from: str | None = None


async def follow(subscription: Subscription, *, tell: Tell) -> AsyncGenerator[Frame, None]:
    """Hand on every event, for ever.

    Args:
        subscription: What to follow.
        tell: Hears what happens to the connection.

    Raises:
        CommandError: The gateway does not let us in, or knows no such pattern.
    """
    cursor = subscription.resume_from
    while True:
        try:
            async with connect(_address(subscription.url), max_size=None) as socket:
                cursor = await _subscribe(socket, subscription, cursor, tell)
                while True:
                    event = _checked(json.loads(await socket.recv()))
                    cursor = event.get("id", cursor)
                    if "event" in event:
                        yield event
        except GONE as error:
            tell(f"disconnected ({_text(error)}); connecting again")
            await asyncio.sleep(RETRY_SECONDS)


async def _subscribe(
    socket: ClientConnection, subscription: Subscription, cursor: str | None, tell: Tell
) -> str | None:
    """Authenticate, say what to follow, and tell the cursor from which events come."""
    await socket.send(json.dumps({"token": subscription.token()}))
    wanted: dict[str, Any] = {"subscribe": list(subscription.patterns)}
    await socket.send(json.dumps(wanted | ({"resume_from": cursor} if cursor else {})))
    told = _checked(json.loads(await socket.recv()))
    if told.get("control") != "subscribed":
        return cursor
    if cursor is not None and not told["resumed"]:
        tell(f"events were missed: {told['detail']}")
    return cursor if told["resumed"] else told["cursor"]


def _checked(message: Frame) -> Frame:
    """Let everything pass but a refusal that will not change.

    Raises:
        CommandError: It is one.
    """
    refused = message.get("control") == "problem"
    if refused and message["code"] not in _WORTH_ANOTHER_TRY:
        raise CommandError(message["detail"])
    return message


def _address(url: str) -> str:
    return f"{url.replace('http', 'ws', 1)}/ws"


def _text(error: Exception) -> str:
    return str(error) or type(error).__name__
