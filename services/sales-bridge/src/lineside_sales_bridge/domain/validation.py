"""What a schema found wrong, said the way a person in a sales office understands it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lineside_contracts.problems import Fault

MAX_FAULTS = 1000
"""A document with more faults is refused with this many and their count; nobody reads on."""

SHOWN_CHARACTERS = 80
"""A wrong value is quoted up to here."""

Saying = tuple[str, Callable[[str, Mapping[str, Any]], str]]

_INSTANT = "an instant with its offset, such as 2026-11-20T08:00:00Z"


def _says(text: str) -> Callable[[str, Mapping[str, Any]], str]:
    return lambda value, facts: text.format(value=value, **facts)


_SAYINGS: dict[str, Saying] = {
    "missing": ("missing", _says("is missing")),
    "string_too_short": ("empty", _says("is empty")),
    "string_too_long": ("too_long", _says("has more than {max_length} characters")),
    "string_pattern_mismatch": ("invalid_text", _says("{value} is not written as it should be")),
    "string_type": ("wrong_type", _says("must be a text, not {value}")),
    "decimal_parsing": ("not_a_number", _says("{value} is not a number")),
    "decimal_type": ("not_a_number", _says("{value} is not a number")),
    "finite_number": ("not_a_number", _says("{value} is not a finite number")),
    "decimal_max_places": (
        "too_many_decimals",
        _says("{value} has more than {decimal_places} decimals"),
    ),
    "greater_than": ("not_positive", _says("must be above {gt}, not {value}")),
    "greater_than_equal": ("too_small", _says("must be at least {ge}, not {value}")),
    "less_than_equal": ("too_large", _says("must be at most {le}, not {value}")),
    "int_type": ("not_a_whole_number", _says("must be a whole number, not {value}")),
    "int_parsing": ("not_a_whole_number", _says("must be a whole number, not {value}")),
    "int_parsing_size": ("too_large", _says("{value} is far too large")),
    "int_from_float": ("not_a_whole_number", _says("must be a whole number, not {value}")),
    "enum": ("not_allowed", _says("must be {expected}, not {value}")),
    "uuid_parsing": ("invalid_uuid", _says("{value} is not a UUID")),
    "uuid_type": ("invalid_uuid", _says("{value} is not a UUID")),
    "timezone_aware": ("no_time_zone", _says(f"{{value}} is not {_INSTANT}")),
    "model_type": ("wrong_type", _says("must be an object with fields, not {value}")),
    "model_attributes_type": ("wrong_type", _says("must be an object with fields, not {value}")),
    "tuple_type": ("wrong_type", _says("must be a list, not {value}")),
    "too_long": ("too_many", _says("has more than {max_length} entries")),
}
"""By pydantic's error type: our fault code, and what is wrong."""

_FAMILIES: tuple[tuple[str, Saying], ...] = (
    ("datetime_", ("invalid_instant", _says(f"{{value}} is not {_INSTANT}"))),
    ("date_", ("invalid_date", _says("{value} is not a date such as 2026-12-15"))),
)
"""Error types that say the same in many ways."""

_FIELDS: dict[str, Saying] = {
    "currency": (
        "invalid_currency",
        _says("{value} is not a currency code of three capital letters such as EUR"),
    ),
}
"""Fields whose text has a form of its own."""


def faults_of(errors: Sequence[Mapping[str, Any]]) -> list[Fault]:
    """Translate a schema's findings.

    Args:
        errors: What `pydantic.ValidationError.errors()` lists: type, loc, input, ctx, msg.

    Returns:
        One fault each, by path.

    Raises:
        Nothing.
    """
    return [_fault(error) for error in errors]


def limited(faults: list[Fault]) -> list[Fault]:
    """Keep the first 1,000 faults; a last one tells how many there are."""
    if len(faults) <= MAX_FAULTS:
        return faults
    message = f"The document has {len(faults)} faults; the first {MAX_FAULTS} are listed."
    return [*faults[:MAX_FAULTS], Fault(code="more_faults", message=message)]


def path_of(location: Sequence[int | str]) -> str:
    """Write a place as people do: `lines[2].quantity`."""
    path = ""
    for step in location:
        if isinstance(step, int):
            path += f"[{step}]"
        else:
            path += f".{step}" if path else str(step)
    return path


def quoted(value: object) -> str:
    """Write a wrong value into a sentence, shortened where it is long."""
    if isinstance(value, (dict, list, tuple)):
        return "an object" if isinstance(value, dict) else "a list"
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…"


def _fault(error: Mapping[str, Any]) -> Fault:
    location: tuple[int | str, ...] = tuple(error["loc"])
    kind, value = str(error["type"]), error.get("input")
    if value is None and kind != "missing":
        kind = "missing"
    code, say = _saying(kind, str(location[-1]) if location else "")
    names = [step for step in location if isinstance(step, str) and step != "lines"]
    field = " ".join(names) or ("lines" if location else "document")
    said = say(quoted(value), _readable(error.get("ctx") or {})) or str(error["msg"])
    return Fault(code=code, path=path_of(location), message=f"{field} {said}")


def _readable(facts: Mapping[str, Any]) -> dict[str, str]:
    """Pydantic gives the bounds of decimals as Python would write them."""
    return {
        name: str(fact).removeprefix("Decimal('").removesuffix("')") for name, fact in facts.items()
    }


def _saying(kind: str, field: str) -> Saying:
    if kind == "string_pattern_mismatch" and field in _FIELDS:
        return _FIELDS[field]
    known = _SAYINGS.get(kind)
    if known:
        return known
    family = next((saying for prefix, saying in _FAMILIES if kind.startswith(prefix)), None)
    return family or (kind, lambda _value, _facts: "")
