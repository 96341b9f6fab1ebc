"""One WebSocket: who it is, what it wants to see, where it was, and then events until it ends.

A reader task stands beside the writer: it takes new subscriptions, and without it nobody would
notice that a client has gone (or that the server is shutting down).
"""

import asyncio
import contextlib
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from typing import Any

import orjson
import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect

from lineside_chassis.clock import Clock
from lineside_contracts.problems import ProblemCode
from lineside_gateway.domain import live, refusals
from lineside_gateway.domain.cursors import Cursor, Lost
from lineside_gateway.domain.identity import Identity
from lineside_gateway.domain.live import View
from lineside_gateway.domain.refusals import Refused
from lineside_gateway.handlers import resuming
from lineside_gateway.handlers.hub import Client, Hub, TooSlow
from lineside_gateway.store import endings, measures, tokens
from lineside_gateway.store.event_log import AWAY, EventLog
from lineside_gateway.store.tickets import Tickets
from lineside_gateway.store.tokens import Tokens

TRY_AGAIN_LATER = 1013
MALFORMED = 4400
UNAUTHENTICATED = 4401
TOO_SLOW = 4008
CLOSE_SECONDS = 2.0
"""A client that does not read does not get its close frame; the connection ends all the same."""

_CLOSE_CODES = {
    ProblemCode.UNAUTHENTICATED: UNAUTHENTICATED,
    ProblemCode.TOKEN_EXPIRED: UNAUTHENTICATED,
    ProblemCode.UNAVAILABLE: TRY_AGAIN_LATER,
}
_LOST = {
    Lost.TOO_OLD: "The stream no longer holds what came after it.",
    Lost.UNKNOWN: "The stream does not know it.",
    Lost.MALFORMED: "It is no cursor.",
}

_log = structlog.get_logger()


@dataclass(frozen=True)
class Limits:
    """How much one client and all of them may take; see `settings`."""

    frames: int
    size: int
    seconds: float
    count: int


