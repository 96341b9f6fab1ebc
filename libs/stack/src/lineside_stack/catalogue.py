"""The services there are: the one table that `up`, provisioning, verify and tests go by."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

LOGINS = ("owner", "app", "relay")
"""The roles of a service's database that log in."""


@dataclass(frozen=True)
class ServiceEntry:
    """A service: its name, its package, and what it needs to run.

    Attributes:
        name: As people write it, e.g. "sales-bridge".
        has_database: Whether it owns one.
    """

    name: str
    has_database: bool = True

    @property
    def suffix(self) -> str:
        """The name in SQL and in subjects that allow no hyphen."""
        return self.name.replace("-", "_")

    @property
    def package(self) -> str:
        """The Python package."""
        return f"lineside_{self.suffix}"

    @property
    def migrations(self) -> Path:
        """Its Alembic folder, beside `src`.

        Raises:
            ModuleNotFoundError: The package is not installed.
        """
        found = find_spec(self.package)
        if found is None or found.origin is None:
            raise ModuleNotFoundError(f"the package {self.package} is not installed")
        return Path(found.origin).resolve().parents[2] / "migrations"


SERVICES: tuple[ServiceEntry, ...] = (
    ServiceEntry("sales-bridge"),
    ServiceEntry("planning"),
    ServiceEntry("routing"),
    ServiceEntry("shopfloor"),
    ServiceEntry("predictions"),
    ServiceEntry("gateway", has_database=False),
)


def service(name: str) -> ServiceEntry:
    """Find a service by name.

    Raises:
        KeyError: There is none of that name; the message lists those there are.
    """
    for entry in SERVICES:
        if name in {entry.name, entry.suffix}:
            return entry
    known = ", ".join(entry.name for entry in SERVICES)
    raise KeyError(f"no service is called {name}; there are {known}")


def with_database(services: Sequence[ServiceEntry] = SERVICES) -> tuple[ServiceEntry, ...]:
    """Those that own a database."""
    return tuple(entry for entry in services if entry.has_database)
