"""The verdict table."""

from typing import Any

import nats.errors
import nats.js.errors
import psycopg
import pytest
import sqlalchemy.exc
from pydantic import BaseModel, ValidationError

from lineside_chassis import errors
from lineside_chassis.errors import Verdict


def invalid() -> Any:
    class Model(BaseModel):
        number: int

    with pytest.raises(ValidationError) as caught:
        Model.model_validate({"number": "no"})
    return caught.value


def wrapped(error: Any, kind: Any = sqlalchemy.exc.DBAPIError) -> Any:
    return kind("SELECT 1", {}, error)


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (errors.Poison("p"), Verdict.POISON),
        (invalid(), Verdict.POISON),
        (wrapped(psycopg.errors.UntranslatableCharacter()), Verdict.POISON),
        (errors.UnknownVersion("v9"), Verdict.BUG),
        (errors.Transient("t"), Verdict.TRANSIENT),
        (psycopg.OperationalError("gone"), Verdict.TRANSIENT),
        (wrapped(psycopg.OperationalError("gone")), Verdict.TRANSIENT),
        (wrapped(psycopg.errors.LockNotAvailable()), Verdict.TRANSIENT),
        (wrapped(psycopg.errors.DeadlockDetected()), Verdict.TRANSIENT),
        (wrapped(psycopg.errors.SerializationFailure()), Verdict.TRANSIENT),
        (wrapped(psycopg.errors.QueryCanceled()), Verdict.TRANSIENT),
        (sqlalchemy.exc.TimeoutError("pool"), Verdict.TRANSIENT),
        (TimeoutError(), Verdict.TRANSIENT),
        (ConnectionRefusedError(), Verdict.TRANSIENT),
        (nats.errors.TimeoutError(), Verdict.TRANSIENT),
        (nats.errors.ConnectionClosedError(), Verdict.TRANSIENT),
        (nats.js.errors.ServiceUnavailableError(), Verdict.TRANSIENT),
        (errors.Conflict("c"), Verdict.CONFLICT),
        (errors.StaleWrite("s"), Verdict.CONFLICT),
        (wrapped(psycopg.errors.UniqueViolation()), Verdict.CONFLICT),
        (wrapped(psycopg.errors.ForeignKeyViolation()), Verdict.BUG),
        (wrapped(psycopg.errors.UndefinedTable()), Verdict.BUG),
        (wrapped(psycopg.errors.InsufficientPrivilege()), Verdict.BUG),
        (nats.errors.MaxPayloadError(), Verdict.BUG),
        (nats.js.errors.NotFoundError(), Verdict.BUG),
        (KeyError("x"), Verdict.BUG),
        (ZeroDivisionError(), Verdict.BUG),
    ],
)
def test_every_error_has_its_verdict(error: Any, verdict: Any) -> None:
    assert errors.verdict_of(error) is verdict


def test_a_verdict_is_about_the_error_itself_not_about_what_it_was_raised_from() -> None:
    error = KeyError("bug")
    error.__cause__ = TimeoutError()
    assert errors.verdict_of(error) is Verdict.BUG