@dataclass(frozen=True)
class Sockets:
    """Serves WebSockets."""

    tokens: Tokens
    tickets: Tickets
    hub: Hub
    log: EventLog
    limits: Limits
    clock: Clock

    async def serve(self, socket: WebSocket) -> None:
        """See one connection through, from the handshake to the close."""
        await socket.accept()
        measures.CLIENTS.inc()
        try:
            await self._converse(socket)
        except Refused as refusal:
            code = _CLOSE_CODES.get(refusal.problem.code, MALFORMED)
            await self._end(socket, code, refusal.problem.detail, refusal)
        except TooSlow:
            measures.CUT_OFF.inc()
            await self._end(socket, TOO_SLOW, "too slow: connect again and resume")
        except WebSocketDisconnect:
            pass
        except AWAY:
            await self._end(socket, TRY_AGAIN_LATER, "not available now")
        finally:
            measures.CLIENTS.dec()

    async def _converse(self, socket: WebSocket) -> None:
        if self.hub.count >= self.limits.count:
            raise refusals.unavailable("Too many clients are connected; try again soon.")
        who = await self._authenticate(socket)
        _log.info("live client", tenant_id=str(who.tenant_id), user_id=str(who.user_id))
        message = await self._receive(socket, seconds=self.limits.seconds)
        view = View(who, _patterns(message))
        client = Client(view, frames_limit=self.limits.frames, bytes_limit=self.limits.size)
        resume_from = message.get("resume_from")
        await self._together(
            client,
            self._write(socket, client, resume_from),
            self._read(socket, client),
            self._expire(who),
            client.watch(seconds=self.limits.seconds),
        )

    async def _authenticate(self, socket: WebSocket) -> Identity:
        ticket = socket.query_params.get("ticket")
        if ticket is not None:
            return await self.tickets.redeem(ticket)
        message = await self._receive(socket, seconds=self.limits.seconds)
        match message:
            case {"token": str(token)}:
                return await self.tokens.identify(token)
            case {"ticket": str(ticket)}:
                return await self.tickets.redeem(ticket)
            case _:
                raise tokens.unauthenticated(
                    'Connect with ?ticket=… or send {"token": "…"} as the first message.'
                )

    async def _together(self, client: Client, *jobs: Coroutine[Any, Any, None]) -> None:
        """Run the connection's jobs until the first one ends, and end the others with it."""
        tasks = [asyncio.create_task(job) for job in jobs]
        try:
            ended, _others = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in ended:
                task.result()
        finally:
            await endings.end(tasks)
            self.hub.detach(client)

    async def _write(self, socket: WebSocket, client: Client, resume_from: object) -> None:
        now = asyncio.get_running_loop().time

        async def send(text: str) -> None:
            measures.FRAMES.inc()
            client.sending_since = now()
            await socket.send_text(text)
            client.sending_since = None

        position = await self.hub.started()
        cursor = await self._place(resume_from)
        if isinstance(cursor, Cursor):
            await self._tell(socket, client, cursor, resumed=True)
            await resuming.replay(client, cursor, send, hub=self.hub, log=self.log)
        else:
            position = resuming.join(client, 0, hub=self.hub)
            await self._tell(socket, client, Cursor(position), lost=cursor)
        while True:
            await send(await client.next())

    async def _place(self, resume_from: object) -> Cursor | Lost | None:
        if resume_from is None:
            return None
        return await resuming.judge(resume_from if isinstance(resume_from, str) else "", self.log)

    async def _tell(
        self,
        socket: WebSocket,
        client: Client,
        cursor: Cursor | None = None,
        *,
        resumed: bool = False,
        lost: Lost | None = None,
    ) -> None:
        """Confirm a subscription: from which cursor events follow, and what will not come.

        A changed subscription names no cursor: what still waits for the client lies before it.
        """
        document: dict[str, Any] = {
            "control": "subscribed",
            "patterns": client.view.patterns,
            "not_permitted": client.view.not_permitted(),
            "resumed": resumed,
        }
        if cursor is not None:
            document["cursor"] = str(cursor)
        if lost is not None:
            detail = f"{_LOST[lost]} Read the state again; events follow from now on."
            document |= {"code": str(lost), "detail": detail}
        await self._send(socket, orjson.dumps(document).decode())

    async def _read(self, socket: WebSocket, client: Client) -> None:
        while True:
            message = await self._receive(socket)
            if "resume_from" in message:
                raise _malformed("resume_from belongs into the first subscription.")
            client.view = replace(client.view, patterns=_patterns(message))
            await self._tell(socket, client)

    async def _expire(self, who: Identity) -> None:
        await asyncio.sleep(max(0.0, who.expires_at - self.clock.now().timestamp()))
        raise tokens.unauthenticated(
            "The token has expired; connect again with a new one.", code=ProblemCode.TOKEN_EXPIRED
        )

    async def _receive(self, socket: WebSocket, *, seconds: float | None = None) -> dict[str, Any]:
        """Take the next message, which is a JSON object."""
        try:
            async with asyncio.timeout(seconds):
                message = await socket.receive()
        except TimeoutError:
            raise _malformed(f"No message came within {seconds:g} seconds.") from None
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1005))
        try:
            document = orjson.loads(message.get("text") or b"")
        except orjson.JSONDecodeError:
            document = None
        if not isinstance(document, dict):
            raise _malformed("A message is a JSON object, sent as text.")
        return document

    async def _send(self, socket: WebSocket, text: str) -> None:
        try:
            async with asyncio.timeout(self.limits.seconds):
                await socket.send_text(text)
        except TimeoutError:
            raise TooSlow from None

    async def _end(
        self, socket: WebSocket, code: int, reason: str, refusal: Refused | None = None
    ) -> None:
        """Say why, where the client still listens, and close."""
        _log.info("live client closed", code=code, reason=reason)
        with contextlib.suppress(TimeoutError, WebSocketDisconnect, RuntimeError):
            async with asyncio.timeout(CLOSE_SECONDS):
                if refusal is not None:
                    problem = refusal.problem
                    told = {"control": "problem", "code": problem.code, "detail": problem.detail}
                    await socket.send_text(orjson.dumps(told).decode())
                await socket.close(code, reason[:100])


def _patterns(message: dict[str, Any]) -> tuple[str, ...]:
    unknown = message.keys() - {"subscribe", "resume_from"}
    if unknown:
        raise _malformed(f"There is no {', '.join(sorted(unknown))} in a subscription.")
    try:
        return live.patterns_of(message.get("subscribe"))
    except ValueError as error:
        raise _malformed(f"{error}.") from None


def _malformed(detail: str) -> Refused:
    return refusals.refuse(ProblemCode.MALFORMED, detail)
