"""Any kind of master data, tried on units."""

import asyncio
import gc
import json
import time
from typing import Any, ClassVar

import pytest

from lineside_chassis import asking
from lineside_chassis.master_data import Findings, MasterData, project_state
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
from lineside_contracts.planning import Unit, UnitChanged, UnitFields
from lineside_contracts.problems import Fault, Problem, ProblemCode
from lineside_contracts.values import Code, Name

KIND = MasterDataKind(
    name="unit",
    path="units",
    service="trial",
    code_field="unit_code",
    name_field="unit_name",
    fields=UnitFields,
    state=Unit,
    changed=UnitChanged,
)

UPDATE: Any = KIND.update_request


class PlaceFields(Fields):
    place_code: Code
    place_name: Name
    plant_code: Code | None = None


class Place(PlaceFields, MasterDataState):
    """Something that belongs to a plant, or to none; the system alone knows its rank."""

    rank: int = 7


class PlaceChanged(MasterDataChanged):
    EVENT: ClassVar[EventType] = EventType("department", "changed", "place")
    place: Place


PLACES = MasterDataKind(
    name="place",
    path="places",
    service="trial",
    code_field="place_code",
    name_field="place_name",
    fields=PlaceFields,
    state=Place,
    changed=PlaceChanged,
)
PLACE_UPDATE: Any = PLACES.update_request


def unit(code: Any = "KG", **changes: Any) -> Any:
    values = {"unit_name": "kilo", "dimension": "mass", "decimals": 3, "factor": "1/3"}
    return UnitFields(unit_code=code, **values | changes)


@pytest.fixture
async def asked(rig: Any) -> Any:
    async def check(uow: Any, rows: Any) -> Any:
        fault = Fault(code="bad_name", path="unit_name", message="not this name")
        warning = Fault(code="odd_name", path="unit_name", message="look at it")
        return Findings(
            faults=[(fault,) if row.unit_name == "bad" else () for row in rows],
            warnings=[(warning,) if row.unit_name == "odd" else () for row in rows],
        )

    async def in_use(uow: Any, state: Any) -> Any:
        if state.unit_name == "used":
            return Problem(code=ProblemCode.IN_USE, detail="still used")
        return None

    requests = Requests("trial")
    MasterData(KIND, rig.units, check=check, in_use=in_use).register(requests)
    MasterData(PLACES, rig.places).register(requests)
    await rig.start(requests=[requests])

    async def ask(endpoint: Any, request: Any, plants: Any = None, **options: Any) -> Any:
        context = rig.context(
            permissions=frozenset({Permission.MASTERDATA_MANAGE, Permission.MASTERDATA_READ}),
            actor_id="u",
            actor_name="Ö",
            plants=plants,
        )
        return await asking.ask(rig.client, endpoint, request, context=context, **options)

    return ask


async def upload(rig: Any, text: Any, name: Any = "file") -> None:
    store = await rig.client.jetstream().object_store(streams.IMPORTS_BUCKET)
    await store.put(name, text if isinstance(text, bytes) else text.encode())


async def test_the_life_of_a_row(rig: Any, asked: Any, until: Any) -> None:
    made = await asked(KIND.create, unit())
    assert made.status == 201
    assert (made.json["version"], made.json["factor"]) == (1, "1/3")
    assert made.json["created_by"] == {"id": "u", "name": "Ö"}
    assert (await asked(KIND.create, unit())).json["code"] == "code_taken"
    update = UPDATE(code="KG", expected_version=1, fields=unit(unit_name="x"))
    changed = await asked(KIND.update, update)
    assert (changed.status, changed.json["version"], changed.json["unit_name"]) == (200, 2, "x")
    assert (await asked(KIND.update, update)).status == 412
    other = UPDATE(code="KG", fields=unit("LB"))
    assert (await asked(KIND.update, other)).status == 422
    assert (await asked(KIND.get, GetMasterData(code="KG"))).json == changed.json
    stale = DeleteMasterData(code="KG", expected_version=1)
    assert (await asked(KIND.delete, stale)).status == 412
    assert (await asked(KIND.delete, DeleteMasterData(code="KG"))).status == 200
    assert (await asked(KIND.get, GetMasterData(code="KG"))).status == 404
    again = await asked(KIND.create, unit())
    assert (again.json["id"], again.json["version"]) == (made.json["id"], 4)

    async def said() -> Any:
        return await messages(rig, 4)

    found = [UnitChanged.model_validate_json(m.data).unit for m in await until(said)]
    assert [(u.version, u.deleted) for u in found] == [
        (1, False),
        (2, False),
        (3, True),
        (4, False),
    ]


async def messages(rig: Any, count: Any) -> Any:
    found = await rig.messages(streams.MASTER_DATA)
    return found if len(found) >= count else None


async def test_hooks_refuse(asked: Any) -> None:
    refused = await asked(KIND.create, unit(unit_name="bad"))
    assert (refused.status, refused.json["faults"][0]["path"]) == (422, "unit_name")
    await asked(KIND.create, unit(unit_name="used"))
    assert (await asked(KIND.delete, DeleteMasterData(code="KG"))).json["code"] == "in_use"


