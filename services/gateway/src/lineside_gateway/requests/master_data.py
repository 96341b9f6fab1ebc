"""Routes of every kind of master data: five each, made from the kind's description."""

from typing import Any

from lineside_contracts import registry
from lineside_contracts.master_data import MasterDataKind
from lineside_gateway.requests import examples
from lineside_gateway.requests.doors import Door


def doors_of(kind: MasterDataKind[Any, Any]) -> tuple[Door, ...]:
    """List the routes of one kind; a code may hold a slash."""
    shown = examples.MASTER_DATA.get(kind.name)
    bodies = [shown] if shown else []
    every, one = f"/{kind.path}", f"/{kind.path}/{{code:path}}"
    reads = (Door("GET", every, kind.list), Door("GET", one, kind.get))
    return (
        *(() if kind.has_own_reads else reads),
        Door("POST", every, kind.create, named_by=kind.code_field, examples=bodies),
        Door("PUT", one, kind.update, examples=bodies),
        Door("DELETE", one, kind.delete),
    )


DOORS = tuple(door for kind in registry.MASTER_DATA for door in doors_of(kind))
