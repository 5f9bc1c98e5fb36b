"""What a ranking rests on, input by input, and what its reader must know."""

from __future__ import annotations

from collections import Counter
from typing import Final

import numpy as np

from opsafe.ranking._names import listed
from opsafe.ranking._rank_asked import KINDS, Asked
from opsafe.ranking._rank_sure import Sure
from opsafe.ranking._rank_table import Scores
from opsafe.ranking.agreement import Agreement
from opsafe.ranking.ratings import RECUSED, Panel
from opsafe.ranking.weights import Weights

__all__ = ["NOT_RANKED", "TWO_CAMPS", "take_notes"]

NOT_RANKED: Final = "Not ranked, for nobody rated a criterion that counts:"
TWO_CAMPS: Final = "Raters stand in two camps, so that the mean hides them:"

_BORDA_VALUES: Final = (
    "Under Borda a high impact means more than that of the others, and 0 the last place: quadrants"
    " are relative, and 0 is not the same as doing nothing"
)
_PLANNED = ("rank_interval_low", "rank_interval_high", "least_raters_to_resample")


def take_notes(
    panel: Panel,
    weights: Weights,
    scores: Scores,
    sure: Sure,
    agreed: Agreement,
    asked: Asked,
) -> None:
    """Note down inputs and cautions."""
    _inputs(panel, weights, agreed, asked)
    for caution in (*_of_names(panel), *_of_ratings(panel, scores), *_of_ties(scores)):
        asked.used.warn(caution)
    for caution in (*_of_certainty(panel, sure, asked), *_of_camps(panel, agreed)):
        asked.used.warn(caution)
    for caution in agreed.cautions:
        asked.used.warn(caution)
    if asked.aggregate == "borda":
        asked.used.warn(_BORDA_VALUES)


def _inputs(panel: Panel, weights: Weights, agreed: Agreement, asked: Asked) -> None:
    used = asked.used
    used.note("criteria", panel.criteria.title, "given")
    for name, value in zip(weights.names, weights.values.tolist(), strict=True):
        used.note(f"weight of {name}", f"{value:.6f}", "given", weights.method)
    used.note("ratings", int(panel.rated.sum()), "given")
    for name in _PLANNED:
        planned = getattr(asked.defaults, name)
        used.note(name, planned.value, "planning value", planned.reason)
    used.note("planning values", asked.defaults.id, "edition", asked.defaults)
    names = ("input", "value", "source", "origin")
    rows = zip(*(agreed.inputs[name].tolist() for name in names), strict=True)
    for name, value, source, origin in rows:
        if origin == "planning value":
            used.note(name, value, "planning value", source)


def _of_names(panel: Panel) -> list[str]:
    """Cautions of the panel; a result goes further than its ratings, so it names no rater."""
    alike = "Names of raters differ by case or spaces alone, and are taken for different people"
    return [alike if each.startswith("raters ") else each for each in panel.cautions]


def _of_ratings(panel: Panel, scores: Scores) -> list[str]:
    found = []
    lost = [name for name, lacks in zip(panel.initiatives, scores.missing, strict=True) if lacks]
    if lost:
        found.append(f"{NOT_RANKED} {listed(lost)}")
    missing = int(np.count_nonzero(~panel.rated))
    if missing:
        found.append(
            f"{missing} of {panel.scores.size} possible ratings are missing; none is taken for a"
            " zero, and each value is of those who answered"
        )
    recused = Counter(panel.set_aside["reason"].tolist())[RECUSED]
    if recused:
        found.append(f"{recused} ratings of owners of the initiative are set aside")
    return found


def _of_ties(scores: Scores) -> list[str]:
    counts = scores.counts[scores.ranked]
    distinct = len(np.unique(counts))
    if len(counts) > 1 and distinct == 1:
        return ["All scores are equal: there is one tie, and no order"]
    tied = len(counts) - sum(1 for each in Counter(counts.tolist()).values() if each == 1)
    return [f"{tied} initiatives share their score with another"] if tied else []


def _of_certainty(panel: Panel, sure: Sure, asked: Asked) -> list[str]:
    if asked.uncertainty == "none":
        return ["How sure the order is was not asked for"]
    found = [
        f"No answer for other {kind}: {sure.why_not[kind]}"
        for kind in KINDS
        if kind in sure.why_not and kind != "both"
    ]
    few = [name for name, short in zip(panel.initiatives, sure.few.tolist(), strict=True) if short]
    if sure.by_kind["raters"] is not None and few:
        found.append(
            "No interval for other raters, for fewer than"
            f" {int(asked.defaults.least_raters_to_resample.value)} rated a criterion that counts:"
            f" {listed(few)}"
        )
    return found


def _of_camps(panel: Panel, agreed: Agreement) -> list[str]:
    split = [
        name for name, two in zip(panel.initiatives, agreed.two_camps.tolist(), strict=True) if two
    ]
    if not split:
        return []
    return [f"{TWO_CAMPS} {listed(split)}"]
