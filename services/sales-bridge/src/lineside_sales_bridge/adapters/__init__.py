"""The formats sales systems emit. A format is one module here and one entry of `ADAPTERS`.

A document is taken by the first adapter that recognises its text; what none takes is named, if
anybody knows its name, and refused as `unsupported_document`.
"""

from collections.abc import Sequence
from types import ModuleType
from typing import Protocol

from lineside_contracts.problems import Fault, ProblemCode
from lineside_sales_bridge.adapters import foreign, lineside_json, texts, ubl_order
from lineside_sales_bridge.domain import documents
from lineside_sales_bridge.domain.documents import Reading, SalesVerb


class Adapter(Protocol):
    """A module that understands one format."""

    def recognises(self, text: str) -> bool:
        """Tell by a glance whether a text is of this format."""

    def read(self, text: str, verb: SalesVerb | None) -> Reading:
        """Read a text; `verb` is None where the document itself must say what it is."""


ADAPTERS: Sequence[Adapter | ModuleType] = (ubl_order, lineside_json)


def read(body: bytes | str, verb: SalesVerb | None = None) -> tuple[Reading, str]:
    """Read a document of any format.

    Args:
        body: The document as it arrived.
        verb: What its subject says it is; None where only the document can tell.

    Returns:
        What was read of it, faults included, and its text as it is kept.

    Raises:
        Nothing: whatever it is, it is read or refused.
    """
    text = texts.text_of(body)
    if isinstance(text, Fault):
        return documents.refused_reading(ProblemCode.MALFORMED, [text]), texts.kept(body)
    if len(body) > documents.MAX_DOCUMENT_BYTES:
        return _too_large(len(body)), texts.kept(text)
    for adapter in ADAPTERS:
        if adapter.recognises(text):
            return adapter.read(text, verb), texts.kept(text)
    return _unrecognised(text), texts.kept(text)


def _unrecognised(text: str) -> Reading:
    """Name it if anybody knows its name; broken JSON was hardly meant to be anything else."""
    code, message = ProblemCode.UNSUPPORTED_DOCUMENT, foreign.explain(text)
    reason = lineside_json.what_is_malformed(text) if text.startswith(("{", "[")) else None
    if reason is not None:
        code, message = ProblemCode.MALFORMED, reason
    return documents.refused_reading(code, [Fault(code=code, message=message)])


def _too_large(size: int) -> Reading:
    limit = documents.MAX_DOCUMENT_BYTES
    message = f"The document has {size} bytes; at most {limit} are taken."
    fault = Fault(
        code=ProblemCode.PAYLOAD_TOO_LARGE, message=message, facts={"size": size, "limit": limit}
    )
    return documents.refused_reading(ProblemCode.PAYLOAD_TOO_LARGE, [fault])
