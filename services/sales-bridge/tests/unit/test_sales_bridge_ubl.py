from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from lineside_contracts.problems import ProblemCode
from lineside_contracts.sales import SalesDocument
from lineside_contracts.values import Priority
from lineside_sales_bridge import adapters
from lineside_sales_bridge.domain import judge
from lineside_sales_bridge.domain.documents import Reading, SalesVerb
from lineside_sales_bridge.domain.judge import Facts
from lineside_sales_bridge.domain.references import Product, References

NAMESPACE = "urn:oasis:names:specification:ubl:schema:xsd:"
HEAD = (
    f'<Order xmlns="{NAMESPACE}Order-2" xmlns:cac="{NAMESPACE}CommonAggregateComponents-2"'
    f' xmlns:cbc="{NAMESPACE}CommonBasicComponents-2">'
)
ITEM = "<cac:SellersItemIdentification><cbc:ID>WIDGET</cbc:ID></cac:SellersItemIdentification>"
DELIVERY = """<cac:Delivery><cac:RequestedDeliveryPeriod><cbc:StartDate>2026-02-15</cbc:StartDate>
<cbc:EndDate>2026-02-20</cbc:EndDate></cac:RequestedDeliveryPeriod></cac:Delivery>"""
BUYER = """<cac:BuyerCustomerParty><cac:Party><cbc:EndpointID>0088:1</cbc:EndpointID>
<cac:PartyName><cbc:Name>Buyer</cbc:Name></cac:PartyName></cac:Party></cac:BuyerCustomerParty>"""


def line(
    number: str = "1",
    *,
    item: str = ITEM,
    delivery: str = DELIVERY,
    quantity: str = '<cbc:Quantity unitCode="EA">5</cbc:Quantity>',
    price: str = "",
) -> str:
    return (
        f"<cac:OrderLine><cac:LineItem><cbc:ID>{number}</cbc:ID>{quantity}{delivery}{price}"
        f"<cac:Item><cbc:Name>Widget</cbc:Name>{item}</cac:Item></cac:LineItem></cac:OrderLine>"
    )


def order(
    *lines: str, header: str = "", issue: str = "<cbc:IssueDate>2026-01-15</cbc:IssueDate>"
) -> str:
    body = "".join(lines) or line()
    return f"{HEAD}<cbc:ID>ORD-1</cbc:ID>{issue}{header}{BUYER}{body}</Order>"


def read(text: str | bytes) -> Reading:
    return adapters.read(text)[0]


def document(text: str | bytes) -> SalesDocument:
    reading = read(text)
    assert reading.document is not None, reading.faults
    return reading.document


def test_a_plain_order_is_read() -> None:
    found = document(order(header="<cbc:DocumentCurrencyCode>SEK</cbc:DocumentCurrencyCode>"))
    assert (found.order_number, found.revision, found.currency) == ("ORD-1", 1, "SEK")
    assert (found.customer.code, found.customer.name) == ("0088:1", "Buyer")
    assert found.confirmed_at == datetime(2026, 1, 15, 12, tzinfo=UTC)
    (only,) = found.lines
    assert (only.product_code, only.quantity, only.unit) == ("WIDGET", Decimal(5), "EA")
    assert only.due_date == date(2026, 2, 20)


@pytest.mark.parametrize(
    ("clock", "hour"), [("12:30:00", 12), ("12:30:00Z", 12), ("12:30:00.5+02:00", 10)]
)
def test_a_time_of_issue_counts_in_its_zone_or_utc(clock: str, hour: int) -> None:
    issue = f"<cbc:IssueDate>2026-01-15Z</cbc:IssueDate><cbc:IssueTime>{clock}</cbc:IssueTime>"
    assert document(order(issue=issue)).confirmed_at.astimezone(UTC).hour == hour


