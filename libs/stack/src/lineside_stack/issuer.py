"""The development issuer: an Ed25519 key in the data directory, its JWKS, and tokens for roles.

Production configurations point the gateway at a real OIDC issuer instead.
"""

import base64
import hashlib
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lineside_contracts.permissions import ROLES
from lineside_stack import data_directory

ISSUER = "lineside-development"
AUDIENCE = "lineside"
DEMO_TENANT = UUID("019aa000-0000-7000-8000-00000000d0e0")
"""The tenant of the demo plant, and of every command that is not told another."""


class Issuer:
    """Signs tokens with the key it finds (or makes) in its folder."""

    def __init__(self, directory: Path) -> None:
        self.jwks_file = directory / "jwks.json"
        self._key_file = directory / "ed25519.pem"
        self._key = self._load() if self._key_file.exists() else self._make()
        self._key_id = _key_id(self._key)

    def token(
        self,
        role: str,
        *,
        now: datetime,
        tenant_id: UUID = DEMO_TENANT,
        ttl: timedelta = timedelta(hours=12),
        plants: tuple[str, ...] | None = None,
        name: str | None = None,
    ) -> str:
        """Sign a token for the demo user of a role.

        Args:
            role: Key of `lineside_contracts.permissions.ROLES`.
            now: When it begins to be valid.
            tenant_id: Whose data it opens.
            ttl: How long it is valid.
            plants: The only plants it may see; None for all.
            name: What people read; the role's demo user by default.

        Raises:
            KeyError: There is no such role; the message lists those there are.
        """
        if role not in ROLES:
            raise KeyError(f"no role is called {role}; there are {', '.join(ROLES)}")
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(uuid5(tenant_id, f"demo-{role}")),
            "name": name or f"Demo {role}",
            "tenant_id": str(tenant_id),
            "permissions": sorted(permission.value for permission in ROLES[role]),
            "iat": now,
            "nbf": now - timedelta(seconds=30),
            "exp": now + ttl,
        }
        if plants is not None:
            claims["plants"] = list(plants)
        return jwt.encode(claims, self._key, algorithm="EdDSA", headers={"kid": self._key_id})

    def _load(self) -> Ed25519PrivateKey:
        key = serialization.load_pem_private_key(self._key_file.read_bytes(), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise TypeError(f"{self._key_file} holds no Ed25519 key")
        return key

    def _make(self) -> Ed25519PrivateKey:
        key = Ed25519PrivateKey.generate()
        self._key_file.parent.mkdir(parents=True, exist_ok=True)
        self._key_file.touch(mode=0o600)
        self._key_file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        data_directory.write_private(self.jwks_file, {"keys": [_jwk(key)]})
        self.jwks_file.chmod(0o644)
        return key


def _public_bytes(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def _jwk(key: Ed25519PrivateKey) -> dict[str, str]:
    """Source: RFC 8037, "CFRG Elliptic Curve Diffie-Hellman and Signatures in JOSE"."""
    return {
        "kty": "OKP",
        "crv": "Ed25519",
        "x": _base64url(_public_bytes(key)),
        "kid": _key_id(key),
        "alg": "EdDSA",
        "use": "sig",
    }


def _key_id(key: Ed25519PrivateKey) -> str:
    """The key's thumbprint. Source: RFC 7638."""
    members = {"crv": "Ed25519", "kty": "OKP", "x": _base64url(_public_bytes(key))}
    canonical = json.dumps(members, separators=(",", ":"), sort_keys=True)
    return _base64url(hashlib.sha256(canonical.encode()).digest())


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
