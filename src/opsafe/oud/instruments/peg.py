"""PEG: pain, enjoyment of life and general activity, each from 0 to 10."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from opsafe.errors import ArgumentTypeError
from opsafe.oud.bounds import Bounds
from opsafe.oud.editions import resolve_instrument
from opsafe.oud.instrument_edition import InstrumentEdition, read_items, total

__all__ = ["PegImprovement", "PegScore", "peg", "peg_improvement"]

_EDITION: Final = "peg-2009"


@dataclass(frozen=True, slots=True)
class PegScore:
    """A PEG score in exact fractions, with pain and function apart."""

    score: Bounds[Fraction]
    """Mean of the three items, 0 to 10."""
    pain: Bounds[Fraction]
    function: Bounds[Fraction]
    """Mean of enjoyment and activity, 0 to 10."""
    missing: tuple[str, ...]
    edition: str


@dataclass(frozen=True, slots=True)
class PegImprovement:
    """Change between two PEG scores as shares of the first; positive is better."""

    pain: Bounds[Fraction] | None
    """None where the first score was 0 or is not known."""
    function: Bounds[Fraction] | None
    is_meaningful: bool | None
    """Whether both improved by the share that counts; None where that is not known."""
    reasons: tuple[str, ...]
    edition: str


def peg(
    items: Mapping[str, int | None], *, edition: str | InstrumentEdition = _EDITION
) -> PegScore:
    """Score the PEG scale.

    Parameters
    ----------
    items : mapping of str to int
        pain, enjoyment and activity, whole numbers from 0 to 10. Absent or None is missing.
    edition : str or InstrumentEdition, optional
        The edition of the form.

    Returns
    -------
    PegScore
        Means from 0 to 10 as fractions, never rounded; bounds where items are missing.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If an item is not known, or lies outside 0 to 10.

    Notes
    -----
    Score = (pain + enjoyment + activity) / 3 [1]_.

    References
    ----------
    .. [1] Krebs EE, et al. Development and initial validation of the PEG, a three-item scale
       assessing pain intensity and interference. J Gen Intern Med 2009;24(6):733-738.
       https://link.springer.com/article/10.1007/s11606-009-0981-1

    Examples
    --------
    >>> from opsafe import oud
    >>> oud.peg({"pain": 8, "enjoyment": 7, "activity": 5}).score.lower
    Fraction(20, 3)
    """
    form = resolve_instrument(edition, like=_EDITION)
    values = read_items(items, form)
    pain, enjoyment, activity = form.items

    def mean(*some: object) -> Bounds[Fraction]:
        points = total(values, [item for item in form.items if item in some])
        return Bounds(Fraction(points.lower, len(some)), Fraction(points.upper, len(some)))

    return PegScore(
        score=mean(pain, enjoyment, activity),
        pain=mean(pain),
        function=mean(enjoyment, activity),
        missing=tuple(name for name, value in values.items() if value is None),
        edition=form.id,
    )


def peg_improvement(baseline: PegScore, now: PegScore) -> PegImprovement:
    """Compare two PEG scores of one person.

    Parameters
    ----------
    baseline, now : PegScore
        The earlier and the later score.

    Returns
    -------
    PegImprovement
        Shares of improvement in pain and in function, and whether both are meaningful.

    Raises
    ------
    ArgumentTypeError
        If either is no PegScore.

    Notes
    -----
    Improvement = (baseline - now) / baseline; meaningful at 0.30 and more in both, pain and
    function [1]_. From a baseline of 0 there is no share.

    References
    ----------
    .. [1] Dowell D, et al. CDC clinical practice guideline for prescribing opioids for pain,
       United States, 2022. MMWR Recomm Rep 2022;71(3), page 20.
       https://www.cdc.gov/mmwr/volumes/71/rr/rr7103a1.htm

    Examples
    --------
    >>> from opsafe import oud
    >>> before = oud.peg({"pain": 10, "enjoyment": 10, "activity": 10})
    >>> after = oud.peg({"pain": 7, "enjoyment": 6, "activity": 8})
    >>> oud.peg_improvement(before, after).is_meaningful
    True
    """
    for where, given in (("baseline", baseline), ("now", now)):
        if not isinstance(given, PegScore):
            raise ArgumentTypeError("is not a PegScore", where=where, advice="Score it first")
    form = resolve_instrument(_EDITION, like=_EDITION)
    least = Fraction(form.meaningful_improvement or 0)
    pairs = {
        "pain": (baseline.pain, now.pain),
        "function": (baseline.function, now.function),
    }
    shares = {name: _share(*pair) for name, pair in pairs.items()}
    reasons = tuple(
        f"{name}: {why}" for name, pair in pairs.items() if (why := _why_open(*pair)) is not None
    )
    return PegImprovement(
        pain=shares["pain"],
        function=shares["function"],
        is_meaningful=_all([_reached(share, least) for share in shares.values()]),
        reasons=reasons,
        edition=form.id,
    )


def _share(before: Bounds[Fraction], after: Bounds[Fraction]) -> Bounds[Fraction] | None:
    if not before.is_certain or before.lower == 0:
        return None
    start = before.lower
    return Bounds((start - after.upper) / start, (start - after.lower) / start)


def _why_open(before: Bounds[Fraction], after: Bounds[Fraction]) -> str | None:
    if not before.is_certain:
        return "the baseline is not known"
    if before.lower == 0:
        return "the baseline is 0"
    return None if after.is_certain else "the score now is not known"


def _reached(share: Bounds[Fraction] | None, least: Fraction) -> bool | None:
    if share is None:
        return None
    if share.lower >= least:
        return True
    return False if share.upper < least else None


def _all(answers: list[bool | None]) -> bool | None:
    if False in answers:
        return False
    return None if None in answers else True
