"""Faults: what is wrong with data, as values that a service can return, publish or print.

Every check of this library collects all its faults before it answers, so that a person corrects
a routing once and not once per mistake. Services translate a fault into the contract's own form.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong (or, where a field says so, worth a warning).

    Attributes:
        code: Stable name in lower case with underscores; programs decide by it.
        path: Where it is, written `operations[2].yield_percentage`; "" means the whole.
        message: One English sentence for people.
        facts: The numbers behind the message, of types that JSON can carry.
    """

    code: str
    path: str
    message: str
    facts: Mapping[str, object] = field(default_factory=dict, hash=False)

    def under(self, prefix: str) -> "Fault":
        """Place this fault below another path.

        Args:
            prefix: Path of what holds this fault, such as `operations[2]`.

        Returns:
            The same fault with `prefix` in front of its path, joined by a dot.

        Raises:
            Nothing.
        """
        path = f"{prefix}.{self.path}" if self.path else prefix
        return Fault(self.code, path, self.message, self.facts)
