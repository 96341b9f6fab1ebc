"""Routes of every kind of master data: five each, made from the kind's description."""

from typing import Any

from lineside_contracts import registry
from lineside_contracts.master_data import MasterDataKind
from lineside_contracts.problems import ProblemCode as Code
from lineside_gateway.requests import examples
from lineside_gateway.requests.doors import Door


def doors_of(kind: MasterDataKind[Any, Any]) -> tuple[Door, ...]:
    """List the routes of one kind; a code may hold a slash.

    Where the owner reads its rows in a form of its own, its doors are elsewhere and found by id.
    """
    shown = examples.MASTER_DATA.get(kind.name)
    bodies = [shown] if shown else []
    key = f"{kind.name}_id" if kind.has_own_reads else "code:path"
    every, one = f"/{kind.path}", f"/{kind.path}/{{{key}}}"
    renamed = {key: "code"} if kind.has_own_reads else {}
    reads = (Door("GET", every, kind.list), Door("GET", one, kind.get))
    return (
        *(() if kind.has_own_reads else reads),
        Door(
            "POST",
            every,
            kind.create,
            named_by="id" if kind.has_own_reads else kind.code_field,
            examples=bodies,
            refused=[Code.CODE_TAKEN],
        ),
        Door(
            "PUT",
            one,
            kind.update,
            renamed=renamed,
            examples=bodies,
            refused=[Code.CODE_TAKEN, Code.IN_USE, *kind_refused(kind)],
        ),
        Door(
            "DELETE",
            one,
            kind.delete,
            renamed=renamed,
            refused=[Code.IN_USE, *kind_refused(kind)],
        ),
    )


def kind_refused(kind: MasterDataKind[Any, Any]) -> tuple[Code, ...]:
    """A code of lanes may mean several: it is unique per plant."""
    return (Code.AMBIGUOUS_CODE,) if kind.has_own_reads else ()


DOORS = tuple(door for kind in registry.MASTER_DATA for door in doors_of(kind))