def test_the_sellers_item_number_comes_first() -> None:
    def item(kind: str) -> str:
        tag = f"cac:{kind}ItemIdentification"
        return f"<{tag}><cbc:ID>{kind.upper()}</cbc:ID></{tag}>"

    def code(*kinds: str) -> str:
        return document(order(line(item="".join(item(k) for k in kinds)))).lines[0].product_code

    assert code("Standard", "Buyers", "Sellers") == "SELLERS"
    assert code("Standard", "Buyers") == "BUYERS"
    assert code("Standard") == "STANDARD"


def test_an_item_that_is_only_named_is_a_fault() -> None:
    (fault,) = read(order(line(item=""))).located(read(order(line(item=""))).faults)
    assert fault.path == "/Order/OrderLine[1]/LineItem/Item/SellersItemIdentification/ID"


def test_the_orders_delivery_date_stands_in_for_the_lines() -> None:
    header = DELIVERY.replace("02-20", "03-01")
    found = document(order(line(), line("2", delivery=""), header=header))
    assert [each.due_date for each in found.lines] == [date(2026, 2, 20), date(2026, 3, 1)]


def test_a_price_per_hundred_is_a_price_each() -> None:
    price = """<cac:Price><cbc:PriceAmount currencyID="SEK">12.5</cbc:PriceAmount>
    <cbc:BaseQuantity unitCode="EA">100</cbc:BaseQuantity></cac:Price>"""
    assert document(order(line(price=price))).lines[0].unit_price == Decimal("0.125")
    other = price.replace('"EA"', '"KGM"')
    assert document(order(line(price=other))).lines[0].unit_price is None


def test_lines_without_numbers_are_counted() -> None:
    reading = read(order(line("A1"), line("B7")))
    assert reading.document is not None
    assert [each.line_number for each in reading.document.lines] == [1, 2]
    assert [warning.code for warning in reading.warnings] == ["lines_renumbered"]


def test_a_rush_order_is_urgent_and_a_blanket_order_is_none() -> None:
    def typed(code: str) -> str:
        return order(header=f"<cbc:OrderTypeCode>{code}</cbc:OrderTypeCode>")

    assert document(typed("224")).priority is Priority.URGENT
    assert document(typed("220")).priority is Priority.MEDIUM
    refused = read(typed("221"))
    assert refused.code is ProblemCode.UNSUPPORTED_DOCUMENT
    assert "blanket" in refused.faults[0].message


def test_faults_are_named_by_their_place_in_the_xml() -> None:
    bad = order(
        line(quantity="<cbc:Quantity>-1</cbc:Quantity>", delivery=""),
        issue="<cbc:IssueDate>soon</cbc:IssueDate>",
    )
    reading = read(bad)
    assert {(fault.code, fault.path) for fault in reading.located(reading.faults)} == {
        ("invalid_instant", "/Order/IssueDate"),
        ("not_positive", "/Order/OrderLine[1]/LineItem/Quantity"),
        ("missing", "/Order/OrderLine[1]/LineItem/Quantity/@unitCode"),
        ("missing", "/Order/OrderLine[1]/LineItem/Delivery/RequestedDeliveryPeriod"),
    }


def test_encodings_that_xml_declares_are_read() -> None:
    text = '<?xml version="1.0" encoding="ISO-8859-1"?>' + order().replace("Buyer<", "Bøyer<")
    assert document(text.encode("iso-8859-1")).customer.name == "Bøyer"
    assert document(text).customer.name == "Bøyer"
    assert document(text.replace("ISO-8859-1", "utf-16").encode("utf-16")).customer.name == "Bøyer"


def test_prefixes_and_comments_do_not_matter() -> None:
    text = order().replace("<Order xmlns=", "<u:Order xmlns:u=").replace("</Order>", "</u:Order>")
    assert document(f"\n<!-- hello -->\n{text}").order_number == "ORD-1"


def test_an_order_cannot_say_that_it_is_cancelled() -> None:
    reading, _ = adapters.read(order(), SalesVerb.CANCELLED)
    assert reading.code is ProblemCode.UNSUPPORTED_DOCUMENT


