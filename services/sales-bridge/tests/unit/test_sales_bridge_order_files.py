import contextlib

import pytest
from hypothesis import given, strategies as st

from lineside_sales_bridge.adapters import order_files
from lineside_sales_bridge.adapters.order_files import UnreadableFile

HEADER = (
    "order_number,confirmed_at,customer_code,customer_name"
    ",line_number,product_code,quantity,unit,due_date"
)
GOOD = "SO-1,2026-11-20T08:00:00Z,C-1,Cust,1,A,10,EA,2026-12-15"


def split(*rows: str, header: str = HEADER) -> list[order_files.OrderRead]:
    return order_files.split("\n".join([header, *rows]).encode(), "csv")


def test_rows_of_one_number_are_one_order_wherever_they_stand() -> None:
    other = GOOD.replace("SO-1", "SO-2")
    read = split(GOOD, other, "SO-1,,,,2,B,5,EA,2026-12-16")
    assert [reading.order_number for reading, _ in read] == ["SO-1", "SO-2"]
    first = read[0][0].document
    assert first is not None
    assert [line.product_code for line in first.lines] == ["A", "B"]
    assert read[0][1].count("\n") == 3


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_any_usual_delimiter_is_read(delimiter: str) -> None:
    header, row = (text.replace(",", delimiter) for text in (HEADER, GOOD))
    assert split(row, header=header)[0][0].document is not None


def test_faults_name_row_and_column_and_the_other_orders_go_on() -> None:
    bad = "SO-2,2026-11-20T08:00:00Z,C-1,Cust,x,A,-1,EA,"
    read = split(GOOD, bad)
    assert read[0][0].document is not None
    reading = read[1][0]
    assert {fault.path for fault in reading.located(reading.faults)} == {
        "row 3, line_number",
        "row 3, quantity",
        "row 3, due_date",
    }


def test_rows_that_contradict_each_other_are_refused() -> None:
    reading = split(GOOD, GOOD.replace("C-1", "C-2").replace(",1,A", ",2,A"))[0][0]
    assert reading.document is None
    assert [(fault.code, fault.path) for fault in reading.faults] == [
        ("contradiction", "row 3, customer_code")
    ]


def test_a_row_without_order_number_is_an_order_of_its_own() -> None:
    nameless = GOOD.removeprefix("SO-1")
    read = split(nameless, nameless)
    assert len(read) == 2
    assert [f.path for f in read[1][0].located(read[1][0].faults)] == ["row 3, order_number"]


def test_a_header_that_is_wrong_refuses_the_file_with_every_column() -> None:
    with pytest.raises(UnreadableFile) as caught:
        split(GOOD, header=HEADER.replace("quantity", "amount").replace("unit", "customer_code"))
    assert sorted(fault.code for fault in caught.value.faults) == [
        "missing_column",
        "missing_column",
        "repeated_column",
        "unknown_column",
    ]


@pytest.mark.parametrize("data", [b"\xff\xfe", b"a\x00b", b"", b'order_number,"x\n'])
def test_a_file_that_is_no_csv_says_why(data: bytes) -> None:
    with pytest.raises(UnreadableFile) as caught:
        order_files.split(data, "csv")
    assert caught.value.faults


def test_json_lines_are_documents_with_their_line_in_every_path() -> None:
    data = b'{"order_number": "SO-1", "event": "cancelled"}\n\n{"order_number": 5, "lines": []}\nx'
    read = order_files.split(data, "jsonl")
    assert read[0][0].cancellation is not None
    assert read[1][0].located(read[1][0].faults)[0].path == "line 3: order_number"
    assert read[2][0].located(read[2][0].faults)[0].path == "line 4"


@given(st.text(), st.sampled_from(["csv", "jsonl"]))
def test_any_text_is_split_or_refused(text: str, form: str) -> None:
    with contextlib.suppress(UnreadableFile):
        read = order_files.split(text.encode(errors="replace"), form)
        assert all(reading.faults or reading.document for reading, _ in read)
