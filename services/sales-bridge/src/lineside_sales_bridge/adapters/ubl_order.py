"""UBL 2.0 and 2.1 Order, which Peppol BIS Ordering 3 is a subset of.

A UBL order is always a first confirmation: changes and cancellations are other document types.
Times without an offset are taken as UTC, a date alone as its noon, which is the same day almost
everywhere.

Source: OASIS UBL 2.1, 3.2.47 "Order"; Peppol BIS Ordering 3.x, transaction T01.
"""

from collections.abc import Mapping
from datetime import time
from decimal import Decimal, InvalidOperation as UnreadableDecimal
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException, ElementTree

from lineside_contracts.problems import Fault, ProblemCode
from lineside_contracts.values import Priority
from lineside_manufacturing import quantities
from lineside_sales_bridge.adapters import foreign, normal_form, ubl_elements
from lineside_sales_bridge.domain import documents
from lineside_sales_bridge.domain.documents import Reading, SalesVerb

_ORDER = f"{ubl_elements.NAMESPACE}Order-2"
_CUSTOMER_CODES = (
    "cbc:SupplierAssignedAccountID",
    "cac:Party/cac:PartyIdentification/cbc:ID",
    "cac:Party/cbc:EndpointID",
    "cac:Party/cac:PartyLegalEntity/cbc:CompanyID",
    "cbc:CustomerAssignedAccountID",
)
"""Our own number of the customer first, then what identifies the party best."""

_CUSTOMER_NAMES = (
    "cac:Party/cac:PartyName/cbc:Name",
    "cac:Party/cac:PartyLegalEntity/cbc:RegistrationName",
)
_ITEM_CODES = (
    "cac:SellersItemIdentification/cbc:ID",
    "cac:BuyersItemIdentification/cbc:ID",
    "cac:StandardItemIdentification/cbc:ID",
)
"""Our own item number first. An item's name is no identification."""

_DUE_DATES = (
    "cac:Delivery/cac:RequestedDeliveryPeriod/cbc:EndDate",
    "cac:Delivery/cac:RequestedDeliveryPeriod/cbc:StartDate",
    "cac:Delivery/cbc:LatestDeliveryDate",
)
_REFUSED_TYPES = {
    "221": "a blanket order",
    "230": "a purchase order change request",
    "231": "a purchase order response",
    "402": "a cancellation",
}
"""Order type codes (UN/CEFACT code list 1001) that are no order to be made now."""

_RUSH_ORDER = "224"
_MOST_LINES = 999_999
_DATE_LENGTH = 10

Paths = dict[str, str]


def recognises(text: str) -> bool:
    """Tell by a glance: XML that names the namespace of UBL orders."""
    return text.startswith("<") and _ORDER in text


def read(text: str, verb: SalesVerb | None) -> Reading:
    """Read an order.

    Args:
        text: An XML document.
        verb: What its subject says; anything but confirmed does not fit an Order.

    Returns:
        The reading, faults included.

    Raises:
        Nothing.
    """
    try:
        root = ElementTree.fromstring(text, forbid_dtd=True)
    except DefusedXmlException:
        message = "The document declares a DTD or entities; neither is read, for safety."
        return _refused(ProblemCode.MALFORMED, message)
    except ParseError as error:
        return _refused(ProblemCode.MALFORMED, f"This is not well-formed XML: {error}.")
    if root.tag != f"{{{_ORDER}}}Order":
        return _refused(ProblemCode.UNSUPPORTED_DOCUMENT, foreign.explain(text))
    refusal = _refuse_kind(root, verb)
    return refusal or _read_order(root)


def _refuse_kind(root: Element, verb: SalesVerb | None) -> Reading | None:
    if verb is not None and verb is not SalesVerb.CONFIRMED:
        message = f"A UBL Order confirms an order; it cannot say {verb}."
        return _refused(ProblemCode.UNSUPPORTED_DOCUMENT, message)
    code = ubl_elements.text_at(root, "cbc:OrderTypeCode") or ""
    if code in _REFUSED_TYPES:
        message = f"OrderTypeCode {code} means {_REFUSED_TYPES[code]}, not an order to be made now."
        return _refused(ProblemCode.UNSUPPORTED_DOCUMENT, message, path="/Order/OrderTypeCode")
    return None


def _refused(code: ProblemCode, message: str, *, path: str = "") -> Reading:
    return documents.refused_reading(code, [Fault(code=code, path=path, message=message)])


def _read_order(root: Element) -> Reading:
    paths: Paths = {
        "order_number": "/Order/ID",
        "confirmed_at": "/Order/IssueDate",
        "currency": "/Order/DocumentCurrencyCode",
        "lines": "/Order/OrderLine",
        "project": "/Order/ProjectReference/ID",
        "project.number": "/Order/ProjectReference/ID",
    }
    items = root.findall("cac:OrderLine/cac:LineItem", ubl_elements.PREFIXES)
    numbers, warnings = _line_numbers(items)
    is_rush = ubl_elements.text_at(root, "cbc:OrderTypeCode") == _RUSH_ORDER
    project = ubl_elements.text_at(root, "cac:ProjectReference/cbc:ID")
    fields = {
        "order_number": ubl_elements.text_at(root, "cbc:ID"),
        "confirmed_at": _issued_at(root),
        "customer": _customer(root, paths),
        "currency": ubl_elements.text_at(root, "cbc:DocumentCurrencyCode"),
        "project": {"number": project} if project else None,
        "priority": Priority.URGENT if is_rush else None,
        "lines": [
            _line(root, item, index=index, number=number, paths=paths)
            for index, (item, number) in enumerate(zip(items, numbers, strict=True))
        ],
    }
    return normal_form.read_fields(
        ubl_elements.given(fields), locate=_locator(paths), warnings=warnings
    )