@pytest.mark.parametrize("root", ["OrderChange", "OrderCancellation", "OrderResponse", "Invoice"])
def test_other_ubl_documents_are_named(root: str) -> None:
    text = order().replace("Order-2", f"{root}-2").replace("<Order ", f"<{root} ")
    refused = read(text.replace("</Order>", f"</{root}>"))
    assert refused.code is ProblemCode.UNSUPPORTED_DOCUMENT
    assert root in refused.faults[0].message


def attacks() -> dict[str, str]:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return {
        "billion laughs": f'<!DOCTYPE Order [<!ENTITY l0 "ha">{laughs}]>{order()}'.replace(
            "ORD-1", "&l9;"
        ),
        "quadratic": f'<!DOCTYPE Order [<!ENTITY a "{"x" * 100_000}">]>'
        + order().replace("ORD-1", "&a;" * 1000),
        "file": '<!DOCTYPE Order [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
        + order().replace("ORD-1", "&f;"),
        "url": '<!DOCTYPE Order SYSTEM "http://127.0.0.1:1/evil.dtd">' + order(),
        "parameter entity": '<!DOCTYPE Order [<!ENTITY % p SYSTEM "http://127.0.0.1:1/x"> %p;]>'
        + order(),
        "undeclared": order().replace("ORD-1", "&nbsp;"),
        "unclosed": order()[:-20],
        "two roots": order() + order(),
        "nul": order().replace("ORD-1", "&#0;"),
        "deep": HEAD + "<a>" * 200_000,
    }


@pytest.mark.parametrize("name", attacks())
def test_hostile_xml_is_refused_without_being_expanded(name: str) -> None:
    refused = read(attacks()[name])
    assert refused.code is ProblemCode.MALFORMED
    assert refused.document is None
    assert "passwd" not in refused.faults[0].message
    assert "root:" not in refused.faults[0].message


def test_deeply_nested_but_well_formed_xml_is_survived() -> None:
    nested = "<cbc:Note>" * 100_000 + "</cbc:Note>" * 100_000
    assert document(order(header=nested)).order_number == "ORD-1"


def test_every_external_document_is_an_order_or_refused_with_reasons(
    lineside_external_data: Path,
) -> None:
    facts = Facts(References(), datetime(2026, 11, 20, tzinfo=UTC))
    files = sorted((lineside_external_data / "sales-orders").glob("*/*"))
    assert len(files) > 30
    for file in files:
        reading, _ = adapters.read(file.read_bytes())
        draft = reading.document or reading.draft
        faults = [*reading.faults, *(judge.find_faults(draft, facts) if draft else [])]
        assert faults, file.name
        assert all("Input should" not in fault.message for fault in faults), file.name
        is_ubl_order = file.parent.name in {"ubl", "peppol-bis3-order"} and (
            "Response" not in file.name
        )
        assert (reading.code is None) == is_ubl_order, file.name


def test_external_ubl_orders_become_orders_once_their_products_exist(
    lineside_external_data: Path,
) -> None:
    folder = lineside_external_data / "sales-orders"
    units = {"17589683": "KGM", "SItemNo001": "LTR", "SItemNo011": "EA", "WIDGET-B": "KGM"}
    codes = ("17589683", "SItemNo001", "SItemNo011", "WIDGET-A", "WIDGET-B")
    products = {code: Product(code, units.get(code, "EA"), 0) for code in codes}
    facts = Facts(References(products), datetime(2026, 11, 20, tzinfo=UTC))
    for name in (
        "ubl/UBL-Order-2.0-Example.xml",
        "ubl/UBL-Order-2.1-Example.xml",
        "peppol-bis3-order/peppol-order-standard.xml",
    ):
        found = document((folder / name).read_bytes())
        assert judge.find_faults(found, facts) == [], name
        assert judge.accepted_lines(found, facts.references)
