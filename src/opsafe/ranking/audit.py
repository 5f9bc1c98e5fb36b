"""The record of a ranking: enough to repeat it, and the eight steps that a report must cover.

The steps are those of a published checklist [1]_; labels and what is said are in our own words.

References
----------
.. [1] https://resource-allocation.biomedcentral.com/articles/10.1186/s12962-017-0063-x/tables/3
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final, Literal, TypeAlias

import numpy as np

from opsafe import __version__
from opsafe.provenance import Document, EditionUsed
from opsafe.ranking.ratings import Panel
from opsafe.ranking.weights import Weights

__all__ = ["CHECKLIST_ADDRESS", "AuditRecord", "RatingCounts", "StepReport", "audit_record"]

CHECKLIST_ADDRESS: Final = (
    "https://resource-allocation.biomedcentral.com/articles/10.1186/s12962-017-0063-x/tables/3"
)
"""Where the checklist was read."""
_OF_THE_HOST: Final = (
    "The decision problem",
    "Performance on each criterion",
    "Reporting and review",
)
Filled: TypeAlias = Literal["filled", "for the host to fill"]


class StepReport(Document):
    """What a result says about one of the eight steps."""

    step: int
    """1 to 8."""
    label: str
    says: str
    filled: Filled
    """Whether the result answers it, or the one who reports must."""


class RatingCounts(Document):
    """How many ratings there are, and what became of the rest."""

    initiatives: int
    raters: int
    criteria: int
    read: int
    """Ratings that count."""
    missing: int
    """Cells of initiative, rater and criterion without a rating."""
    set_aside: dict[str, int]
    """Rows that do not count, by reason."""
    not_ranked: int
    """Initiatives that nobody rated on a criterion that counts."""


class AuditRecord(Document):
    """How a ranking came about: the same record gives the same answer.

    Parameters
    ----------
    schema_version : int
        Version of this form.
    opsafe_version, numpy_version : str
        What calculated.
    inputs_hash : str
        SHA-256 of ratings, criteria, weights and settings; the order of rows does not matter.
    seed, draws : int
        Of what is drawn.
    settings : dict of str to str
        Every choice of the method.
    editions : tuple of EditionUsed
        The editions that answered.
    counts : RatingCounts
        Ratings read, missing and set aside.
    steps : tuple of StepReport
        The eight steps of the checklist.
    checklist_address : str
        Where the checklist was read.
    cautions : tuple of str
        What a reader must know.
    reproducible : bool
        Whether the same inputs give the same answer.
    """

    schema_version: Literal[1] = 1
    opsafe_version: str
    numpy_version: str
    inputs_hash: str
    seed: int
    draws: int
    settings: dict[str, str]
    editions: tuple[EditionUsed, ...]
    counts: RatingCounts
    steps: tuple[StepReport, ...]
    checklist_address: str = CHECKLIST_ADDRESS
    cautions: tuple[str, ...]
    reproducible: bool = True


def audit_record(
    panel: Panel,
    weights: Weights,
    settings: Mapping[str, str],
    *,
    seed: int,
    draws: int,
    not_ranked: int,
    editions: Sequence[EditionUsed],
    cautions: Sequence[str],
) -> AuditRecord:
    """Write the record of a ranking."""
    counts = _counts(panel, not_ranked)
    return AuditRecord(
        opsafe_version=__version__,
        numpy_version=np.__version__,
        inputs_hash=inputs_hash(panel, weights, {**settings, "seed": str(seed)}),
        seed=seed,
        draws=draws,
        settings=dict(settings),
        editions=tuple(editions),
        counts=counts,
        steps=_steps(panel, weights, settings, counts, draws),
        cautions=tuple(cautions),
    )


def inputs_hash(panel: Panel, weights: Weights, settings: Mapping[str, str]) -> str:
    """Hash what was put in; ratings are sorted, so that the order of rows does not matter."""
    names = panel.criteria.names
    rated = sorted(
        (panel.initiatives[i], panel.raters[j], names[c], repr(float(panel.scores[i, j, c])))
        for i, j, c in np.argwhere(~np.isnan(panel.scores)).tolist()
    )
    record = {
        "criteria": panel.criteria.model_dump(mode="json"),
        "initiatives": sorted(panel.initiatives),
        "raters": sorted(panel.raters),
        "ratings": rated,
        "weights": dict(zip(weights.names, weights.counts.tolist(), strict=True)),
        "settings": dict(settings),
    }
    text = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _counts(panel: Panel, not_ranked: int) -> RatingCounts:
    read = int(np.count_nonzero(~np.isnan(panel.scores)))
    reasons = Counter(panel.set_aside["reason"].tolist())
    return RatingCounts(
        initiatives=len(panel.initiatives),
        raters=len(panel.raters),
        criteria=len(panel.criteria.names),
        read=read,
        missing=panel.scores.size - read,
        set_aside=dict(sorted(reasons.items())),
        not_ranked=not_ranked,
    )


def _steps(
    panel: Panel,
    weights: Weights,
    settings: Mapping[str, str],
    counts: RatingCounts,
    draws: int,
) -> tuple[StepReport, ...]:
    """The eight steps; what no rating holds is for the host to tell."""
    anchors = "; ".join(
        f"{each.label}: {each.worst:g} worst, {each.best:g} best, {each.unit}"
        for each in panel.criteria.criteria
    )
    given = ", ".join(
        f"{name} {value:.4f}"
        for name, value in zip(weights.names, weights.values.tolist(), strict=True)
    )
    aside = sum(counts.set_aside.values())
    said = {
        "The decision problem": f"{counts.initiatives} initiatives are ranked. Who decides what,"
        " for whom and by when, and how the initiatives were found, is not known here.",
        "The criteria": f"{panel.criteria.title}. {anchors}.",
        "Performance on each criterion": f"{counts.read} ratings by {counts.raters} raters;"
        f" {counts.missing} missing, {aside} cells set aside. What the raters knew is not known"
        " here.",
        "Scoring": "Each rating is its share of the way from the worst to the best anchor; raters"
        f" are joined by {settings['aggregate']}.",
        "Weighting": f"{weights.method}: {given}.",
        "Aggregation": "Weighted sum over criteria in counts of 1e-6; equal scores are tied, rule:"
        f" {settings['ties']}.",
        "Uncertainty": _uncertainty(settings, draws),
        "Reporting and review": f"{counts.not_ranked} initiatives are not ranked. Whether the order"
        " makes sense, and what was decided, is for the team to write down.",
    }
    return tuple(
        StepReport(
            step=at,
            label=label,
            says=says,
            filled="for the host to fill" if label in _OF_THE_HOST else "filled",
        )
        for at, (label, says) in enumerate(said.items(), start=1)
    )


def _uncertainty(settings: Mapping[str, str], draws: int) -> str:
    if settings["uncertainty"] == "none":
        return "Not evaluated: it was not asked for."
    return (
        f"Raters resampled, weights within {settings['weight_set']}, and both at once; shown:"
        f" {settings['uncertainty']}; {draws:,} draws."
    )
