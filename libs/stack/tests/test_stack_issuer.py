"""Tokens of the development issuer, checked as the gateway checks them."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts.permissions import ROLES
from lineside_stack.commands import token
from lineside_stack.failures import CommandError
from lineside_stack.issuer import AUDIENCE, DEMO_TENANT, ISSUER, Issuer


def _claims(issuer: Issuer, signed: str) -> dict[str, Any]:
    keys = jwt.PyJWKSet.from_dict(json.loads(issuer.jwks_file.read_text()))
    key = keys[jwt.get_unverified_header(signed)["kid"]]
    claims: dict[str, Any] = jwt.decode(
        signed, key, algorithms=["EdDSA"], audience=AUDIENCE, issuer=ISSUER
    )
    return claims


def test_a_token_is_signed_by_a_key_of_the_jwks(tmp_path: Path) -> None:
    issuer = Issuer(tmp_path)
    claims = _claims(issuer, issuer.token("operator", now=SYSTEM_CLOCK.now(), plants=("BERLIN",)))
    assert claims["tenant_id"] == str(DEMO_TENANT)
    assert set(claims["permissions"]) == {permission.value for permission in ROLES["operator"]}
    assert claims["plants"] == ["BERLIN"]


def test_the_key_is_kept_so_that_tokens_survive_a_restart(tmp_path: Path) -> None:
    signed = Issuer(tmp_path).token("viewer", now=SYSTEM_CLOCK.now())
    assert _claims(Issuer(tmp_path), signed)["name"] == "Demo viewer"


def test_an_unknown_role_names_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="no role is called boss; there are planner"):
        Issuer(tmp_path).token("boss", now=SYSTEM_CLOCK.now())


@pytest.mark.parametrize(
    ("text", "meaning"),
    [("90s", timedelta(seconds=90)), ("30m", timedelta(minutes=30)), ("7d", timedelta(days=7))],
)
def test_durations_are_read(text: str, meaning: timedelta) -> None:
    assert token.duration(text) == meaning


def test_a_duration_without_unit_is_refused() -> None:
    with pytest.raises(CommandError, match="write 90s, 30m, 12h or 7d"):
        token.duration("12")
