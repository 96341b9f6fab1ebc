"""Exact figures as people read them, and back: minutes and shares with six decimals."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from lineside_contracts.shopfloor import OeeFigures
from lineside_shopfloor.reporting.domain import effectiveness
from lineside_shopfloor.reporting.domain.effectiveness import Figures

DECIMALS = 6


def rounded(value: Fraction, decimals: int = DECIMALS) -> Decimal:
    """Round half up, away from zero never: figures are 0 or more."""
    scaled = value * 10**decimals
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Decimal(whole).scaleb(-decimals)


def shown(figures: Figures) -> dict[str, Any]:
    """Write figures as the fields of `OeeFigures`."""
    found = effectiveness.oee_of(figures)
    return {
        "planned_minutes": rounded(figures.planned),
        "run_minutes": rounded(figures.run),
        "setup_minutes": rounded(figures.setup),
        "stopped_minutes": rounded(figures.stopped),
        "ideal_minutes": rounded(figures.ideal),
        "good_quantity": rounded(figures.good),
        "scrap_quantity": rounded(figures.scrap),
        "rework_quantity": rounded(figures.rework),
        "availability": _share(found.availability),
        "performance": _share(found.performance),
        "quality": _share(found.quality),
        "oee": _share(found.oee),
        "flags": tuple(sorted(figures.flags)),
    }


def read(kept: OeeFigures) -> Figures:
    """Read figures back, to be summed."""
    return Figures(
        planned=Fraction(kept.planned_minutes),
        run=Fraction(kept.run_minutes),
        setup=Fraction(kept.setup_minutes),
        stopped=Fraction(kept.stopped_minutes),
        ideal=Fraction(kept.ideal_minutes),
        good=Fraction(kept.good_quantity),
        scrap=Fraction(kept.scrap_quantity),
        rework=Fraction(kept.rework_quantity),
        flags=frozenset(kept.flags),
    )


def _share(value: Fraction | None) -> Decimal | None:
    return None if value is None else rounded(value)
