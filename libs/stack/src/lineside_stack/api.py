"""The HTTP API as the commands use it: with a token, like anyone."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_stack.data_directory import DataDirectory
from lineside_stack.failures import CommandError
from lineside_stack.issuer import DEMO_TENANT, Issuer

PREFIX = "/api/v1"
TIMEOUT_SECONDS = 600
"""An import of a large file is answered when all of it is loaded."""

LINES = "application/x-ndjson"
Tell = Callable[[Mapping[str, Any]], None]
"""Takes the progress of an import: phase, done_count, total_count, where known."""

CONFLICT = 409
_FIRST_REFUSAL = 400


class RefusedError(CommandError):
    """The API said no; the message has every fault on a line of its own."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(_text(status, problem))
        self.status = status
        self.code: str = problem.get("code", "")
        self.faults: list[dict[str, Any]] = list(problem.get("faults", ()))


class Api:
    """A client with a base address and a token."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def get(self, path: str, **parameters: Any) -> Any:
        """Read something.

        Raises:
            RefusedError: The API said no.
        """
        given = {name: value for name, value in parameters.items() if value is not None}
        return _answer(await self._client.get(f"{PREFIX}{path}", params=given))

    async def post(self, path: str, body: Any = None) -> Any:
        """Write something.

        Raises:
            RefusedError: The API said no.
        """
        return _answer(await self._client.post(f"{PREFIX}{path}", json=body))

    async def put(self, path: str, body: Any) -> Any:
        """Change something.

        Raises:
            RefusedError: The API said no.
        """
        return _answer(await self._client.put(f"{PREFIX}{path}", json=body))

    async def send(
        self, path: str, content: AsyncIterator[bytes] | bytes, *, media_type: str, **query: Any
    ) -> Any:
        """Send a file as it is.

        Raises:
            RefusedError: The API said no.
        """
        return _answer(
            await self._client.post(
                f"{PREFIX}{path}",
                content=content,
                params=query,
                headers={"content-type": media_type},
            )
        )

    async def load(
        self, path: str, content: AsyncIterator[bytes] | bytes, *, tell: Tell, **query: Any
    ) -> Any:
        """Import a file and hear how far it is; returns the report.

        Raises:
            RefusedError: The API said no, at once or at last.
        """
        headers = {"content-type": "text/csv", "accept": LINES}
        sending = self._client.stream(
            "POST", f"{PREFIX}{path}", content=content, params=query, headers=headers
        )
        last: dict[str, Any] = {"status": 0, "problem": {"detail": "the answer broke off"}}
        async with sending as response:
            if response.status_code >= _FIRST_REFUSAL:
                await response.aread()
                return _answer(response)
            async for line in response.aiter_lines():
                last = json.loads(line)
                if "progress" in last:
                    tell(last["progress"])
        if "report" not in last:
            raise RefusedError(last.get("status", 0), last.get("problem", {}))
        return last["report"]


@asynccontextmanager
async def connect(
    data: DataDirectory, *, role: str, tenant_id: UUID = DEMO_TENANT
) -> AsyncIterator[Api]:
    """A client of the stack that runs on a data directory, as the demo user of a role.

    Raises:
        NotRunningError: Nothing runs there.
    """
    url = data.state()["http_url"]
    token = Issuer(data.issuer).token(
        role, now=SYSTEM_CLOCK.now(), tenant_id=tenant_id, ttl=timedelta(hours=1)
    )
    headers = {"authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=TIMEOUT_SECONDS) as client:
        yield Api(client)


def _answer(response: httpx.Response) -> Any:
    if response.status_code >= _FIRST_REFUSAL:
        raise RefusedError(response.status_code, _problem(response))
    return response.json()


def _problem(response: httpx.Response) -> Mapping[str, Any]:
    try:
        problem = response.json()
    except ValueError:
        return {"detail": response.text[:500]}
    return problem if isinstance(problem, dict) else {"detail": str(problem)}


def _text(status: int, problem: Mapping[str, Any]) -> str:
    lines = [f"{problem.get('detail') or problem.get('title') or 'refused'} ({status})"]
    for fault in problem.get("faults", ()):
        where = f"{fault['path']}: " if fault.get("path") else ""
        lines.append(f"  {where}{fault['message']}")
    return "\n".join(lines)