async def test_two_who_create_the_same_code(asked: Any) -> None:
    answers = await asyncio.gather(*(asked(KIND.create, unit()) for _ in range(4)))
    assert sorted(answer.status for answer in answers) == [201, 409, 409, 409]


async def test_pages_and_search(asked: Any) -> None:
    for code in ("A1", "B_1", "C1", "B%2"):
        await asked(KIND.create, unit(code, unit_name=f"name {code}"))
    first = (await asked(KIND.list, ListMasterData(limit=3))).json
    rest = (await asked(KIND.list, ListMasterData(limit=3, cursor=first["next_cursor"]))).json
    codes = [item["unit_code"] for item in first["items"] + rest["items"]]
    assert sorted(codes) == ["A1", "B%2", "B_1", "C1"]
    assert rest["next_cursor"] is None
    found = (await asked(KIND.list, ListMasterData(search="b_"))).json["items"]
    assert [item["unit_code"] for item in found] == ["B_1"]
    assert (await asked(KIND.list, ListMasterData(cursor="%%%"))).json["code"] == "invalid_cursor"


async def test_an_import_loads_all_rows_or_none(rig: Any, asked: Any) -> None:
    header = "unit_code;unit_name;dimension;decimals;factor\n"
    await upload(rig, "\ufeff" + header + "A;a;mass;3;1/3\nB;b;mass;3;\n\n")
    request = ImportMasterData(object_name="file")
    dry = (await asked(KIND.load, ImportMasterData(object_name="file", dry_run=True))).json
    assert (dry["dry_run"], dry["created_count"]) == (True, 2)
    assert await rig.rows("SELECT count(*) FROM units") == [(0,)]
    loaded = (await asked(KIND.load, request)).json
    assert (loaded["row_count"], loaded["created_count"], loaded["faults"]) == (2, 2, [])
    await upload(rig, header + "A;a;mass;3;1/3\nB;changed;mass;3;\nC;c;mass;3;\n")
    again = (await asked(KIND.load, request)).json
    assert (again["created_count"], again["updated_count"], again["unchanged_count"]) == (1, 1, 1)
    await upload(rig, header + "D;d;mass;x;1/0\nE;bad;mass;3\nE;e;nothing;3;;;7\n")
    refused = await asked(KIND.load, request)
    assert (refused.status, refused.json["code"]) == (422, "import_rejected")
    assert [fault["path"] for fault in refused.json["faults"]] == [
        "row 2.decimals",
        "row 2.factor",
        "row 4",
    ]
    assert await rig.rows("SELECT count(*) FROM units") == [(3,)]


async def test_an_imported_row_is_stored_and_said_as_one_made_by_hand(
    rig: Any, asked: Any, until: Any
) -> None:
    await asked(PLACES.create, PlaceFields(place_code="A", place_name="ä", plant_code="Süd"))
    await upload(rig, 'place_code,place_name,plant_code\nB,"ä ""q""",Süd\nC,c,\n')
    assert (await asked(PLACES.load, ImportMasterData(object_name="file"))).status == 200
    await upload(rig, "place_code,place_name,plant_code\nA,ö,Süd\nB,ö,Süd\n")
    assert (await asked(PLACES.load, ImportMasterData(object_name="file"))).status == 200

    async def said() -> Any:
        return await messages(rig, 5)

    found = await until(said)
    shapes = [(sorted(m.headers), sorted(json.loads(m.data)["place"])) for m in found]
    assert shapes[0] == shapes[1] == shapes[3] == shapes[4]
    assert set(shapes[0][0]) - set(shapes[2][0]) == {"ce-plantid"}
    own = {"Nats-Msg-Id", "ce-id", "ce-subject", "ce-time", "ce-correlationid", "traceparent"}
    about = [{k: v for k, v in m.headers.items() if k not in own} for m in (found[0], found[1])]
    assert about[0] == about[1]
    places = [PlaceChanged.model_validate_json(m.data).place for m in found]
    assert [(p.place_code, p.version, p.place_name) for p in places] == [
        ("A", 1, "ä"),
        ("B", 1, 'ä "q"'),
        ("C", 1, "c"),
        ("A", 2, "ö"),
        ("B", 2, "ö"),
    ]
    assert places[3].created_at == places[0].created_at < places[3].updated_at
    for state, message in zip(places, found, strict=True):
        assert message.subject.endswith(f".{state.id}")
        assert message.headers["ce-aggregateversion"] == str(state.version)
    read = (await asked(PLACES.get, GetMasterData(code="B"))).json
    assert Place.model_validate(read) == places[4]


async def test_a_deleted_row_comes_back_with_an_import(rig: Any, asked: Any) -> None:
    made = (await asked(KIND.create, unit())).json
    await asked(KIND.delete, DeleteMasterData(code="KG"))
    await upload(rig, "unit_code,unit_name,dimension,decimals,factor\nKG,kilo,mass,3,1/3\n")
    loaded = (await asked(KIND.load, ImportMasterData(object_name="file"))).json
    assert (loaded["created_count"], loaded["updated_count"]) == (1, 0)
    again = (await asked(KIND.get, GetMasterData(code="KG"))).json
    assert (again["id"], again["version"], again["deleted"]) == (made["id"], 3, False)
    assert again["created_at"] > made["created_at"]


