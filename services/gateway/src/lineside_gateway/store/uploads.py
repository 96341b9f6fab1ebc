"""Files on their way to a service: through the object store, since no message could carry them."""

import contextlib
import hashlib
from collections.abc import AsyncIterator
from tempfile import SpooledTemporaryFile
from typing import IO
from uuid import UUID

import nats.errors
import structlog

from lineside_contracts import streams
from lineside_gateway.domain import refusals
from lineside_gateway.store.services import Asker, Connection

IN_MEMORY_BYTES = 1024 * 1024
"""A larger file waits on disk: the gateway's memory does not grow with what people upload."""

_log = structlog.get_logger()


class Spool:
    """A file as it comes in, with its digest."""

    def __init__(self) -> None:
        self.file: IO[bytes] = SpooledTemporaryFile(IN_MEMORY_BYTES)  # noqa: SIM115 -- its user closes it
        self.size = 0
        self._digest = hashlib.sha256()

    def write(self, chunk: bytes) -> None:
        """Take the next piece."""
        self.file.write(chunk)
        self.size += len(chunk)
        self._digest.update(chunk)

    def name_for(self, asker: Asker, new_id: UUID) -> str:
        """Name the object.

        With an idempotency key the name follows from tenant, key and content, so that a repeated
        request is the same request to the service; otherwise it is new.
        """
        tenant_id = asker.identity.tenant_id
        if asker.idempotency_key is None:
            return f"{tenant_id}/{new_id}"
        self._digest.update(asker.idempotency_key.encode())
        return f"{tenant_id}/{self._digest.hexdigest()}"


class Uploads:
    """The bucket IMPORTS."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @contextlib.asynccontextmanager
    async def lent(self, name: str, spool: Spool) -> AsyncIterator[None]:
        """Put a file into the bucket for as long as the block runs.

        Raises:
            Refused: The bucket cannot be reached.
        """
        js = self._connection.client().jetstream()
        spool.file.seek(0)
        try:
            bucket = await js.object_store(streams.IMPORTS_BUCKET)
            await bucket.put(name, spool.file)  # type: ignore[arg-type]  # it has readinto
        except (nats.errors.Error, TimeoutError, OSError) as error:
            _log.warning("cannot store an import", error=str(error) or type(error).__name__)
            raise refusals.unavailable("The file cannot be taken in now; try again soon.") from None
        try:
            yield
        finally:
            try:
                await bucket.delete(name)
            except (nats.errors.Error, TimeoutError, OSError) as error:
                _log.warning("an import is left to expire", name=name, error=str(error))
