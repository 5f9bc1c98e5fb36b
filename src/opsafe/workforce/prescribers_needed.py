"""Patients to prescribers: by the panels that are seen, never by a legal limit."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from opsafe._arguments import read_number, read_whole
from opsafe._used import UsedInputs
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.provenance import EditionUsed
from opsafe.quantity import FloatArray
from opsafe.uncertainty import Fixed
from opsafe.workforce._inputs import PanelFigure, panel_of, warn_of_share
from opsafe.workforce.scenario import OwnPanel

__all__ = ["PrescribersNeeded", "heads_for", "prescribers_needed"]

_MOST = 1_000_000_000  # patients or heads
_MOST_HEADS = 1e12
_DUST = 1e-9  # a quotient that is whole but for rounding is whole


@dataclass(frozen=True, slots=True)
class PrescribersNeeded:
    """Heads who accept the plan's members, for a number of its patients."""

    total: int
    """Heads in all, if each had the panel named."""
    additional: int
    """Heads beyond those there are, for the patients beyond those they treat."""
    patients_per_head: float
    """The plan's patients of one head: its panel times the plan's share."""
    patients: float
    current_heads: int
    current_patients: float
    low: int
    """Additional heads at the upper end of the mean panel's 80% interval."""
    high: int
    """Additional heads at its lower end."""
    cautions: tuple[str, ...]
    editions: tuple[EditionUsed, ...]


def prescribers_needed(
    *,
    patients: float,
    panel: str | OwnPanel,
    plan_share: float,
    current_heads: int,
    current_patients: float,
) -> PrescribersNeeded:
    """Work out how many prescribers a number of patients needs, at an observed panel.

    Parameters
    ----------
    patients : float
        Patients of the plan that are to be on treatment at once, 0 or more.
    panel : str or OwnPanel
        The id of a panel's edition, or panels of your own; patients of all payers.
    plan_share : float
        Share of a panel that is this plan's, above 0 and at most 1. It has no default.
    current_heads : int
        Prescribers who accept the plan's members now.
    current_patients : float
        Patients of the plan that they treat now.

    Returns
    -------
    PrescribersNeeded
        Whole heads, in all and additional.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If a number is out of range, or a head's patients are next to none.
    EditionNotFoundError
        If there is no such edition of a panel.

    Notes
    -----
    Total = ceil(patients / (mean panel x plan share)); additional = the same for the patients that
    are not treated now. The range is that of the mean panel, where its standard error is known;
    the spread between prescribers is not the uncertainty of the mean.

    References
    ----------
    .. [1] Thomas CP, et al. Prescribing patterns of buprenorphine waivered physicians. Drug Alcohol
       Depend 2017. https://www.rand.org/pubs/external_publications/EP67373.html

    Examples
    --------
    >>> from opsafe import workforce as wf
    >>> needed = wf.prescribers_needed(
    ...     patients=1_000,
    ...     panel="thomas-2017-100",
    ...     plan_share=1.0,
    ...     current_heads=0,
    ...     current_patients=0,
    ... )
    >>> needed.additional  # the legal limit would say 10
    24
    """
    wanted = read_number(patients, "patients", 0, _MOST)
    now = read_number(current_patients, "current_patients", 0, _MOST)
    share = read_number(plan_share, "plan_share", 0, 1, above=True)
    heads = read_whole(current_heads, "current_heads", 0, _MOST)
    if not isinstance(panel, str | OwnPanel):
        raise ArgumentTypeError("is no panel", where="panel", allowed=("an id", "OwnPanel"))
    used = UsedInputs()
    found = panel_of(panel, used)
    warn_of_share(share, used)
    if heads and not now:
        used.warn("Current heads are not counted: without current patients all are additional")
    each = found.mean * share
    gap = max(wanted - now, 0.0)
    few, many = (_interval(found) * share).tolist()
    return PrescribersNeeded(
        total=heads_for(wanted, each),
        additional=heads_for(gap, each),
        patients_per_head=each,
        patients=wanted,
        current_heads=heads,
        current_patients=now,
        low=heads_for(gap, many),
        high=heads_for(gap, few),
        cautions=tuple(used.cautions),
        editions=tuple(used.editions.values()),
    )


def _interval(panel: PanelFigure) -> FloatArray:
    """The ends of the middle 80% of a mean panel; one without an error is taken as known."""
    known = panel.of_mean or Fixed(value=panel.mean)
    return known.quantile(np.array([0.1, 0.9]))


def heads_for(patients: float, each: float) -> int:
    """Whole heads for some patients, at so many patients each."""
    if not 0 < patients < each * _MOST_HEADS:
        if patients == 0:
            return 0
        raise ArgumentError(
            f"gives {each:g} patients of the plan to a head, and so more than"
            f" {_MOST_HEADS:,.0f} heads",
            where="panel",
            advice="Check panel and plan_share: a head sees more than that",
        )
    ratio = patients / each
    return math.ceil(ratio - _DUST * max(ratio, 1.0))