async def test_what_is_loaded_and_should_be_looked_at_is_told_by_row(rig: Any, asked: Any) -> None:
    await upload(rig, "unit_code,unit_name,dimension,decimals\nA,a,mass,1\nB,odd,mass,1\n")
    loaded = (await asked(KIND.load, ImportMasterData(object_name="file"))).json
    assert loaded["created_count"] == 2
    assert [(w["code"], w["path"]) for w in loaded["warnings"]] == [("odd_name", "row 3.unit_name")]


async def test_people_of_one_plant_see_and_touch_that_plant_only(rig: Any, asked: Any) -> None:
    async def limited(endpoint: Any, request: Any) -> Any:
        return await asked(endpoint, request, plants=frozenset({"NORTH"}))

    def place(code: Any, plant: Any) -> Any:
        return PlaceFields(place_code=code, place_name="x", plant_code=plant)

    for code, plant in (("N", "NORTH"), ("S", "SOUTH"), ("ANY", None)):
        await asked(PLACES.create, place(code, plant))
    shown = (await limited(PLACES.list, ListMasterData())).json["items"]
    assert [item["place_code"] for item in shown] == ["ANY", "N"]
    assert (await limited(PLACES.get, GetMasterData(code="N"))).status == 200
    await upload(rig, "place_code,place_name,plant_code\nN,y,NORTH\nNEW,y,SOUTH\n", "new")
    await upload(rig, "place_code,place_name,plant_code\nS,y,NORTH\n", "taken")
    for endpoint, request in (
        (PLACES.get, GetMasterData(code="S")),
        (PLACES.create, place("S2", "SOUTH")),
        (PLACES.update, PLACE_UPDATE(code="S", fields=place("S", "NORTH"))),
        (PLACES.update, PLACE_UPDATE(code="N", fields=place("N", "SOUTH"))),
        (PLACES.delete, DeleteMasterData(code="S")),
        (PLACES.load, ImportMasterData(object_name="new")),
        (PLACES.load, ImportMasterData(object_name="taken")),
    ):
        refused = await limited(endpoint, request)
        assert (refused.status, refused.json["code"]) == (403, "plant_forbidden")
        assert refused.json["facts"]["plant_code"] == "SOUTH"
    assert await rig.rows("SELECT DISTINCT version FROM places") == [(1,)]
    assert (await limited(PLACES.delete, DeleteMasterData(code="N"))).status == 200


async def test_a_header_that_fits_nothing_is_named(rig: Any, asked: Any) -> None:
    await upload(rig, "unit_code,colour\nA,red\n")
    refused = await asked(KIND.load, ImportMasterData(object_name="file"))
    found = {(fault["code"], fault["path"]) for fault in refused.json["faults"]}
    assert ("unknown_column", "colour") in found
    assert ("missing_column", "unit_name") in found
    await upload(rig, b"unit_code\n\xff\xfe")
    assert (await asked(KIND.load, ImportMasterData(object_name="file"))).status == 422
    assert (await asked(KIND.load, ImportMasterData(object_name="none"))).status == 404


async def test_a_repeated_code_is_a_fault(rig: Any, asked: Any) -> None:
    await upload(rig, "unit_code,unit_name,dimension,decimals\nA,a,mass,1\nA,b,mass,1\n")
    refused = await asked(KIND.load, ImportMasterData(object_name="file"))
    assert refused.json["faults"][0]["path"] == "row 3.unit_code"


async def test_many_rows_are_loaded_in_seconds_and_tell_how_far_they_are(
    rig: Any, asked: Any
) -> None:
    rows = "".join(f"U{number},name {number},mass,3,1/7\n" for number in range(20_000))
    await upload(rig, "unit_code,unit_name,dimension,decimals,factor\n" + rows)
    told: list[Any] = []

    async def hear(message: Any) -> None:
        told.append(json.loads(message.data))

    await rig.client.subscribe(f"{streams.IMPORT_PROGRESS_PREFIX}.file", cb=hear)
    began = time.monotonic()
    request = ImportMasterData(object_name="file")
    loaded = (await asked(KIND.load, request, timeout_seconds=60)).json
    assert loaded["created_count"] == 20_000
    assert time.monotonic() - began < 20
    assert gc.isenabled()
    assert told
    assert {one["phase"] for one in told} <= {"checking", "writing"}
    assert all(0 <= one["done_count"] <= one["total_count"] <= 20_001 for one in told)


async def test_a_projection_keeps_the_newest_state(rig: Any, asked: Any) -> None:
    made = Unit.model_validate((await asked(KIND.create, unit())).json)
    newer = made.model_copy(update={"version": 3, "unit_name": "newer"})
    older = made.model_copy(update={"version": 2, "unit_name": "older"})
    for states in ([newer, older], [older]):
        async with rig.database.unit_of_work(rig.context()) as uow:
            project_state(uow, rig.units, states, key=("unit_code",))
    assert await rig.rows("SELECT version, unit_name FROM units") == [(3, "newer")]
