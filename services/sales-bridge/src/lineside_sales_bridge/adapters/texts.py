"""Bytes to text, whatever encoding a sales system writes, and text as the database can keep it."""

import codecs
import re

from lineside_contracts.problems import Fault, ProblemCode

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_ENCODINGS = frozenset(
    {"utf-8", "us-ascii", "ascii", "iso-8859-1", "iso-8859-15", "latin-1", "windows-1252", "cp1252"}
)
"""Encodings an XML declaration may ask for; anything rarer is read as UTF-8 or refused."""


def text_of(body: bytes | str) -> str | Fault:
    """Decode a document.

    Args:
        body: As it arrived.

    Returns:
        Its text without byte order mark, or the fault that it is no text.

    Raises:
        Nothing.
    """
    encoding = "utf-8"
    if isinstance(body, bytes):
        encoding = _encoding_of(body)
        try:
            body = body.decode(encoding)
        except UnicodeDecodeError as error:
            message = f"The document is not {encoding} (byte {error.start})."
            return Fault(code=ProblemCode.MALFORMED, message=message)
    text = body.removeprefix("\ufeff").strip()
    if "\0" in text or "\\u0000" in text:
        message = "The document holds a NUL character, which no text may hold."
        return Fault(code=ProblemCode.MALFORMED, message=message)
    return text


def kept(body: bytes | str) -> str:
    """Write a document as the database keeps it: what is no text is written as escapes."""
    text = body if isinstance(body, str) else body.decode("utf-8", "backslashreplace")
    return text.replace("\0", "\\x00")


def _encoding_of(body: bytes) -> str:
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return encoding
    declared = _DECLARED.match(body)
    name = declared.group(1).decode("ascii").lower() if declared else "utf-8"
    return name if name in _ENCODINGS else "utf-8"
