"""Who is asking: what a verified token says."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from lineside_contracts.permissions import Permission
from lineside_contracts.problems import ProblemCode
from lineside_gateway.domain import refusals

NAME_LENGTH = 200
_PERMISSION = re.compile(r"[a-z_]{1,64}:[a-z_]{1,64}")


@dataclass(frozen=True, slots=True)
class Identity:
    """An authenticated person or system.

    Attributes:
        plants: Codes of the only plants they see; None for all.
        expires_at: Unix seconds after which the token is void.
    """

    user_id: UUID
    tenant_id: UUID
    name: str
    permissions: frozenset[str]
    plants: frozenset[str] | None
    expires_at: float

    def require(self, permission: Permission) -> None:
        """Insist on a permission.

        Raises:
            Refused: The token does not carry it.
        """
        if permission not in self.permissions:
            raise refusals.refuse(
                ProblemCode.FORBIDDEN,
                f"This needs the permission {permission}.",
                permission=str(permission),
            )

    def to_claims(self) -> dict[str, Any]:
        """Write it as the claims it was read from."""
        return {
            "sub": str(self.user_id),
            "tenant_id": str(self.tenant_id),
            "name": self.name,
            "permissions": sorted(self.permissions),
            "exp": self.expires_at,
            **({} if self.plants is None else {"plants": sorted(self.plants)}),
        }


def identity_of(claims: Mapping[str, Any]) -> Identity:
    """Read the claims of a verified token.

    Raises:
        ValueError: A claim is missing or is not what it should be; the text names it.
    """
    name = claims.get("name")
    return Identity(
        user_id=_uuid(claims, "sub"),
        tenant_id=_uuid(claims, "tenant_id"),
        name=(name if isinstance(name, str) and name.strip() else str(claims["sub"]))[:NAME_LENGTH],
        permissions=frozenset(filter(_PERMISSION.fullmatch, _texts(claims, "permissions") or ())),
        plants=_plants(claims),
        expires_at=float(claims["exp"]),
    )


def _uuid(claims: Mapping[str, Any], name: str) -> UUID:
    try:
        return UUID(str(claims[name]))
    except (KeyError, ValueError):
        raise ValueError(f"the claim {name} is not a UUID") from None


def _plants(claims: Mapping[str, Any]) -> frozenset[str] | None:
    """Read the plants; a comma separates them on their way, so it can be part of none."""
    codes = _texts(claims, "plants")
    return None if codes is None else frozenset(code for code in codes if "," not in code)


def _texts(claims: Mapping[str, Any], name: str) -> frozenset[str] | None:
    values = claims.get(name)
    if values is None:
        return None
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise ValueError(f"the claim {name} is not a list of texts")
    return frozenset(values)
