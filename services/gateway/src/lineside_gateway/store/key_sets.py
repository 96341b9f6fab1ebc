"""The issuer's public keys: read from a JWKS, kept for a while, read again for an unknown key.

Source: RFC 7517 (JWK Set); RFC 8037 (Ed25519 as an OKP key).
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import jwt
import orjson
import structlog

from lineside_gateway.domain import refusals

ALGORITHMS = ("EdDSA", "RS256")
LEAST_SECONDS = 5.0
"""Unknown key ids make us read again, but no more often than this: anybody can invent one."""
READ_SECONDS = 5.0

Reader = Callable[[], Awaitable[bytes]]

_log = structlog.get_logger()


class KeySet:
    """The keys of one issuer."""

    def __init__(self, read: Reader, *, seconds: float, monotonic: Callable[[], float]) -> None:
        self._read = read
        self._seconds = seconds
        self._monotonic = monotonic
        self._keys: Mapping[str | None, jwt.PyJWK] | None = None
        self._read_at = float("-inf")
        self._lock = asyncio.Lock()

    async def find(self, key_id: str | None) -> jwt.PyJWK | None:
        """Find a key by its id; without an id, the only key there is.

        Raises:
            Refused: The keys have never been read and cannot be read now.
        """
        if self._due(key_id):
            async with self._lock:
                if self._due(key_id):
                    await self._refresh()
        keys = self._keys
        if keys is None:
            raise refusals.unavailable("The keys that tokens are checked with cannot be read now.")
        if key_id is None and len(keys) == 1:
            return next(iter(keys.values()))
        return keys.get(key_id)

    async def check(self) -> None:
        """Make sure that there are keys.

        Raises:
            Refused: The keys have never been read and cannot be read now.
        """
        await self.find(None if self._keys is None else next(iter(self._keys), None))

    def _due(self, key_id: str | None) -> bool:
        age = self._monotonic() - self._read_at
        if age < LEAST_SECONDS:
            return False
        return self._keys is None or age > self._seconds or key_id not in self._keys

    async def _refresh(self) -> None:
        """Read the keys; when that fails the known ones stay."""
        self._read_at = self._monotonic()
        try:
            self._keys = keys_of(orjson.loads(await self._read()))
        except (OSError, ValueError, httpx.HTTPError) as error:
            _log.warning("cannot read the key set", error=str(error) or type(error).__name__)


def keys_of(document: Any) -> dict[str | None, jwt.PyJWK]:
    """Pick the public signature keys we accept, by their ids.

    Raises:
        ValueError: It is no key set.
    """
    match document:
        case {"keys": [*entries]}:
            found = [_key_of(entry) for entry in entries if isinstance(entry, dict)]
            return {key.key_id: key for key in found if key is not None}
        case _:
            raise ValueError("a JWKS is an object with a list of keys")


def _key_of(entry: dict[str, Any]) -> jwt.PyJWK | None:
    """Read one key; a key of another kind (symmetric ones above all) is left out."""
    algorithm = {"OKP": "EdDSA", "RSA": "RS256"}.get(str(entry.get("kty")))
    if algorithm is None or entry.get("use", "sig") != "sig":
        return None
    if entry.get("alg", algorithm) != algorithm:
        return None
    try:
        return jwt.PyJWK.from_dict(entry, algorithm=algorithm)
    except jwt.PyJWTError as error:
        _log.warning("a key of the key set is unusable", error=str(error))
        return None


def file_reader(path: Path) -> Reader:
    """Read the key set from a file."""

    async def read() -> bytes:
        return await asyncio.to_thread(path.read_bytes)

    return read


def url_reader(url: str) -> Reader:
    """Read the key set from where the issuer publishes it."""

    async def read() -> bytes:
        async with httpx.AsyncClient(timeout=READ_SECONDS, follow_redirects=True) as client:
            answer = await client.get(url)
            return answer.raise_for_status().content

    return read
