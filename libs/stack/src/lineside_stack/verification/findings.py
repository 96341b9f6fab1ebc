"""What checks say: a name, and whether it passed."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """How a check ended; a warning needs a look, a failure a repair."""

    PASSED = "passed"
    FAILED = "failed"
    WARNING = "warning"


@dataclass(frozen=True)
class Finding:
    """One line of the report.

    Attributes:
        about: Where, e.g. "planning.production_orders".
        claim: What was checked, as a claim.
        detail: What was found instead, where it did not pass.
    """

    about: str
    claim: str
    outcome: Outcome = Outcome.PASSED
    detail: str = ""


def held(about: str, claim: str, *, problem: str | None) -> Finding:
    """A check that passes when there is no problem."""
    if problem is None:
        return Finding(about, claim)
    return Finding(about, claim, Outcome.FAILED, problem)


def advised(about: str, claim: str, *, problem: str | None) -> Finding:
    """A check that warns when there is a problem."""
    if problem is None:
        return Finding(about, claim)
    return Finding(about, claim, Outcome.WARNING, problem)


def listed(names: Iterable[object]) -> str | None:
    """A problem that names its culprits; None when there are none."""
    text = ", ".join(str(name) for name in names)
    return text or None


def summary(findings: Iterable[Finding]) -> dict[Outcome, int]:
    """Count the outcomes."""
    counts = dict.fromkeys(Outcome, 0)
    for finding in findings:
        counts[finding.outcome] += 1
    return counts
