"""Bearer tokens: checked against the issuer's keys, read into an identity."""

from typing import Any

import jwt

from lineside_contracts.problems import ProblemCode
from lineside_gateway.domain import identity, refusals
from lineside_gateway.domain.identity import Identity
from lineside_gateway.domain.refusals import Refused
from lineside_gateway.store.key_sets import ALGORITHMS, KeySet

LEEWAY_SECONDS = 10
TOKEN_LENGTH = 16_384
_REQUIRED = ["exp", "iss", "aud", "sub", "tenant_id"]


class Tokens:
    """Tells who a token belongs to."""

    def __init__(self, keys: KeySet, *, issuer: str, audience: str) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience

    async def identify(self, token: str) -> Identity:
        """Verify a token and read it.

        Raises:
            Refused: It is no valid token of the issuer for us, or it has expired.
        """
        try:
            return identity.identity_of(await self._claims(token))
        except jwt.ExpiredSignatureError:
            raise unauthenticated(
                "The token has expired.", code=ProblemCode.TOKEN_EXPIRED
            ) from None
        except (jwt.PyJWTError, ValueError) as error:
            raise unauthenticated(f"The token is not valid: {error}.") from None

    async def _claims(self, token: str) -> dict[str, Any]:
        if len(token) > TOKEN_LENGTH:
            raise jwt.InvalidTokenError("it is too long")
        header = jwt.get_unverified_header(token)
        key = await self._keys.find(header.get("kid"))
        if key is None:
            raise jwt.InvalidTokenError("its key is not one of the issuer's")
        algorithm = header.get("alg")
        if algorithm not in ALGORITHMS or algorithm != key.algorithm_name:
            raise jwt.InvalidAlgorithmError("its algorithm is not the key's")
        claims: dict[str, Any] = jwt.decode(
            token,
            key.key,
            algorithms=[algorithm],
            issuer=self._issuer,
            audience=self._audience,
            leeway=LEEWAY_SECONDS,
            options={"require": _REQUIRED},
        )
        return claims


def unauthenticated(detail: str, *, code: ProblemCode = ProblemCode.UNAUTHENTICATED) -> Refused:
    """Say that nobody is known to be asking.

    Source: RFC 6750, section 3 (the WWW-Authenticate header).
    """
    challenge = 'Bearer realm="lineside", error="invalid_token"'
    return refusals.refuse(code, detail, headers={"WWW-Authenticate": challenge})
