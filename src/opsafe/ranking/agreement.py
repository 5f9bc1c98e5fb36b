"""Whether raters agree: on each criterion as a whole, and about each initiative."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from opsafe._display import as_html
from opsafe._used import UsedInputs
from opsafe.columns import Columns, Text
from opsafe.errors import ArgumentTypeError
from opsafe.provenance import EditionUsed
from opsafe.quantity import BoolArray, FloatArray
from opsafe.ranking._spread import Spread, camps_of, spreads
from opsafe.ranking.concordance import KendallW, kendall_w
from opsafe.ranking.editions import defaults as planning_values
from opsafe.ranking.figures import Defaults
from opsafe.ranking.intraclass import ICCForm, IntraclassCorrelation, intraclass_correlation
from opsafe.ranking.krippendorff import KrippendorffAlpha, krippendorff_alpha
from opsafe.ranking.ratings import Panel

__all__ = ["Agreement", "agreement"]

_WORDS: Final = {
    "items": "initiatives",
    "subjects": "initiatives",
    "unit": "initiative",
    "values": "ratings",
    "coders": "raters",
}


@dataclass(frozen=True, slots=True, eq=False)
class Agreement:
    """How far the raters of a panel agree."""

    by_criterion: Columns
    """A row for each criterion: ``raters`` who rated, ``initiatives`` rated, those that every
    rater rated (``complete``: W and ICC rest on them alone), ``kendall_w`` with its ``p``, forms
    A,1 and A,k, C,1 and C,k of the intraclass correlation, ordinal and interval alpha (of all
    ratings), and ``note``: why a number is not defined."""
    by_initiative: Columns
    """A row for each initiative and criterion: number of ``raters``, ``mean``, ``median``, ``sd``
    (divided by raters less one), ``least`` and ``most`` in the criterion's unit; the share of
    raters at the lower and at the upper end, and whether there are ``two_camps``."""
    disagreement: FloatArray
    """By initiative, its largest standard deviation over the criteria, as a share of the way from
    worst to best; NaN where no criterion has two ratings."""
    two_camps: BoolArray
    """By initiative, whether raters are split in two on any criterion."""
    kendall: Mapping[str, KendallW]
    """By criterion."""
    intraclass: Mapping[str, IntraclassCorrelation]
    """By criterion; the raters judge the initiatives."""
    alpha_ordinal: Mapping[str, KrippendorffAlpha]
    alpha_interval: Mapping[str, KrippendorffAlpha]
    cautions: tuple[str, ...]
    """What a reader must know."""
    inputs: Columns
    """Planning values in use, with their reasons."""
    editions: tuple[EditionUsed, ...]

    def __repr__(self) -> str:
        told = (
            f"{name}: W {'not defined' if each.w is None else f'{each.w:.2f}'}"
            for name, each in self.kendall.items()
        )
        return f"Agreement({'; '.join(told)}; {int(self.two_camps.sum())} with two camps)"

    def _repr_html_(self) -> str:
        return as_html(repr(self), self.by_criterion, self.cautions)


def agreement(panel: Panel, *, defaults: str | Defaults = "2026-01") -> Agreement:
    """Tell how far the raters of a panel agree.

    Parameters
    ----------
    panel : Panel
        Ratings, as :func:`read_ratings` gives them.
    defaults : str or Defaults, optional
        The edition of planning values: what makes two camps.

    Returns
    -------
    Agreement
        Coefficients by criterion, spread by initiative, and who is split.

    Raises
    ------
    ArgumentTypeError, EditionNotFoundError
        If the panel is none, or there is no such edition.

    Notes
    -----
    Kendall's W and the intraclass correlations use the initiatives that every rater of a criterion
    has rated, and their number is shown; Krippendorff's alpha uses all ratings. There are two camps
    where two raters or more, and a share of them or more, stand at each end: a quarter at or
    below 2 and a quarter at or above 4 on a scale from 1 to 5, and at the same places between the
    anchors of another scale. All three are planning values.

    Examples
    --------
    >>> from opsafe import ranking as rk
    >>> scores = {"a": (5, 2), "b": (5, 1), "c": (4, 5), "d": (4, 5)}
    >>> panel = rk.read_ratings(
    ...     [
    ...         {"initiative": name, "rater": rater, "impact": score, "ease": 3}
    ...         for rater, both in scores.items()
    ...         for name, score in zip(["naloxone", "tapering"], both)
    ...     ],
    ...     criteria=rk.IMPACT_EASE_1_5,
    ... )
    >>> found = rk.agreement(panel)
    >>> found.two_camps.tolist(), found.kendall["ease"].not_defined
    ([False, True], 'every rater rates all items alike')
    """
    if not isinstance(panel, Panel):
        raise ArgumentTypeError("is no Panel", where="panel", value=type(panel).__name__)
    used = UsedInputs()
    camps = camps_of(planning_values(defaults), used)
    rows = spreads(panel, camps)
    ratings = {name: _of(panel, place) for place, name in enumerate(panel.criteria.names)}
    kendall = {name: kendall_w(each) for name, each in ratings.items()}
    intraclass = {name: intraclass_correlation(each.T) for name, each in ratings.items()}
    ordinal = {name: krippendorff_alpha(each) for name, each in ratings.items()}
    interval = {name: krippendorff_alpha(each, "interval") for name, each in ratings.items()}
    for name, found in kendall.items():
        if found.w is None:
            reason = _of_panel(found.not_defined)
            used.warn(f"There is no W on {name}: {reason}. Ordinal alpha uses every rating.")
        elif found.items < found.items_given:
            used.warn(
                f"W and ICC on {name} rest on the {found.items} of {found.items_given} initiatives"
                f" that all {found.raters} raters rated; alpha uses every rating."
            )
    spread, split = _by_initiative(panel, rows)
    return Agreement(
        by_criterion=_by_criterion(ratings, kendall, intraclass, ordinal, interval),
        by_initiative=_tabulated(panel, rows),
        disagreement=spread,
        two_camps=split,
        kendall=MappingProxyType(kendall),
        intraclass=MappingProxyType(intraclass),
        alpha_ordinal=MappingProxyType(ordinal),
        alpha_interval=MappingProxyType(interval),
        cautions=tuple(used.cautions),
        inputs=used.table(),
        editions=tuple(used.editions.values()),
    )


def _of(panel: Panel, place: int) -> FloatArray:
    """Ratings on one criterion, by rater and initiative; raters who gave none are left out."""
    found = panel.scores[:, :, place].T
    return found[~np.isnan(found).all(axis=1)]


def _by_initiative(panel: Panel, rows: list[list[Spread]]) -> tuple[FloatArray, BoolArray]:
    """Largest anchored standard deviation, and whether raters are split on any criterion."""
    widths = [each.high - each.low for each in panel.criteria.criteria]
    largest = np.full(len(rows), np.nan)
    for place, row in enumerate(rows):
        known = [
            each.sd / width
            for each, width in zip(row, widths, strict=True)
            if not math.isnan(each.sd)
        ]
        largest[place] = max(known, default=math.nan)
    split = np.array([any(each.two_camps for each in row) for row in rows], bool)
    largest.flags.writeable = split.flags.writeable = False
    return largest, split


def _tabulated(panel: Panel, rows: list[list[Spread]]) -> Columns:
    flat = [each for row in rows for each in row]
    numbers = {
        name: np.array([getattr(each, name) for each in flat], np.float64)
        for name in ("mean", "median", "sd", "least", "most", "share_low", "share_high")
    }
    names = panel.criteria.names
    return Columns(
        {
            "initiative": Text.of(panel.initiatives).repeat(len(names)),
            "criterion": Text(np.tile(np.arange(len(names)), len(rows)), names),
            "raters": np.array([each.raters for each in flat], np.int64),
            **numbers,
            "two_camps": np.array([each.two_camps for each in flat], bool),
        }
    )


def _by_criterion(
    ratings: Mapping[str, FloatArray],
    kendall: Mapping[str, KendallW],
    intraclass: Mapping[str, IntraclassCorrelation],
    ordinal: Mapping[str, KrippendorffAlpha],
    interval: Mapping[str, KrippendorffAlpha],
) -> Columns:
    def column(values: list[float | None]) -> FloatArray:
        return np.array([np.nan if each is None else each for each in values], np.float64)

    forms: dict[str, FloatArray] = {}
    stems: dict[ICCForm, str] = {"A,1": "icc_a1", "A,k": "icc_ak", "C,1": "icc_c1", "C,k": "icc_ck"}
    for form, stem in stems.items():
        for part in ("value", "low", "high"):
            name = stem if part == "value" else f"{stem}_{part}"
            forms[name] = column(
                [
                    getattr(each.forms[form], part) if form in each.forms else None
                    for each in intraclass.values()
                ]
            )
    return Columns(
        {
            "criterion": Text.of(ratings),
            "raters": np.array([len(each) for each in ratings.values()], np.int64),
            "initiatives": np.array(
                [int((~np.isnan(each)).any(axis=0).sum()) for each in ratings.values()], np.int64
            ),
            "complete": np.array([each.items for each in kendall.values()], np.int64),
            "kendall_w": column([each.w for each in kendall.values()]),
            "kendall_p": column([each.p for each in kendall.values()]),
            **forms,
            "alpha_ordinal": column([each.alpha for each in ordinal.values()]),
            "alpha_interval": column([each.alpha for each in interval.values()]),
            "note": Text.of(
                _note(kendall[name], intraclass[name], ordinal[name]) for name in ratings
            ),
        }
    )


def _note(w: KendallW, icc: IntraclassCorrelation, alpha: KrippendorffAlpha) -> str:
    reasons = {"W": w.not_defined, "ICC": icc.not_defined, "alpha": alpha.not_defined}
    return "; ".join(
        f"no {name}: {_of_panel(reason)}" for name, reason in reasons.items() if reason
    )


def _of_panel(reason: str | None) -> str:
    """A reason in the words of a panel."""
    told = reason or ""
    for word, ours in _WORDS.items():
        told = told.replace(word, ours)
    return told
