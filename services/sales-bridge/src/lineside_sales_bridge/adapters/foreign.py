"""Formats we know by sight but do not take, so that a refusal says more than "unreadable"."""

import re

_TAKEN = "Lineside JSON and UBL 2.0/2.1 Order XML (Peppol BIS 3) are taken."
_ROOT = re.compile(r"<(?:[\w.-]{1,100}:)?([A-Za-z_][\w.-]{0,100})(?=[\s/>])")
_SKIPPED = re.compile(r"<!--.*?-->|<\?.*?\?>", re.DOTALL)

_UBL_NAMESPACE = "urn:oasis:names:specification:ubl:schema:xsd:"

_MARKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("an EDIFACT interchange", (r"\A(UNA.{6}\s*)?UNB\+",)),
    ("an ANSI X12 interchange", (r"\AISA[^\w\s]",)),
    ("a SAP IDoc", (r"<IDOC\b", r"<EDI_DC40\b")),
    ("a Shopify order", (r'"line_items"', r'"financial_status"|"landing_site"|"invoice_url"')),
    ("WooCommerce orders", (r'"line_items"', r'"order_key"')),
    ("an ERPNext document", (r'"doctype"\s*:',)),
    (
        "a metasfresh order candidate",
        (r'"externalHeaderId"|"bpartnerIdentifier"|"dataDestInternalName"',),
    ),
    ("SAP S/4HANA data", (r'"(api_schema|SalesOrderType|connection_key|redis_key)"\s*:',)),
    ("SAP S/4HANA data", (r'"cursor"\s*:', r"sap-api-integrations")),
    ("an X12 850 mapped to JSON", (r'"SetID"\s*:\s*"850"',)),
)
"""What it is, and what all of it shows in its first 64 KiB."""

_SEEN_CHARACTERS = 65_536


def explain(text: str) -> str:
    """Say what a document seems to be, and what would be taken.

    Args:
        text: A document no adapter recognised.

    Returns:
        One or two sentences.

    Raises:
        Nothing.
    """
    return f"{_seen(text[:_SEEN_CHARACTERS])}. {_TAKEN}"


def _seen(head: str) -> str:
    if not head:
        return "The document is empty"
    for name, marks in _MARKS:
        if all(re.search(mark, head) for mark in marks):
            return f"This is {name}, which is not supported"
    if head.startswith("<"):
        return _seen_xml(head)
    if head.startswith("{"):
        return "This JSON object has no field of a sales order, such as order_number or lines"
    if head.startswith("["):
        return "This is a JSON list; send each order as a document of its own"
    return "This is neither JSON nor XML"


def _seen_xml(head: str) -> str:
    root = _ROOT.search(_SKIPPED.sub("", head))
    if root is None:
        return "This XML has no root element"
    if _UBL_NAMESPACE in head:
        return f"This is a UBL {root.group(1)}; of UBL only Order is supported"
    return f"This is an XML document <{root.group(1)}>, which is not supported"
