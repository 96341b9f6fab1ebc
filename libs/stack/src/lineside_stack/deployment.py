"""Where a deployment's servers are: the running stack's, or those named in the environment.

In the environment (containers): LINESIDE_DATABASE_URL as administrator, LINESIDE_NATS_URL with a
login that may do everything, and the roles' passwords, in LINESIDE_<SERVICE>_<ROLE>_PASSWORD or
one for all in LINESIDE_ROLE_PASSWORD.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from lineside_stack import catalogue, databases
from lineside_stack.catalogue import LOGINS, ServiceEntry
from lineside_stack.data_directory import DataDirectory
from lineside_stack.databases import ServiceDatabase
from lineside_stack.failures import NotSetError
from lineside_stack.servers import DATABASE_VARIABLE, NATS_VARIABLE

PASSWORD_VARIABLE = "LINESIDE_ROLE_PASSWORD"  # noqa: S105 -- the name of a variable


@dataclass(frozen=True)
class Deployment:
    """Addresses as administrator, and the services' databases by service name."""

    admin_url: str
    nats_url: str
    databases: Mapping[str, ServiceDatabase]


def find(data: DataDirectory) -> Deployment:
    """The environment's servers where it names them, else those of the running stack.

    Raises:
        NotRunningError: Neither is there.
    """
    if {DATABASE_VARIABLE, NATS_VARIABLE} <= os.environ.keys() and data.holder() is None:
        return of_environment()
    return of_running(data)


def of_running(data: DataDirectory) -> Deployment:
    """The servers of the stack that runs on a data directory.

    Raises:
        NotRunningError: None does.
    """
    state = data.state()
    secrets = data.passwords([])
    passwords = {
        entry.name: {kind: secrets[f"{entry.name}:{kind}"] for kind in LOGINS}
        for entry in catalogue.with_database()
    }
    return _described(state["database_url"], state["nats_url"], passwords)


def of_environment() -> Deployment:
    """The servers the environment names.

    Raises:
        NotSetError: A variable is missing; the message names it.
    """
    passwords = {entry.name: _passwords(entry) for entry in catalogue.with_database()}
    return _described(_required(DATABASE_VARIABLE), _required(NATS_VARIABLE), passwords)


def _described(
    admin_url: str, nats_url: str, passwords: Mapping[str, Mapping[str, str]]
) -> Deployment:
    found = {
        entry.name: databases.describe(
            entry, admin_url=admin_url, prefix="", passwords=passwords[entry.name]
        )
        for entry in catalogue.with_database()
    }
    return Deployment(admin_url, nats_url, found)


def _passwords(entry: ServiceEntry) -> dict[str, str]:
    """One variable per role, or one for all of them."""
    return {
        kind: os.environ.get(f"LINESIDE_{entry.suffix.upper()}_{kind.upper()}_PASSWORD")
        or _required(PASSWORD_VARIABLE)
        for kind in LOGINS
    }


def _required(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise NotSetError(f"{name} is not set")
    return value
