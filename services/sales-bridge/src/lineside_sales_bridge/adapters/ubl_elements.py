"""Elements of UBL documents: found by prefixed paths, read as texts that hold something."""

from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

NAMESPACE = "urn:oasis:names:specification:ubl:schema:xsd:"
PREFIXES = {
    "cac": f"{NAMESPACE}CommonAggregateComponents-2",
    "cbc": f"{NAMESPACE}CommonBasicComponents-2",
}


def all_at(element: Element, path: str) -> Iterator[Element]:
    """Every element at a path."""
    return element.iterfind(path, PREFIXES)


def first_of(element: Element | None, paths: tuple[str, ...]) -> tuple[str | None, str]:
    """The first text there is, and where, without namespace prefixes."""
    for path in paths:
        text = text_at(element, path)
        if text is not None:
            return text, path.replace("cac:", "").replace("cbc:", "")
    return None, ""


def text_at(element: Element | None, path: str) -> str | None:
    """The first non-empty text at a path."""
    if element is None:
        return None
    texts = ((found.text or "").strip() for found in all_at(element, path))
    return next((text for text in texts if text), None)


def given(fields: dict[str, Any]) -> dict[str, Any]:
    """Leave out what the document does not say."""
    return {name: value for name, value in fields.items() if value is not None}