def _locator(paths: Mapping[str, str]) -> Any:
    def locate(path: str) -> str:
        return paths.get(path, path)

    return locate


def _issued_at(root: Element) -> str | None:
    day, clock = (
        ubl_elements.text_at(root, "cbc:IssueDate"),
        ubl_elements.text_at(root, "cbc:IssueTime"),
    )
    if day is None:
        return None
    if clock is None:
        return f"{day[:_DATE_LENGTH]}T12:00:00Z"
    try:
        has_offset = time.fromisoformat(clock).tzinfo is not None
    except ValueError:
        has_offset = True
    return f"{day[:_DATE_LENGTH]}T{clock}{'' if has_offset else 'Z'}"


def _customer(root: Element, paths: Paths) -> dict[str, Any]:
    buyer = root.find("cac:BuyerCustomerParty", ubl_elements.PREFIXES)
    place = "/Order/BuyerCustomerParty"
    paths["customer"] = place
    code, where = ubl_elements.first_of(buyer, _CUSTOMER_CODES)
    paths["customer.code"] = f"{place}/{where or 'Party/PartyIdentification/ID'}"
    name, where = ubl_elements.first_of(buyer, _CUSTOMER_NAMES)
    paths["customer.name"] = f"{place}/{where}"
    return ubl_elements.given({"code": code, "name": name})


def _line_numbers(items: list[Element]) -> tuple[list[int], list[Fault]]:
    """Lines keep their own numbers where all of them are numbers, else they are counted."""
    written = [ubl_elements.text_at(item, "cbc:ID") or "" for item in items]
    if all(_is_line_number(text) for text in written):
        return [int(text) for text in written], []
    message = "Not every line's ID is a number; the lines are numbered as they stand, from 1."
    warning = Fault(code="lines_renumbered", path="lines", message=message)
    return list(range(1, len(items) + 1)), [warning]


def _is_line_number(text: str) -> bool:
    is_short = text.isascii() and text.isdigit() and len(text) <= len(str(_MOST_LINES))
    return is_short and int(text) >= 1


def _line(root: Element, item: Element, *, index: int, number: int, paths: Paths) -> dict[str, Any]:
    place, path = f"/Order/OrderLine[{index + 1}]/LineItem", f"lines[{index}]"
    goods = item.find("cac:Item", ubl_elements.PREFIXES)
    code, code_at = ubl_elements.first_of(goods, _ITEM_CODES)
    due, due_at = _due_date(root, item, place)
    quantity = item.find("cbc:Quantity", ubl_elements.PREFIXES)
    paths |= {
        path: place,
        f"{path}.line_number": f"{place}/ID",
        f"{path}.product_code": f"{place}/Item/{code_at or 'SellersItemIdentification/ID'}",
        f"{path}.quantity": f"{place}/Quantity",
        f"{path}.unit": f"{place}/Quantity/@unitCode",
        f"{path}.due_date": due_at,
        f"{path}.unit_price": f"{place}/Price/PriceAmount",
        f"{path}.description": f"{place}/Item/Name",
    }
    return ubl_elements.given(
        {
            "line_number": number,
            "product_code": code,
            "quantity": ubl_elements.text_at(item, "cbc:Quantity"),
            "unit": (quantity.get("unitCode") or None) if quantity is not None else None,
            "due_date": due,
            "description": ubl_elements.text_at(goods, "cbc:Name")
            or ubl_elements.text_at(goods, "cbc:Description"),
            "unit_price": _unit_price(item),
        }
    )


def _due_date(root: Element, item: Element, place: str) -> tuple[str | None, str]:
    """The day the line asks for, else the order's, without its zone."""
    due, where = ubl_elements.first_of(item, _DUE_DATES)
    if due is None:
        due, where = ubl_elements.first_of(root, _DUE_DATES)
        place = "/Order" if due else place
    path = f"{place}/{where or 'Delivery/RequestedDeliveryPeriod'}"
    return (due[:_DATE_LENGTH] if due else None), path


def _unit_price(item: Element) -> str | Decimal | None:
    """The price of one unit; a price per 100 is divided, one per another unit is left out."""
    price = item.find("cac:Price", ubl_elements.PREFIXES)
    amount, base = (
        ubl_elements.text_at(price, "cbc:PriceAmount"),
        ubl_elements.text_at(price, "cbc:BaseQuantity"),
    )
    if amount is None or base is None or price is None:
        return amount
    base_unit = next(
        (e.get("unitCode") for e in ubl_elements.all_at(price, "cbc:BaseQuantity")), None
    )
    unit = next((e.get("unitCode") for e in ubl_elements.all_at(item, "cbc:Quantity")), None)
    if base_unit is not None and base_unit != unit:
        return None
    try:
        divisor = quantities.exact(Decimal(base))
        return quantities.as_decimal(quantities.exact(Decimal(amount)) / divisor)
    except (UnreadableDecimal, ValueError, ZeroDivisionError):
        return amount
