"""Which writes share a statement, and which follow one another."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Column, Integer, MetaData, Text

from lineside_chassis import tables
from lineside_chassis.errors import StaleWrite
from lineside_chassis.writes import Kind, Statement, Write, WriteSet

ID = ("tenant_id", "id")
rows = tables.tenant_table(
    MetaData(), "rows", Column("version", Integer), Column("note", Text), unique=[("note",)]
)


def write(kind: Kind, *, key: tuple[str, ...] = ID, **values: Any) -> Write:
    versioned = bool(values.pop("versioned", False))
    newer_by = values.pop("newer_by", None)
    return Write(kind, rows, {"tenant_id": 1, "id": 1} | values, key, newer_by, versioned)


def compiled(*writes: Write) -> list[Statement]:
    known = WriteSet()
    for one in writes:
        known.add(one)
    return known.statements()


def test_rows_of_one_shape_are_one_part_of_one_statement() -> None:
    (statement,) = compiled(*(write(Kind.INSERT, id=number, note="n") for number in range(3)))
    assert statement.sql.count("INSERT") == 1
    assert statement.parameters["p0"].count("tenant_id") == 3


def test_a_change_of_a_row_just_inserted_becomes_part_of_it() -> None:
    (statement,) = compiled(
        write(Kind.INSERT, version=1, note="a"), write(Kind.UPDATE, version=2, versioned=True)
    )
    assert "UPDATE" not in statement.sql
    assert statement.parameters["p0"] == '[{"tenant_id":1,"id":1,"version":2,"note":"a"}]'


def test_an_id_and_its_text_mean_the_same_row() -> None:
    text = "0190b5c0-0000-7000-8000-000000000001"
    (statement,) = compiled(
        write(Kind.INSERT, id=text, version=1, note="a"),
        write(Kind.UPDATE, id=UUID(text), version=2, versioned=True),
    )
    assert "UPDATE" not in statement.sql
    assert '"version":2' in statement.parameters["p0"]


def test_no_value_is_not_the_text_of_no_value() -> None:
    key = ("tenant_id", "note")
    rows = [write(Kind.UPSERT, key=key, note=note) for note in (None, "None")]
    assert compiled(*rows)[0].parameters["p0"].count('"note"') == len(rows)


def test_plain_changes_of_a_row_are_merged() -> None:
    (statement,) = compiled(write(Kind.UPDATE, note="a"), write(Kind.UPDATE, note="b", version=7))
    assert statement.parameters["p0"] == '[{"tenant_id":1,"id":1,"note":"b","version":7}]'


@pytest.mark.parametrize(
    "writes",
    [
        (
            write(Kind.UPDATE, version=2, versioned=True),
            write(Kind.UPDATE, version=3, versioned=True),
        ),
        (write(Kind.DELETE), write(Kind.INSERT, id=2, note="a")),
        (write(Kind.UPDATE, version=2), write(Kind.UPDATE, key=("tenant_id", "note"), note="a")),
        (write(Kind.INSERT, note="a"), write(Kind.INSERT, note="b")),
    ],
    ids=["two versions", "delete and insert", "by other keys", "twice inserted"],
)
def test_what_must_see_an_earlier_write_gets_its_own_statement(writes: Any) -> None:
    assert len(compiled(*writes)) == 2


def test_only_the_newest_of_an_upserted_row_is_written() -> None:
    newest = [
        write(Kind.UPSERT, newer_by="version", version=version, note=str(version))
        for version in (2, 5, 3)
    ]
    (statement,) = compiled(*newest)
    assert '"note":"5"' in statement.parameters["p0"]
    assert statement.sql.endswith("SELECT (SELECT count(*) FROM w0)")


def test_rows_are_locked_in_the_order_of_their_keys() -> None:
    (statement,) = compiled(*(write(Kind.UPDATE, id=number, note="x") for number in (3, 1, 2)))
    ids = [part[0] for part in statement.parameters["p0"].split('"id":')[1:]]
    assert ids == ["1", "2", "3"]


def test_a_versioned_row_that_is_not_hit_is_stale() -> None:
    (statement,) = compiled(write(Kind.UPDATE, version=2, versioned=True))
    statement.check((1,))
    with pytest.raises(StaleWrite):
        statement.check((0,))
