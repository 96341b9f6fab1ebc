"""Which effect a revision has on what is known of its order (RULES 31).

A revision is the whole document. The highest one wins, whatever order they arrive in; the same one
twice has one effect; after a cancellation only a higher confirmation reopens.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from lineside_contracts.problems import ProblemCode


class Effect(StrEnum):
    """What a document does to its order."""

    OPEN = "open"
    AMEND = "amend"
    REOPEN = "reopen"
    CANCEL = "cancel"
    CANCEL_AHEAD = "cancel ahead"
    FILE_CANCELLED = "file cancelled"
    REPEAT = "repeat"


@dataclass(frozen=True, slots=True)
class KnownOrder:
    """What is known of an order so far.

    Attributes:
        revision: The highest revision taken, of its document or of its cancellation.
        document_revision: Of the document in force; None when only a cancellation came so far.
        hashes: Content of every document that ever had an effect.
    """

    revision: int
    is_cancelled: bool
    document_revision: int | None
    hashes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a revision has no effect."""

    code: ProblemCode
    message: str
    facts: dict[str, Any] = field(default_factory=dict, hash=False)


def effect_of_document(
    known: KnownOrder | None, *, is_confirmation: bool, revision: int, content_hash: str
) -> Effect | Refusal:
    """Decide what a confirmed or amended document does.

    Args:
        known: The order so far; None for a new number.
        is_confirmation: `confirmed`, which may reopen, rather than `amended`, which may not.
        revision: The document's.
        content_hash: Of its normalised content, revision included.

    Returns:
        Its effect, or why it has none.

    Raises:
        Nothing.
    """
    if known is None:
        return Effect.OPEN
    if content_hash in known.hashes:
        return Effect.REPEAT
    if revision == known.document_revision:
        return _mismatch(revision)
    if not known.is_cancelled:
        return Effect.AMEND if revision > known.revision else _stale(revision, known.revision)
    return _effect_after_cancellation(known, is_confirmation=is_confirmation, revision=revision)


def effect_of_cancellation(
    known: KnownOrder | None, *, revision: int | None, content_hash: str | None
) -> Effect | Refusal:
    """Decide what a cancellation does.

    Args:
        known: The order so far; None for a new number.
        revision: What it cancels up to; None means the order as it stands.
        content_hash: Of a cancellation that names its revision.

    Returns:
        Its effect, or why it has none.

    Raises:
        Nothing.
    """
    if known is None:
        return Effect.CANCEL_AHEAD
    if content_hash is not None and content_hash in known.hashes:
        return Effect.REPEAT
    if known.is_cancelled:
        is_higher = revision is not None and revision > known.revision
        return Effect.CANCEL if is_higher else Effect.REPEAT
    if revision is None or revision >= known.revision:
        return Effect.CANCEL
    return _stale(revision, known.revision)


def _effect_after_cancellation(
    known: KnownOrder, *, is_confirmation: bool, revision: int
) -> Effect | Refusal:
    if revision <= known.revision:
        is_first = known.document_revision is None
        return Effect.FILE_CANCELLED if is_first else _cancelled(revision, known.revision)
    if is_confirmation:
        return Effect.REOPEN
    return Refusal(
        code=ProblemCode.INVALID_STATUS_TRANSITION,
        message=(
            f"The order was cancelled with revision {known.revision};"
            " an amendment does not reopen it, only a higher confirmation does."
        ),
        facts={"from": "cancelled", "to": "confirmed", "allowed": []},
    )


def _mismatch(revision: int) -> Refusal:
    return Refusal(
        code=ProblemCode.REVISION_CONTENT_MISMATCH,
        message=f"Revision {revision} is known with other content; a change needs a new revision.",
        facts={"revision": revision},
    )


def _stale(revision: int, known: int) -> Refusal:
    return Refusal(
        code=ProblemCode.STALE_REVISION,
        message=f"Revision {revision} is older than revision {known}, which is in force.",
        facts={"revision": revision, "known_revision": known},
    )


def _cancelled(revision: int, known: int) -> Refusal:
    return Refusal(
        code=ProblemCode.STALE_REVISION,
        message=(
            f"The order was cancelled with revision {known}; revision {revision} does not"
            " reopen it, only a higher confirmation does."
        ),
        facts={"revision": revision, "known_revision": known},
    )
