"""Master data whose codes are unique within a plant, and what follows from writing it."""

from typing import Any, ClassVar

import pytest

from lineside_chassis import asking
from lineside_chassis.master_data import MasterData
from lineside_chassis.requests import Requests
from lineside_contracts import streams
from lineside_contracts.envelope import EventType
from lineside_contracts.master_data import (
    DeleteMasterData,
    Fields,
    GetMasterData,
    ImportMasterData,
    ListMasterData,
    MasterDataChanged,
    MasterDataKind,
    MasterDataState,
)
from lineside_contracts.permissions import Permission
from lineside_contracts.values import Code, Name


class BayFields(Fields):
    bay_number: Code
    bay_name: Name
    plant_code: Code


class Bay(BayFields, MasterDataState):
    """A place of which each plant has a first one."""


class BayChanged(MasterDataChanged):
    EVENT: ClassVar[EventType] = EventType("department", "changed", "bay")
    bay: Bay


BAYS = MasterDataKind(
    name="bay",
    path="bays",
    service="trial",
    code_field="bay_number",
    name_field="bay_name",
    fields=BayFields,
    state=Bay,
    changed=BayChanged,
    scope_field="plant_code",
)
UPDATE: Any = BAYS.update_request
NORTH = frozenset({"NORTH"})


def bay(plant: str, number: str = "1", name: str = "x") -> BayFields:
    return BayFields(bay_number=number, bay_name=name, plant_code=plant)


@pytest.fixture
def written() -> list[Any]:
    return []


@pytest.fixture
async def asked(rig: Any, written: list[Any]) -> Any:
    async def follow(uow: Any, ids: Any) -> None:
        names = await uow.connection.exec_driver_sql("SELECT id, bay_name, deleted FROM bays")
        stored = {row.id: (row.bay_name, row.deleted) for row in names}
        written.append(sorted(stored[row_id] for row_id in ids))

    requests = Requests("trial")
    MasterData(BAYS, rig.bays).followed_by(follow).register(requests)
    await rig.start(requests=[requests])

    async def ask(endpoint: Any, request: Any, plants: Any = None) -> Any:
        permissions = frozenset({Permission.MASTERDATA_MANAGE, Permission.MASTERDATA_READ})
        context = rig.context(permissions=permissions, plants=plants)
        return await asking.ask(rig.client, endpoint, request, context=context)

    return ask


async def upload(rig: Any, text: str) -> ImportMasterData:
    store = await rig.client.jetstream().object_store(streams.IMPORTS_BUCKET)
    await store.put("file", text.encode())
    return ImportMasterData(object_name="file")


async def test_a_code_of_several_plants_is_found_by_id_or_where_one_sees_one_only(
    asked: Any,
) -> None:
    south = (await asked(BAYS.create, bay("SOUTH"))).json
    north = (await asked(BAYS.create, bay("NORTH"))).json
    assert (await asked(BAYS.create, bay("NORTH"))).json["code"] == "code_taken"
    for endpoint, request in (
        (BAYS.get, GetMasterData(code="1")),
        (BAYS.update, UPDATE(code="1", fields=bay("NORTH"))),
        (BAYS.delete, DeleteMasterData(code="1")),
    ):
        refused = await asked(endpoint, request)
        assert (refused.status, refused.json["code"]) == (409, "ambiguous_code")
        assert refused.json["facts"] == {"code": "1", "plant_codes": ["NORTH", "SOUTH"]}
    assert (await asked(BAYS.get, GetMasterData(code="1"), plants=NORTH)).json == north
    by_id = await asked(BAYS.get, GetMasterData(code=south["id"]), plants=NORTH)
    assert by_id.json["code"] == "plant_forbidden"
    changed = await asked(BAYS.update, UPDATE(code=south["id"], fields=bay("SOUTH", name="y")))
    assert (changed.json["bay_name"], changed.json["version"]) == ("y", 2)
    moved = await asked(BAYS.update, UPDATE(code=south["id"], fields=bay("NORTH", "2")))
    assert [fault["path"] for fault in moved.json["faults"]] == [
        "fields.plant_code",
        "fields.bay_number",
    ]
    assert (await asked(BAYS.delete, DeleteMasterData(code=south["id"]))).status == 200
    assert (await asked(BAYS.get, GetMasterData(code="1"))).json == north
    assert (await asked(BAYS.get, GetMasterData(code=south["id"]))).status == 404


async def test_pages_neither_skip_nor_repeat_codes_of_several_plants(asked: Any) -> None:
    for number in ("1", "2"):
        for plant in ("B", "A", "C"):
            await asked(BAYS.create, bay(plant, number))
    seen: list[tuple[str, str]] = []
    cursor = None
    for _ in range(3):
        page = (await asked(BAYS.list, ListMasterData(limit=2, cursor=cursor))).json
        seen += [(item["bay_number"], item["plant_code"]) for item in page["items"]]
        cursor = page["next_cursor"]
    assert seen == [(number, plant) for number in "12" for plant in "ABC"]
    assert cursor is None


async def test_what_follows_hears_of_every_row_that_was_written(
    rig: Any, asked: Any, written: list[Any]
) -> None:
    await asked(BAYS.create, bay("A", name="one"))
    await asked(BAYS.update, UPDATE(code="1", fields=bay("A", name="two")))
    await asked(BAYS.update, UPDATE(code="1", fields=bay("A", name="two")))
    request = await upload(rig, "bay_number,bay_name,plant_code\n1,three,A\n1,new,B\n")
    dry = ImportMasterData(object_name="file", dry_run=True)
    assert (await asked(BAYS.load, dry)).json["created_count"] == 1
    report = (await asked(BAYS.load, request)).json
    assert (report["created_count"], report["updated_count"]) == (1, 1)
    await upload(rig, "bay_number,bay_name,plant_code\n1,a,A\n1,b,B\n1,c,A\n")
    refused = (await asked(BAYS.load, request)).json
    assert [fault["path"] for fault in refused["faults"]] == ["row 4.bay_number"]
    await asked(BAYS.delete, DeleteMasterData(code="1"), plants=frozenset({"A"}))
    assert written == [
        [("one", False)],
        [("two", False)],
        [("new", False), ("three", False)],
        [("three", True)],
    ]
