"""The short form: members at risk in, prescribers needed out, by area, with low and high."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal, TypeAlias, get_args

import numpy as np
from annotated_types import Ge, Le

from opsafe._arguments import read_number
from opsafe._display import as_html
from opsafe._used import UsedInputs
from opsafe.columns import Columns, Text
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.provenance import Document, EditionUsed, Words
from opsafe.quantity import Share
from opsafe.workforce import figures
from opsafe.workforce._inputs import defaults_of, edition_of, panel_of, warn_of_share
from opsafe.workforce.prescribers_needed import heads_for
from opsafe.workforce.scenario import OwnPanel

__all__ = ["AreaForm", "AtRisk", "Calculation", "Signal", "calculator"]

Signal: TypeAlias = Literal[
    "risky_regimen",
    "overdose_or_emergency_visit",
    "prescriber_change",
    "enhanced_case_management",
    "referral_to_addiction_treatment",
]
"""By what a plan finds members at risk."""
SIGNALS: Final = get_args(Signal)

Members = Annotated[int, Ge(0), Le(10**9)]


class AtRisk(Document):
    """Members at risk by one signal; a member may show several."""

    signal: Signal
    members: Members


class AreaForm(Document):
    """What a network manager knows of one area.

    Parameters
    ----------
    area : str
        Its name.
    members : int
        Members of 12 years and more.
    at_risk : tuple of AtRisk, optional
        Members at risk by signal; without them the need follows from all members.
    share_needing_mat : float, optional
        Share of the members at risk who need medication-assisted treatment, 0 to 1; required with
        ``at_risk``, since no source prints it.
    current_prescribers : int, optional
        Prescribers who accept the plan's members.
    current_patients : float, optional
        Members on treatment with them.
    """

    area: Words = "all"
    members: Members
    at_risk: tuple[AtRisk, ...] = ()
    share_needing_mat: Share | None = None
    current_prescribers: Members = 0
    current_patients: Annotated[float, Ge(0), Le(1e9)] = 0.0


@dataclass(frozen=True, slots=True)
class Calculation:
    """Prescribers needed, by area and in all, with low and high."""

    by_area: Columns
    """Members, members at risk, those who need treatment, prescribers to add; low and high."""
    prescribers_to_add_low: int
    prescribers_to_add_high: int
    inputs: Columns
    """Every input with its origin and source; defaults are named so."""
    cautions: tuple[str, ...]
    editions: tuple[EditionUsed, ...]

    def __repr__(self) -> str:
        areas = f"{len(self.by_area)} area{'s' * (len(self.by_area) != 1)}"
        low, high = self.prescribers_to_add_low, self.prescribers_to_add_high
        return f"Calculation: {low:,} to {high:,} prescribers to add in {areas}"

    def _repr_html_(self) -> str:
        return as_html(repr(self), self.by_area, self.cautions)


def calculator(
    areas: AreaForm | Sequence[AreaForm],
    *,
    plan_share: float,
    panel: str | OwnPanel | None = None,
    prevalence: str | None = None,
    undercount: str | None = None,
    seeking_low: str | None = None,
    seeking_high: str | None = None,
    defaults: str | figures.Defaults = "2026-01",
) -> Calculation:
    """Work out how many prescribers an area's members at risk need, as the short form asks it.

    Parameters
    ----------
    areas : AreaForm or sequence of AreaForm
        What is known of each area.
    plan_share : float
        Share of a prescriber's panel that is this plan's, above 0 and at most 1; no default.
    panel : str or OwnPanel, optional
        Panel of a prescriber.
    prevalence, undercount, seeking_low, seeking_high : str, optional
        Ids of editions, for areas without members at risk.
    defaults : str or Defaults, optional
        The edition of defaults.

    Returns
    -------
    Calculation
        Whole prescribers to add, low and high.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If a number is out of range, or a share is missing that has no source.

    Notes
    -----
    Members at risk: at least those of the largest signal, at most the sum of all, and never more
    than the members. Need = members at risk x share needing treatment; without members at risk it
    lies between members x prevalence x lower seeking share, and members x prevalence x undercount
    x higher seeking share. Prescribers to add = ceil((need - patients) / (panel x plan share)).

    Examples
    --------
    >>> from opsafe import workforce as wf
    >>> form = wf.AreaForm(
    ...     area="Inland",
    ...     members=40_000,
    ...     at_risk=(
    ...         wf.AtRisk(signal="risky_regimen", members=900),
    ...         wf.AtRisk(signal="overdose_or_emergency_visit", members=250),
    ...     ),
    ...     share_needing_mat=0.5,
    ...     current_prescribers=9,
    ...     current_patients=200,
    ... )
    >>> found = wf.calculator(form, plan_share=1.0, panel="thomas-2017-100")
    >>> found.prescribers_to_add_low, found.prescribers_to_add_high
    (6, 9)
    """
    forms = _forms(areas)
    used = UsedInputs()
    known = defaults_of(defaults, used)
    each = _per_head(panel, plan_share, known, used)
    ids = {
        "prevalence": prevalence,
        "undercount": undercount,
        "seeking_low": seeking_low,
        "seeking_high": seeking_high,
    }
    rows = [_need(form, ids, known, used) for form in forms]
    at_risk, need = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    treated = np.array([form.current_patients for form in forms])
    add = np.array(
        [
            [heads_for(max(end - now, 0.0), each) for end in ends]
            for ends, now in zip(need, treated, strict=True)
        ],
        np.int64,
    )
    if any(form.current_prescribers and not form.current_patients for form in forms):
        used.warn(
            "Current prescribers without current_patients are taken to treat none of the need"
        )
    used.warn("A patient limit is no panel: members divided by a limit give far too few heads")
    table = Columns(
        {
            "area": Text.of(form.area for form in forms),
            "members": np.array([form.members for form in forms], np.int64),
            "at_risk_low": at_risk[:, 0],
            "at_risk_high": at_risk[:, 1],
            "need_mat_low": need[:, 0],
            "need_mat_high": need[:, 1],
            "current_prescribers": np.array([form.current_prescribers for form in forms], np.int64),
            "current_patients": treated,
            "prescribers_to_add_low": add[:, 0],
            "prescribers_to_add_high": add[:, 1],
        }
    )
    low, high = (int(total) for total in add.sum(axis=0))
    return Calculation(
        table, low, high, used.table(), tuple(used.cautions), tuple(used.editions.values())
    )


def _forms(areas: object) -> tuple[AreaForm, ...]:
    forms = (areas,) if isinstance(areas, AreaForm) else areas
    if not isinstance(forms, Sequence) or not all(isinstance(each, AreaForm) for each in forms):
        raise ArgumentTypeError(
            "is not an AreaForm, or a sequence of them", where="areas", value=type(areas).__name__
        )
    names = [form.area for form in forms]
    if not names or len(set(names)) < len(names):
        raise ArgumentError("must name each area once, and one at least", where="areas")
    for form in forms:
        signals = [each.signal for each in form.at_risk]
        if len(set(signals)) < len(signals):
            raise ArgumentError(f"names a signal of {form.area} twice", where="areas.at_risk")
        if signals and form.share_needing_mat is None:
            raise ArgumentError(
                f"is needed with the members at risk of {form.area}",
                where="areas.share_needing_mat",
                advice="No source prints it: take it from your own reviews",
            )
        if any(each.members > form.members for each in form.at_risk):
            raise ArgumentError(
                f"of a signal are more than the members of {form.area}", where="areas.at_risk"
            )
    return tuple(forms)


def _per_head(
    panel: str | OwnPanel | None, plan_share: object, known: figures.Defaults, used: UsedInputs
) -> float:
    share = read_number(plan_share, "plan_share", 0, 1, above=True)
    used.note("plan_share", share, "given")
    warn_of_share(share, used)
    return panel_of(panel, used, default=known.panel).mean * share


def _need(
    form: AreaForm, ids: Mapping[str, str | None], known: figures.Defaults, used: UsedInputs
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Members at risk and those who need treatment; low and high of each."""
    if form.at_risk:
        counts = [each.members for each in form.at_risk]
        low, high = float(max(counts)), float(min(sum(counts), form.members))
        share = form.share_needing_mat or 0.0
        used.note(f"share_needing_mat of {form.area}", share, "given")
        if low < high:
            used.warn("A member may show several signals: the sum of the signals is the high")
        return (low, high), (low * share, high * share)
    values = {name: _figure(name, given, known, used) for name, given in ids.items()}
    low = form.members * values["prevalence"]
    high = min(low * values["undercount"], float(form.members))
    return (low, high), (low * values["seeking_low"], high * values["seeking_high"])


def _figure(name: str, given: str | None, known: figures.Defaults, used: UsedInputs) -> float:
    found = edition_of(name, given, getattr(known, name), figures.DemandFigure, used)
    if found.quantity != name.partition("_")[0]:
        raise ArgumentError(f"{found.id} is a figure of {found.quantity}", where=name)
    return float(found.value)
