"""The connection to NATS: patient at the start, never giving up later."""

import asyncio

import nats
import nats.errors
import nats.js.errors
import orjson
import structlog
from nats.aio.client import Client

from lineside_chassis.errors import Refused
from lineside_chassis.settings import ServiceSettings
from lineside_contracts import streams
from lineside_contracts.problems import Problem, ProblemCode

RETRY_SECONDS = 0.5
CONNECT_SECONDS = 5

_log = structlog.get_logger()


async def connect(settings: ServiceSettings, *, name: str) -> Client:
    """Connect, however long the server takes to come up; reconnect for ever after."""
    password = settings.nats_password
    while True:
        try:
            return await nats.connect(
                settings.nats_url,
                name=f"lineside-{name}",
                user=settings.nats_user,
                password=password.get_secret_value() if password else None,
                inbox_prefix=settings.nats_inbox_prefix,
                allow_reconnect=True,
                max_reconnect_attempts=-1,
                reconnect_time_wait=RETRY_SECONDS,
                connect_timeout=CONNECT_SECONDS,
                error_cb=_on_error,
            )
        except (nats.errors.Error, OSError) as error:
            _log.warning("waiting for NATS", error=str(error))
            await asyncio.sleep(RETRY_SECONDS)


async def settle(client: Client) -> None:
    """Wait until the server has taken in everything sent so far.

    nats-py's flush writes its ping ahead of what is still buffered (2.16), so that one round trip
    proves nothing about it; after the first one it is written, after the second one it is read.
    """
    await client.flush()
    await client.flush()


async def _on_error(error: Exception) -> None:
    _log.warning("nats", error=str(error) or type(error).__name__)


class ImportedObjects:
    """The bucket uploads lie in."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._js = client.jetstream()

    async def tell(self, name: str, **facts: str | int) -> None:
        """Tell whoever sent an object how far its import is; nobody need listen."""
        if self._client.is_connected:
            subject = f"{streams.IMPORT_PROGRESS_PREFIX}.{name.replace('/', '.')}"
            await self._client.publish(subject, orjson.dumps(facts))

    async def read(self, name: str) -> bytes:
        """Read a whole object.

        Raises:
            Refused: There is none of this name.
        """
        store = await self._js.object_store(streams.IMPORTS_BUCKET)
        try:
            found = await store.get(name)
        except nats.js.errors.NotFoundError:
            detail = f"There is no uploaded file {name}."
            raise Refused(Problem(code=ProblemCode.NOT_FOUND, detail=detail)) from None
        return bytes(found.data or b"")
