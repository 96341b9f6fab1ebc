"""Is a migrated database what its service's code believes in?"""

import importlib

from lineside_chassis import migrations
from lineside_stack.catalogue import ServiceEntry
from lineside_stack.verification import findings
from lineside_stack.verification.findings import Finding


def check(entry: ServiceEntry, *, url: str) -> Finding:
    """Compare tables, columns, indexes and keys with the service's `tables.metadata`."""
    tables = importlib.import_module(f"{entry.package}.tables")
    differences = migrations.differences(url, tables.metadata)
    return findings.held(
        entry.name,
        "tables, columns, keys and indexes are as its code declares",
        problem=findings.listed(differences),
    )
